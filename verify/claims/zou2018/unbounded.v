(* On decision regions that extend to infinity (Zou et al., Figure 1), repaired: a region of class i
   that is not empty is bounded exactly when w_i is interior to the convex hull of all weights, for
   any numbers of features and classes. With at most one class more than features no region that
   is not empty is bounded; with two more, or still more, some layer has one that is. *)

From certify.proofs Require Import vectors labelled_sets softmax polyhedra farkas.

Section Unbounded.
Variables (R : realFieldType) (l m : nat) (W : 'M[R]_(l, m.+1)) (bias : 'I_m.+1 -> R).
Add Ring ring_of_R : (identities R).
Variable i : 'I_m.+1.

Definition region h := forall j, logits W bias h j <= logits W bias h i.

(* All vectors whose coordinates differ little enough from those of w_i are mixtures of the weights. *)
Definition interior := exists r, 0 < r /\ forall u : 'cV[R]_l, (forall k, `|u k 0| <= r) ->
  exists s, shares s /\ col i W + u = \sum_j s j *: col j W.

Let D j : 'cV[R]_l := col j W - col i W.

Lemma in_region h : region h <-> forall j, dot (D j) h <= bias i - bias j.
Proof.
have same j : (logits W bias h j <= logits W bias h i) = (dot (D j) h <= bias i - bias j).
  by rewrite /logits dotDl dotNl -subr_ge0 -[in RHS]subr_ge0; congr (0 <= _); field_identity R.
by split=> all j; have := all j; rewrite same.
Qed.

Lemma along d h c : region h -> (forall j, dot (D j) d <= 0) -> 0 <= c -> region (h + c *: d).
Proof.
move=> /in_region here falls c_ge0; apply/in_region => j; rewrite dotDr dotZr.
by rewrite -[X in _ <= X]addr0 ler_add // mulr_ge0_le0.
Qed.

