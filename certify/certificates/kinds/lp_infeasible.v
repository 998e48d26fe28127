(* The kind lp-infeasible: its checks imply that no x satisfies the program, for all sizes. *)

From certify.proofs Require Import vectors linear_programs.

Section LpInfeasible.
Variables (R : realFieldType) (n m k : nat).
Variables (A : 'M[R]_(m, n)) (b : 'cV[R]_m) (C : 'M[R]_(k, n)) (d : 'cV[R]_k).
Variable nonnegative : pred 'I_n.

Theorem lp_infeasible (y : 'cV[R]_m) (z : 'cV[R]_k) :
  bounds A C nonnegative 0 y z -> dot b y + dot d z < 0 ->
  ~ exists x, feasible A b C d nonnegative x.
Proof.
move=> dual contradiction [x /(weak_duality dual)].
by rewrite dot0l oppr_le0 leNgt contradiction.
Qed.
End LpInfeasible.
