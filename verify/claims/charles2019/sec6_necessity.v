(* Section 6 of Charles et al., repaired: a rule that is right on the data and whose region {h = -1} is
   convex, and open or closed, is turned by every difference of data points with the labels 1 and -1
   at every point that it labels -1, whether or not a linear rule is right on the data. *)

From certify.proofs Require Import vectors labelled_sets convex_sets.
From verify.claims.proofs Require Import directions.

Section Section6Necessity.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Variable h : 'cV[R]_d -> R.

Let A x := h x = -1.

Theorem sec6_necessity minus plus : (forall i, h (points i) = labels i) ->
  labels minus = -1 -> labels plus = 1 ->
  convex_set A -> open_set A \/ closed_set A ->
  forall x, h x = -1 -> adversarial h (points plus - points minus) x (-1).
Proof.
move=> right is_minus is_plus convex open_or_closed x x_in.
have start : A (points minus) by rewrite /A right.
have out : ~ A (points minus + (points plus - points minus)).
  by rewrite /A addrC subrK right is_plus; apply/eqP; rewrite opposite_labels.
have [c0 [c0_ge0 far]] := leaves convex open_or_closed start out x_in.
split=> //; exists (c0 + 1); split; first by rewrite ltr_paddl.
by apply: far; rewrite ltr_addl.
Qed.
End Section6Necessity.
