(* The kind lp-optimal: its checks imply that the stated value is the least one, for all sizes. *)

From certify.proofs Require Import vectors linear_programs.

Section LpOptimal.
Variables (R : realFieldType) (n m k : nat) (objective : 'cV[R]_n).
Variables (A : 'M[R]_(m, n)) (b : 'cV[R]_m) (C : 'M[R]_(k, n)) (d : 'cV[R]_k).
Variables (nonnegative : pred 'I_n) (x : 'cV[R]_n) (value : R).

Theorem lp_optimal (y : 'cV[R]_m) (z : 'cV[R]_k) :
  feasible A b C d nonnegative x -> dot objective x = value ->
  bounds A C nonnegative objective y z -> - (dot b y + dot d z) = value ->
  feasible A b C d nonnegative x /\ dot objective x = value /\
  forall other, feasible A b C d nonnegative other -> value <= dot objective other.
Proof.
move=> x_feasible attains dual bound; do 2!split=> //.
by move=> other; rewrite -bound; apply: weak_duality.
Qed.
End LpOptimal.
