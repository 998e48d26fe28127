(* The kind no-counterexample: where the rules of certify/proofs/bounds.v give each leaf of a tree a
   bound that is positive, no point of the box has the property: both sides of a split are parts, so
   that all leaves cover the box. Whatever the checker computes, it derives by these rules; slopes,
   ties, weights, splits and roundings may be any. And each input of the box has a run, if nodes read
   earlier ones only. *)

From certify.proofs Require Import vectors bounds.

Section NoCounterexample.
Variables (R : realFieldType) (N m k : nat) (nodes : 'I_N -> node R N).
Variable outputs : 'I_m -> 'I_N.
Variables (matrix : 'M[R]_(k, m)) (right_side : 'cV[R]_k).

Definition has_property (v : 'I_N -> R) :=
  forall r, \sum_o matrix r o * v (outputs o) <= right_side r 0.

(* The objective of a leaf: its weights times the rows. *)
Definition objective (weights : 'I_k -> R) : 'I_N -> R :=
  fun i => \sum_o (\sum_r weights r * matrix r o) * unit R (outputs o) i.

Inductive tree : seq (halfspace R N) -> Prop :=
  | Leaf path weights B : (forall r, 0 <= weights r) ->
      at_least nodes path (- \sum_r weights r * right_side r 0) (objective weights) B -> 0 < B ->
      tree path
  | Empty path B : at_least nodes path 0 (fun=> 0) B -> 0 < B -> tree path
  | Split path p q t : tree ((q, p, - t) :: path) -> tree ((p, q, t) :: path) -> tree path.

Lemma covered path : tree path -> forall v, part nodes path v -> ~ has_property v.
Proof.
elim=> {path} [path weights B w_ge0 bound positive|path B bound positive
    |path p q t _ below_ _ above] v here.
- have := sound bound here; rewrite leNgt => /negP less has; apply: less.
  apply: le_lt_trans positive; rewrite addrC subr_le0.
  have -> : sum (objective weights) v = \sum_r weights r * \sum_o matrix r o * v (outputs o).
    rewrite /sum /objective.
    transitivity (\sum_o \sum_i (\sum_r weights r * matrix r o) * unit R (outputs o) i * v i).
      by rewrite exchange_big /=; apply: eq_bigr => i _; rewrite mulr_suml.
    rewrite (eq_bigr (fun o => \sum_r weights r * (matrix r o * v (outputs o)))).
      by rewrite exchange_big /=; apply: eq_bigr => r _; rewrite mulr_sumr.
    move=> o _; transitivity ((\sum_r weights r * matrix r o) * sum (unit R (outputs o)) v).
      by rewrite /sum mulr_sumr; apply: eq_bigr => i _; rewrite mulrA.
    by rewrite sum_unit mulr_suml; apply: eq_bigr => r _; rewrite mulrA.
  by apply: ler_sum => r _; rewrite ler_wpmul2l.
- have := sound bound here; rewrite sum_none addr0 leNgt positive //.
- have [v_run cuts] := here.
  have [t_le | t_gt] := leP t (entry v p - entry v q).
    by apply: above; split=> // cut; rewrite inE => /predU1P [->|/cuts].
  apply: below_; split=> // cut; rewrite inE => /predU1P [->|/cuts] //.
  by rewrite /holds /= ler_oppl opprB ltW.
Qed.

Theorem no_counterexample : tree [::] -> forall v, run nodes v -> ~ has_property v.
Proof. by move=> proof v v_run; apply: (covered proof). Qed.

(* Nodes read earlier ones, and at least one, where the largest is asked for. *)
Definition acyclic := forall j, match nodes j with
  | Input lower upper => True
  | Affine w offset => forall i : 'I_N, w i <> 0 -> (i < j)%N
  | Maximum list => list <> [::] /\ forall i : 'I_N, i \in list -> (i < j)%N
  end.

Definition in_box (x : 'I_N -> R) := forall j,
  if nodes j is Input lower upper then lower <= x j /\ x j <= upper else True.

Theorem no_counterexample_runs x : acyclic -> in_box x ->
  exists v, run nodes v /\ forall j, if nodes j is Input _ _ then v j = x j else True.
Proof.
move=> earlier box.
suff step n : exists v, forall j : 'I_N, (j < n)%N ->
    computes nodes v j /\ if nodes j is Input _ _ then v j = x j else True.
  by have [v all] := step N; exists v; split=> j; have [] := all j (ltn_ord j).
elim: n => [|n [v before]]; first by exists x.
have [n_N | N_n] := ltnP n N; last first.
  by exists v => j _; apply: before; apply: leq_trans (ltn_ord j) N_n.
pose here := Ordinal n_N.
have [value value_is] : exists value, forall v',
    (forall i : 'I_N, (i < n)%N -> v' i = v i) -> v' here = value ->
    computes nodes v' here /\ if nodes here is Input _ _ then v' here = x here else True.
  rewrite /computes; have := earlier here; have := box here.
  case: (nodes here) => [lower upper|w offset|list] bounds reads.
  - by exists (x here) => v' _ ->.
  - exists (sum w v + offset) => v' same ->; split=> //; congr (_ + _).
    apply: eq_bigr => i _; have [-> | /eqP /reads /same ->] := eqVneq (w i) 0 => //.
    by rewrite !mul0r.
  - have [some below_] := reads; case: list some reads below_ => // i0 rest _ _ below_.
    have i0_in : i0 \in i0 :: rest by rewrite inE eqxx.
    case: (@Order.TotalTheory.arg_maxP _ _ _ i0 (fun i => i \in i0 :: rest) v i0_in) => i i_in i_max.
    exists (v i) => v' same ->; split=> //; split.
      by exists i => //; rewrite same // below_.
    by move=> k' k_in; rewrite same ?below_ //; apply: i_max.
pose v' i := if i == here then value else v i.
have old (i : 'I_N) : (i < n)%N -> v' i = v i.
  by rewrite /v'; case: eqP => [->|] //=; rewrite ltnn.
exists v' => j; rewrite ltnS leq_eqVlt => /predU1P [j_n | j_lt].
  have -> : j = here by apply: val_inj.
  by apply: value_is => //; rewrite /v' eqxx.
have [] := before j j_lt; rewrite /computes; have := earlier j.
case: (nodes j) => [lower upper|w offset|list] reads.
- by rewrite old.
- rewrite old // => -> _; split=> //; congr (_ + _); apply: eq_bigr => i _.
  have [-> | /eqP /reads i_j] := eqVneq (w i) 0; first by rewrite !mul0r.
  by rewrite old // (ltn_trans i_j).
- have [_ below_] := reads; rewrite old // => -[[i i_in i_is] largest] _; split=> //; split.
    by exists i => //; rewrite old // (ltn_trans (below_ i i_in)).
  by move=> k' k_in; rewrite old ?largest // (ltn_trans (below_ k' k_in)).
Qed.
End NoCounterexample.
