(* Ranks: a minor that is not 0 from below, independent null vectors from above. *)

From certify.proofs Require Import vectors.

Section Ranks.
Variables (R : realFieldType) (m n : nat) (M : 'M[R]_(m, n)).

(* The block of the chosen rows and columns has a determinant that is not 0: a unit modulo some
   number is none (below). *)
Definition minor r (rows : 'I_r -> 'I_m) (columns : 'I_r -> 'I_n) :=
  \det (mxsub rows columns M) != 0.

Definition null_basis k (basis : 'I_k -> 'cV[R]_n) (free : 'I_k -> 'I_n) r :=
  [/\ forall i j, basis i (free j) 0 = (i == j)%:R, forall i, M *m basis i = 0 & (k + r = n)%N].

Lemma minor_rank r (rows : 'I_r -> 'I_m) (columns : 'I_r -> 'I_n) :
  minor rows columns -> (r <= \rank M)%N.
Proof.
rewrite /minor -unitfE -/(unitmx _) => /mxrank_unit <-.
have -> : mxsub rows columns M = rowsub rows 1%:M *m M *m (rowsub columns 1%:M)^T.
  rewrite -rowsubE; apply/trmx_inj; rewrite trmx_mul trmxK -rowsubE.
  by apply/matrixP => i j; rewrite !mxE.
exact: leq_trans (mxrankM_maxl _ _) (mxrankM_maxr _ _).
Qed.

Section Basis.
Variables (k r : nat) (basis : 'I_k -> 'cV[R]_n) (free : 'I_k -> 'I_n).
Hypothesis is_basis : null_basis basis free r.

Let N : 'M[R]_(n, k) := \matrix_(j, i) basis i j 0.

Lemma basis_rank : \rank N = k.
Proof.
have [units _ _] := is_basis; apply/eqP; rewrite eqn_leq rank_leq_col /=.
have {1}<- : \rank (rowsub free N) = k.
  apply/eqP; rewrite mxrank_unit //; have -> : rowsub free N = 1%:M; last exact: unitmx1.
  by apply/matrixP => i j; rewrite !mxE units eq_sym.
by rewrite rowsubE; apply: mxrankM_maxr.
Qed.

Lemma basis_null : M *m N = 0.
Proof.
have [_ null _] := is_basis; apply/matrixP => i j; rewrite !mxE.
by have /colP /(_ i) := null j; rewrite !mxE => {2}<-; apply: eq_bigr => l _; rewrite mxE.
Qed.

Lemma null_basis_rank (rows : 'I_r -> 'I_m) (columns : 'I_r -> 'I_n) :
  minor rows columns -> \rank M = r.
Proof.
move=> /minor_rank r_le; have [_ _ add_up] := is_basis.
have := mulmx0_rank_max basis_null; rewrite basis_rank -{2}add_up addnC leq_add2l => le_r.
by apply/eqP; rewrite eqn_leq le_r.
Qed.

Lemma combination_null (c : 'I_k -> R) : M *m (\sum_i c i *: basis i) = 0.
Proof.
have [_ null _] := is_basis; rewrite mulmx_sumr big1 // => i _.
by rewrite -scalemxAr null scaler0.
Qed.

(* The coordinates of a combination are its entries at the free indices. *)
Lemma combination_free (c : 'I_k -> R) j : (\sum_i c i *: basis i) (free j) 0 = c j.
Proof.
have [units _ _] := is_basis; rewrite summxE (bigD1 j) //= mxE units eqxx mulr1 big1 ?addr0 //.
by move=> i /negbTE other; rewrite mxE units other mulr0.
Qed.

Lemma null_basis_spans (rows : 'I_r -> 'I_m) (columns : 'I_r -> 'I_n) :
  minor rows columns ->
  forall x, M *m x = 0 <-> exists c, x = \sum_i c i *: basis i.
Proof.
move=> /null_basis_rank rankM x; split=> [x_null | [c ->]]; last exact: combination_null.
have [_ _ add_up] := is_basis.
have sub : (N^T <= kermx M^T)%MS by apply/sub_kermxP; rewrite -trmx_mul basis_null trmx0.
have same : (N^T :=: kermx M^T)%MS.
  apply/eqmxP; rewrite -(geq_leqif (mxrank_leqif_eq sub)).
  by rewrite mxrank_ker !mxrank_tr rankM basis_rank -add_up addnK.
have : (x^T <= N^T)%MS by rewrite same; apply/sub_kermxP; rewrite -trmx_mul x_null trmx0.
case/submxP => c x_is; exists (fun i => c 0 i).
apply/trmx_inj; rewrite x_is; apply/rowP => j; rewrite !mxE summxE.
by apply: eq_bigr => i _; rewrite !mxE.
Qed.
End Basis.
End Ranks.

(* Modulo a number p > 1 to which all denominators are prime, rational numbers become integers modulo
   p. A determinant that is a unit there is not 0; no primality of p is needed. *)
Section Modular.
Variable p : nat.

Definition reduced (x : rat) : 'Z_p := (numq x)%:~R / (denq x)%:~R.

Lemma unit_determinant r (M : 'M[rat]_r) :
  (forall i j, ((denq (M i j))%:~R : 'Z_p) \is a GRing.unit) ->
  \det (map_mx reduced M) \is a GRing.unit -> \det M != 0.
Proof.
move=> invertible det_unit.
pose D : int := \prod_i \prod_j denq (M i j).
have D_unit : (D%:~R : 'Z_p) \is a GRing.unit.
  rewrite rmorph_prod; elim/big_ind: _ => [|x y x_unit y_unit|i _]; rewrite ?unitr1 //.
    by rewrite unitrM x_unit.
  rewrite rmorph_prod; elim/big_ind: _ => [|x y x_unit y_unit|j _]; first exact: unitr1.
    by rewrite unitrM x_unit.
  exact: invertible.
pose cofactor := fun i j : 'I_r => \prod_(k | k != (i, j)) denq (M k.1 k.2).
have D_is k l : D = denq (M k l) * cofactor k l.
  by rewrite /D pair_bigA (bigD1 (k, l)).
pose B : 'M[int]_r := \matrix_(i, j) (numq (M i j) * cofactor i j).
have B_rat : map_mx intr B = D%:~R *: M.
  apply/matrixP => i j; rewrite !mxE (D_is i j) !intrM -{3}(divq_num_den (M i j)).
  by rewrite mulrAC [_ * (_ / _)]mulrCA divff ?mulr1 // intr_eq0 denq_neq0.
have B_mod : map_mx intr B = (D%:~R : 'Z_p) *: map_mx reduced M.
  apply/matrixP => i j; rewrite !mxE (D_is i j) !intrM /reduced.
  by rewrite mulrAC [_ * (_ / _)]mulrCA divrr ?mulr1 // invertible.
have detB_unit : ((\det B)%:~R : 'Z_p) \is a GRing.unit.
  by rewrite -det_map_mx B_mod detZ unitrM det_unit unitrX.
have detB : \det B != 0.
  by apply: contraTneq detB_unit => ->; rewrite unitr0.
apply: contraNneq detB => detM; rewrite -(intr_eq0 rat_numDomainType) -det_map_mx B_rat.
by rewrite detZ detM mulr0.
Qed.
End Modular.
