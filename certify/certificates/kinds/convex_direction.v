(* The kind convex-direction: its checks imply its sentence, for all sizes: from every point of a
   convex set, open or closed, that contains the points with the label and none of the others, all
   large steps along the direction lead out of it. *)

From certify.proofs Require Import vectors labelled_sets convex_sets.

Section ConvexDirection.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Variables (y : R) (direction : 'cV[R]_d).

Theorem convex_direction outside scale combination :
  label y -> path points labels y direction outside scale combination ->
  forall A, convex_set A -> open_set A \/ closed_set A ->
  (forall i, A (points i) <-> labels i = y) ->
  forall x, A x -> exists c0, 0 <= c0 /\ forall c, c0 < c -> ~ A (x + c *: direction).
Proof.
move=> y_label [_ other scale_gt0 [is_shares one_label leads]] A convex open_or_closed data x Ax.
have start : A (\sum_i combination i *: points i).
  apply: convex_mixture => // i not0; apply/data.
  by apply/eqP/negPn/negP => /eqP /one_label.
have out : ~ A (\sum_i combination i *: points i + scale *: direction).
  rewrite leads => /data; rewrite other => /eqP.
  by case: y_label => ->; rewrite ?opprK ?opposite_labels // eq_sym opposite_labels.
have [c0 [c0_ge0 beyond_]] := leaves convex open_or_closed start out Ax.
exists (c0 * scale); split=> [|c]; first by rewrite mulr_ge0 // ltW.
rewrite -ltr_pdivl_mulr // => /beyond_; rewrite scalerA divfK // gt_eqF //.
Qed.
End ConvexDirection.
