(* Section 2 of Charles et al.: a direction v is adversarial for a linear rule at a point x that it
   gives the label y exactly when y (w.v) < 0, whatever label the boundary has. So it is at all points
   with the label y or at none. *)

From certify.proofs Require Import vectors labelled_sets.
From verify.claims.proofs Require Import directions.

Section LinearSameLabel.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d : nat) (zero : R) (w : 'cV[R]_d) (b : R).

Let h := linear_label zero w b.

Theorem linear_same_label v x y : label y -> h x = y ->
  adversarial h v x y <-> y * dot w v < 0.
Proof.
move=> y_label y_is; have margin_ge0 := sign_weak y_label y_is; rewrite -/(value w b x) in margin_ge0.
split=> [[_ [c [c_gt0 changes]]] | falls].
  rewrite ltNge; apply/negP => rises; apply: changes.
  have kept : 0 <= y * (c * dot w v) by rewrite mulrCA mulr_ge0 // ltW.
  rewrite /h /linear_label value_moved; apply: sign_kept y_is _ => //.
split=> //; pose c := (y * value w b x) / - (y * dot w v) + 1.
have speed : 0 < - (y * dot w v) by rewrite oppr_gt0.
exists c; split; first by rewrite /c ltr_paddl ?ltr01 // divr_ge0 // ltW.
rewrite /h /linear_label value_moved (@sign_opposite _ _ y) //.
  by case: y_label => ->; apply/eqP; rewrite ?opprK ?opposite_labels // eq_sym opposite_labels.
have -> : y * (value w b x + c * dot w v) = y * value w b x - c * - (y * dot w v).
  by field_identity R.
by rewrite subr_lt0 /c mulrDl divfK ?gt_eqF // mul1r ltr_addl.
Qed.

Theorem linear_same_label_all v x z y : label y -> h x = y -> h z = y ->
  adversarial h v x y <-> adversarial h v z y.
Proof.
by move=> y_label hx hz; rewrite (linear_same_label v y_label hx) (linear_same_label v y_label hz).
Qed.
End LinearSameLabel.
