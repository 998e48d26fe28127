(* Convex sets that are open or closed, in the sense of the largest coordinate. No point of a
   convex set is asked to be attained, so that all of it holds over any ordered field. *)

From certify.proofs Require Import vectors labelled_sets.

Section ConvexSets.
Variable R : realFieldType.
Add Field field_of_R : (fractions R).
Variables (d : nat) (A : 'cV[R]_d -> Prop).

Definition near (x : 'cV[R]_d) (r : R) (z : 'cV[R]_d) := forall j, `|z j 0 - x j 0| < r.

Definition open_set (B : 'cV[R]_d -> Prop) :=
  forall x, B x -> exists r, 0 < r /\ forall z, near x r z -> B z.

Definition closed_set := open_set (fun x => ~ A x).

Definition convex_set := forall x z c, 0 <= c -> c <= 1 -> A x -> A z -> A (x + c *: (z - x)).

Lemma mixed (t T S z : R) : T != 0 -> t + T != 0 ->
  (t + T)^-1 * (t * z + S) = T^-1 * S + t / (t + T) * (z - T^-1 * S).
Proof. by move=> /eqP T0 /eqP sum0; field_identity R; split. Qed.

Lemma convex_mixture n (s : 'I_n -> R) (x : 'I_n -> 'cV[R]_d) : convex_set -> shares s ->
  (forall i, s i <> 0 -> A (x i)) -> A (\sum_i s i *: x i).
Proof.
move=> convex [s_ge0 total] inside.
suff scaled m (t : 'I_m -> R) (z : 'I_m -> 'cV[R]_d) : (forall i, 0 <= t i) ->
    0 < \sum_i t i -> (forall i, t i <> 0 -> A (z i)) -> A ((\sum_i t i)^-1 *: \sum_i t i *: z i).
  by have := scaled n s x s_ge0; rewrite total invr1 scale1r ltr01; apply.
elim: m t z => [|m IHm] t z t_ge0; first by rewrite big_ord0 ltxx.
rewrite !big_ord_recl => positive A_z.
set T := \sum_(i < m) _ in positive *; set S := \sum_(i < m) _ *: _.
have T_ge0 : 0 <= T by apply: sumr_ge0.
have t0_ge0 := t_ge0 ord0.
have := T_ge0; rewrite le_eqVlt => /predU1P [T0 | T_gt0].
  have none i : t (lift ord0 i) = 0.
    by have /psumr_eq0P -> : forall i, true -> 0 <= t (lift ord0 i) by [].
  have t0_gt0 : 0 < t ord0 by move: positive; rewrite -T0 addr0.
  have -> : S = 0 by rewrite /S big1 // => i _; rewrite none scale0r.
  rewrite -T0 !addr0 scalerA mulVf ?gt_eqF // scale1r.
  by apply: A_z; apply/eqP; rewrite gt_eqF.
have tail : A (T^-1 *: S) by apply: IHm => // i not0; apply: A_z.
have [t0 | t0_not0] := eqVneq (t ord0) 0; first by rewrite t0 scale0r !add0r.
have first_ : A (z ord0) by apply: A_z; apply/eqP.
have -> : (t ord0 + T)^-1 *: (t ord0 *: z ord0 + S) =
    T^-1 *: S + (t ord0 / (t ord0 + T)) *: (z ord0 - T^-1 *: S).
  by apply/colP => j; rewrite !mxE; apply: mixed; rewrite gt_eqF.
apply: convex => //; first by rewrite divr_ge0 ?addr_ge0.
by rewrite ler_pdivr_mulr // mul1r ler_addl.
Qed.

(* How far apart two points are at most. *)
Let apart (x z : 'cV[R]_d) := \sum_j `|x j 0 - z j 0|.

Lemma apart_ge0 x z : 0 <= apart x z.
Proof. exact: sumr_ge0. Qed.

Lemma near_step x p q e r : 0 <= e -> e * apart x p < r -> near q r (q + e *: (x - p)).
Proof.
move=> e_ge0 small j; rewrite !mxE addrC addKr normrM (ger0_norm e_ge0).
apply: le_lt_trans small; rewrite ler_wpmul2l // /apart (bigD1 j) //= ler_addl.
exact: sumr_ge0.
Qed.

Lemma beyond (p u x c : R) : c != 0 -> c - 1 != 0 ->
  p + u = p + (c - 1)^-1 * (p - x) + c^-1 * (x + c * u - (p + (c - 1)^-1 * (p - x))).
Proof. by move=> /eqP c0 /eqP c1; field_identity R; split. Qed.

Lemma beside (p u x c : R) : c != 0 -> p + u + c^-1 * (x - p) = p + c^-1 * (x + c * u - p).
Proof. by move=> /eqP c0; field_identity R. Qed.

(* From a point p of the set a vector leads out of it: so it does, when it is repeated often enough,
   from every point of the set. *)
Lemma leaves p u : convex_set -> open_set A \/ closed_set -> A p -> ~ A (p + u) ->
  forall x, A x -> exists c0, 0 <= c0 /\ forall c, c0 < c -> ~ A (x + c *: u).
Proof.
move=> convex [is_open | is_closed] Ap out x Ax.
  have [r [r_gt0 ball]] := is_open p Ap.
  exists (1 + apart p x / r); split=> [|c far Ac].
    by rewrite addr_ge0 // divr_ge0 ?apart_ge0 // ltW.
  have c1_gt0 : 0 < c - 1.
    rewrite subr_gt0; apply: le_lt_trans far; rewrite ler_addl.
    by rewrite divr_ge0 ?apart_ge0 // ltW.
  have c_gt0 : 0 < c by rewrite -(subrK 1 c) addr_gt0.
  have Aq : A (p + (c - 1)^-1 *: (p - x)).
    apply: ball; apply: near_step; first by rewrite invr_ge0 ltW.
    rewrite mulrC ltr_pdivr_mulr // mulrC -ltr_pdivr_mulr // ltr_subr_addl.
    exact: far.
  apply: out; set q := p + _ in Aq.
  have -> : p + u = q + c^-1 *: (x + c *: u - q); last first.
    by apply: convex => //; rewrite ?invr_ge0 ?(ltW c_gt0) // invf_le1 // -subr_ge0 ltW.
  by apply/colP => j; rewrite /q !mxE; apply: beyond; rewrite gt_eqF.
have [r [r_gt0 ball]] := is_closed _ out.
exists (1 + apart x p / r); split=> [|c far Ac].
  by rewrite addr_ge0 // divr_ge0 ?apart_ge0 // ltW.
have c_gt0 : 0 < c.
  by apply: le_lt_trans far; rewrite addr_ge0 // divr_ge0 ?apart_ge0 // ltW.
have c_ge1 : 1 <= c.
  by apply: ltW; apply: le_lt_trans far; rewrite ler_addl divr_ge0 ?apart_ge0 // ltW.
apply: (ball (p + u + c^-1 *: (x - p))).
  apply: near_step; first by rewrite invr_ge0 ltW.
  rewrite mulrC ltr_pdivr_mulr // mulrC -ltr_pdivr_mulr //.
  by apply: le_lt_trans far; rewrite ler_addr.
have -> : p + u + c^-1 *: (x - p) = p + c^-1 *: (x + c *: u - p); last first.
  by apply: convex => //; rewrite ?invr_ge0 ?(ltW c_gt0) // invf_le1.
by apply/colP => j; rewrite !mxE; apply: beside; rewrite gt_eqF.
Qed.
End ConvexSets.
