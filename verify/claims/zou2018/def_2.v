(* Definition 2 of Zou et al., repaired. A layer is parallel if two different pairs of classes have
   differences of weights that are not 0 and proportional; two regions are adjacent if they share a
   facet of their hyperplane (the kind adjacency). If the weights are different and all regions have
   interior, a parallel layer has two regions that are not adjacent. If the weights are affinely
   independent, the layer is not parallel, all regions have interior and every two are adjacent. *)

From certify.proofs Require Import vectors labelled_sets convex_sets alternatives.
From certify.certificates.kinds Require Import adjacency.

Section Definition2.
Variable R : realFieldType.
Add Field field_of_R : (fractions R).
Variables (l m : nat) (W : 'M[R]_(l, m)) (bias : 'I_m -> R).

Let w i := col i W.

Let score h i := z W bias h i.

Definition parallel := exists (i j k t : 'I_m) (c : R), [/\ w i - w j <> 0, w k - w t <> 0,
  (i, j) <> (k, t), (i, j) <> (t, k) & w i - w j = c *: (w k - w t)].

Definition has_interior i := exists p r, 0 < r /\ forall h, near p r h -> region W bias i h.

Definition different := forall i j : 'I_m, i != j -> w i <> w j.

(* No weight is an affine combination of the others. *)
Definition independent := forall i (s : 'I_m -> R), s i = 0 -> \sum_j s j = 1 ->
  \sum_j s j *: w j <> w i.

Definition two_apart := exists i j : 'I_m, i != j /\ ~ share_facet W bias i j.

Section Parallel.
Hypotheses (differ : different) (interiors : forall i, has_interior i).

Lemma wins i : exists p, forall j, j != i -> score p j < score p i.
Proof.
have [p [r [r_gt0 inner]]] := interiors i; exists p => j j_i.
have p_p : near p r p by move=> t; rewrite subrr normr0.
rewrite lt_neqAle (inner p p_p) andbT; apply/eqP => tie; have := differ j_i.
pose v := w j - w i => not_same.
have v_gt0 : 0 < dot v v.
  by apply: square_gt0 => /eqP; rewrite subr_eq0 => /eqP.
pose size := \sum_t `|v t 0|; have size_ge0 : 0 <= size by apply: sumr_ge0.
have more : 0 < 1 + size by rewrite ltr_paddr ?ltr01.
pose e := r / (1 + size); have e_gt0 : 0 < e by rewrite divr_gt0.
have close : near p r (p + e *: v).
  move=> t; have -> : (p + e *: v) t 0 - p t 0 = e * v t 0.
    by rewrite mxE [X in _ + X - _]mxE addrC addKr.
  rewrite normrM (gtr0_norm e_gt0) /e mulrAC ltr_pdivr_mulr // ltr_pmul2l //.
  apply: le_lt_trans (_ : size < _); last by rewrite ltr_addr ltr01.
  by rewrite /size (bigD1 t) //= ler_addl; apply: sumr_ge0.
have := inner _ close j; rewrite !z_moved -/(score p j) -/(score p i) tie ler_add2l.
rewrite ler_pmul2l // -subr_le0 -dotNl -dotDl -/(w j) -/(w i) -/v.
by rewrite leNgt v_gt0.
Qed.

Lemma pair_shares (j k : 'I_m) (a b : R) : j != k -> 0 <= a -> 0 <= b -> a + b = 1 ->
  let s := fun q : 'I_m => (q == j)%:R * a + (q == k)%:R * b in
  shares s /\ forall (V : lmodType R) (F : 'I_m -> V), \sum_q s q *: F q = a *: F j + b *: F k.
Proof.
move=> j_k a_ge0 b_ge0 total s.
have pick (V : lmodType R) (F : 'I_m -> V) q0 c : \sum_q ((q == q0)%:R * c) *: F q = c *: F q0.
  rewrite (bigD1 q0) //= eqxx mul1r big1 ?addr0 // => q /negbTE ->.
  by rewrite mul0r scale0r.
have sum (V : lmodType R) (F : 'I_m -> V) : \sum_q s q *: F q = a *: F j + b *: F k.
  rewrite -(pick _ F j a) -(pick _ F k b) -big_split; apply: eq_bigr => q _ /=.
  by rewrite /s scalerDl.
split=> //; split=> [q|]; first by rewrite addr_ge0 ?mulr_ge0 ?ler0n.
have := sum [lmodType R of R^o] (fun=> 1); rewrite -[RHS]/(a * 1 + b * 1) !mulr1 total => <-.
by apply: eq_bigr => q _; rewrite -[RHS]/(s q * 1) mulr1.
Qed.

(* A class whose weight lies between two others keeps these apart. *)
Lemma between i j k (t : R) : j != i -> j != k -> i != k -> 0 < t -> t < 1 ->
  w j = t *: w i + (1 - t) *: w k -> two_apart.
Proof.
move=> j_i j_k i_k t_gt0 t_lt1 place; exists i, k; split=> //.
have rest_gt0 : 0 < 1 - t by rewrite subr_gt0.
have [p first_] := wins j; pose s (q : 'I_m) : R := (q == j)%:R.
have pick (V : lmodType R) (F : 'I_m -> V) : \sum_q s q *: F q = F j.
  rewrite (bigD1 j) //= /s eqxx scale1r big1 ?addr0 // => q /negbTE ->.
  by rewrite scale0r.
have is_shares : shares s.
  split=> [q|]; first exact: ler0n.
  by rewrite (bigD1 j) //= /s eqxx big1 ?addr0 // => q /negbTE ->.
pose e := \sum_q s q * bias q - (t * bias i + (1 - t) * bias k).
have e_gt0 : 0 < e.
  have -> : e = score p j - (t * score p i + (1 - t) * score p k).
    rewrite /e (pick [lmodType R of R^o] bias) /score /z -!/(w _) place dotDl !dotZl.
    by field_identity R.
  rewrite subr_gt0; have -> : score p j = t * score p j + (1 - t) * score p j.
    by rewrite -mulrDl addrC subrK mul1r.
  by rewrite ltr_add ?ltr_pmul2l ?first_ // eq_sym.
have none : share_facet W bias i k -> False.
  have := @adjacency_none R l m W bias i k s t e is_shares.
  rewrite /s [i == j]eq_sym [k == j]eq_sym (negbTE j_i) (negbTE j_k) => /(_ erefl erefl).
  rewrite (pick _ (fun q => col q W)) -!/(w _) => /(_ place erefl (ltW e_gt0)) [_].
  by apply; left.
exact: none.
Qed.

Lemma collinear i j k (c : R) : i != j -> i != k -> j != k -> w i - w j = c *: (w i - w k) ->
  two_apart.
Proof.
move=> i_j i_k j_k line; have j_i : j != i by rewrite eq_sym.
have k_i : k != i by rewrite eq_sym.
have k_j : k != j by rewrite eq_sym.
have c_not0 : c != 0.
  apply/eqP => c0; move: line; rewrite c0 scale0r => /eqP; rewrite subr_eq0 => /eqP.
  exact: differ.
have j_is : w j = (1 - c) *: w i + c *: w k.
  have -> : w j = w i - c *: (w i - w k) by rewrite -line opprB addrC subrK.
  by rewrite scalerBr scalerBl scale1r opprB addrA addrAC.
have [c_gt0 | c_lt0 | /eqP] := ltgtP 0 c; last by rewrite eq_sym (negbTE c_not0).
  have [c_lt1 | c_gt1 | c_1] := ltgtP c 1.
  - apply: (@between i j k (1 - c)) => //; first by rewrite subr_gt0.
      by rewrite ltr_subl_addr ltr_addl.
    by rewrite subKr.
  - apply: (@between i k j (1 - c^-1)) => //; first by rewrite subr_gt0 invf_lt1.
      by rewrite ltr_subl_addr ltr_addl invr_gt0.
    rewrite subKr j_is scalerDr !scalerA mulVf // scale1r addrA -scalerDl.
    have -> : 1 - c^-1 + c^-1 * (1 - c) = 0 by rewrite mulrBr mulVf // mulr1 subrKA subrr.
    by rewrite scale0r add0r.
  - move: j_is; rewrite c_1 subrr scale0r add0r scale1r => same.
    by case: (differ j_k).
have d_gt0 : 0 < 1 - c by rewrite subr_gt0 (lt_trans c_lt0) ?ltr01.
apply: (@between j i k ((1 - c)^-1)) => //; first by rewrite invr_gt0.
  by rewrite invf_lt1 // ltr_addl oppr_gt0.
apply: (scalerI (lt0r_neq0 d_gt0)); rewrite scalerDr !scalerA divff ?gt_eqF // scale1r.
rewrite mulrBr mulr1 divff ?gt_eqF // j_is [1 - c - 1]addrAC subrr add0r -addrA -scalerDl subrr.
by rewrite scale0r addr0.
Qed.

(* Where the diagonals of a trapezoid meet, the classes of one of them are kept apart. *)
Lemma crossing i j k t (c : R) : i != j -> i != k -> i != t -> j != k -> j != t -> k != t ->
  0 < c -> w i + c *: w t = w j + c *: w k -> two_apart.
Proof.
move=> i_j i_k i_t j_k j_t k_t c_gt0 cross.
have d_gt0 : 0 < 1 + c by rewrite addr_gt0 ?ltr01.
pose a := (1 + c)^-1; pose b := c / (1 + c).
have a_gt0 : 0 < a by rewrite invr_gt0.
have b_gt0 : 0 < b by rewrite divr_gt0.
have total : a + b = 1 by rewrite /a /b -[X in X + _]mul1r -mulrDl divff ?gt_eqF.
have b_is : 1 - a = b by rewrite -total addrC addKr.
have mixed : a *: w i + b *: w t = a *: w j + b *: w k.
  have := congr1 (fun v => a *: v) cross; rewrite !scalerDr !scalerA.
  by rewrite /b [a * c]mulrC.
have [is_shares sums] := pair_shares j_k (ltW a_gt0) (ltW b_gt0) total.
have [is_shares' sums'] := pair_shares i_t (ltW a_gt0) (ltW b_gt0) total.
set s := fun q : 'I_m => _ in is_shares sums; set s' := fun q : 'I_m => _ in is_shares' sums'.
pose e := \sum_q s q * bias q - (a * bias i + (1 - a) * bias t).
have e_is : e = a * bias j + b * bias k - (a * bias i + b * bias t).
  by rewrite /e b_is (sums [lmodType R of R^o] bias).
have s_0 q : q != j -> q != k -> s q = 0.
  by rewrite /s => /negbTE -> /negbTE ->; rewrite !mul0r addr0.
have s'_0 q : q != i -> q != t -> s' q = 0.
  by rewrite /s' => /negbTE -> /negbTE ->; rewrite !mul0r addr0.
have gradients : \sum_q s q *: col q W = a *: col i W + (1 - a) *: col t W.
  by rewrite b_is (sums _ (fun q => col q W)) -!/(w _) mixed.
have [e_ge0 | e_lt0] := leP 0 e; last first.
  exists j, k; split=> // facet.
  pose e' := \sum_q s' q * bias q - (a * bias j + (1 - a) * bias k).
  have e'_gt0 : 0 < e'.
    rewrite /e' b_is (sums' [lmodType R of R^o] bias) subr_gt0 -subr_lt0.
    by move: e_lt0; rewrite e_is.
  have gradients' : \sum_q s' q *: col q W = a *: col j W + (1 - a) *: col k W.
    by rewrite b_is (sums' _ (fun q => col q W)) -!/(w _) mixed.
  have s'_j : s' j = 0 by rewrite s'_0 // eq_sym.
  have s'_k : s' k = 0 by rewrite s'_0 // eq_sym.
  have [_] := adjacency_none is_shares' s'_j s'_k gradients' (erefl e') (ltW e'_gt0).
  by apply=> //; left.
have [/sub_rVP [c' on_line] | off_line] := boolP ((w i - w j)^T <= (w i - w t)^T)%MS.
  apply: (@collinear i j t c') => //; apply/trmx_inj.
  by rewrite on_line linearZ.
exists i, t; split=> //.
have t_j : t != j by rewrite eq_sym.
have t_k : t != k by rewrite eq_sym.
have [_] := adjacency_none is_shares (s_0 i i_j i_k) (s_0 t t_j t_k) gradients (erefl e) e_ge0.
apply.
right; split; first by move/eqP; rewrite subr_eq0 => /eqP; apply: differ.
exists j; split.
- by rewrite /s eqxx (negbTE j_k) mul1r mul0r addr0; apply/eqP; rewrite gt_eqF.
- by left=> /eqP; rewrite subr_eq0 => /eqP; apply: differ; rewrite eq_sym.
- move=> c'; left=> on_line; case/negP: off_line; apply/sub_rVP; exists (- c').
  by rewrite -linearZ scaleNr -on_line opprB.
Qed.

Theorem def_2 : parallel -> two_apart.
Proof.
case=> [i [j [k [t [c [ij kt not_same not_turned line]]]]]].
have i_j : i != j by apply: contra_notN ij => /eqP ->; rewrite subrr.
have k_t : k != t by apply: contra_notN kt => /eqP ->; rewrite subrr.
have j_i : j != i by rewrite eq_sym.
have turned : w i - w j = (- c) *: (w t - w k) by rewrite line scaleNr -scalerN opprB.
have reverse : w j - w i = c *: (w t - w k) by rewrite -opprB line -scalerN opprB.
have both : w j - w i = (- c) *: (w k - w t) by rewrite -opprB line scaleNr.
have [i_k | i_k] := eqVneq i k.
  have j_t : j != t by apply: contra_notN not_same => /eqP ->; rewrite i_k.
  rewrite -i_k in line k_t; exact: (@collinear i j t c).
have [i_t | i_t] := eqVneq i t.
  have j_k : j != k by apply: contra_notN not_turned => /eqP ->; rewrite i_t.
  rewrite -i_t in turned k_t; exact: (@collinear i j k (- c)).
have [j_k | j_k] := eqVneq j k.
  rewrite -j_k in both k_t; exact: (@collinear j i t (- c)).
have [j_t | j_t] := eqVneq j t.
  by rewrite -j_t in reverse; apply: (@collinear j i k c).
have cross c' k' t' : w i - w j = c' *: (w k' - w t') -> w i + c' *: w t' = w j + c' *: w k'.
  move=> equal; apply/eqP; rewrite -subr_eq0 opprD addrACA equal scalerBr.
  by rewrite subrKA subrr.
have [c_gt0 | c_lt0 | c_0] := ltgtP 0 c.
- by apply: (@crossing i j k t c) => //; apply: cross.
- have t_k : t != k by rewrite eq_sym.
  apply: (@crossing i j t k (- c)) => //; first by rewrite oppr_gt0.
  exact: cross turned.
- by case: ij; rewrite line -c_0 scale0r.
Qed.
End Parallel.

Section Independent.
Hypothesis apart : independent.

Lemma only_zero i (a : 'I_m -> R) : \sum_k a k *: (w k - w i) = 0 -> forall k, k != i -> a k = 0.
Proof.
move=> none k k_i; apply/eqP; apply: contraT => ak.
pose rest := \sum_(q | q != k) a q / a k.
pose s (q : 'I_m) := (q == i)%:R * (1 + rest) - (if q == k then 0 else a q / a k).
have pick (V : lmodType R) (F : 'I_m -> V) : \sum_q (q == i)%:R *: F q = F i.
  rewrite (bigD1 i) //= eqxx scale1r big1 ?addr0 // => q /negbTE ->.
  by rewrite scale0r.
case: (@apart k s).
- by rewrite /s (negbTE k_i) eqxx mul0r subr0.
- rewrite sumrB (pick [lmodType R of R^o] (fun=> 1 + rest)) /rest [X in _ - X](bigD1 k) //= eqxx add0r.
  rewrite [X in _ - X](eq_bigr (fun q => a q / a k)) ?addrK // => q /negbTE ->.
  by [].
have sum_k : w k - w i = - \sum_(q | q != k) (a q / a k) *: (w q - w i).
  apply: (scalerI ak); rewrite scalerN scaler_sumr.
  apply/eqP; rewrite -addr_eq0; apply/eqP; rewrite -[RHS]none [RHS](bigD1 k) //=; congr (_ + _).
  by apply: eq_bigr => q _; rewrite scalerA mulrCA divff // mulr1.
have -> : w k = w i + (w k - w i) by rewrite addrC subrK.
rewrite sum_k (eq_bigr (fun q => (q == i)%:R *: ((1 + rest) *: w q) -
    (if q == k then 0 else a q / a k) *: w q)) => [|q _]; last by rewrite scalerBl scalerA.
rewrite sumrB (pick _ (fun q => (1 + rest) *: w q)) [X in _ - X](bigD1 k) //= eqxx scale0r add0r.
have -> : \sum_(q | q != k) (if q == k then 0 else a q / a k) *: w q =
    \sum_(q | q != k) (a q / a k) *: w q by apply: eq_bigr => q /negbTE ->.
have -> : \sum_(q | q != k) (a q / a k) *: (w q - w i) =
    \sum_(q | q != k) (a q / a k) *: w q - rest *: w i.
  by rewrite /rest scaler_suml -sumrB; apply: eq_bigr => q _; rewrite scalerBr.
by rewrite scalerDl scale1r opprB addrA.
Qed.

(* Any signs of the gaps occur, and ties of two classes above all others. *)
Lemma gaps i (free : pred 'I_m) : exists h, forall k, k != i ->
  if free k then score h k < score h i else score h k == score h i.
Proof.
pose x (r : 'I_m + 'I_m) : 'cV[R]_l := match r with
  | inl k => w k - w i | inr k => if free k then 0 else w i - w k end.
pose c (r : 'I_m + 'I_m) : R := match r with
  | inl k => if k == i then 0 else if free k then bias i - bias k - 1 else bias i - bias k
  | inr k => if free k then 0 else bias k - bias i end.
have [[h [b0 solved]] | [y [y_ge0 none _ negative]]] := farkas_rules x (fun=> 0) c.
  exists h => k k_i; have := solved (inl k); have := solved (inr k).
  rewrite /x /c (negbTE k_i) !mul0r !addr0; case: (free k) => [_ | up down].
    rewrite /score /z -!/(w _) dotDl dotNl => down; rewrite -subr_lt0.
    apply: le_lt_trans (_ : -1 < 0); last by rewrite oppr_lt0 ltr01.
    rewrite -subr_le0; move: down; rewrite -subr_le0 => down.
    by congr (_ <= 0): down; field_identity R.
  rewrite /score /z -!/(w _) eq_le -[X in X && _]subr_le0 -[X in _ && X]subr_le0.
  move: up down; rewrite !dotDl !dotNl -subr_le0 => up; rewrite -subr_le0 => down.
  by apply/andP; split; [congr (_ <= 0): down | congr (_ <= 0): up]; field_identity R.
pose a k := y (inl k) - (if free k then 0 else y (inr k)).
have all0 : forall k, k != i -> a k = 0.
  apply: only_zero; rewrite -[RHS]none big_sumType -big_split; apply: eq_bigr => k _ /=.
  rewrite /a scalerBl; congr (_ + _); case: (free k); rewrite ?scale0r ?oppr0 ?scaler0 //.
  by rewrite -scalerN opprB.
move: negative; rewrite ltNge => /negP []; rewrite big_sumType -big_split; apply: sumr_ge0 => k _ /=.
have [-> | k_i] := eqVneq k i; first by rewrite mulr0 add0r subrr; case: (free i); rewrite mulr0.
have := all0 k k_i; rewrite /a; case: (free k) => [|/eqP].
  by rewrite subr0 => ->; rewrite mul0r mulr0 addr0.
rewrite subr_eq0 => /eqP ->; rewrite -mulrDr.
have -> : bias i - bias k + (bias k - bias i) = 0 by field_identity R.
by rewrite mulr0.
Qed.

Theorem def_2_independent :
  [/\ ~ parallel, forall i, has_interior i & forall i j, i != j -> share_facet W bias i j].
Proof.
have distinct i j : i != j -> w i - w j <> 0.
  move=> i_j /eqP; rewrite subr_eq0 => /eqP same.
  apply: (@apart i (fun q => (q == j)%:R)); rewrite ?(negbTE i_j) //.
    by rewrite (bigD1 j) //= eqxx big1 ?addr0 // => q /negbTE ->.
  rewrite (bigD1 j) //= eqxx scale1r big1 ?addr0 // => q /negbTE ->; exact: scale0r.
split=> [[i [j [k [t [c [ij kt not_same not_turned line]]]]]] | i | i j i_j].
- have i_j : j != i by apply: contra_notN ij => /eqP ->; rewrite subrr.
  pose a (q : 'I_m) : R := - (q == j)%:R - c * (q == k)%:R + c * (q == t)%:R.
  have pick (V : lmodType R) (F : 'I_m -> V) q0 : \sum_q (q == q0)%:R *: F q = F q0.
    rewrite (bigD1 q0) //= eqxx scale1r big1 ?addr0 // => q /negbTE ->; exact: scale0r.
  have none : \sum_q a q *: (w q - w i) = 0.
    rewrite (eq_bigr (fun q => - ((q == j)%:R *: (w q - w i)) - c *: ((q == k)%:R *: (w q - w i)) +
        c *: ((q == t)%:R *: (w q - w i)))) => [|q _]; last by rewrite /a scalerDl scalerBl scaleNr !scalerA.
    rewrite big_split sumrB sumrN -!scaler_sumr !(pick _ (fun q => w q - w i)) /= opprB line.
    by apply/colP => q; rewrite !mxE; field_identity R.
  have zero := only_zero none; have := zero j i_j; rewrite /a eqxx.
  have [j_k | j_k] := eqVneq j k; have [j_t | j_t] := eqVneq j t.
  + by case: kt; rewrite -j_k -j_t subrr.
  + have := zero t; rewrite /a [t == j]eq_sym (negbTE j_t) eqxx -j_k [t == j]eq_sym (negbTE j_t).
    have [t_i | t_i] := eqVneq t i; first by case: not_turned; rewrite t_i j_k.
    rewrite oppr0 mulr0 subr0 add0r mulr1 => /(_ erefl) ->.
    by rewrite subr0 addr0 => /eqP; rewrite oppr_eq0 pnatr_eq0.
  + have := zero k; rewrite /a [k == j]eq_sym (negbTE j_k) eqxx -j_t [k == j]eq_sym (negbTE j_k).
    have [k_i | k_i] := eqVneq k i; first by case: not_same; rewrite k_i j_t.
    rewrite oppr0 mulr0 addr0 add0r mulr1 => /(_ erefl) /eqP; rewrite oppr_eq0 => /eqP ->.
    by rewrite subr0 addr0 => /eqP; rewrite oppr_eq0 pnatr_eq0.
  + by rewrite !mulr0 subr0 addr0 => /eqP; rewrite oppr_eq0 pnatr_eq0.
- have [p first_] := gaps i xpredT.
  have close k : exists r, 0 < r /\ forall h, near p r h -> score h k <= score h i.
    have [-> | k_i] := eqVneq k i; first by exists 1.
    have [r [r_gt0 less]] := z_near (first_ k k_i); exists r; split=> // h /less /ltW //.
  have [r r_is] := fin_all_exists close; have r_gt0 k : 0 < r k by have [] := r_is k.
  pose total := 1 + \sum_k (r k)^-1.
  have inverses k : 0 <= (r k)^-1 by rewrite invr_ge0 ltW.
  have total_gt0 : 0 < total by rewrite ltr_paddr ?ltr01 //; apply: sumr_ge0.
  exists p, total^-1; split=> [|h near_h k]; first by rewrite invr_gt0.
  have [_ less] := r_is k; apply: less => t; apply: lt_le_trans (near_h t) _.
  rewrite -[r k]invrK lef_pinv ?posrE ?invr_gt0 //.
  rewrite /total (bigD1 k) //= addrCA ler_addl addr_ge0 ?ler01 //; exact: sumr_ge0.
- have [p place] := gaps i (predC1 j).
  apply: (@adjacency R l m W bias i j p).
  + by have := place j; rewrite eq_sym => /(_ i_j) /=; rewrite eqxx => /eqP.
  + exact: distinct.
  + by move=> k k_i k_j; have := place k k_i; rewrite /= k_j.
Qed.
End Independent.
End Definition2.
