(* Corollary 6 of Charles et al.: let u = sum a_i y_i x_i with a >= 0, not all zero, and
   sum a_i y_i = 0. Every rule that is right on the data loses some point of it at all steps
   c > 1 / sum a_i along - y u, whatever label its boundary has. *)

From certify.proofs Require Import vectors labelled_sets means.

Section Corollary6.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).

Theorem cor_6 (a : 'I_n -> R) zero w b :
  let u := signed_sum points labels a in
  nonnegative a -> not_all_zero a -> balance labels a = 0 ->
  linear_accurate points labels zero w b ->
  exists i, forall c, (\sum_i a i)^-1 < c ->
    linear_label zero w b (moved (labels i) (points i) u c) = - labels i.
Proof.
move=> u a_ge0 a_not0 balanced right.
have slope : 0 < dot w u by apply: (accurate_slope labels_are) right.
have total_gt0 : 0 < \sum_i a i.
  by have [i a_gt0] := some_positive a_ge0 a_not0; apply: (@sum_positive _ _ _ i).
have is_sum : dot w u = \sum_i a i * margin points labels w b i.
  by have := sum_of_margins points labels a w b; rewrite balanced mul0r addr0 dotC.
(* The margins cannot all exceed their mean. *)
have [i [_ small]] := some_below (margin points labels w b) a_ge0 total_gt0.
rewrite -is_sum in small.
exists i => c step; apply: sign_opposite => //; rewrite /value moved_margin // subr_lt0.
rewrite -/(margin points labels w b i) -(ltr_pmul2r total_gt0); apply: le_lt_trans small _.
rewrite mulrAC -[X in X < _]mul1r ltr_pmul2r //.
by rewrite -ltr_pdivr_mulr // mul1r.
Qed.
End Corollary6.
