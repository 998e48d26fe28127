(* The kind rank: its checks imply its sentence, for all sizes. Over the rational numbers it is
   enough that the minor is a unit modulo some number to which the denominators are prime. *)

From certify.proofs Require Import vectors ranks.

Section Rank.
Variables (R : realFieldType) (m n : nat) (matrix : 'M[R]_(m, n)) (r : nat).

Theorem rank (rows : 'I_r -> 'I_m) (columns : 'I_r -> 'I_n) k
    (basis : 'I_k -> 'cV[R]_n) (free : 'I_k -> 'I_n) :
  minor matrix rows columns -> null_basis matrix basis free r -> \rank matrix = r.
Proof. by move=> not0 is_basis; apply: (null_basis_rank is_basis not0). Qed.
End Rank.

Section RankModulo.
Variables (p : nat) (m n : nat) (matrix : 'M[rat]_(m, n)) (r : nat).

Theorem rank_modulo (rows : 'I_r -> 'I_m) (columns : 'I_r -> 'I_n) k
    (basis : 'I_k -> 'cV[rat]_n) (free : 'I_k -> 'I_n) :
  (1 < p)%N ->
  (forall i j, ((denq (matrix (rows i) (columns j)))%:~R : 'Z_p) \is a GRing.unit) ->
  \det (map_mx (@reduced p) (mxsub rows columns matrix)) \is a GRing.unit ->
  null_basis matrix basis free r -> \rank matrix = r.
Proof.
move=> _ invertible det_unit is_basis; apply: rank is_basis.
have entry i j : ((denq (mxsub rows columns matrix i j))%:~R : 'Z_p) \is a GRing.unit.
  by rewrite mxE; apply: invertible.
exact: unit_determinant entry det_unit.
Qed.
End RankModulo.
