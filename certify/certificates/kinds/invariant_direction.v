(* The kind invariant-direction: its checks imply its sentence, for all sizes. *)

From certify.proofs Require Import vectors softmax.

Section InvariantDirection.
Variables (R : realFieldType) (E : R -> R) (n m : nat) (weights : 'M[R]_(n, m.+1)).
Hypothesis E_is : exponential E. (* E (s + t) = E s * E t, positive, injective. *)

Theorem invariant_direction (direction : 'cV[R]_n) :
  direction <> 0 -> shifts_equally weights direction ->
  forall bias h c,
    softmax E (logits weights bias (h + c *: direction)) =1 softmax E (logits weights bias h).
Proof. by move=> _ equal bias h c; apply/softmax_unchanged/shifts_scaled. Qed.
End InvariantDirection.
