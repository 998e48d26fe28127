(* On the decision boundary of softmax regression (Zou et al.): the ties for the largest logit are
   the union, over pairs of classes i < j, of the polyhedra where z_i = z_j and no other logit is
   larger. If no two classes have the same weights and the same bias, each of these lies in a
   hyperplane or is empty; so they have dimension l - 1 at most, and near every point there are
   points on none of them. *)

From certify.proofs Require Import vectors softmax convex_sets.

Section BoundaryPl.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (l m : nat) (W : 'M[R]_(l, m.+1)) (bias : 'I_m.+1 -> R).

Let z h i := logits W bias h i.

(* More than one class has the largest logit. *)
Definition tie h := exists i j : 'I_m.+1,
  [/\ i != j, forall k, z h k <= z h i & forall k, z h k <= z h j].

Definition piece (i j : 'I_m.+1) h := z h i = z h j /\ forall k, k != j -> z h k <= z h i.

Definition different := forall i j : 'I_m.+1, i != j -> col i W <> col j W \/ bias i <> bias j.

Definition hyperplane (a : 'cV[R]_l) (c : R) h := dot a h = c.

Theorem boundary_pl h : tie h <-> exists i j : 'I_m.+1, (i < j)%N /\ piece i j h.
Proof.
split=> [[i [j [i_j at_i at_j]]] | [i [j [i_j [same at_i]]]]].
  have same : z h i = z h j by apply/le_anti; rewrite at_i at_j.
  have [less | more | equal] := ltngtP i j; last by move: i_j; rewrite (val_inj equal) eqxx.
    by exists i, j; split=> //; split=> // k _.
  by exists j, i; split=> //; split=> // k _.
have differ : i != j by apply: contraTneq i_j => ->; rewrite ltnn.
exists i, j; split=> // k; have [-> | /at_i //] := eqVneq k j; first by rewrite -same.
  by rewrite -same.
by rewrite -same.
Qed.

Lemma piece_plane i j h : piece i j h -> hyperplane (col i W - col j W) (bias j - bias i) h.
Proof.
case=> same _; rewrite /hyperplane dotDl dotNl; apply/eqP; rewrite -subr_eq0; apply/eqP.
transitivity (z h i - z h j); last by rewrite same subrr.
by rewrite /z /logits; field_identity R.
Qed.

Theorem boundary_pl_hyperplanes (i j : 'I_m.+1) : different -> i != j ->
  (exists a c, a <> 0 /\ forall h, piece i j h -> hyperplane a c h) \/ forall h, ~ piece i j h.
Proof.
move=> distinct /distinct [normal | biases].
  left; exists (col i W - col j W), (bias j - bias i); split; last exact: piece_plane.
  by move/eqP; rewrite subr_eq0 => /eqP.
have [same | /eqP normal] := eqVneq (col i W) (col j W); last first.
  left; exists (col i W - col j W), (bias j - bias i); split; last exact: piece_plane.
  by move/eqP; rewrite subr_eq0 => /eqP.
right=> h /piece_plane; rewrite /hyperplane same subrr dot0l => /esym /eqP.
by rewrite subr_eq0 => /eqP /esym.
Qed.

(* A form that is not 0 everywhere is not 0 on some smaller ball. *)
Lemma avoid (a : 'cV[R]_l) (c : R) h r : (a <> 0 \/ c <> 0) -> 0 < r ->
  exists p s, [/\ 0 < s, forall q, near p s q -> near h r q &
    forall q, near p s q -> dot a q + c <> 0].
Proof.
move=> not0 r_gt0; pose size := 1 + \sum_t `|a t 0|.
have sum_ge0 : 0 <= \sum_t `|a t 0| by apply: sumr_ge0.
have size_gt0 : 0 < size by rewrite ltr_paddr.
have [p [p_in p_not0]] : exists p : 'cV[R]_l, (forall t, `|p t 0 - h t 0| < r) /\ dot a p + c != 0.
  have [at0 | h_not0] := eqVneq (dot a h + c) 0; last first.
    by exists h; split=> // t; rewrite subrr normr0.
  have a_not0 : a <> 0.
    by case: not0 => // c_not0 a0; move: at0; rewrite a0 dot0l add0r => /c_not0.
  pose e := r / size; have e_gt0 : 0 < e by rewrite divr_gt0.
  exists (h + e *: a); split=> [t|]; last first.
    by rewrite dotDr dotZr addrAC at0 add0r mulf_neq0 ?gt_eqF ?square_gt0.
  rewrite !mxE addrC addKr normrM (gtr0_norm e_gt0) /e mulrAC ltr_pdivr_mulr // ltr_pmul2l //.
  apply: le_lt_trans (_ : \sum_t `|a t 0| < size); last by rewrite ltr_addr ltr01.
  by rewrite (bigD1 t) //= ler_addl; apply: sumr_ge0.
have [s_1 [s_1_gt0 s_1_in]] : exists s, 0 < s /\ forall q, near p s q -> near h r q.
  have each t : exists s, 0 < s /\ `|p t 0 - h t 0| + s <= r.
    by exists (r - `|p t 0 - h t 0|); rewrite subr_gt0 p_in addrC subrK.
  have [s s_is] := fin_all_exists each; have s_gt0 t : 0 < s t by have [] := s_is t.
  pose total := 1 + \sum_t (s t)^-1.
  have inverses t : 0 <= (s t)^-1 by rewrite invr_ge0 ltW.
  have total_gt0 : 0 < total by rewrite ltr_paddr ?ltr01 //; apply: sumr_ge0.
  exists total^-1; split=> [|q close t]; first by rewrite invr_gt0.
  have [_ room] := s_is t; apply: lt_le_trans room.
  have -> : q t 0 - h t 0 = p t 0 - h t 0 + (q t 0 - p t 0) by field_identity R.
  apply: le_lt_trans (ler_norm_add _ _) _; rewrite ltr_add2l; apply: lt_le_trans (close t) _.
  rewrite -[s t]invrK lef_pinv ?posrE ?invr_gt0 //.
  rewrite /total (bigD1 t) //= addrCA ler_addl addr_ge0 ?ler01 //; exact: sumr_ge0.
pose s_2 := `|dot a p + c| / size; have s_2_gt0 : 0 < s_2 by rewrite divr_gt0 // normr_gt0.
exists p, (Num.min s_1 s_2); split=> [|q close | q close at0].
- by rewrite lt_minr s_1_gt0.
- by apply: s_1_in => t; have := close t; rewrite lt_minr => /andP [].
have : `|dot a p + c| <= (\sum_t `|a t 0|) * s_2.
  have -> : dot a p + c = - \sum_t a t 0 * (q t 0 - p t 0).
    apply/eqP; rewrite -addr_eq0; apply/eqP; rewrite -[RHS]at0 addrAC /dot -big_split /=; congr (_ + _).
    by apply: eq_bigr => t _; field_identity R.
  rewrite normrN mulr_suml; apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => t _.
  by rewrite normrM ler_wpmul2l //; have := close t; rewrite lt_minr => /andP [_ /ltW].
rewrite /s_2 mulrCA -[X in X <= _]mulr1 ler_pmul2l ?normr_gt0 // ler_pdivl_mulr // mul1r.
by rewrite /size ger_addr leNgt ltr01.
Qed.

Theorem boundary_pl_thin : different -> forall h r, 0 < r -> exists p, near h r p /\ ~ tie p.
Proof.
move=> distinct h r r_gt0; pose pairs := [seq ij <- enum {: 'I_m.+1 * 'I_m.+1} | ij.1 != ij.2].
suff [p [s [s_gt0 inner off]]] : exists p s, [/\ 0 < s, forall q, near p s q -> near h r q &
    forall q ij, near p s q -> ij \in pairs -> ~ piece ij.1 ij.2 q].
  have p_p : near p s p by move=> t; rewrite subrr normr0.
  exists p; split=> [|/boundary_pl [i [j [i_j at_p]]]]; first exact: inner.
  apply: (off p (i, j) p_p) at_p; rewrite mem_filter mem_enum andbT /=.
  by apply: contraTneq i_j => ->; rewrite ltnn.
have : forall ij, ij \in pairs -> ij.1 != ij.2 by move=> ij; rewrite mem_filter => /andP [].
elim: pairs => [|[i j] rest IH] all_differ; first by exists h, r.
have [ij ij_in | p [s [s_gt0 inner off]]] := IH; first by apply: all_differ; rewrite inE ij_in orbT.
have i_j : i != j by apply: (all_differ (i, j)); rewrite mem_head.
have form_not0 : col i W - col j W <> 0 \/ bias i - bias j <> 0.
  by case: (distinct i j i_j) => differ; [left | right] => /eqP; rewrite subr_eq0 => /eqP.
have [p' [s' [s'_gt0 inner' off']]] := avoid p form_not0 s_gt0.
exists p', s'; split=> // [q /inner' /inner // | q ij close].
rewrite inE => /predU1P [-> /piece_plane | ij_in]; last exact: off (inner' q close) ij_in.
rewrite /hyperplane /= => at_q; apply: (off' q close); rewrite at_q.
by rewrite addrA subrK subrr.
Qed.
End BoundaryPl.
