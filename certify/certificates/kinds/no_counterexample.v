(* The kind no-counterexample: where the rules of certify/proofs/bounds.v give each leaf of a tree a
   bound that is positive, no point of the box has the property: both sides of a split are parts, so
   that all leaves cover the box. What the checker computes, it derives by these rules; slopes, ties,
   weights, splits, ellipsoids, curves and roundings may be any. And each input of the box has a run,
   if nodes read earlier ones only. *)

From certify.proofs Require Import vectors networks bounds.

Section NoCounterexample.
Variables (R : realFieldType) (N m k : nat) (nodes : 'I_N -> node R N).
Variables lower upper : 'I_N -> R.
Variable outputs : 'I_m -> 'I_N.
Variables (matrix : 'M[R]_(k, m)) (right_side : 'cV[R]_k).

Definition has_property (v : 'I_N -> R) :=
  forall r, \sum_o matrix r o * v (outputs o) <= right_side r 0.

(* The objective of a leaf: its weights times the rows. *)
Definition objective (weights : 'I_k -> R) : 'I_N -> R :=
  fun i => \sum_o (\sum_r weights r * matrix r o) * unit R (outputs o) i.

Inductive tree : seq (halfspace R N) -> Prop :=
  | Leaf path weights B : (forall r, 0 <= weights r) ->
      at_least nodes lower upper path (- \sum_r weights r * right_side r 0) (objective weights) B -> 0 < B ->
      tree path
  | Empty path B : at_least nodes lower upper path 0 (fun=> 0) B -> 0 < B -> tree path
  | Split path p q t : tree ((q, p, - t) :: path) -> tree ((p, q, t) :: path) -> tree path.

Lemma covered path : tree path -> forall v, part nodes lower upper path v -> ~ has_property v.
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
- have [v_run boxed cuts] := here.
  have [t_le | t_gt] := leP t (entry v p - entry v q).
    by apply: above; split=> // cut; rewrite inE => /predU1P [->|/cuts].
  apply: below_; split=> // cut; rewrite inE => /predU1P [->|/cuts] //.
  by rewrite /holds /= ler_oppl opprB ltW.
Qed.

Theorem no_counterexample : tree [::] ->
  forall x, in_box nodes lower upper x ->
  forall v, run nodes v -> from nodes x v -> ~ has_property v.
Proof.
move=> proof x boxed v v_run v_from; apply: (covered proof); split=> // j j_is.
by rewrite v_from ?boxed.
Qed.

Theorem no_counterexample_runs x : acyclic nodes ->
  exists v, [/\ run nodes v, from nodes x v &
    forall v', run nodes v' -> from nodes x v' -> v =1 v'].
Proof.
move=> earlier; have [v [v_run v_from]] := runs_exist earlier x; exists v; split=> // v'.
exact: runs_unique v_run v_from.
Qed.
End NoCounterexample.
