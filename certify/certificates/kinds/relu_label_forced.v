(* The kind relu-label-forced: its checks imply its sentence, for all sizes and for networks of any
   number of units. *)

From certify.proofs Require Import vectors labelled_sets two_layer.

Section ReluLabelForced.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Variable point : 'cV[R]_d.

Theorem relu_label_forced positive (weight : R) (combination : 'I_n -> R) :
  labels positive = 1 -> 0 < weight ->
  (forall i, 0 <= combination i) -> \sum_i combination i + weight = 1 ->
  (forall i, labels i <> -1 -> combination i = 0) ->
  \sum_i combination i *: points i + weight *: point = points positive ->
  forall h, convex_rule h -> two_layer_accurate points labels h -> two_layer_label h point = 1.
Proof.
move=> plus weight_gt0 share_ge0 total one_label mixture h convex accurate.
apply/label_plus/negPn/negP => /label_minus minus.
pose s (j : 'I_n.+1) := oapp combination weight (unlift ord0 j).
pose x (j : 'I_n.+1) := oapp points point (unlift ord0 j).
have is_shares : shares s.
  split=> [j|]; first by rewrite /s; case: unlift => [i|] //=; apply: ltW.
  rewrite big_ord_recl /s unlift_none /= addrC -[RHS]total; congr (_ + _).
  by apply: eq_bigr => i _; rewrite liftK.
have : two_layer_label h (\sum_j s j *: x j) = -1.
  apply: minus_mixture => // j; rewrite /s /x; case: unlift => [i|] //= not0.
  by rewrite accurate; apply/eqP/negPn/negP => /eqP /one_label.
have -> : \sum_j s j *: x j = points positive.
  rewrite big_ord_recl /s /x unlift_none /= addrC -mixture; congr (_ + _).
  by apply: eq_bigr => i _; rewrite liftK.
by rewrite accurate plus => /eqP; rewrite opposite_labels.
Qed.
End ReluLabelForced.
