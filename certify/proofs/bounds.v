(* Bounds of a network on a part of a box: the rules by which the checker computes them, but for
   those that rest on an ellipsoid.

   Each input lies between two bounds. A halfspace says that z_p - z_q >= c, with the number 0 in
   place of a node that is not named; a part is the box with some of them.

   [at_least K a B] is derived where B <= K + sum a_j v_j for all runs v of the part. It leaves open
   who chose the slopes (e, h), the ties and the roundings: any will do. *)

From certify.proofs Require Import vectors networks.

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
- have := cut_holds _ cut_in; rewrite /holds /= => cut; apply: le_trans IH _.
  rewrite sum_mix (_ : sum (fun i => unit_of p i - unit_of q i) v = entry v p - entry v q).
    have := ler_wpmul2l b_ge0 cut.
    rewrite -subr_ge0 => gap; rewrite -subr_ge0; congr (0 <= _): gap; field_identity R.
  rewrite -!sum_unit_of /sum -sumrB; apply: eq_bigr => i _; exact: mulrBl.
Qed.
End Part.
End Bounds.
