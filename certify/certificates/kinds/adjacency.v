(* The kind adjacency: its checks imply its sentence, for all sizes. Two regions, ties included,
   share a facet when W_i differs from W_j and they contain all points of the hyperplane z_i = z_j
   that are near enough to some point of it. *)

From certify.proofs Require Import vectors labelled_sets convex_sets.

Section Adjacency.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (n m : nat) (weights : 'M[R]_(n, m)) (bias : 'I_m -> R) (i j : 'I_m).

Definition z (h : 'cV[R]_n) k := dot (col k weights) h + bias k.

Definition region k h := forall l, z h l <= z h k.

Definition share_facet := col i weights <> col j weights /\
  exists p r, [/\ 0 < r, z p i = z p j &
    forall h, near p r h -> z h i = z h j -> region i h /\ region j h].

Lemma z_moved h c v k : z (h + c *: v) k = z h k + c * dot (col k weights) v.
Proof. by rewrite /z dotDr dotZr addrAC. Qed.

(* Logits change little nearby. *)
Lemma z_near p k l : z p k < z p l -> exists r, 0 < r /\ forall h, near p r h -> z h k < z h l.
Proof.
move=> less; pose slope := \sum_t `|weights t l - weights t k|.
have slope_ge0 : 0 <= slope by apply: sumr_ge0.
pose r := (z p l - z p k) / (1 + slope).
have more : 0 < 1 + slope by rewrite ltr_paddr.
exists r; split=> [|h close]; first by rewrite divr_gt0 // subr_gt0.
have gap : z h l - z h k = z p l - z p k + \sum_t (weights t l - weights t k) * (h t 0 - p t 0).
  rewrite (_ : \sum_t _ = dot (col l weights) h - dot (col k weights) h -
                          (dot (col l weights) p - dot (col k weights) p)).
    by rewrite /z; field_identity R.
  by rewrite /dot -!sumrB; apply: eq_bigr => t _; rewrite !mxE; field_identity R.
have small : `|\sum_t (weights t l - weights t k) * (h t 0 - p t 0)| <= slope * r.
  rewrite mulr_suml; apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => t _.
  by rewrite normrM ler_wpmul2l // ltW.
rewrite -subr_gt0 gap; move: small; rewrite ler_norml => /andP [low _].
apply: lt_le_trans (_ : 0 < z p l - z p k + - (slope * r)) _; last by rewrite ler_add2l.
have -> : z p l - z p k + - (slope * r) = r.
  have {1}-> : z p l - z p k = r * (1 + slope) by rewrite divfK // gt_eqF.
  by field_identity R.
by rewrite divr_gt0 // subr_gt0.
Qed.

Theorem adjacency point :
  z point i = z point j -> col i weights - col j weights <> 0 ->
  (forall k, k != i -> k != j -> z point k < z point i) -> share_facet.
Proof.
move=> tie hyperplane others; split; first by move=> same; apply: hyperplane; rewrite same subrr.
have close k : exists r, 0 < r /\ (k != i -> k != j -> forall h, near point r h -> z h k < z h i).
  have [/andP [ki kj] | neither] := boolP ((k != i) && (k != j)).
    by have [r [r_gt0 less]] := z_near (others k ki kj); exists r.
  by exists 1; split=> // ki kj; rewrite ki kj in neither.
have [r r_is] := fin_all_exists close.
have r_gt0 k : 0 < r k by have [] := r_is k.
pose total := 1 + \sum_k (r k)^-1.
have inverses k : 0 <= (r k)^-1 by rewrite invr_ge0 ltW.
have total_gt0 : 0 < total by rewrite ltr_paddr ?ltr01 //; apply: sumr_ge0.
exists point, total^-1; split=> //; first by rewrite invr_gt0.
move=> h near_h same; have at_i l : z h l <= z h i.
  have [->|li] := eqVneq l i; first exact: lexx.
  have [->|lj] := eqVneq l j; first by rewrite same.
  have [_ /(_ li lj h) less] := r_is l; apply/ltW/less => t.
  apply: lt_le_trans (near_h t) _; rewrite -[r l]invrK lef_pinv ?posrE ?invr_gt0 //.
  rewrite /total (bigD1 l) //= addrCA ler_addl addr_ge0 ?ler01 //; exact: sumr_ge0.
by split=> l //; rewrite -same.
Qed.

(* A mixture of other classes is at least as large on the whole boundary. *)
Lemma dominated (share : 'I_m -> R) t e :
  shares share -> share i = 0 -> share j = 0 ->
  \sum_k share k *: col k weights = t *: col i weights + (1 - t) *: col j weights ->
  e = \sum_k share k * bias k - (t * bias i + (1 - t) * bias j) ->
  forall h, z h i = z h j -> \sum_k share k * z h k = z h i + e.
Proof.
move=> [_ total] _ _ gradients -> h tie.
have -> : \sum_k share k * z h k = dot (\sum_k share k *: col k weights) h + \sum_k share k * bias k.
  by rewrite dot_suml -big_split /=; apply: eq_bigr => k _; rewrite /z mulrDr dotZl.
rewrite gradients dotDl !dotZl; move: tie; rewrite /z => tie.
have -> : dot (col i weights) h = dot (col j weights) h + bias j - bias i.
  by rewrite -tie addrK.
by field_identity R.
Qed.

Theorem adjacency_none (share : 'I_m -> R) t e :
  shares share -> share i = 0 -> share j = 0 ->
  \sum_k share k *: col k weights = t *: col i weights + (1 - t) *: col j weights ->
  e = \sum_k share k * bias k - (t * bias i + (1 - t) * bias j) -> 0 <= e ->
  (0 < e -> ~ exists h, region i h /\ region j h) /\
  (0 < e \/ (col i weights - col j weights <> 0 /\ exists k, [/\ share k <> 0,
      col k weights - col i weights <> 0 \/ bias k - bias i <> 0 &
      forall c, col k weights - col i weights <> c *: (col i weights - col j weights) \/
                bias k - bias i <> c * (bias i - bias j)]) ->
   ~ share_facet).
Proof.
move=> is_shares si sj gradients e_is e_ge0.
have [share_ge0 total] := is_shares.
have tied h : region i h -> region j h -> z h i = z h j.
  by move=> in_i in_j; apply/le_anti; rewrite in_i in_j.
have at_most h : region i h -> \sum_k share k * z h k <= z h i.
  move=> in_i; rewrite -[X in _ <= X]mul1r -total mulr_suml; apply: ler_sum => k _.
  by rewrite ler_wpmul2l.
have no_common : 0 < e -> ~ exists h, region i h /\ region j h.
  move=> e_gt0 [h [in_i in_j]]; have := at_most h in_i.
  rewrite (dominated is_shares si sj gradients e_is (tied h in_i in_j)).
  by rewrite ger_addl leNgt e_gt0.
split=> // cut [_ [p [r [r_gt0 tie ball]]]].
have p_near : near p r p by move=> t'; rewrite subrr normr0.
case: cut => [/no_common []|[hyperplane [k [sk _ other]]]].
  by have [in_i in_j] := ball p p_near tie; exists p.
have [e_gt0 | e_le0] := ltP 0 e.
  by apply: (no_common e_gt0); have [in_i in_j] := ball p p_near tie; exists p.
have e0 : e = 0 by apply/le_anti; rewrite e_le0.
(* Where the mixture ties, so does each of its classes. *)
have ties h : near p r h -> z h i = z h j -> z h k = z h i.
  move=> near_h same; have [in_i in_j] := ball h near_h same.
  have gaps0 : \sum_l share l * (z h i - z h l) = 0.
    rewrite (eq_bigr (fun l => share l * z h i - share l * z h l)) => [|l _]; last exact: mulrBr.
    rewrite sumrB -mulr_suml total mul1r (dominated is_shares si sj gradients e_is same) e0.
    by rewrite addr0 subrr.
  have /psumr_eq0P all0 : forall l, true -> 0 <= share l * (z h i - z h l).
    by move=> l _; rewrite mulr_ge0 // subr_ge0.
  have /eqP := all0 gaps0 k erefl; rewrite mulf_eq0 subr_eq0 => /orP [/eqP // | /eqP -> //].
pose N := col i weights - col j weights; pose M := col k weights - col i weights.
have N_gt0 : 0 < dot N N by apply: square_gt0.
pose c := dot N M / dot N N; pose v := M - c *: N.
have Nv : dot N v = 0 by rewrite dotDr dotNr dotZr divfK ?gt_eqF // subrr.
have tie_p : z p k = z p i by apply: ties.
have Mv : dot M v = 0.
  pose big := \sum_t' `|v t' 0|; have big_ge0 : 0 <= big by apply: sumr_ge0.
  have more : 0 < 1 + big by rewrite ltr_paddr.
  pose s := r / (1 + big); have s_gt0 : 0 < s by rewrite divr_gt0.
  have near_s : near p r (p + s *: v).
    move=> t'; have -> : (p + s *: v) t' 0 - p t' 0 = s * v t' 0.
      by rewrite mxE [X in _ + X - _]mxE addrC addKr.
    have entry : `|v t' 0| <= big by rewrite /big (bigD1 t') //= ler_addl; apply: sumr_ge0.
    rewrite normrM (gtr0_norm s_gt0) mulrAC ltr_pdivr_mulr // ltr_pmul2l //.
    by apply: le_lt_trans entry _; rewrite ltr_addr ltr01.
  have same : z (p + s *: v) i = z (p + s *: v) j.
    rewrite !z_moved tie; congr (_ + s * _); apply/eqP; rewrite -subr_eq0 -dotNl -dotDl.
    exact/eqP.
  have := ties _ near_s same; rewrite !z_moved tie_p => /addrI /(mulfI (lt0r_neq0 s_gt0)) equal.
  by rewrite /M dotDl dotNl equal subrr.
have v0 : v = 0.
  apply: square_eq0; rewrite {1}/v dotDl dotNl dotZl Mv Nv mulr0 subrr //.
have M_is : M = c *: N by apply/eqP; rewrite -subr_eq0 -/v v0.
case: (other c) => [// | bias_not]; apply: bias_not.
have at_k : bias k - bias i = - dot M p.
  have := tie_p; rewrite /z /M dotDl dotNl => /eqP; rewrite -subr_eq0 => /eqP zero.
  by apply/eqP; rewrite -subr_eq0 -zero; apply/eqP; field_identity R.
have at_j : bias i - bias j = - dot N p.
  have := tie; rewrite /z /N dotDl dotNl => /eqP; rewrite -subr_eq0 => /eqP zero.
  by apply/eqP; rewrite -subr_eq0 -zero; apply/eqP; field_identity R.
by rewrite at_k at_j M_is dotZl mulrN.
Qed.
End Adjacency.
