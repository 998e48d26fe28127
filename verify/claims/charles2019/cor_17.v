(* Corollary 17 of Charles et al.: the difference of a point labelled 1 and one labelled -1 turns every
   rule of class R' and every linear rule, whatever label its boundary has, that is right on the
   data, at every point that it labels -1. No linear rule need be right on the data. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.

Section Corollary17.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).

Theorem cor_17 minus plus : labels minus = -1 -> labels plus = 1 ->
  let v := points plus - points minus in
  (forall h, class_R' h -> two_layer_accurate points labels h ->
    forall x, two_layer_label h x = -1 -> adversarial (two_layer_label h) v x (-1)) /\
  (forall zero w b, linear_accurate points labels zero w b ->
    forall x, linear_label zero w b x = -1 -> adversarial (linear_label zero w b) v x (-1)).
Proof.
move=> is_minus is_plus v; split=> [h [convex _] right x | zero w b right x x_minus].
  by apply: turns_adversarial; apply: difference_turns.
have at_plus := right plus; have at_minus := right minus.
rewrite is_plus in at_plus; rewrite is_minus in at_minus.
have plus_ge0 := sign_weak (or_introl erefl) at_plus.
have minus_ge0 := sign_weak (or_intror erefl) at_minus.
rewrite mul1r in plus_ge0; rewrite mulN1r oppr_ge0 in minus_ge0.
have slope_is : dot w v = value w b (points plus) - value w b (points minus).
  by rewrite /value /v dotDr dotNr opprD addrACA subrr addr0.
have rises : 0 < dot w v.
  rewrite slope_is lt_def subr_ge0 (le_trans minus_ge0 plus_ge0) andbT subr_eq0.
  apply/eqP => same; have : 1 = -1 :> R by rewrite -[RHS]at_minus -[LHS]at_plus /linear_label same.
  by move/eqP; rewrite opposite_labels.
split=> //; pose c := - value w b x / dot w v + 1.
have x_le0 := sign_weak (or_intror erefl) x_minus; rewrite mulN1r in x_le0.
exists c; split; first by rewrite /c ltr_paddl ?ltr01 // divr_ge0 // ltW.
rewrite /linear_label value_moved (@sign_own _ _ 1) ?mul1r; [|by left|].
  by apply/eqP; rewrite opposite_labels.
by rewrite /c mulrDl divfK ?gt_eqF // mul1r addrA subrr add0r.
Qed.
End Corollary17.
