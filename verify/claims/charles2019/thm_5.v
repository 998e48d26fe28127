(* Theorem 5 of Charles et al.: let the least margin g of an accurate rule be positive, and
   u = sum a_i y_i x_i with a >= 0, not all zero, and sum a_i y_i = 0. At every x that the rule
   gives the label y the label changes along - y u at all steps c > m / (g sum a_i), m being the
   margin of x; and before m / (w.u) it does not. *)

From certify.proofs Require Import vectors labelled_sets.

Section Theorem5.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).

Theorem thm_5 (a : 'I_n -> R) zero w b g :
  let u := signed_sum points labels a in
  nonnegative a -> not_all_zero a -> balance labels a = 0 ->
  linear_accurate points labels zero w b -> 0 < g -> (forall i, g <= margin points labels w b i) ->
  forall x y, label y -> linear_label zero w b x = y ->
  (forall c, (y * value w b x) / (g * \sum_i a i) < c ->
    linear_label zero w b (moved y x u c) = - y) /\
  (forall c, c < (y * value w b x) / dot w u -> linear_label zero w b (moved y x u c) = y).
Proof.
move=> u a_ge0 a_not0 balanced right g_gt0 margins x y y_label y_is.
have slope : 0 < dot w u by apply: (accurate_slope labels_are) right.
have margin_ge0 : 0 <= y * value w b x by apply: sign_weak y_is.
have at_least : g * (\sum_i a i) <= dot w u.
  have := sum_of_margins points labels a w b; rewrite balanced mul0r addr0 dotC => ->.
  by rewrite mulr_sumr; apply: ler_sum => i _; rewrite mulrC ler_wpmul2l.
have total_gt0 : 0 < \sum_i a i.
  by have [i a_gt0] := some_positive a_ge0 a_not0; apply: (@sum_positive _ _ _ i).
split=> c; last first.
  rewrite ltr_pdivl_mulr // -subr_gt0 => step.
  by apply: sign_own => //; rewrite /value moved_margin.
rewrite ltr_pdivr_mulr ?mulr_gt0 // => step.
apply: sign_opposite => //; rewrite /value moved_margin // subr_lt0 (lt_le_trans step) //.
apply: ler_wpmul2l at_least.
have : 0 < c * (g * \sum_i a i) by apply: le_lt_trans step.
by rewrite pmulr_lgt0 ?mulr_gt0 // => /ltW.
Qed.
End Theorem5.
