(* Theorem 11 of Charles et al., repaired: let x_alpha and x_beta have different labels. For every
   rule that is right on both and for which A = {h = alpha} is convex, and open or closed, and every x
   in A, v = x_beta - x_alpha leads out of A; and stays outside for all large steps. *)

From certify.proofs Require Import vectors labelled_sets convex_sets.
From verify.claims.proofs Require Import directions.

Section Theorem11.
Variables (R : realFieldType) (d : nat) (L : Type) (h : 'cV[R]_d -> L) (alpha beta : L).
Variables (x_alpha x_beta : 'cV[R]_d).

Let A x := h x = alpha.

Theorem thm_11 : alpha <> beta -> h x_alpha = alpha -> h x_beta = beta ->
  convex_set A -> open_set A \/ closed_set A ->
  let v := x_beta - x_alpha in
  forall x, h x = alpha -> adversarial h v x alpha /\
    exists c0, 0 <= c0 /\ forall c, c0 < c -> h (x + c *: v) <> alpha.
Proof.
move=> different right_a right_b convex open_or_closed v x x_in.
have out : ~ A (x_alpha + v) by rewrite /A addrC subrK right_b => same; apply: different.
have [c0 [c0_ge0 far]] := leaves convex open_or_closed right_a out x_in.
split; last by exists c0.
split=> //; exists (c0 + 1); split; first by rewrite ltr_paddl.
by apply: far; rewrite ltr_addl.
Qed.
End Theorem11.
