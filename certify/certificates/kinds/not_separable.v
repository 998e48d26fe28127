(* The kind not-separable: its checks imply its sentence, for all n and d. *)

From certify.proofs Require Import vectors labelled_sets.

Section NotSeparable.
Variables (R : realFieldType) (d n : nat).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R) (homogeneous : bool).

Theorem not_separable (a : 'I_n -> R) :
  nonnegative a -> not_all_zero a ->
  homogeneous \/ balance labels a = 0 ->
  signed_sum points labels a = 0 ->
  ~ exists w b, (homogeneous -> b = 0) /\ separator points labels w b.
Proof.
move=> a_ge0 a_not0 balanced cancels [w [b [offset separates]]].
have := multipliers_positive (And4 a_ge0 a_not0 erefl cancels) separates.
rewrite dot0l add0r; case: balanced => [/offset -> | ->]; rewrite ?mulr0 ?mul0r ltxx //.
Qed.
End NotSeparable.
