(* Theorem 12 of Charles et al., repaired: h is beta outside of a convex set C, open or closed, that
   contains x_alpha and not x_beta. Then v = x_beta - x_alpha leads from every x labelled alpha to the
   label beta. (That such an x lies in C follows; Coq, which knows no excluded middle, is told.) *)

From certify.proofs Require Import vectors labelled_sets convex_sets.
From verify.claims.proofs Require Import directions.

Section Theorem12.
Variables (R : realFieldType) (d : nat) (L : Type) (h : 'cV[R]_d -> L) (alpha beta : L).
Variables (x_alpha x_beta : 'cV[R]_d) (C : 'cV[R]_d -> Prop).

Theorem thm_12 : alpha <> beta -> h x_alpha = alpha ->
  C x_alpha -> ~ C x_beta -> (forall x, ~ C x -> h x = beta) -> (forall x, h x = alpha -> C x) ->
  convex_set C -> open_set C \/ closed_set C ->
  forall x, h x = alpha -> exists c, 0 < c /\ h (x + c *: (x_beta - x_alpha)) = beta.
Proof.
move=> _ _ a_in b_out outside inside convex open_or_closed x /inside x_in.
have out : ~ C (x_alpha + (x_beta - x_alpha)) by rewrite addrC subrK.
have [c0 [c0_ge0 far]] := leaves convex open_or_closed a_in out x_in.
exists (c0 + 1); split; first by rewrite ltr_paddl.
by apply: outside; apply: far; rewrite ltr_addl.
Qed.
End Theorem12.
