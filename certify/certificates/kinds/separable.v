(* The kind separable: its checks are its sentence, for all n and d. *)

From certify.proofs Require Import vectors labelled_sets.

Section Separable.
Variables (R : realFieldType) (d n : nat).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R) (homogeneous : bool).

Theorem separable w b :
  (forall i, 0 < margin points labels w b i) -> ~~ homogeneous \/ b = 0 ->
  exists w b, separator points labels w b /\ (homogeneous -> b = 0).
Proof. by move=> positive offset; exists w, b; split=> //; case: offset => // /negbTE ->. Qed.
End Separable.
