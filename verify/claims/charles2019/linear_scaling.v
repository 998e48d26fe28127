(* Section 3 of Charles et al.: for t > 0 the rules (w, b) and (t w, t b) are the same. A rule that is
   right on data with both labels has w not 0, and is the same as one with |w| = 1; here the field
   has the roots of its positive numbers. *)

From certify.proofs Require Import vectors labelled_sets.

Section LinearScaling.
Variables (R : rcfType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).

Theorem linear_scaling zero (w : 'cV[R]_d) b (t : R) : 0 < t ->
  linear_label zero w b =1 linear_label zero (t *: w) (t * b).
Proof.
move=> t_gt0 x; rewrite /linear_label /value dotZl -mulrDr /sign.
by rewrite pmulr_rgt0 // pmulr_rlt0.
Qed.

Theorem linear_scaling_normal zero (w : 'cV[R]_d) b :
  (exists i, labels i = 1) -> (exists i, labels i = -1) ->
  linear_accurate points labels zero w b ->
  w <> 0 /\ exists w' b', dot w' w' = 1 /\ linear_label zero w b =1 linear_label zero w' b'.
Proof.
move=> [i plus] [j minus] right; have w_not0 : w <> 0.
  move=> w0; have := right i; have := right j; rewrite /linear_label /value w0 !dot0l => -> /eqP.
  by rewrite minus plus eq_sym opposite_labels.
have norm_gt0 : 0 < Num.sqrt (dot w w) by rewrite sqrtr_gt0 square_gt0.
pose t := (Num.sqrt (dot w w))^-1; split=> //; exists (t *: w), (t * b); split.
  rewrite dotZl dotZr mulrA -expr2 exprVn sqr_sqrtr ?square_ge0 // mulVf //.
  by rewrite gt_eqF ?square_gt0.
by apply: linear_scaling; rewrite invr_gt0.
Qed.
End LinearScaling.
