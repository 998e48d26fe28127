(* The kind bounded: its checks imply that {x: A x <= b} is bounded, whatever b is, for all sizes.
   The minor's block is taken of the rows with positive weight, others being 0. *)

From certify.proofs Require Import vectors polyhedra.

Section Bounded.
Variables (R : realFieldType) (m n : nat) (matrix : 'M[R]_(m, n)).

Theorem bounded (combination : 'cV[R]_m) (rows : 'I_n -> 'I_m) (columns : 'I_n -> 'I_n) :
  spanned matrix combination rows columns ->
  forall right_side, bounded_set (inside matrix right_side).
Proof. by move=> given right_side; apply: spanned_bounded given. Qed.
End Bounded.
