(* The definition of adversarial directions (Charles et al., Section 2): whether v is one at (x, y)
   depends on the ray of v alone, and 0 is none. For linear, argmax and two-layer rules, and for
   rules that are constant on finitely many cells, the finitely many steps that are listed decide
   it: of the steps at which a form changes its sign, those that are positive, one between any two
   of them or 0, and one beyond all. *)

From certify.proofs Require Import vectors labelled_sets two_layer multiclass.
From certify.certificates.kinds Require Import rule_facts.
From verify.claims.proofs Require Import directions.

Section AdversarialDirections.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variable d : nat.
Implicit Types (x v : 'cV[R]_d) (c : R).

Theorem def_adv (L : Type) (h : 'cV[R]_d -> L) v x y k : 0 < k ->
  adversarial h (k *: v) x y <-> adversarial h v x y.
Proof.
move=> k_gt0; split=> -[label_is [c [c_gt0 changes]]]; split=> //.
  by exists (c * k); rewrite -scalerA mulr_gt0.
by exists (c / k); rewrite scalerA divfK ?gt_eqF // divr_gt0.
Qed.

Theorem def_adv_zero (L : Type) (h : 'cV[R]_d -> L) x y : ~ adversarial h 0 x y.
Proof. by case=> label_is [c [_]]; rewrite scaler0 addr0. Qed.

(* Where a + c s changes its sign. *)
Definition root (a s : R) := - a / s.

Definition roots (h : rule R d) x v : seq R :=
  match h with
  | Linear w b _ => [:: root (dot w x + b) (dot w v)]
  | Argmax m W b _ => [seq root (logit W b x i - logit W b x j) (dot (W i) v - dot (W j) v)
                        | i <- enum 'I_m, j <- enum 'I_m]
  | Cells cells _ _ => [seq root (dot r.1.1 x - r.1.2) (dot r.1.1 v) | r <- flatten cells]
  | TwoLayerRule f =>
      [seq root (form i x) (dot (weights i) v) | i <- enum 'I_(units f)] ++
      [seq root (\sum_(i in A) output i * form i x - threshold f)
                (\sum_(i in A) output i * dot (weights i) v)
        | A : {set 'I_(units f)} <- enum {: {set 'I_(units f)}}]
  end.

Definition steps (h : rule R d) x v : seq R :=
  let positive := [seq t <- roots h x v | 0 < t] in
  positive ++ [seq (t + t') / 2%:R | t <- 0 :: positive, t' <- positive] ++
  [:: 1 + \sum_(t <- positive) t].

Definition alike (points : seq R) c c' := forall t, t \in points ->
  (t < c) = (t < c') /\ (c < t) = (c' < t).

Lemma largest (s : seq R) t0 : exists l, l \in t0 :: s /\ forall t, t \in t0 :: s -> t <= l.
Proof.
elim: s t0 => [|t1 s IH] t0; first by exists t0; rewrite mem_head; split=> // t; rewrite inE => /eqP ->.
have [l [l_in above]] := IH t1; have [low | /ltW high] := leP t0 l.
  by exists l; split=> [|t]; rewrite inE ?l_in ?orbT // => /predU1P [-> // | /above].
exists t0; split=> [|t]; rewrite inE ?eqxx // => /predU1P [-> // | /above t_l].
exact: le_trans high.
Qed.

Lemma represented h x v c : 0 < c ->
  exists c', [/\ c' \in steps h x v, 0 < c' & alike (roots h x v) c c'].
Proof.
move=> c_gt0; rewrite /steps; set B := roots h x v; set P := [seq t <- B | 0 < t].
have P_gt0 t : t \in P -> 0 < t by rewrite mem_filter => /andP [].
have [c_in | c_out] := boolP (c \in P); first by exists c; rewrite mem_cat c_in.
have [l [l_in last_]] := largest [seq t <- P | t < c] 0.
have [l_in' l_c] : l \in 0 :: P /\ l < c.
  by move: l_in; rewrite !inE mem_filter => /predU1P [-> | /andP [-> ->]]; rewrite ?eqxx ?orbT.
have l_ge0 : 0 <= l by move: l_in'; rewrite inE => /predU1P [-> // | /P_gt0 /ltW].
have place c' : l < c' -> (forall t, t \in P -> c < t -> c' < t) -> alike B c c'.
  move=> l_c' below_ t t_in; have c'_gt0 := le_lt_trans l_ge0 l_c'.
  have [t_gt0 | t_le0] := ltP 0 t; last first.
    by rewrite !(le_lt_trans t_le0) // !ltNge !(le_trans t_le0) // ltW.
  have t_P : t \in P by rewrite mem_filter t_gt0.
  have [less | more | same] := ltgtP t c; last by rewrite -same t_P in c_out.
    have t_l : t <= l by apply: last_; rewrite inE mem_filter less t_P orbT.
    by rewrite (le_lt_trans t_l l_c') ltNge (ltW (le_lt_trans t_l l_c')).
  have c'_t := below_ t t_P more.
  by rewrite c'_t ltNge (ltW c'_t).
have [/hasP [u0 u0_in _] | ] := boolP (has predT [seq t <- P | c < t]); last first.
  rewrite -all_predC => none; exists (1 + \sum_(t <- P) t).
  have sum_ge t : t \in P -> t <= \sum_(t <- P) t.
    move=> t_in; rewrite (big_rem t) //= ler_addl big_seq; apply: sumr_ge0 => s s_in.
    by apply/ltW/P_gt0/(mem_rem s_in).
  have sum_ge0 : 0 <= \sum_(t <- P) t by rewrite big_seq; apply: sumr_ge0 => t /P_gt0 /ltW.
  split; first by rewrite !mem_cat inE eqxx !orbT.
    by rewrite ltr_paddr.
  apply: place => [|t t_in more].
    move: l_in'; rewrite inE => /predU1P [-> | /sum_ge]; first by rewrite ltr_paddr.
    by move=> /le_lt_trans; apply; rewrite ltr_addr ltr01.
  by have /allP /(_ t) := none; rewrite mem_filter more t_in => /(_ erefl).
have [v0 [v0_in v0_least]] := largest [seq - t | t <- P & c < t] (- u0).
have {v0_in} [u [u_in c_u u_is]] : exists u, [/\ u \in P, c < u & v0 = - u].
  move: v0_in; rewrite inE => /predU1P [-> | /mapP [u]].
    by exists u0; move: u0_in; rewrite mem_filter => /andP [].
  by rewrite mem_filter => /andP [c_u u_in] ->; exists u.
exists ((l + u) / 2%:R); have two : 0 < 2%:R :> R by rewrite ltr0n.
have l_u := lt_trans l_c c_u.
have low : l < (l + u) / 2%:R by rewrite ltr_pdivl_mulr // mulr_natr mulr2n ltr_add2l.
have high : (l + u) / 2%:R < u by rewrite ltr_pdivr_mulr // mulr_natr mulr2n ltr_add2r.
split; last 2 first.
- exact: le_lt_trans low.
- apply: place => // t t_in more; apply: lt_le_trans high _; rewrite -ler_opp2 -u_is.
  by apply: v0_least; rewrite inE map_f ?orbT // mem_filter more.
rewrite mem_cat; apply/orP; right; rewrite mem_cat; apply/orP; left.
by apply/allpairsP; exists (l, u); split.
Qed.

Lemma sign_alike (a s c c' : R) : alike [:: root a s] c c' ->
  (0 < a + c * s) = (0 < a + c' * s) /\ (a + c * s < 0) = (a + c' * s < 0).
Proof.
move=> /(_ _ (mem_head _ _)) [before after].
have up t : (0 < a + t * s) = (- a < t * s) by rewrite -[RHS]subr_gt0 opprK addrC.
have down t : (a + t * s < 0) = (t * s < - a) by rewrite -[RHS]subr_lt0 opprK addrC.
have [s_gt0 | s_lt0 | <-] := ltgtP 0 s; last by rewrite !mulr0.
  by rewrite !up !down -!(ltr_pdivr_mulr _ _ s_gt0) -!(ltr_pdivl_mulr _ _ s_gt0).
by rewrite !up !down -!(ltr_ndivr_mulr _ _ s_lt0) -!(ltr_ndivl_mulr _ _ s_lt0).
Qed.

Lemma alike_sub (s s' : seq R) c c' : {subset s <= s'} -> alike s' c c' -> alike s c c'.
Proof. by move=> sub all_ t /sub /all_. Qed.

Lemma alike_one (s : seq R) t c c' : t \in s -> alike s c c' -> alike [:: t] c c'.
Proof. by move=> t_in; apply: alike_sub => s' ; rewrite inE => /eqP ->. Qed.

Lemma label_alike h x v c c' : alike (roots h x v) c c' ->
  label_of h (x + c *: v) = label_of h (x + c' *: v).
Proof.
case: h => [w b zero | m W b lowest | cells inside outside | f] same /=.
- have [pos neg] := sign_alike same.
  by rewrite !dotDr !dotZr ![_ + _ + b]addrAC pos neg.
- have moved t i j : (logit W b (x + t *: v) j < logit W b (x + t *: v) i) =
      (0 < logit W b x i - logit W b x j + t * (dot (W i) v - dot (W j) v)).
    by rewrite -subr_gt0 /logit !dotDr !dotZr; congr (0 < _); field_identity R.
  have less i j : (logit W b (x + c *: v) j < logit W b (x + c *: v) i) =
      (logit W b (x + c' *: v) j < logit W b (x + c' *: v) i).
    rewrite !moved; apply: (proj1 (sign_alike (alike_one _ same))).
    by apply/allpairsP; exists (i, j); rewrite !mem_enum.
  congr (omap _ _); apply: eq_pick => i; apply: eq_forallb => j.
  by rewrite !leNgt !less.
- congr (Some (if _ then _ else _)); apply: eq_in_has => cell cell_in; apply: eq_in_all => r r_in.
  have r_root : root (dot r.1.1 x - r.1.2) (dot r.1.1 v) \in roots (Cells cells inside outside) x v.
    by apply: map_f; apply/flattenP; exists cell.
  have [pos neg] := sign_alike (alike_one r_root same).
  have gap t : dot r.1.1 x - r.1.2 + t * dot r.1.1 v = dot r.1.1 (x + t *: v) - r.1.2.
    by rewrite dotDr dotZr addrAC.
  by move: pos neg; rewrite !gap !subr_gt0 !subr_lt0 /holds !leNgt => -> ->.
- pose active t := [set i : 'I_(units f) | 0 < form i x + t * dot (weights i) v].
  have along i t : form i (x + t *: v) = form (h := f) i x + t * dot (weights i) v.
    by rewrite /form dotDr dotZr addrAC.
  have same_active : active c = active c'.
    apply/setP => i; rewrite !inE; apply: (proj1 (sign_alike (alike_one _ same))).
    by rewrite mem_cat; apply/orP; left; apply: map_f; rewrite mem_enum.
  have height_is t : height f (x + t *: v) - threshold f =
      \sum_(i in active t) output i * form i x - threshold f +
      t * \sum_(i in active t) output i * dot (weights i) v.
    rewrite addrAC mulr_sumr -big_split /=; congr (_ - _).
    rewrite /height [RHS]big_mkcond; apply: eq_bigr => i _; rewrite along inE /relu.
    by case: ltP => _; [field_identity R | rewrite mulr0].
  have A_root : root (\sum_(i in active c) output i * form i x - threshold f)
      (\sum_(i in active c) output i * dot (weights i) v) \in roots (TwoLayerRule f) x v.
    by rewrite mem_cat; apply/orP; right; apply/mapP; exists (active c); rewrite ?mem_enum.
  have [pos neg] := sign_alike (alike_one A_root same).
  have := height_is c'; rewrite -same_active => at_c'.
  congr (Some (if _ then _ else _)); rewrite /exceeds.
  case: (strict f); rewrite ?leNgt -?[threshold f < height _ _]subr_gt0 -?[height _ _ < _]subr_lt0.
    by rewrite height_is at_c'.
  by rewrite height_is at_c' neg.
Qed.

Theorem def_adv_decided h v x y : adversarial (label_of h) v x y <->
  label_of h x = y /\ exists c, [/\ c \in steps h x v, 0 < c & label_of h (x + c *: v) <> y].
Proof.
split=> [[label_is [c [c_gt0 changes]]] | [label_is [c [_ c_gt0 changes]]]]; split=> //; last by exists c.
have [c' [c'_in c'_gt0 same]] := represented h x v c_gt0.
by exists c'; split=> //; rewrite -(label_alike same).
Qed.
End AdversarialDirections.
