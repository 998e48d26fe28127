(* The kind linear-system-inconsistent: its checks imply its sentence, for all sizes. *)

From certify.proofs Require Import vectors.

Section LinearSystemInconsistent.
Variables (R : realFieldType) (m n : nat) (matrix : 'M[R]_(m, n)) (right_side : 'cV[R]_m).

Theorem linear_system_inconsistent (combination : 'cV[R]_m) :
  matrix^T *m combination = 0 -> dot combination right_side <> 0 ->
  ~ exists x, matrix *m x = right_side.
Proof.
by move=> cancels left [x solves]; apply: left; rewrite -solves dot_transposed cancels dot0l.
Qed.
End LinearSystemInconsistent.
