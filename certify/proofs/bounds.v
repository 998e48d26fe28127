(* Bounds of a network on a part of a box: the rules by which the checker computes them.

   Each input lies between two bounds. A halfspace says that z_p - z_q >= c, with the number 0 in
   place of a node that is not named; a part is the box with some of them.

   [at_least K a B] is derived where B <= K + sum a_j v_j for all runs v of the part. It leaves open
   who chose the slopes (e, h), the ties, the ellipsoid and the roundings: any will do. *)

From certify.proofs Require Import vectors networks ellipsoids.

Section Bounds.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variable N : nat.

Variables (network : 'I_N -> node R N) (lower upper : 'I_N -> R).

Definition in_box (x : 'I_N -> R) := forall j, network j = Input -> lower j <= x j <= upper j.

Definition halfspace : Type := option 'I_N * option 'I_N * R.

Definition entry (v : 'I_N -> R) (p : option 'I_N) := if p is Some j then v j else 0.

Definition holds (v : 'I_N -> R) (cut : halfspace) := cut.2 <= entry v cut.1.1 - entry v cut.1.2.

Definition part (cuts : seq halfspace) v :=
  [/\ run network v, in_box v & forall cut, cut \in cuts -> holds v cut].

(* The form that is one node, and that of one which may be the number 0. *)
Definition unit j : 'I_N -> R := fun i => (i == j)%:R.

Definition unit_of (p : option 'I_N) : 'I_N -> R := if p is Some j then unit j else fun=> 0.

Lemma sum_unit j (v : 'I_N -> R) : sum (unit j) v = v j.
Proof.
rewrite /sum (bigD1 j) //= /unit eqxx mul1r big1 ?addr0 // => i /negbTE ->.
by rewrite mul0r.
Qed.

Lemma sum_unit_of p v : sum (unit_of p) v = entry v p.
Proof. by case: p => [j|]; rewrite /= ?sum_unit // /sum big1 // => i _; rewrite mul0r. Qed.

Lemma sum_mix (a b v : 'I_N -> R) (c : R) :
  sum (fun i => a i + c * b i) v = sum a v + c * sum b v.
Proof.
by rewrite /sum mulr_sumr -big_split /=; apply: eq_bigr => i _; rewrite mulrDl mulrA.
Qed.

Lemma sum_none (v : 'I_N -> R) : sum (fun=> 0) v = 0.
Proof. by rewrite /sum big1 // => i _; rewrite mul0r. Qed.

Lemma sum_negative j (v : 'I_N -> R) : sum (fun i => -1 * unit j i) v = - v j.
Proof.
have := sum_mix (fun=> 0) (unit j) v (-1); rewrite sum_none sum_unit add0r mulN1r => <-.
by apply: eq_bigr => i _; rewrite add0r.
Qed.

Lemma sum_spread (list : seq 'I_N) (e : 'I_N -> R) v :
  sum (fun i => \sum_(k <- list) e k * unit k i) v = \sum_(k <- list) e k * v k.
Proof.
transitivity (\sum_i \sum_(k <- list) e k * (unit k i * v i)).
  by apply: eq_bigr => i _; rewrite mulr_suml; apply: eq_bigr => k _; rewrite mulrA.
by rewrite exchange_big /=; apply: eq_bigr => k _; rewrite -mulr_sumr -/(sum _ _) sum_unit.
Qed.

Lemma sum_family n (e : 'I_n -> R) (k : 'I_n -> 'I_N) v :
  sum (fun x => \sum_i e i * unit (k i) x) v = \sum_i e i * v (k i).
Proof.
transitivity (\sum_x \sum_i e i * (unit (k i) x * v x)).
  by apply: eq_bigr => x _; rewrite mulr_suml; apply: eq_bigr => i _; rewrite mulrA.
by rewrite exchange_big /=; apply: eq_bigr => i _; rewrite -mulr_sumr -/(sum _ _) sum_unit.
Qed.

(* An ellipsoid around what nodes k i read of the inputs, as far as the box lets them go from its
   center: the squares of z_i - c_i over the spreads s_i add up to r at most. *)
Definition is_input j := if network j is Input then true else false.

Definition middle j := (lower j + upper j) / 2%:R.

Definition half_width j := if is_input j then (upper j - lower j) / 2%:R else 0.

Definition ellipsoid n (k : 'I_n -> 'I_N) (s c : 'I_n -> R) (r : R) :=
  exists (W : 'I_n -> 'I_N -> R) (offset : 'I_n -> R) (w : 'I_N -> R),
  [/\ forall i, network (k i) = Affine (W i) (offset i) /\ c i = sum (W i) middle + offset i,
      forall i j, ~~ is_input j -> W i j = 0,
      (forall i, 0 < s i) /\ forall j, 0 < w j,
      eliminates (gap W s w) & \sum_j half_width j * half_width j / w j <= r].

Lemma near_middle (a b x : R) : a <= x -> x <= b ->
  - ((b - a) / 2%:R) <= x - (a + b) / 2%:R <= (b - a) / 2%:R.
Proof.
have := splitr (b - a); have := splitr (a + b); move: (_ / _) (_ / _) => h m m_is h_is low high.
have left_of : (x - m - - h) + (x - m - - h) = (x - a) + (x - a).
  transitivity (x + x - (m + m) + (h + h)); first by field_identity R.
  by rewrite -m_is -h_is; field_identity R.
have right_of : (h - (x - m)) + (h - (x - m)) = (b - x) + (b - x).
  transitivity (h + h + (m + m) - (x + x)); first by field_identity R.
  by rewrite -m_is -h_is; field_identity R.
by apply/andP; split; rewrite -subr_ge0; apply: half_of;
  rewrite ?left_of ?right_of addr_ge0 ?subr_ge0.
Qed.

Lemma in_ellipsoid n (k : 'I_n -> 'I_N) s c r v : ellipsoid k s c r -> run network v -> in_box v ->
  \sum_i (v (k i) - c i) * (v (k i) - c i) / s i <= r.
Proof.
move=> [W [offset [w [affine inputs [s_gt0 w_gt0] positive small]]]] is_run boxed.
apply: le_trans small; pose y j := if is_input j then v j - middle j else 0.
have away i : v (k i) - c i = \sum_j W i j * y j.
  have [k_is ->] := affine i; have := is_run (k i); rewrite /computes k_is => ->.
  rewrite (_ : _ - _ = sum (W i) v - sum (W i) middle); last by field_identity R.
  rewrite /sum -sumrB; apply: eq_bigr => j _; rewrite -mulrBr /y.
  by case: ifP => // /negbT /inputs ->; rewrite !mul0r.
rewrite (eq_bigr (fun i => (\sum_j W i j * y j) * (\sum_j W i j * y j) / s i)).
  apply: enclosed positive s_gt0 w_gt0 _ => j; rewrite /y /half_width /middle.
  case is_in: (is_input j); last by rewrite oppr0 lexx.
  have /boxed /andP [low high] : network j = Input by move: is_in; rewrite /is_input; case: network.
  exact: near_middle.
by move=> i _; rewrite away.
Qed.

Section Part.
Variable cuts : seq halfspace.

Inductive at_least : R -> ('I_N -> R) -> R -> Prop :=
  (* nothing but a constant is left *)
  | Constant K : at_least K (fun=> 0) K
  (* a bound is rounded down *)
  | Weaker K a B B' : at_least K a B -> B' <= B -> at_least K a B'
  (* the same form, and the sum of two *)
  | Same K a a' B : a =1 a' -> at_least K a B -> at_least K a' B
  | Sum K a B K' a' B' c : 0 <= c -> at_least K a B -> at_least K' a' B' ->
      at_least (K + c * K') (fun i => a i + c * a' i) (B + c * B')
  (* the box *)
  | Lowest j : network j = Input -> at_least 0 (unit j) (lower j)
  | Highest j : network j = Input -> at_least 0 (fun i => -1 * unit j i) (- upper j)
  (* an affine node is replaced by what it reads *)
  | Replace j w offset c K a B : network j = Affine w offset ->
      at_least (K + c * offset) (fun i => a i + c * w i) B ->
      at_least K (fun i => a i + c * unit j i) B
  (* a maximum with c >= 0: slopes e_k >= 0 with the sum c *)
  | Larger j list c (e : 'I_N -> R) K a B : network j = Maximum list ->
      (forall k, k \in list -> 0 <= e k) -> \sum_(k <- list) e k = c ->
      at_least K (fun i => a i + 1 * \sum_(k <- list) e k * unit k i) B ->
      at_least K (fun i => a i + c * unit j i) B
  (* a maximum with -n <= 0: one entry p gets -h, where no other one exceeds U *)
  | Smaller j list p n h l u U K a B : network j = Maximum list -> p \in list ->
      0 <= h -> h <= n ->
      at_least 0 (unit p) l -> at_least 0 (fun i => -1 * unit p i) (- u) ->
      (forall k, k \in list -> k != p -> at_least 0 (fun i => -1 * unit k i) (- U)) ->
      h * (u - l) <= n * (u - U) ->
      at_least (K - (n - h) * u) (fun i => a i + - h * unit p i) B ->
      at_least K (fun i => a i + - n * unit j i) B
  (* more generally, any slopes e_k: D is at least the largest value of n z_i - sum e_k z_k *)
  | Any j list n (e l u : 'I_N -> R) D K a B : network j = Maximum list -> uniq list ->
      (forall k, k \in list -> at_least 0 (unit k) (l k)) ->
      (forall k, k \in list -> at_least 0 (fun i => -1 * unit k i) (- u k)) ->
      (forall i, i \in list ->
        \sum_(k <- list) Num.max ((n * unit i k - e k) * l k) ((n * unit i k - e k) * u k) <= D) ->
      at_least (K - D) (fun i => a i + -1 * \sum_(k <- list) e k * unit k i) B ->
      at_least K (fun i => a i + - n * unit j i) B
  (* relus j i of nodes k i in an ellipsoid: D i is at most each value of their curve *)
  | Curve n (j k o : 'I_n -> 'I_N) (s c l u a e D : 'I_n -> R) r q K f B :
      (forall i, network (j i) = Maximum [:: k i; o i] /\ network (o i) = Affine (fun=> 0) 0) ->
      ellipsoid k s c r -> 0 <= q ->
      (forall i, at_least 0 (unit (k i)) (l i)) ->
      (forall i, at_least 0 (fun x => -1 * unit (k i) x) (- u i)) ->
      (forall i z, l i <= z -> z <= u i ->
        D i <= a i * Num.max z 0 + q * ((z - c i) * (z - c i) / s i) - e i * z) ->
      at_least (K + \sum_i D i - q * r) (fun x => f x + 1 * \sum_i e i * unit (k i) x) B ->
      at_least K (fun x => f x + 1 * \sum_i a i * unit (j i) x) B
  (* a tie b >= 0 with a halfspace of the path *)
  | Tie p q c b K a B : (p, q, c) \in cuts -> 0 <= b ->
      at_least (K + b * c) (fun i => a i + - b * (unit_of p i - unit_of q i)) B ->
      at_least K a B.

Theorem sound K a B : at_least K a B -> forall v, part cuts v -> B <= K + sum a v.
Proof.
move=> derived v [is_run boxed cut_holds].
elim: derived => {K a B} [K|K a B B' _ IH small|K a a' B same _ IH
    |K a B K' a' B' c c_ge0 _ IH _ IH'|j j_is|j j_is
    |j w offset c K a B j_is _ IH|j list c e K a B j_is e_ge0 total _ IH
    |j list p n h l u U K a B j_is p_in h_ge0 h_le _ IHl _ IHu _ IHU slope _ IH
    |j list n e l u D K a B j_is distinct _ IHl _ IHu largest _ IH
    |n j k o s c l u a e D r q K f B j_is holds_all q_ge0 _ IHl _ IHu least _ IH
    |p q c b K a B cut_in b_ge0 _ IH].
- by rewrite sum_none addr0.
- exact: le_trans small IH.
- by rewrite (_ : sum a' v = sum a v) //; apply: eq_bigr => i _; rewrite same.
- rewrite sum_mix (_ : _ + (_ + _) = (K + sum a v) + c * (K' + sum a' v)); last by field_identity R.
  by rewrite ler_add // ler_wpmul2l.
- by have /andP [] := boxed j j_is; rewrite sum_unit add0r.
- by have /andP [] := boxed j j_is; rewrite sum_negative add0r ler_opp2.
- have := is_run j; rewrite /computes j_is => j_value.
  move: IH; rewrite !sum_mix sum_unit j_value mulrDr.
  by congr (_ <= _); field_identity R.
- have := is_run j; rewrite /computes j_is => -[_ largest].
  move: IH; rewrite !sum_mix sum_unit sum_spread mul1r => IH; apply: le_trans IH _.
  rewrite ler_add2l ler_add2l -total mulr_suml big_seq [X in _ <= X]big_seq.
  by apply: ler_sum => k k_in; rewrite ler_wpmul2l ?e_ge0 ?largest.
- have := is_run j; rewrite /computes j_is => -[[m m_in j_value] _].
  move: IH IHl IHu; rewrite !sum_mix !sum_unit sum_negative j_value !add0r ler_opp2.
  move=> IH above_l below_u; apply: le_trans IH _.
  suff : n * v m <= h * v p + (n - h) * u.
    rewrite -subr_ge0 => gap; rewrite -subr_ge0; congr (0 <= _): gap; field_identity R.
  have [->|other] := eqVneq m p.
    have -> : n * v p = h * v p + (n - h) * v p by field_identity R.
    by rewrite ler_add2l ler_wpmul2l // subr_ge0.
  have below_U : v m <= U.
    by have := IHU m m_in other; rewrite sum_negative add0r ler_opp2.
  have n_ge0 := le_trans h_ge0 h_le.
  apply: le_trans (_ : n * v m <= n * U) _; first by rewrite ler_wpmul2l.
  apply: le_trans (_ : n * U <= n * u - h * (u - l)) _.
    by rewrite -subr_ge0; move: slope; rewrite -subr_ge0; congr (0 <= _); field_identity R.
  have := ler_wpmul2l h_ge0 above_l.
  rewrite -subr_ge0 => gap; rewrite -subr_ge0; congr (0 <= _): gap; field_identity R.
- have := is_run j; rewrite /computes j_is => -[[m m_in j_value] _].
  move: IH; rewrite !sum_mix sum_unit sum_spread j_value => IH; apply: le_trans IH _.
  suff : n * v m - \sum_(k <- list) e k * v k <= D.
    rewrite -subr_ge0 => gap; rewrite -subr_ge0; congr (0 <= _): gap; field_identity R.
  apply: le_trans (largest m m_in).
  have -> : n * v m = \sum_(k <- list) n * unit m k * v k.
    rewrite (bigD1_seq m) //= /unit eqxx mulr1 big1 ?addr0 // => k /negbTE ->.
    by rewrite mulr0 mul0r.
  rewrite -sumrB big_seq [X in _ <= X]big_seq; apply: ler_sum => k k_in.
  have above_l : l k <= v k by have := IHl k k_in; rewrite sum_unit add0r.
  have below_u : v k <= u k by have := IHu k k_in; rewrite sum_negative add0r ler_opp2.
  rewrite -mulrBl le_maxr; set s := n * unit m k - e k; apply/orP.
  by have [s_ge0 | /ltW s_le0] := leP 0 s; [right; rewrite ler_wpmul2l | left; rewrite ler_wnmul2l].
- have inside := in_ellipsoid holds_all is_run boxed.
  have relu i : v (j i) = Num.max (v (k i)) 0.
    have [j_i o_i] := j_is i; have := is_run (j i).
    rewrite /computes j_i => -[[m m_in m_is] largest].
    have o_value : v (o i) = 0.
      by have := is_run (o i); rewrite /computes o_i => ->; rewrite sum_none addr0.
    apply/le_anti/andP; split; last first.
      by rewrite le_maxl -o_value !largest ?inE ?eqxx ?orbT.
    rewrite m_is le_maxr; move: m_in; rewrite !inE => /orP [] /eqP ->.
      by rewrite lexx.
    by rewrite o_value lexx orbT.
  move: IH; rewrite !sum_mix !sum_family !mul1r => IH; apply: le_trans IH _.
  have each : \sum_i D i <= \sum_i a i * v (j i) +
      q * (\sum_i (v (k i) - c i) * (v (k i) - c i) / s i) - \sum_i e i * v (k i).
    rewrite mulr_sumr -big_split -sumrB; apply: ler_sum => i _ /=; rewrite relu; apply: least.
      by have := IHl i; rewrite sum_unit add0r.
    by have := IHu i; rewrite sum_negative add0r ler_opp2.
  have := ler_add each (ler_wpmul2l q_ge0 inside).
  rewrite -subr_ge0 => gap_ge0; rewrite -subr_ge0; congr (0 <= _): gap_ge0; field_identity R.
- have := cut_holds _ cut_in; rewrite /holds /= => cut; apply: le_trans IH _.
  rewrite sum_mix (_ : sum (fun i => unit_of p i - unit_of q i) v = entry v p - entry v q).
    have := ler_wpmul2l b_ge0 cut.
    rewrite -subr_ge0 => gap; rewrite -subr_ge0; congr (0 <= _): gap; field_identity R.
  rewrite -!sum_unit_of /sum -sumrB; apply: eq_bigr => i _; exact: mulrBl.
Qed.
End Part.
End Bounds.
