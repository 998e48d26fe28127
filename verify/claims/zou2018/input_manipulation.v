(* After Definition 1 of Zou et al., repaired: where g maps the inputs onto the space of features,
   every degree along a direction d that shifts all logits equally is reached by some input, and
   the softmax output is that of x. *)

From certify.proofs Require Import vectors softmax.

Section InputManipulation.
Variables (R : realFieldType) (E : R -> R) (l m : nat) (W : 'M[R]_(l, m.+1)).
Hypothesis E_is : exponential E. (* E (s + t) = E s * E t, positive, injective. *)
Variables (inputs : Type) (g : inputs -> 'cV[R]_l).

Theorem input_manipulation bias d : (forall h, exists x, g x = h) -> shifts_equally W d ->
  forall x theta, exists x', g x' = g x + theta *: d /\
    softmax E (logits W bias (g x')) =1 softmax E (logits W bias (g x)).
Proof.
move=> onto equal x theta; have [x' x'_is] := onto (g x + theta *: d).
by exists x'; split=> //; rewrite x'_is; apply/softmax_unchanged/shifts_scaled.
Qed.
End InputManipulation.
