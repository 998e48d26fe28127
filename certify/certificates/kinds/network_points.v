(* The kind network-points: what is not plain evaluation in its facts, for all networks. Each input
   has one run, whose values are computed. A segment from x to y: between two consecutive steps each
   maximum has an entry that is the largest at both, so that the network is affine there. Outputs
   that differ by one constant have the same softmax. *)

From certify.proofs Require Import vectors networks softmax.

Section NetworkPoints.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (N : nat) (nodes : 'I_N -> node R N) (outputs : pred 'I_N) (label : 'I_N).
Hypothesis earlier : acyclic nodes.

Definition between (c : R) (x y : 'I_N -> R) : 'I_N -> R := fun j => x j + c * (y j - x j).

Definition same_pieces (v v' : 'I_N -> R) := forall j list, nodes j = Maximum list ->
  exists2 i, i \in list & forall k, k \in list -> v k <= v i /\ v' k <= v' i.

(* Mixtures of values keep an order that they have at both ends, and a strict one before the end. *)
Lemma mix_le c (a b a' b' : R) : 0 <= c -> c <= 1 -> a <= b -> a' <= b' ->
  a + c * (a' - a) <= b + c * (b' - b).
Proof.
move=> c_ge0 c_le1 le le'; rewrite -subr_ge0.
have -> : b + c * (b' - b) - (a + c * (a' - a)) = (1 - c) * (b - a) + c * (b' - a').
  by field_identity R.
by rewrite addr_ge0 ?mulr_ge0 ?subr_ge0.
Qed.

Lemma mix_lt c (a b a' b' : R) : 0 <= c -> c <= 1 -> a < b -> a' <= b' -> c < 1 \/ a' < b' ->
  a + c * (a' - a) < b + c * (b' - b).
Proof.
move=> c_ge0 c_le1 lt le' strict; rewrite -subr_gt0.
have -> : b + c * (b' - b) - (a + c * (a' - a)) = (1 - c) * (b - a) + c * (b' - a').
  by field_identity R.
