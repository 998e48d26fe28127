(* The kind null-space: its checks imply that the vectors are a basis of the null space: each null
   vector is a combination of them, in one way, and each combination is one. For all sizes. *)

From certify.proofs Require Import vectors ranks.

Section NullSpace.
Variables (R : realFieldType) (m n k : nat) (matrix : 'M[R]_(m, n)) (basis : 'I_k -> 'cV[R]_n).

Theorem null_space r (rows : 'I_r -> 'I_m) (columns : 'I_r -> 'I_n) (free : 'I_k -> 'I_n) :
  minor matrix rows columns -> null_basis matrix basis free r ->
  (forall x, matrix *m x = 0 <-> exists c : 'I_k -> R, x = \sum_i c i *: basis i) /\
  (forall c c' : 'I_k -> R, \sum_i c i *: basis i = \sum_i c' i *: basis i -> c =1 c').
Proof.
move=> not0 is_basis; split; first exact: null_basis_spans is_basis _ _ not0.
by move=> c c' same i; rewrite -(combination_free is_basis c) same (combination_free is_basis).
Qed.
End NullSpace.
