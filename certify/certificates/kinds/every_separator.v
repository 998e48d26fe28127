(* The kind every-separator: its checks imply its sentence, for all n and d. At weak points a
   separator need only have a margin that is not negative; without the field [weak] is empty. *)

From certify.proofs Require Import vectors labelled_sets.

Section EverySeparator.
Variables (R : realFieldType) (d n : nat).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Variables (normal : 'cV[R]_d) (offset : R) (weak : pred 'I_n).

Definition weak_separator w b :=
  forall i, if weak i then 0 <= margin points labels w b i else 0 < margin points labels w b i.

Theorem every_separator (a : 'I_n -> R) :
  multipliers points labels a normal offset ->
  (exists i, ~~ weak i /\ 0 < a i) ->
  forall w b, weak_separator w b -> 0 < dot normal w + offset * b.
Proof.
case=> a_ge0 _ <- <- [i [strict a_gt0]] w b separates; rewrite sum_of_margins.
have margin_ge0 j : 0 <= margin points labels w b j.
  by have := separates j; case: (weak j) => // /ltW.
apply: (@sum_positive _ _ _ i) => [j|]; first exact: mulr_ge0.
by apply: mulr_gt0 => //; have := separates i; rewrite (negbTE strict).
Qed.
End EverySeparator.
