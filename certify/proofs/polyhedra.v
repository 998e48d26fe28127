(* Polyhedra: the points x with A x <= b. *)

From certify.proofs Require Import vectors.

Section Polyhedra.
Variables (R : realFieldType) (m n : nat) (A : 'M[R]_(m, n)) (b : 'cV[R]_m).

Definition inside x := A *m x <=^ b.

Definition ray r := r <> 0 /\ A *m r <=^ 0.

(* Some number bounds all coordinates of all points. *)
Definition bounded_set (P : 'cV[R]_n -> Prop) := exists B, forall x, P x -> forall j, `|x j 0| <= B.

(* Section 3 of the format: weights s that cancel the rows, and a minor, of full size, of the matrix
   in which rows of weight 0 are replaced by zeros. *)
Definition used (s : 'cV[R]_m) : 'M[R]_(m, n) := \matrix_(i, j) (if 0 < s i 0 then A i j else 0).

Definition spanned (s : 'cV[R]_m) (rows : 'I_n -> 'I_m) (columns : 'I_n -> 'I_n) :=
  [/\ 0 <=^ s, A^T *m s = 0 & \det (mxsub rows columns (used s)) != 0].

Lemma along_ray x r c : inside x -> A *m r <=^ 0 -> 0 <= c -> inside (x + c *: r).
Proof.
move=> x_inside stays c_ge0 i; rewrite mulmxDr -scalemxAr mxE [X in _ + X]mxE -[b i 0]addr0.
apply: ler_add; first exact: x_inside.
by have := stays i; rewrite [X in _ <= X]mxE => ?; rewrite mulr_ge0_le0.
Qed.

(* A half-line is not bounded. *)
Lemma line_unbounded (P : 'cV[R]_n -> Prop) x r :
  r <> 0 -> (forall c, 0 <= c -> P (x + c *: r)) -> ~ bounded_set P.
Proof.
move=> r_not0 all [B bounds].
have [j rj] : exists j, r j 0 != 0.
  apply/existsP; rewrite -negb_forall; apply/negP => /forallP none; apply: r_not0.
  by apply/colP => j; rewrite mxE; apply/eqP.
have r_gt0 : 0 < `|r j 0| by rewrite normr_gt0.
pose c := (`|B| + `|x j 0| + 1) / `|r j 0|.
have c_ge0 : 0 <= c by rewrite divr_ge0 ?addr_ge0.
have := bounds _ (all c c_ge0) j; rewrite !mxE => small.
have : `|c * r j 0| <= B + `|x j 0|.
  have -> : c * r j 0 = (x j 0 + c * r j 0) - x j 0 by rewrite addrC addKr.
  by apply: le_trans (ler_norm_sub _ _) _; rewrite ler_add2r.
rewrite normrM (ger0_norm c_ge0) divfK ?gt_eqF // addrAC ler_add2r.
by apply/negP; rewrite -ltNge (le_lt_trans (ler_norm B)) // ltr_addl.
Qed.

Lemma no_point s : 0 <=^ s -> A^T *m s = 0 -> dot s b < 0 -> ~ exists x, inside x.
Proof.
move=> s_ge0 cancels negative [x x_inside]; have := below_dot s_ge0 x_inside.
by rewrite dot_transposed cancels dot0l leNgt negative.
Qed.

Section Bounded.
Variables (s : 'cV[R]_m) (rows : 'I_n -> 'I_m) (columns : 'I_n -> 'I_n).
Hypothesis given : spanned s rows columns.

Let T := rowsub rows (used s).

Lemma chosen_rows_invertible : T \in unitmx.
Proof.
have [_ _] := given; rewrite -unitfE -/(unitmx _) => block.
rewrite -row_full_unit -col_leq_rank -{1}(mxrank_unit block).
have -> : mxsub rows columns (used s) = T *m (rowsub columns 1%:M)^T.
  apply/trmx_inj; rewrite trmx_mul trmxK -rowsubE.
  by apply/matrixP => i j; rewrite !mxE.
exact: mxrankM_maxl.
Qed.

(* A used row is bounded from below as well, since the others bound its multiple. *)
Lemma row_bounded i : 0 < s i 0 -> exists B, forall x, inside x -> `|(A *m x) i 0| <= B.
Proof.
have [s_ge0 cancels _] := given; move=> si.
pose low := - (\sum_(k | k != i) s k 0 * b k 0) / s i 0.
exists (Num.max `|b i 0| `|low|) => x x_inside.
have sum0 : \sum_k s k 0 * (A *m x) k 0 = 0.
  by rewrite -[LHS]/(dot s (A *m x)) dot_transposed cancels dot0l.
have above : (A *m x) i 0 <= b i 0 by apply: x_inside.
have below_ : low <= (A *m x) i 0.
  rewrite ler_pdivr_mulr // (_ : _ * s i 0 = - \sum_(k | k != i) s k 0 * (A *m x) k 0).
    by rewrite ler_opp2; apply: ler_sum => k _; rewrite ler_wpmul2l //; have := s_ge0 k; rewrite mxE.
  by apply/eqP; rewrite -addr_eq0 mulrC; move: sum0; rewrite (bigD1 i) //= => ->.
rewrite ler_norml ler_oppl; apply/andP; split.
  rewrite le_maxr -[`|low|]normrN; apply/orP; right.
  by apply: le_trans (ler_norm _); rewrite ler_opp2.
by rewrite le_maxr (le_trans above (ler_norm _)).
Qed.

Lemma spanned_bounded : bounded_set inside.
Proof.
have each i : exists B, forall x, inside x -> `|(T *m x) i 0| <= B.
  have [si | unused] := ltP 0 (s (rows i) 0).
    have [B bounds] := row_bounded si; exists B => x /bounds; congr (`|_| <= _).
    by rewrite !mxE; apply: eq_bigr => j _; rewrite !mxE si.
  exists 0 => x _; rewrite mxE big1 ?normr0 // => j _.
  by rewrite !mxE ltNge unused mul0r.
have {each} [B bounds] := fin_all_exists each.
pose part i j := `|invmx T i j| * `|B j|.
exists (\sum_i \sum_j part i j) => x x_inside i.
have part_ge0 k j : 0 <= part k j by rewrite mulr_ge0.
apply: (@le_trans _ _ (\sum_j part i j)); last first.
  rewrite [X in _ <= X](bigD1 i) //= ler_addl; apply: sumr_ge0 => k _; exact: sumr_ge0.
rewrite -[x](mulKmx chosen_rows_invertible) mxE; apply: le_trans (ler_norm_sum _ _ _) _.
apply: ler_sum => j _; rewrite normrM ler_wpmul2l //.
exact: le_trans (bounds j x x_inside) (ler_norm _).
Qed.
End Bounded.
End Polyhedra.
