(* Theorem 8 of Charles et al.: let class l occur in the data beside k. With v = sum p_i x_i
   - sum q_i x_i, weights p on points labelled l and q on points labelled k, all >= 0 and with equal
   sums that are not 0, every rule that is right on the data leaves class k along v from every x,
   ties being errors or going to the lowest class. So it does along the difference of the means. *)

From certify.proofs Require Import vectors labelled_sets multiclass.

Section Theorem8.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n m : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m).

(* The label of x is y: its logit exceeds the others, or, if ties go to the lowest class, is as large
   as any and larger than those of lower classes. *)
Definition has_label (lowest : bool) (W : 'I_m -> 'cV[R]_d) b x (y : 'I_m) :=
  forall j : 'I_m, j != y ->
  if lowest && (y < j)%N then logit W b x j <= logit W b x y else logit W b x j < logit W b x y.

Definition right lowest W b := forall i, has_label lowest W b (points i) (labels i).

Variables (k l : 'I_m) (p q : 'I_n -> R).

Let v := \sum_i p i *: points i - \sum_i q i *: points i.

Definition leads_from_k_to_l := [/\ forall i, 0 <= p i /\ (p i <> 0 -> labels i = l),
  forall i, 0 <= q i /\ (q i <> 0 -> labels i = k), \sum_i p i = \sum_i q i & 0 < \sum_i p i].

Lemma slope_positive lowest W b : k != l -> leads_from_k_to_l -> right lowest W b ->
  dot (W k) v < dot (W l) v.
Proof.
move=> different [p_is q_is same positive] is_right.
pose gap i := logit W b (points i) l - logit W b (points i) k.
have slope_is : dot (W l) v - dot (W k) v = \sum_i p i * gap i - \sum_i q i * gap i.
  have part (s : 'I_n -> R) : \sum_i s i * gap i =
      dot (W l) (\sum_i s i *: points i) - dot (W k) (\sum_i s i *: points i) +
      (\sum_i s i) * (b l - b k).
    rewrite !dot_sumr -sumrB mulr_suml -big_split /=; apply: eq_bigr => i _.
    by rewrite !dotZr /gap /logit; field_identity R.
  by rewrite !part /v !dotDr !dotNr same; field_identity R.
have strict_somewhere : (k < l)%N || (l < k)%N by rewrite -neq_ltn.
have at_l i : labels i = l -> 0 <= gap i /\ ((k < l)%N -> 0 < gap i).
  move=> i_l; have := is_right i k; rewrite i_l => /(_ different).
  rewrite /gap subr_ge0 subr_gt0; case: ifP => [/andP [_ l_k] le | _ lt]; last by split=> //; apply: ltW.
  by split=> // k_l; have := ltn_trans l_k k_l; rewrite ltnn.
have at_k i : labels i = k -> gap i <= 0 /\ ((l < k)%N -> gap i < 0).
  move=> i_k; have := is_right i l; rewrite i_k eq_sym => /(_ different).
  rewrite /gap subr_le0 subr_lt0; case: ifP => [/andP [_ k_l] le | _ lt]; last by split=> //; apply: ltW.
  by split=> // l_k; have := ltn_trans k_l l_k; rewrite ltnn.
have p_term i : 0 <= p i * gap i.
  have [p_ge0 only] := p_is i; have [-> | /eqP /only /at_l [gap_ge0 _]] := eqVneq (p i) 0.
    by rewrite mul0r.
  exact: mulr_ge0.
have q_term i : 0 <= - (q i * gap i).
  have [q_ge0 only] := q_is i; have [-> | /eqP /only /at_k [gap_le0 _]] := eqVneq (q i) 0.
    by rewrite mul0r oppr0.
  by rewrite -mulrN mulr_ge0 ?oppr_ge0.
have some (s : 'I_n -> R) : (forall i, 0 <= s i) -> 0 < \sum_i s i -> exists i, 0 < s i.
  move=> s_ge0 total; have [/existsP [i] | none] := boolP [exists i, 0 < s i]; first by exists i.
  suff : \sum_i s i <= 0 by rewrite leNgt total.
  rewrite -oppr_ge0 -sumrN; apply: sumr_ge0 => i _; rewrite oppr_ge0 leNgt; exact: existsPn none i.
rewrite -subr_gt0 slope_is -sumrN.
have [k_l | l_k] := orP strict_somewhere.
  have [i pi] := some p (fun i => proj1 (p_is i)) positive.
  rewrite ltr_paddr //; first exact: sumr_ge0.
  apply: (@sum_positive _ _ _ i) => //; apply: mulr_gt0 => //.
  have i_l : labels i = l by have [_] := p_is i; apply; apply/eqP; rewrite gt_eqF.
  by have [_] := at_l i i_l; apply.
rewrite same in positive; have [i qi] := some q (fun i => proj1 (q_is i)) positive.
rewrite ltr_paddl //; first exact: sumr_ge0.
apply: (@sum_positive _ _ _ i) => //; rewrite -mulrN mulr_gt0 // oppr_gt0.
have i_k : labels i = k by have [_] := q_is i; apply; apply/eqP; rewrite gt_eqF.
by have [_] := at_k i i_k; apply.
Qed.

(* Class l is ahead of class k for all large steps, from every x. *)
Theorem thm_8_ahead lowest W b : k != l -> leads_from_k_to_l -> right lowest W b ->
  forall x, exists c0, 0 <= c0 /\
    forall c, c0 < c -> logit W b (x + c *: v) k < logit W b (x + c *: v) l.
Proof.
move=> different leads is_right x; have slope := slope_positive different leads is_right.
pose s := dot (W l) v - dot (W k) v; have s_gt0 : 0 < s by rewrite subr_gt0.
exists (Num.max 0 ((logit W b x k - logit W b x l) / s)); split=> [|c].
  by rewrite le_maxr lexx.
rewrite lt_maxl => /andP [_]; rewrite ltr_pdivr_mulr // => far.
have moved t : logit W b (x + c *: v) t = logit W b x t + c * dot (W t) v.
  by rewrite /logit dotDr dotZr addrAC.
rewrite -subr_gt0 in far; rewrite -subr_gt0 !moved.
by congr (0 < _): far; rewrite /s; field_identity R.
Qed.

Theorem thm_8 lowest W b : k != l -> leads_from_k_to_l -> right lowest W b ->
  forall x, exists c0, 0 <= c0 /\ forall c, c0 < c -> ~ has_label lowest W b (x + c *: v) k.
Proof.
move=> different leads is_right x.
have [c0 [c0_ge0 ahead]] := thm_8_ahead different leads is_right x.
exists c0; split=> // c /ahead less /(_ l); rewrite eq_sym => /(_ different).
by case: ifP => _; rewrite ?leNgt ?less // ltNge ltW.
Qed.
End Theorem8.

Definition mean (R : realFieldType) d n m (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m) k :=
  (#|[pred i | labels i == k]|%:R)^-1 *: \sum_(i | labels i == k) points i.

Theorem thm_8_means (R : realFieldType) d n m (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m)
    k l : k != l -> (exists i, labels i = k) -> (exists i, labels i = l) ->
  let v := mean points labels l - mean points labels k in
  forall lowest W b, right points labels lowest W b ->
  forall x, exists c0, 0 <= c0 /\ forall c, c0 < c -> ~ has_label lowest W b (x + c *: v) k.
Proof.
move=> different some_k some_l v lowest W b.
pose share j (i : 'I_n) : R := if labels i == j then (#|[pred i | labels i == j]|%:R)^-1 else 0.
have total j : (exists i, labels i = j) -> \sum_i share j i = 1.
  move=> [i i_j]; rewrite -big_mkcond sumr_const -[_ *+ _]mulr_natr mulVf // pnatr_eq0 -lt0n.
  by apply/card_gt0P; exists i; rewrite inE i_j eqxx.
have only j i : 0 <= share j i /\ (share j i <> 0 -> labels i = j).
  rewrite /share; case: eqP => [i_j | _]; first by split=> //; rewrite invr_ge0 ler0n.
  by split=> [|none]; [exact: lexx | case: none].
have sum_is j : \sum_i share j i *: points i = mean points labels j.
  rewrite /mean scaler_sumr [RHS]big_mkcond; apply: eq_bigr => i _.
  by rewrite /share; case: ifP; rewrite ?scale0r.
move=> is_right; rewrite /v -!sum_is.
apply: (@thm_8 R d n m points labels k l (share l) (share k) lowest W b different _ is_right).
split=> [i | i ||]; [exact: only | exact: only | by rewrite !total | by rewrite total // ltr01].
Qed.