have [c1 | c_not1] := eqVneq c 1.
  case: strict => [|lt']; first by rewrite c1 ltxx.
  by rewrite c1 subrr mul0r add0r mul1r subr_gt0.
by rewrite ltr_spaddl ?mulr_ge0 ?subr_ge0 // mulr_gt0 ?subr_gt0 // lt_neqAle c_not1.
Qed.

Lemma affine_between v v' c : run nodes v -> run nodes v' -> same_pieces v v' ->
  0 <= c -> c <= 1 -> run nodes (between c v v').
Proof.
move=> v_run v'_run pieces c_ge0 c_le1 j; have := v_run j; have := v'_run j; have := pieces j.
rewrite /computes /between; case: (nodes j) => [|w offset|list] // same.
- move=> -> ->; rewrite -[RHS]/(sum w _ + offset).
  have -> : sum w (fun i => v i + c * (v' i - v i)) = sum w v + c * (sum w v' - sum w v).
    rewrite /sum -sumrB mulr_sumr -big_split; apply: eq_bigr => i _ /=; field_identity R.
  by field_identity R.
- have [i i_in i_max] := same list erefl.
  move=> [[m' m'_in v'_is] largest'] [[m m_in v_is] largest].
  have v_i : v j = v i by apply/le_anti; rewrite largest // {1}v_is; have [] := i_max m m_in => ->.
  have v'_i : v' j = v' i.
    by apply/le_anti; rewrite largest' // {1}v'_is; have [] := i_max m' m'_in => _ ->.
  by split=> [|k k_in]; [exists i; rewrite // v_i v'_i | apply: mix_le; rewrite ?largest ?largest'].
Qed.

Definition largest (v : 'I_N -> R) := forall o, outputs o -> o != label -> v o < v label.

Variables (x y : 'I_N -> R) (steps : nat -> R) (V : nat -> 'I_N -> R) (K : nat).

Definition segment :=
  [/\ steps 0%N = 0, steps K = 1, forall i, (i < K)%N -> steps i < steps i.+1,
      forall i, (i <= K)%N -> run nodes (V i) /\ from nodes (between (steps i) x y) (V i)
    & forall i, (i < K)%N -> same_pieces (V i) (V i.+1)].

(* A value between two steps is a mixture of those at both. *)
Lemma piece i t v : segment -> (i < K)%N -> steps i <= t -> t <= steps i.+1 ->
  run nodes v -> from nodes (between t x y) v ->
  let c := (t - steps i) / (steps i.+1 - steps i) in
  [/\ 0 <= c, c <= 1 & v =1 between c (V i) (V i.+1)].
Proof.
case=> _ _ increase runs pieces i_K t_ge t_le v_run v_from c.
have length_gt0 : 0 < steps i.+1 - steps i by rewrite subr_gt0 increase.
have c_ge0 : 0 <= c by rewrite divr_ge0 ?subr_ge0 // ltW // -subr_gt0.
have c_le1 : c <= 1 by rewrite ler_pdivr_mulr // mul1r ler_add2r.
have [V_run V_from] := runs i (ltnW i_K); have [V'_run V'_from] := runs i.+1 i_K.
split=> //; apply: (runs_unique earlier v_run v_from).
  by apply: affine_between => //; apply: pieces.
move=> j j_is; rewrite /between V_from // V'_from // /between.
have -> : t = steps i + c * (steps i.+1 - steps i) by rewrite divfK ?gt_eqF // addrC subrK.
by field_identity R.
Qed.

Lemma some_piece t n : (forall i, (i < n)%N -> steps i < steps i.+1) ->
  steps 0%N <= t -> t <= steps n -> (0 < n)%N ->
  exists i, [/\ (i < n)%N, steps i <= t & t <= steps i.+1].
Proof.
elim: n => // n IHn increase t_ge t_le _.
have [below_ | above] := leP t (steps n); last by exists n; rewrite ltnS leqnn ltW.
case: n IHn increase t_le below_ => [|n] IHn increase t_le below_.
  by exists 0%N; rewrite t_ge (le_trans below_) // ltW // increase.
have less i : (i < n.+1)%N -> steps i < steps i.+1.
  by move=> i_n; apply: increase; apply: ltnW.
have [i [i_n lo hi]] := IHn less t_ge below_ isT.
by exists i; split=> //; apply: ltnW.
Qed.

Theorem network_points : segment -> (0 < K)%N ->
  (forall i, (i <= K)%N -> largest (V i)) ->
  forall t, 0 <= t -> t <= 1 -> exists v,
    [/\ run nodes v, from nodes (between t x y) v & largest v].
Proof.
move=> is_segment K_gt0 at_steps t t_ge0 t_le1.
have [v [v_run v_from]] := runs_exist earlier (between t x y); exists v; split=> //.
have [start finish increase _ _] := is_segment.
have [||i [i_K lo hi]] := some_piece increase _ _ K_gt0 (t := t); rewrite ?start ?finish //.
have [c_ge0 c_le1 v_is] := piece is_segment i_K lo hi v_run v_from.
move: c_ge0 c_le1 v_is; set c := _ / _ => c_ge0 c_le1 v_is o o_out other.
have less := at_steps i (ltnW i_K) o o_out other.
have less' := at_steps i.+1 i_K o o_out other.
by rewrite !v_is; apply: mix_lt => //; [apply: ltW | right].
Qed.

(* With [changes]: s is the last step but one. *)
Theorem network_points_changes K' : segment -> K = K'.+1 -> (0 < K')%N ->
  (forall i, (i < K')%N -> largest (V i)) ->
  (forall o, outputs o -> V K' o <= V K' label) ->
  (exists o, [/\ outputs o, V K' o = V K' label & V K label < V K o]) ->
  forall t, 0 <= t -> t <= 1 -> exists v, [/\ run nodes v, from nodes (between t x y) v,
    t < steps K' -> largest v & steps K' < t -> exists o, outputs o /\ v label < v o].
Proof.
move=> is_segment K_is K'_gt0 at_steps at_s after t t_ge0 t_le1.
have [v [v_run v_from]] := runs_exist earlier (between t x y); exists v.
have [start finish increase _ _] := is_segment.
split=> // [t_s o o_out other | s_t].
  have [||||i [i_K' lo hi]] := @some_piece t K'; rewrite ?start ?(ltW t_s) //.
    by move=> i i_K'; apply: increase; rewrite K_is ltnS ltnW.
  have i_K : (i < K)%N by rewrite K_is ltnS ltnW.
  have [c_ge0 c_le1 v_is] := piece is_segment i_K lo hi v_run v_from.
  move: c_ge0 c_le1 v_is; set c := _ / _ => c_ge0 c_le1 v_is.
  have less := at_steps i i_K' o o_out other.
  rewrite !v_is; have [last_ | not_last] := eqVneq i.+1 K'.
    apply: mix_lt => //; first by rewrite last_ at_s.
    left; rewrite lt_neqAle c_le1 andbT; apply: contraTneq t_s => c1.
    have : t - steps i = steps i.+1 - steps i.
      by rewrite -[RHS]mul1r -c1 divfK // gt_eqF // subr_gt0 increase.
    by move/(addIr (- steps i)) => ->; rewrite last_ ltxx.
  have less' : V i.+1 o < V i.+1 label by apply: at_steps; rewrite // ltn_neqAle not_last.
  by apply: mix_lt => //; [apply: ltW | right].
have K'_K : (K' < K)%N by rewrite K_is.
have [||c_ge0 c_le1 v_is] := piece is_segment K'_K _ _ v_run v_from; first exact: ltW.
  by rewrite -K_is finish.
have [o [o_out same more]] := after; exists o; split=> //.
move: c_ge0 c_le1 v_is; set c := _ / _ => c_ge0 c_le1 v_is; rewrite !v_is /between same ltr_add2l.
rewrite ltr_pmul2l ?ltr_add2r -?K_is //.
by rewrite divr_gt0 ?subr_gt0 ?increase.
Qed.
End NetworkPoints.

(* The fact [same softmax]. *)
Theorem network_points_softmax (R : realFieldType) (E : R -> R) m (z z' : 'I_m.+1 -> R) c :
  exponential E -> (forall i, z' i - z i = c) -> softmax E z =1 softmax E z'.
Proof. by move=> E_is same; apply/(softmax_same E_is) => i; rewrite !same. Qed.
