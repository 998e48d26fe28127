(* Theorem 15 of Charles et al.: a difference of a point labelled 1 and one labelled -1 turns every
   rule of class R' that is right on the data, of any number of units, at every point x that it labels
   -1, in the data or not; and the label is 1 for all large steps. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.

Section Theorem15.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).

Theorem thm_15 minus plus : labels minus = -1 -> labels plus = 1 ->
  let v := points plus - points minus in
  forall h, class_R' h -> two_layer_accurate points labels h ->
  (forall x, two_layer_label h x = -1 -> adversarial (two_layer_label h) v x (-1)) /\
  (forall x, exists c0, 0 <= c0 /\ forall c, c0 < c -> two_layer_label h (x + c *: v) = 1).
Proof.
move=> is_minus is_plus v h class right.
have far := difference_turns (proj1 class) right is_minus is_plus.
by split=> // x; apply: turns_adversarial.
Qed.
End Theorem15.