(* A unit vector, or its opposite, is a combination of the differences, or leads away for ever. *)
Lemma generated (e : 'cV[R]_l) :
  (exists d, d <> 0 /\ forall j, dot (D j) d <= 0) \/
  exists y : 'I_m.+1 -> R, (forall j, 0 <= y j) /\ e = \sum_j y j *: D j.
Proof.
pose A : 'M[R]_(m.+1 + 1, l) := \matrix_(t, k)
  match fintype.split t with inl j => D j k 0 | inr _ => - e k 0 end.
pose b : 'cV[R]_(m.+1 + 1) := \col_t match fintype.split t with inl _ => 0 | inr _ => -1 end.
have [[d solved] | [y [y_ge0 cancels negative]]] := farkas A b.
  left; exists d; split=> [d0|j].
    have := solved (rshift m.+1 0); rewrite d0 mulmx0 !mxE (unsplitK (inr _)) leNgt.
    by rewrite oppr_lt0 ltr01.
  have := solved (lshift 1 j); rewrite !mxE (unsplitK (inl j)); congr (_ <= _).
  by apply: eq_bigr => k _; rewrite mxE (unsplitK (inl j)).
right; pose c := y (rshift m.+1 0) 0.
have c_gt0 : 0 < c.
  move: negative; rewrite /dot big_split_ord big_ord1 /= big1 ?add0r => [|j _].
    by rewrite mxE (unsplitK (inr _)) mulN1r oppr_lt0.
  by rewrite mxE (unsplitK (inl j)) mul0r.
exists (fun j => c^-1 * y (lshift 1 j) 0); split=> [j|].
  by have := y_ge0 (lshift 1 j); rewrite mxE => ?; rewrite mulr_ge0 // invr_ge0 ltW.
apply: (scalerI (lt0r_neq0 c_gt0)); rewrite scaler_sumr; apply/colP => k.
have /colP /(_ k) := cancels; rewrite mxE big_split_ord big_ord1 /= [RHS]mxE.
have -> : A^T k (rshift m.+1 0) = - e k 0 by rewrite !mxE (unsplitK (inr _)).
rewrite mulNr => /eqP; rewrite subr_eq0 => /eqP sum_is.
rewrite mxE mulrC -sum_is summxE; apply: eq_bigr => j _.
have -> : A^T k (lshift 1 j) = D j k 0 by rewrite [LHS]mxE [LHS]mxE (unsplitK (inl j)).
by rewrite scalerA mulrA divff ?gt_eqF // mul1r [RHS]mxE mulrC.
Qed.

(* A vector whose coordinates are at most r is a mixture of unit vectors and their opposites. *)
Lemma interior_bounded : interior -> bounded_set region.
Proof.
case=> r [r_gt0 inner].
have reach (k : 'I_l) (s : R) : `|s| <= r -> exists B, forall h, region h -> s * h k 0 <= B.
  move=> s_le; have [|y [is_shares sum_y]] := inner (s *: delta_mx k 0).
    move=> t; rewrite !mxE eqxx andbT; case: (t == k); rewrite ?mulr1 ?mulr0 ?normr0 //.
    exact: ltW.
  have [y_ge0 total] := is_shares.
  have sum_D : \sum_j y j *: D j = s *: delta_mx k 0.
    rewrite (eq_bigr (fun j => y j *: col j W - y j *: col i W)) => [|j _]; last exact: scalerBr.
    by rewrite sumrB -sum_y -scaler_suml total scale1r addrAC subrr add0r.
  exists (\sum_j y j * (bias i - bias j)) => h /in_region here.
  have <- : dot (s *: delta_mx k 0) h = s * h k 0.
    rewrite dotZl /dot (bigD1 k) //= big1 ?addr0 => [|t /negbTE t_k]; last by rewrite mxE t_k mul0r.
    by rewrite mxE !eqxx mul1r.
  rewrite -sum_D dot_suml; apply: ler_sum => j _; rewrite dotZl.
  exact: ler_wpmul2l.
have each (k : 'I_l) : exists B, forall h, region h -> `|h k 0| <= B.
  have [|B up] := reach k r; first by rewrite ger0_norm // ltW.
  have [|B' down] := reach k (- r); first by rewrite normrN ger0_norm // ltW.
  exists (Num.max B B' / r) => h here; rewrite ler_pdivl_mulr //.
  have -> : `|h k 0| * r = `|r * h k 0| by rewrite normrM (gtr0_norm r_gt0) mulrC.
  rewrite ler_norml ler_oppl; apply/andP; split; last by rewrite le_maxr up.
  by rewrite le_maxr -mulNr down // orbT.
have {each} [B bounds] := fin_all_exists each.
exists (\sum_k `|B k|) => h here k; apply: le_trans (bounds k h here) _.
apply: le_trans (ler_norm _) _; rewrite (bigD1 k) //= ler_addl; exact: sumr_ge0.
Qed.

Lemma bounded_interior h0 : region h0 -> bounded_set region -> interior.
Proof.
move=> here is_bounded.
have generates (e : 'cV[R]_l) : exists y : 'I_m.+1 -> R,
    (forall j, 0 <= y j) /\ e = \sum_j y j *: D j.
  have [[d [d_not0 falls]] | //] := generated e.
  have stays c : 0 <= c -> region (h0 + c *: d) by apply: along here falls.
  by case: (line_unbounded d_not0 stays is_bounded).
have [y y_is] := fin_all_exists (fun k : 'I_l => generates (delta_mx k 0)).
have [y' y'_is] := fin_all_exists (fun k : 'I_l => generates (- delta_mx k 0)).
pose total := 1 + \sum_k \sum_j (y k j + y' k j).
have terms k j : 0 <= y k j + y' k j.
  by rewrite addr_ge0 //; [have [->] := y_is k | have [->] := y'_is k].
have total_gt0 : 0 < total.
  by rewrite ltr_paddr ?ltr01 //; apply: sumr_ge0 => k _; apply: sumr_ge0.
exists total^-1; split=> [|u small]; first by rewrite invr_gt0.
pose plus (s : R) := if 0 <= s then s else 0; pose less (s : R) := if 0 <= s then 0 else - s.
have plus_ge0 s : 0 <= plus s by rewrite /plus; case: ifP.
have less_ge0 s : 0 <= less s.
  by rewrite /less; case: ifP => // /negbT; rewrite -ltNge oppr_ge0 => /ltW.
have parts (s : R) : s = plus s - less s.
  by rewrite /plus /less; case: ifP => _; rewrite ?subr0 ?sub0r ?opprK.
pose z j := \sum_k (plus (u k 0) * y k j + less (u k 0) * y' k j).
have z_ge0 j : 0 <= z j.
  apply: sumr_ge0 => k _; have [yk _] := y_is k; have [y'k _] := y'_is k.
  by rewrite addr_ge0 ?mulr_ge0.
have z_sum : \sum_j z j *: D j = u.
  transitivity (\sum_k (plus (u k 0) *: delta_mx k 0 + less (u k 0) *: - delta_mx k 0) : 'cV[R]_l).
    transitivity (\sum_j \sum_k (plus (u k 0) * y k j + less (u k 0) * y' k j) *: D j).
      by apply: eq_bigr => j _; rewrite scaler_suml.
    rewrite exchange_big; apply: eq_bigr => k _; have [_ {1}->] := y_is k; have [_ {1}->] := y'_is k.
    rewrite !scaler_sumr -big_split; apply: eq_bigr => j _ /=.
    by rewrite scalerDl !scalerA.
  apply/colP => t; rewrite summxE (bigD1 t) //= big1 ?addr0 => [|k /negbTE k_t].
    by rewrite !mxE !eqxx mulr1 mulrN1 -parts.
  by rewrite !mxE [t == k]eq_sym k_t !mulr0 oppr0 mulr0 addr0.
have z_le1 : \sum_j z j <= 1.
  have e_ge0 : 0 <= total^-1 by rewrite invr_ge0 ltW.
  have at_most (s : R) : `|s| <= total^-1 -> plus s <= total^-1 /\ less s <= total^-1.
    rewrite ler_norml => /andP [low high]; rewrite /plus /less; case: ifP => _ //.
    by split=> //; rewrite ler_oppl.
  apply: le_trans (_ : \sum_k \sum_j total^-1 * (y k j + y' k j) <= 1).
    rewrite exchange_big /=; apply: ler_sum => k _; apply: ler_sum => j _; rewrite mulrDr.
    have [p_le l_le] := at_most _ (small k); have [yk _] := y_is k; have [y'k _] := y'_is k.
    by rewrite ler_add // ler_wpmul2r.
  rewrite (eq_bigr (fun k => total^-1 * \sum_j (y k j + y' k j))) => [|k _]; last by rewrite mulr_sumr.
  by rewrite -mulr_sumr mulrC ler_pdivr_mulr // mul1r ler_addr ler01.
exists (fun j => z j + (j == i)%:R * (1 - \sum_k z k)); split; first split=> [j|].
- by rewrite addr_ge0 // mulr_ge0 ?subr_ge0 //; case: (_ == _); rewrite ?ler01.
- have one : \sum_j (j == i)%:R = 1 :> R.
    by rewrite (bigD1 i) //= eqxx big1 ?addr0 // => j /negbTE ->.
  by rewrite big_split -mulr_suml /= one mul1r addrC subrK.
- rewrite (eq_bigr (fun j => z j *: D j + (z j *: col i W + (j == i)%:R *: ((1 - \sum_k z k) *: col j W)))).
    have pick (c : R) : \sum_j (j == i)%:R *: (c *: col j W) = c *: col i W.
      rewrite (bigD1 i) //= eqxx scale1r big1 ?addr0 // => j /negbTE ->; exact: scale0r.
    by rewrite !big_split /= z_sum pick -scaler_suml -scalerDl [\sum_j z j + _]addrC subrK scale1r addrC.
  by move=> j _; rewrite scalerDl scalerA scalerBr addrA subrK.
Qed.

Theorem unbounded h0 : region h0 -> (bounded_set region <-> interior).
Proof. by move=> here; split; [apply: bounded_interior here | apply: interior_bounded]. Qed.

(* Here there are m + 1 classes. *)
Theorem unbounded_enough_features h0 : (0 < l)%N -> (m <= l)%N -> region h0 ->
  ~ bounded_set region.
Proof.
move=> l_gt0 m_l here; pose A : 'M[R]_(m, l) := \matrix_(j, k) D (lift i j) k 0.
have at_ j d : (A *m d) j 0 = dot (D (lift i j)) d.
  by rewrite mxE /dot; apply: eq_bigr => k _; rewrite mxE.
suff [d [d_not0 falls]] : exists d, d <> 0 /\ forall j, dot (D (lift i j)) d <= 0.
  have all_fall j : dot (D j) d <= 0.
    by case: (unliftP i j) => [k -> // | ->]; rewrite /D subrr dot0l.
  by apply: (line_unbounded d_not0) => c; apply: along here all_fall.
have [free | not_free] := boolP (row_free A); last first.
  have : (\rank (kermx A^T) != 0)%N.
    rewrite mxrank_ker mxrank_tr subn_eq0 -ltnNge; apply: leq_trans m_l.
    by rewrite ltn_neqAle rank_leq_row andbT.
  rewrite mxrank_eq0 => /rowV0Pn [v /sub_kermxP null v_not0]; exists v^T; split=> [|j].
    by move/(congr1 trmx); rewrite trmxK trmx0 => v0; rewrite v0 eqxx in v_not0.
  have : A *m v^T = 0 by apply/trmx_inj; rewrite trmx_mul trmxK null trmx0.
  by move/colP => /(_ j); rewrite at_ mxE => ->.
pose down : 'cV[R]_m := const_mx (-1).
have solved : A *m (pinvmx A *m down) = down by rewrite mulmxA mulmxVp // mul1mx.
have [m_0 | m_gt0] := posnP m.
  exists (delta_mx (Ordinal l_gt0) 0); split=> [/colP /(_ (Ordinal l_gt0)) | j].
    by rewrite !mxE !eqxx => /eqP; rewrite oner_eq0.
  by have := leq_trans (ltn_ord j) (eq_leq m_0).
exists (pinvmx A *m down); split=> [none | j]; last first.
  by rewrite -at_ solved /down mxE oppr_le0 ler01.
move/colP: solved => /(_ (Ordinal m_gt0)); rewrite none mulmx0 /down !mxE => /esym /eqP.
by rewrite oppr_eq0 oner_eq0.
Qed.
End Unbounded.

Theorem unbounded_few_features (R : realFieldType) (l m : nat) : (l < m)%N ->
  exists (W : 'M[R]_(l, m.+1)) bias i, (exists h, region W bias i h) /\
    bounded_set (region W bias i).
Proof.
move=> l_m; pose W : 'M[R]_(l, m.+1) :=
  \matrix_(k, j) (if (j : nat) == k.+1 then 1 else if (j : nat) == l.+1 then -1 else 0).
have at_0 h : logits W (fun=> 0) h ord0 = 0.
  by rewrite /logits addr0 /dot big1 // => k _; rewrite !mxE mul0r.
exists W, (fun=> 0), ord0; split.
  by exists 0 => j; rewrite at_0 /logits dot0r addr0.
exists 0 => h here k; suff -> : h k 0 = 0 by rewrite normr0.
have low t : h t 0 <= 0.
  have t_m : (t.+1 < m.+1)%N by rewrite ltnS (leq_trans (ltn_ord t)) // ltnW.
  have := here (Ordinal t_m); rewrite at_0 /logits addr0; congr (_ <= 0).
  rewrite /dot (bigD1 t) //= big1 ?addr0 => [|s /negbTE s_t]; first by rewrite !mxE /= eqxx mul1r.
  rewrite !mxE /= eqSS [(t : nat) == s]eq_sym (_ : (s : nat) == t = false) //.
  by rewrite ltn_eqF ?mul0r // ltnS ltn_ord.
have high : 0 <= \sum_t h t 0.
  have := here (Ordinal (l_m : l.+1 < m.+1)%N); rewrite at_0 /logits addr0 -oppr_ge0 -sumrN.
  congr (0 <= _); apply: eq_bigr => t _; rewrite !mxE /= gtn_eqF ?eqxx ?mulN1r ?opprK //.
  by rewrite ltnS ltn_ord.
apply/le_anti; rewrite low /= -oppr_le0 -[X in X <= _]addr0.
apply: le_trans (_ : - h k 0 + \sum_t h t 0 <= 0); first by rewrite ler_add2l.
by rewrite (bigD1 k) //= addKr -oppr_ge0 -sumrN; apply: sumr_ge0 => t _; rewrite oppr_ge0.
Qed.
