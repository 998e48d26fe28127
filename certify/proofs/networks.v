(* Networks, number by number. Each number that a network computes is a node: an input, an affine
   form of others, or the largest of some others. A relu is the largest of another node and of the
   number 0, which is an affine form of no others; rows of dense nodes, places of convolutions, sums,
   scales, selections and concatenations are affine forms. *)

From certify.proofs Require Import vectors.

Section Networks.
Variables (R : realFieldType) (N : nat).

Inductive node :=
  | Input
  | Affine of ('I_N -> R) & R
  | Maximum of seq 'I_N.

Variable network : 'I_N -> node.

Definition sum (a v : 'I_N -> R) := \sum_j a j * v j.

Definition computes (v : 'I_N -> R) j :=
  match network j with
  | Input => True
  | Affine w offset => v j = sum w v + offset
  | Maximum list => (exists2 i, i \in list & v j = v i) /\ forall i, i \in list -> v i <= v j
  end.

(* The values of all nodes, and those for the input x. *)
Definition run v := forall j, computes v j.

Definition from (x v : 'I_N -> R) := forall j, network j = Input -> v j = x j.

(* Nodes read earlier ones, and at least one where the largest is asked for. *)
Definition acyclic := forall j, match network j with
  | Input => True
  | Affine w offset => forall i : 'I_N, w i <> 0 -> (i < j)%N
  | Maximum list => list <> [::] /\ forall i : 'I_N, i \in list -> (i < j)%N
  end.

Hypothesis earlier : acyclic.

Lemma sum_earlier w offset j (v v' : 'I_N -> R) : network j = Affine w offset ->
  (forall i : 'I_N, (i < j)%N -> v i = v' i) -> sum w v = sum w v'.
Proof.
move=> j_is same; apply: eq_bigr => i _; have := earlier j; rewrite j_is => reads.
by have [-> | /eqP /reads /same ->] := eqVneq (w i) 0 => //; rewrite !mul0r.
Qed.

Lemma runs_exist x : exists v, run v /\ from x v.
Proof.
suff step n : exists v, forall j : 'I_N, (j < n)%N ->
    computes v j /\ (network j = Input -> v j = x j).
  by have [v all] := step N; exists v; split=> j; have [] := all j (ltn_ord j).
elim: n => [|n [v before]]; first by exists x.
have [n_N | N_n] := ltnP n N; last first.
  by exists v => j _; apply: before; apply: leq_trans (ltn_ord j) N_n.
pose here := Ordinal n_N.
have [value value_is] : exists value, forall v',
    (forall i : 'I_N, (i < n)%N -> v' i = v i) -> v' here = value ->
    computes v' here /\ (network here = Input -> v' here = x here).
  rewrite /computes; have := earlier here; have := @sum_earlier _ _ here.
  case: (network here) => [|w offset|list] sums reads.
  - by exists (x here) => v' _ ->.
  - by exists (sum w v + offset) => v' same ->; split=> //; rewrite (sums w offset v' v).
  - have [some below_] := reads; case: list some reads below_ sums => // i0 rest _ _ below_ _.
    have i0_in : i0 \in i0 :: rest by rewrite inE eqxx.
    case: (@Order.TotalTheory.arg_maxP _ _ _ i0 (fun i => i \in i0 :: rest) v i0_in).
    move=> i i_in i_max; exists (v i) => v' same ->; split=> //; split.
      by exists i => //; rewrite same // below_.
    by move=> k k_in; rewrite same ?below_ //; apply: i_max.
pose v' i := if i == here then value else v i.
have old (i : 'I_N) : (i < n)%N -> v' i = v i.
  by rewrite /v'; case: eqP => [->|] //=; rewrite ltnn.
exists v' => j; rewrite ltnS leq_eqVlt => /predU1P [j_n | j_lt].
  have -> : j = here by apply: val_inj.
  by apply: value_is => //; rewrite /v' eqxx.
have [] := before j j_lt; rewrite /computes; have := earlier j; have := @sum_earlier _ _ j.
case: (network j) => [|w offset|list] sums reads; rewrite old //.
- move=> -> _; split=> //; congr (_ + _); apply: (sums w offset) => // i i_j.
  by rewrite old // (ltn_trans i_j).
- have [_ below_] := reads => -[[i i_in i_is] largest] _; split=> //; split.
    by exists i => //; rewrite old // (ltn_trans (below_ i i_in)).
  by move=> k k_in; rewrite old ?largest // (ltn_trans (below_ k k_in)).
Qed.

Lemma runs_unique x v v' : run v -> from x v -> run v' -> from x v' -> v =1 v'.
Proof.
move=> v_run v_from v'_run v'_from j; have [n] := ubnP (val j).
elim: n j => // n IHn j; rewrite ltnS => j_n.
have before (i : 'I_N) : (i < j)%N -> v i = v' i.
  by move=> i_j; apply: IHn; apply: leq_trans i_j j_n.
have := v_run j; have := v'_run j; have := earlier j; rewrite /computes.
case j_is: (network j) => [|w offset|list].
- by move=> _ _ _; rewrite v_from ?v'_from.
- by move=> _ -> ->; rewrite (sum_earlier j_is before).
- move=> [_ reads] [[i' i'_in v'_is] largest'] [[i i_in v_is] largest].
  apply/le_anti/andP; split; first by rewrite v_is before ?reads ?largest'.
  by rewrite v'_is -before ?reads ?largest.
Qed.
End Networks.

Arguments Input {R N}.
Arguments Affine {R N}.
Arguments Maximum {R N}.
