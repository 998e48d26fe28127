(* Before Theorem 11 of Charles et al.: of a polyhedron that is not empty, two or more inequalities
   describe it and none of them can be dropped, some point lies between two points outside. *)

From certify.proofs Require Import vectors farkas.

Section OtherRegion.
Variables (R : realFieldType) (d m : nat) (a : 'I_m -> 'cV[R]_d) (b : 'I_m -> R).
Add Ring ring_of_R : (identities R).

Definition inside x := forall i, dot (a i) x <= b i.

(* None can be dropped: without it there are more points. *)
Definition all_needed := forall i, exists x, ~ inside x /\ forall j, j != i -> dot (a j) x <= b j.

Lemma violated i : all_needed ->
  exists x, b i < dot (a i) x /\ forall j, j != i -> dot (a j) x <= b j.
Proof.
case/(_ i) => x [outside others]; exists x; split=> //; rewrite ltNge; apply/negP => holds.
by apply: outside => j; have [->|/others] := eqVneq j i.
Qed.

Lemma no_multiple (i j : 'I_m) t : all_needed -> i != j -> 0 <= t -> a i <> t *: a j.
Proof.
move=> needed i_j t_ge0 multiple.
have [x [x_out /(_ j)]] := violated i needed; rewrite eq_sym i_j => /(_ erefl) x_j.
have [z [z_out /(_ i i_j)]] := violated j needed.
rewrite multiple dotZl => z_i; have := x_out; rewrite multiple dotZl ltNge => /negP; apply.
apply: le_trans (ler_wpmul2l t_ge0 x_j) _; apply: le_trans z_i.
by rewrite ler_wpmul2l // ltW.
Qed.

Theorem other_region (i j : 'I_m) : i != j -> all_needed -> (exists p, inside p) ->
  exists x z c, [/\ ~ inside x, ~ inside z, 0 <= c, c <= 1 & inside (x + c *: (z - x))].
Proof.
move=> i_j needed [p p_in].
have [v [up down]] : exists v, 0 < dot (a i) v /\ dot (a j) v < 0.
  pose pair (t : 'I_2) := if t == ord0 then a i else - a j.
  have [[v rises] | [y [y_ge0 [t yt]]]] := gordan pair.
    exists v; have := rises ord_max; have := rises ord0.
    by rewrite /pair /= dotNl oppr_gt0.
  rewrite !big_ord_recl big_ord0 addr0 /pair /= => /eqP.
  rewrite scalerN subr_eq0 => /eqP same; set y1 := y (lift ord0 ord0) in same.
  have solve (u v : 'cV[R]_d) (k k' : R) : k <> 0 -> k *: u = k' *: v -> u = (k' / k) *: v.
    by move=> /eqP k0 equal; rewrite mulrC -scalerA -equal scalerA mulVf // scale1r.
  have [y0_0 | /eqP y0_not0] := eqVneq (y ord0) 0; last first.
    by case: (@no_multiple i j (y1 / y ord0)) => //; [by apply: divr_ge0; apply: y_ge0 | exact: solve].
  have y1_not0 : y1 <> 0.
    move=> y1_0; apply: yt; case: (unliftP ord0 t) => [s ->|-> //].
    by rewrite (ord1 s).
  case: (@no_multiple j i (y ord0 / y1)) => //; rewrite 1?eq_sym //; last exact: solve.
  by apply: divr_ge0; apply: y_ge0.
pose c := (b i - dot (a i) p) / dot (a i) v + 1; pose c' := (b j - dot (a j) p) / - dot (a j) v + 1.
have speed : 0 < - dot (a j) v by rewrite oppr_gt0.
have c_gt0 : 0 < c by rewrite /c ltr_paddl ?ltr01 // divr_ge0 ?subr_ge0 ?(ltW up).
have c'_gt0 : 0 < c' by rewrite /c' ltr_paddl ?ltr01 // divr_ge0 ?subr_ge0 ?(ltW speed).
have sum_gt0 : 0 < c + c' by apply: addr_gt0.
exists (p + c *: v), (p - c' *: v), (c / (c + c')); split.
- move/(_ i); rewrite dotDr dotZr mulrDl divfK ?gt_eqF // addrA addrCA subrr addr0 mul1r.
  by rewrite ger_addl leNgt up.
- move/(_ j); rewrite dotDr dotNr dotZr -mulrN mulrDl divfK ?gt_eqF // addrA addrCA subrr addr0 mul1r.
  by rewrite ger_addl leNgt speed.
- by rewrite divr_ge0 // ltW.
- by rewrite ler_pdivr_mulr // mul1r ler_addl ltW.
have -> : p - c' *: v - (p + c *: v) = - ((c + c') *: v).
  by rewrite opprD addrACA subrr add0r -opprD -scalerDl addrC.
by rewrite scalerN scalerA divfK ?gt_eqF // addrK.
Qed.
End OtherRegion.
