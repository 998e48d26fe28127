(* Lemma 3 of Charles et al.: a rule (w, b) with the largest margin on data with both labels, scaled so
   that its least margin is 1, is a signed combination of the data: w = sum a_i y_i x_i with a >= 0
   and sum a_i y_i = 0. It is unique. That one exists is not said here: the certificate of a set's
   largest margin has it. *)

From certify.proofs Require Import vectors labelled_sets.
From verify.claims.charles2019 Require Import thm_4.

Section Lemma3.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).
Hypothesis both : (exists i, labels i = 1) /\ (exists i, labels i = -1).

(* All margins are at least 1, and no rule whose margins are at least s has s / |w'| > 1 / |w|. *)
Definition largest w b := (forall i, 1 <= margin points labels w b i) /\
  forall w' b' s, 0 < s -> (forall i, s <= margin points labels w' b' i) ->
    s * s * dot w w <= dot w' w'.

Lemma normal_not0 w b : (forall i, 1 <= margin points labels w b i) -> 0 < dot w w.
Proof.
move=> least; apply: square_gt0 => w0; have [[i plus] [j minus]] := both.
have := least i; have := least j; rewrite /margin plus minus w0 !dot0l !add0r mul1r mulN1r.
move=> b_le b_ge; have := ler_add b_le b_ge; rewrite addNr leNgt => /negP; apply.
by rewrite addr_gt0 ?ltr01.
Qed.

Lemma margin_sum w b w' b' (s t : R) i :
  margin points labels (s *: w + t *: w') (s * b + t * b') i =
  s * margin points labels w b i + t * margin points labels w' b' i.
Proof. by rewrite /margin dotDl !dotZl; field_identity R. Qed.

(* A separator has a least margin. *)
Lemma least_margin w b : separator points labels w b ->
  exists m, 0 < m /\ forall i, m <= margin points labels w b i.
Proof.
move=> separates; pose total := 1 + \sum_i (margin points labels w b i)^-1.
have inverses i : 0 <= (margin points labels w b i)^-1 by rewrite invr_ge0 ltW.
have total_gt0 : 0 < total by rewrite ltr_paddr ?ltr01 //; apply: sumr_ge0.
exists total^-1; split=> [|i]; first by rewrite invr_gt0.
rewrite -[X in _ <= X]invrK lef_pinv ?posrE ?invr_gt0 //.
by rewrite /total (bigD1 i) //= addrCA ler_addl addr_ge0 ?ler01 //; apply: sumr_ge0.
Qed.

Theorem lem_3 w b : largest w b -> exists a, multipliers points labels a w 0.
Proof.
case=> least best; have w_gt0 := normal_not0 least.
have some : exists w b, separator points labels w b.
  by exists w, b => i; apply: lt_le_trans (least i); rewrite ltr01.
apply/(thm_4_exact w some) => w' b' separates; rewrite ltNge; apply/negP => not_positive.
have [m [m_gt0 at_least]] := least_margin separates.
have [e [e_gt0 still]] := a_little (- dot w' w') (mulr_gt0 m_gt0 w_gt0).
have se_gt0 : 0 < 1 + e * m by rewrite addr_gt0 ?ltr01 ?mulr_gt0.
have margins i : 1 + e * m <= margin points labels (1 *: w + e *: w') (1 * b + e * b') i.
  by rewrite margin_sum mul1r ler_add // ler_pmul2l.
have := best _ _ _ se_gt0 margins; rewrite leNgt => /negP; apply.
rewrite scale1r !(dotDl, dotDr, dotZl, dotZr) (dotC w w') -subr_gt0.
have -> : (1 + e * m) * (1 + e * m) * dot w w -
    (dot w w + e * dot w' w + (e * dot w' w + e * (e * dot w' w'))) =
    e * (m * dot w w + e * - dot w' w') + e * m * dot w w + e * e * m * m * dot w w
    - (e + e) * dot w' w by field_identity R.
rewrite ltr_spaddl //; last by rewrite -mulrN mulr_ge0 ?oppr_ge0 ?addr_ge0 // ltW.
by rewrite !addr_gt0 ?mulr_gt0.
Qed.

(* Between two offsets all margins would be larger. *)
Lemma offset_not_less w b b' :
  (forall w' b' s, 0 < s -> (forall i, s <= margin points labels w' b' i) ->
    s * s * dot w w <= dot w' w') ->
  (forall i, 1 <= margin points labels w b i) -> (forall i, 1 <= margin points labels w b' i) ->
  ~ b < b'.
Proof.
move=> best least least' less; have w_gt0 := normal_not0 least.
pose e := (b' - b) / 2%:R; have e_gt0 : 0 < e by rewrite divr_gt0 ?subr_gt0 ?ltr0n.
have twice : e + e = b' - b by rewrite -mulr2n -mulr_natr divfK // pnatr_eq0.
have more i : 1 + e <= margin points labels w (b + e) i.
  have := least i; have := least' i; rewrite /margin.
  case: (labels_are i) => ->; rewrite ?mul1r ?mulN1r => at_b' at_b.
    by rewrite addrA ler_add2r.
  have -> : - (dot w (points i) + (b + e)) = - (dot w (points i) + b') + (b' - b - e).
    by field_identity R.
  by rewrite -twice addrK ler_add2r.
have s_gt0 : 0 < 1 + e by rewrite addr_gt0 ?ltr01.
have := best _ _ _ s_gt0 more; rewrite leNgt => /negP; apply.
rewrite -[X in X < _]mul1r ltr_pmul2r // -[X in X < _]mul1r.
by rewrite ltr_pmul ?ler01 // ltr_addl.
Qed.

Theorem lem_3_unique w b w' b' : largest w b -> largest w' b' -> w = w' /\ b = b'.
Proof.
move=> [least best] [least' best']; have w_gt0 := normal_not0 least.
have same : dot w w = dot w' w'.
  apply/le_anti; have := best w' b' 1 ltr01 least'; have := best' w b 1 ltr01 least.
  by rewrite !mul1r => -> ->.
have half : 2%:R^-1 + 2%:R^-1 = 1 :> R by rewrite -mulr2n -[_ *+ 2]mulr_natl divff ?pnatr_eq0.
have h_ge0 : 0 <= 2%:R^-1 :> R by rewrite invr_ge0 ler0n.
move: half h_ge0; set h := _^-1 => half h_ge0.
have middle i : 1 <= margin points labels (h *: w + h *: w') (h * b + h * b') i.
  by rewrite margin_sum -half ler_add // ler_pemulr.
have equal : w = w'.
  apply/eqP; rewrite -subr_eq0; apply/eqP/square_eq0/eqP; rewrite eq_le square_ge0 andbT.
  have := best _ _ 1 ltr01 middle; rewrite !mul1r !(dotDl, dotDr, dotZl, dotZr) (dotC w' w).
  rewrite !dotNl !dotNr (dotC w' w) -same => best_middle.
  have h2 : h * h = h * h by [].
  have four : (h + h) * (h + h) = 1 by rewrite half mulr1.
  rewrite -subr_ge0 in best_middle.
  have : 0 <= (h * (h * dot w w) + h * (h * dot w w') + (h * (h * dot w w') + h * (h * dot w w))
      - (h + h) * (h + h) * dot w w) by rewrite four mul1r.
  have -> : h * (h * dot w w) + h * (h * dot w w') + (h * (h * dot w w') + h * (h * dot w w))
      - (h + h) * (h + h) * dot w w = h * h * - (dot w w - dot w w' + (- dot w w' - - dot w w)).
    by field_identity R.
  rewrite pmulr_rge0 ?oppr_ge0 //; rewrite lt_def mulr_ge0 // andbT mulf_neq0 //.
    by rewrite invr_neq0 // pnatr_eq0.
  by rewrite invr_neq0 // pnatr_eq0.
rewrite -equal in least' best'; split=> //; apply/le_anti.
by rewrite !leNgt; apply/andP; split; apply/negP => less; [apply: (offset_not_less best' least' least)
  | apply: (offset_not_less best least least')].
Qed.
End Lemma3.
