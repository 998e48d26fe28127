(* Theorem 2, the informal one, of Charles et al.: one vector turns all rules f > a and
   f >= a, f a sum of relu units with output weights >= 0, that are right on the data, at all of
   its points labelled -1. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.

Section Theorem2.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).

Theorem thm_2_informal : (exists i, labels i = 1) -> (exists i, labels i = -1) ->
  exists v, forall h, convex_rule h -> two_layer_accurate points labels h ->
  forall i, labels i = -1 -> adversarial (two_layer_label h) v (points i) (-1).
Proof.
move=> [k plus] [j minus]; exists (points k - points j) => h convex right i i_minus.
by apply: turns_adversarial; [apply: difference_turns | rewrite right].
Qed.
End Theorem2.
