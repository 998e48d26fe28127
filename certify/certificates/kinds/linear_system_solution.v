(* The kind linear-system-solution: its check, row by row, is its sentence. *)

From certify.proofs Require Import vectors.

Section LinearSystemSolution.
Variables (R : realFieldType) (m n : nat) (matrix : 'M[R]_(m, n)) (right_side : 'cV[R]_m).

Theorem linear_system_solution (solution : 'cV[R]_n) :
  (forall i, \sum_j matrix i j * solution j 0 = right_side i 0) ->
  matrix *m solution = right_side.
Proof. by move=> rows; apply/colP => i; rewrite mxE. Qed.
End LinearSystemSolution.
