(* Values that are affine on a box lie in an ellipsoid, where a matrix is positive semidefinite; and
   it is so where elimination succeeds, its entries being rounded as the checker rounds them. *)

From certify.proofs Require Import vectors.

Section Ellipsoids.
Variable R : realFieldType.
Add Field field_of_R : (fractions R).

Definition form n (A : 'M[R]_n) (u : 'I_n -> R) := \sum_i \sum_j u i * A i j * u j.

(* What is left of a matrix without its first row and column. *)
Definition rest n (A : 'M[R]_n.+1) := \matrix_(i, j)
  (A (lift ord0 i) (lift ord0 j) -
    A (lift ord0 i) ord0 * A ord0 (lift ord0 j) / A ord0 ord0).

(* Off the diagonal an entry may be changed by a unit, if each on the diagonal is decreased by as
   much for every other row. *)
Inductive eliminates : forall n, 'M[R]_n -> Prop :=
  | Nothing (A : 'M_0) : eliminates A
  | Rounded n (A A' : 'M_n) unit :
      (forall i j, i != j -> `|A i j - A' i j| <= unit) ->
      (forall i, \sum_(j | j != i) unit <= A i i - A' i i) ->
      eliminates A' -> eliminates A
  | Pivot n (A : 'M_n.+1) : 0 < A ord0 ord0 ->
      (forall i, A (lift ord0 i) ord0 = A ord0 (lift ord0 i)) ->
      eliminates (rest A) -> eliminates A.

Lemma square_of (a : R) : 0 <= a * a.
Proof. by rewrite -expr2 sqr_ge0. Qed.

Lemma half_of (a : R) : 0 <= a + a -> 0 <= a.
Proof. by rewrite -mulr2n pmulrn_lge0. Qed.

Lemma twice_product (a b c unit : R) : `|c| <= unit ->
  - (unit * (a * a + b * b)) <= a * c * b + a * c * b.
Proof.
rewrite ler_norml => /andP [above below].
have c_up : 0 <= c + unit by rewrite -ler_subl_addr sub0r.
have c_down : 0 <= unit - c by rewrite subr_ge0.
have unit_ge0 : 0 <= unit.
  have := addr_ge0 c_up c_down; rewrite (_ : c + unit + _ = unit + unit); last by field_identity R.
  exact: half_of.
rewrite -subr_ge0; have [ab_ge0 | /ltW ab_le0] := leP 0 (a * b).
  rewrite (_ : _ - _ = unit * ((a - b) * (a - b)) +
      ((c + unit) * (a * b) + (c + unit) * (a * b))); last by field_identity R.
  by rewrite addr_ge0 ?(mulr_ge0 unit_ge0 (square_of _)) // addr_ge0 // mulr_ge0.
rewrite (_ : _ - _ = unit * ((a + b) * (a + b)) +
    ((unit - c) * - (a * b) + (unit - c) * - (a * b))); last by field_identity R.
by rewrite addr_ge0 ?(mulr_ge0 unit_ge0 (square_of _)) // addr_ge0 // mulr_ge0 // oppr_ge0.
Qed.

Lemma rounded_form n (A A' : 'M[R]_n) unit u :
  (forall i j, i != j -> `|A i j - A' i j| <= unit) ->
  (forall i, \sum_(j | j != i) unit <= A i i - A' i i) -> form A' u <= form A u.
Proof.
move=> off on.
pose diagonal (B : 'M[R]_n) := \sum_i B i i * (u i * u i).
pose others (B : 'M[R]_n) := \sum_i \sum_(j | j != i) u i * B i j * u j.
have in_two B : form B u = diagonal B + others B.
  rewrite /form /diagonal /others -big_split; apply: eq_bigr => i _ /=; rewrite (bigD1 i) //=.
  by congr (_ + _); field_identity R.
pose most := \sum_i \sum_(j | j != i) unit * (u i * u i).
have on_it : most <= diagonal A - diagonal A'.
  rewrite /most /diagonal -sumrB; apply: ler_sum => i _.
  by rewrite -mulrBl -mulr_suml ler_wpmul2r ?square_of.
have beside : - (most + most) <= (others A - others A') + (others A - others A').
  have -> : most + most = \sum_i \sum_(j | j != i) unit * (u i * u i + u j * u j).
    have swapped : most = \sum_i \sum_(j | j != i) unit * (u j * u j).
      rewrite /most (exchange_big_dep xpredT) //=; apply: eq_bigr => i _.
      by apply: eq_bigl => j; rewrite eq_sym.
    rewrite {2}swapped /most -big_split; apply: eq_bigr => i _ /=; rewrite -big_split.
    by apply: eq_bigr => j _; rewrite /= -mulrDr.
  rewrite /others -!sumrB -sumrN -big_split; apply: ler_sum => i _ /=.
  rewrite -!sumrB -sumrN -big_split; apply: ler_sum => j; rewrite eq_sym => /off small.
  rewrite /= -!mulrBl -!mulrBr; exact: twice_product.
rewrite -subr_ge0; apply: half_of; rewrite !in_two.
have := ler_add (ler_add on_it on_it) beside; rewrite subrr; congr (_ <= _); field_identity R.
Qed.

Lemma pivot_form n (A : 'M[R]_n.+1) u : A ord0 ord0 <> 0 ->
  (forall i, A (lift ord0 i) ord0 = A ord0 (lift ord0 i)) ->
  let t := \sum_j A ord0 (lift ord0 j) * u (lift ord0 j) in
  form A u = A ord0 ord0 * ((u ord0 + t / A ord0 ord0) * (u ord0 + t / A ord0 ord0)) +
    form (rest A) (fun i => u (lift ord0 i)).
Proof.
move=> p_not0 same t; set p := A ord0 ord0 in p_not0 *.
pose B := \matrix_(i, j) A (lift ord0 i) (lift ord0 j); pose w i := u (lift ord0 i).
have -> : form A u = p * (u ord0 * u ord0) + (u ord0 * t + u ord0 * t) + form B w.
  rewrite /form big_ord_recl big_ord_recl -/p.
  have -> : \sum_i u ord0 * A ord0 (lift ord0 i) * u (lift ord0 i) = u ord0 * t.
    by rewrite mulr_sumr; apply: eq_bigr => i _; rewrite mulrA.
  have -> : \sum_i \sum_j u (lift ord0 i) * A (lift ord0 i) j * u j =
      u ord0 * t + \sum_i \sum_j w i * B i j * w j.
    rewrite mulr_sumr -big_split; apply: eq_bigr => i _ /=; rewrite big_ord_recl; congr (_ + _).
      by rewrite same; field_identity R.
    by apply: eq_bigr => j _; rewrite mxE.
  by field_identity R.
have -> : form (rest A) w = form B w - t * t / p.
  have -> : t * t / p = \sum_i \sum_j
      w i * (A (lift ord0 i) ord0 * A ord0 (lift ord0 j) / p) * w j.
    rewrite /t mulr_suml mulr_suml; apply: eq_bigr => i _; rewrite mulr_sumr mulr_suml.
    by apply: eq_bigr => j _; rewrite same /w; field_identity R.
  rewrite /form -sumrB; apply: eq_bigr => i _; rewrite -sumrB; apply: eq_bigr => j _.
  by rewrite !mxE mulrBr mulrBl.
by field_identity R.
Qed.

Theorem eliminates_positive n (A : 'M[R]_n) : eliminates A -> forall u, 0 <= form A u.
Proof.
elim=> {n A} [A|n A A' unit off on _ IH|n A p_gt0 same _ IH] u.
- by rewrite /form big_ord0 lexx.
- exact: le_trans (IH u) (rounded_form u off on).
- rewrite pivot_form //; last by apply/eqP; rewrite gt_eqF.
  by rewrite addr_ge0 // mulr_ge0 ?square_of // ltW.
Qed.

(* The ellipsoid: values t = W y of a vector y within half widths h of the center. *)
Variables (n d : nat) (W : 'I_n -> 'I_d -> R) (spread : 'I_n -> R) (weight : 'I_d -> R).

Definition gap := \matrix_(i < n, j < n)
  (spread i * (i == j)%:R - \sum_l W i l * weight l * W j l).

Lemma gap_form u :
  form gap u = \sum_i spread i * (u i * u i) -
    \sum_l weight l * ((\sum_i u i * W i l) * (\sum_i u i * W i l)).
Proof.
have -> : \sum_l weight l * ((\sum_i u i * W i l) * (\sum_i u i * W i l)) =
    \sum_i \sum_j u i * (\sum_l W i l * weight l * W j l) * u j.
  transitivity (\sum_l \sum_i \sum_j u i * (W i l * weight l * W j l) * u j).
    apply: eq_bigr => l _; rewrite mulr_suml mulr_sumr; apply: eq_bigr => i _.
    by rewrite mulr_sumr mulr_sumr; apply: eq_bigr => j _; field_identity R.
  rewrite exchange_big; apply: eq_bigr => i _ /=; rewrite exchange_big; apply: eq_bigr => j _ /=.
  by rewrite mulr_sumr mulr_suml.
rewrite /form -sumrB; apply: eq_bigr => i _.
have -> : spread i * (u i * u i) = \sum_j u i * (spread i * (i == j)%:R) * u j.
  rewrite (bigD1 i) //= big1 ?addr0 => [|j /negbTE]; last first.
    by rewrite eq_sym => ->; rewrite mulr0 mulr0 mul0r.
  by rewrite eqxx mulr1; field_identity R.
by rewrite -sumrB; apply: eq_bigr => j _; rewrite mxE mulrBr mulrBl.
Qed.

Theorem enclosed (y h : 'I_d -> R) : eliminates gap ->
  (forall i, 0 < spread i) -> (forall l, 0 < weight l) -> (forall l, - h l <= y l <= h l) ->
  \sum_i (\sum_l W i l * y l) * (\sum_l W i l * y l) / spread i <= \sum_l h l * h l / weight l.
Proof.
move=> /eliminates_positive positive s_gt0 w_gt0 within.
pose t i := \sum_l W i l * y l; pose u i := t i / spread i.
pose g l := \sum_i u i * W i l; set Q := \sum_i _.
have s_not0 i : spread i <> 0 by apply/eqP; rewrite gt_eqF.
have w_not0 l : weight l <> 0 by apply/eqP; rewrite gt_eqF.
have Q_spread : Q = \sum_i spread i * (u i * u i).
  by apply: eq_bigr => i _; rewrite -/(t i) /u; field_identity R.
have Q_mixed : Q = \sum_l g l * y l.
  transitivity (\sum_l \sum_i u i * W i l * y l); last first.
    by apply: eq_bigr => l _; rewrite mulr_suml.
  rewrite exchange_big; apply: eq_bigr => i _ /=; rewrite -/(t i) {1}/t mulr_suml mulr_suml.
  by apply: eq_bigr => l _; rewrite /u; field_identity R.
have smaller : \sum_l weight l * (g l * g l) <= Q.
  by have := positive u; rewrite gap_form -Q_spread subr_ge0.
have each l : g l * y l + g l * y l <= weight l * (g l * g l) + h l * h l / weight l.
  have square_le : y l * y l <= h l * h l.
    have /andP [low high] := within l; rewrite -subr_ge0.
    rewrite (_ : _ - _ = (h l - y l) * (y l + h l)); last by field_identity R.
    by rewrite mulr_ge0 ?subr_ge0 // -ler_subl_addr sub0r.
  apply: le_trans (_ : _ <= weight l * (g l * g l) + y l * y l / weight l) _; last first.
    by rewrite ler_add2l ler_wpmul2r // invr_ge0 ltW.
  rewrite -subr_ge0 (_ : _ - _ = weight l * ((g l - y l / weight l) * (g l - y l / weight l))).
    by rewrite mulr_ge0 ?square_of // ltW.
  by have := w_not0 l; move=> w_l; field_identity R.
have twice : Q + Q <= Q + \sum_l h l * h l / weight l.
  rewrite {1 2}Q_mixed -big_split /=; apply: le_trans (ler_sum _ (fun l _ => each l)) _.
  by rewrite big_split /= ler_add2r.
by rewrite ler_add2l in twice.
Qed.
End Ellipsoids.
