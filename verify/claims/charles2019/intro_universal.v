(* The introduction of Charles et al., repaired: along the difference of the class means every step
   c >= the number of points with the label y turns every point of the data with the label y, for
   every rule that is right on it, whatever label its boundary has. Along u = sum a_i y_i x_i with
   a >= 0, not all 0, and sum a_i y_i = 0, the direction of the largest margin for instance, a step
   for all points exists among rules with margins between g > 0 and B: any c > B / (g sum a_i). *)

From certify.proofs Require Import vectors labelled_sets.
From verify.claims.charles2019 Require Import thm_5.

Section IntroUniversal.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).

Definition number (y : R) : R := \sum_i (labels i == y)%:R.

(* Each point has the weight 1 over the number of points with its label. *)
Definition mean_weights i : R := (number (labels i))^-1.

Lemma minus_plus : (-1 == 1 :> R) = false.
Proof. by rewrite eq_sym opposite_labels. Qed.

Lemma number_gt0 i : 0 < number (labels i).
Proof.
apply: (@sum_positive _ _ _ i) => [j|]; last by rewrite eqxx ltr01.
by case: eqP => _; rewrite ?ler01.
Qed.

(* Their signed sum is the difference of the means. *)
Lemma mean_difference : signed_sum points labels mean_weights =
  (number 1)^-1 *: (\sum_i (labels i == 1)%:R *: points i) -
  (number (-1))^-1 *: (\sum_i (labels i == -1)%:R *: points i).
Proof.
rewrite !scaler_sumr -sumrB; apply: eq_bigr => i _; rewrite /mean_weights.
case: (labels_are i) => ->; rewrite ?opposite_labels ?minus_plus !eqxx.
  by rewrite scale1r scale0r scaler0 subr0 mulr1.
by rewrite scale1r scale0r scaler0 sub0r mulrN1 scaleNr.
Qed.

Lemma mean_balance : (exists i, labels i = 1) -> (exists i, labels i = -1) ->
  balance labels mean_weights = 0.
Proof.
move=> [i plus] [j minus]; have := number_gt0 i; have := number_gt0 j; rewrite plus minus => m_gt0 p_gt0.
rewrite /balance (eq_bigr (fun i => (labels i == 1)%:R / number 1 -
    (labels i == -1)%:R / number (-1))) => [|k _].
  by rewrite sumrB -!mulr_suml -/(number 1) -/(number (-1)) !divff ?gt_eqF // subrr.
rewrite /mean_weights; case: (labels_are k) => ->; rewrite ?opposite_labels !eqxx.
  by rewrite mul0r subr0 mul1r mulr1.
by rewrite minus_plus mul0r sub0r mul1r mulrN1.
Qed.

Theorem intro_universal zero w b :
  (exists i, labels i = 1) -> (exists i, labels i = -1) ->
  linear_accurate points labels zero w b ->
  let v := signed_sum points labels mean_weights in
  forall i c, number (labels i) <= c ->
    linear_label zero w b (moved (labels i) (points i) v c) <> labels i.
Proof.
move=> plus minus right v i c enough.
have weight_gt0 k : 0 < mean_weights k by rewrite invr_gt0 number_gt0.
have margin_ge0 k : 0 <= margin points labels w b k.
  exact: sign_weak (labels_are k) (right k).
have slope_is : dot w v = \sum_k mean_weights k * margin points labels w b k.
  by have := sum_of_margins points labels mean_weights w b;
     rewrite mean_balance // mul0r addr0 dotC.
have not_all : not_all_zero mean_weights.
  by exists i; apply/eqP; rewrite gt_eqF.
have slope : 0 < dot w v.
  by apply: (accurate_slope labels_are _ not_all (mean_balance plus minus) right) => k; apply: ltW.
(* Another point of the other label has a margin, or this one's boundary is its own. *)
pose rest := \sum_(k | k != i) mean_weights k * margin points labels w b k.
have rest_ge0 : 0 <= rest by apply: sumr_ge0 => k _; rewrite mulr_ge0 // ltW.
have at_most : margin points labels w b i <= number (labels i) * dot w v.
  rewrite slope_is (bigD1 i) //= -/rest mulrDr mulrA divff ?gt_eqF ?number_gt0 // mul1r ler_addl.
  by rewrite mulr_ge0 // ltW // number_gt0.
have moved_is : labels i * value w b (moved (labels i) (points i) v c) =
    margin points labels w b i - c * dot w v by rewrite /value moved_margin.
have below0 : labels i * value w b (moved (labels i) (points i) v c) <= 0.
  by rewrite moved_is subr_le0 (le_trans at_most) // ler_wpmul2r // ltW.
move=> kept; have := sign_weak (labels_are i) kept; rewrite -/(value _ _ _) => above0.
have at0 : labels i * value w b (moved (labels i) (points i) v c) = 0.
  by apply/le_anti; rewrite below0.
(* Then the boundary has this label, so that all points of the other one have margins. *)
have zero_is : zero = labels i.
  move: kept at0; rewrite /linear_label => + /eqP; rewrite mulf_eq0.
  have -> : (labels i == 0) = false.
    by case: (labels_are i) => ->; rewrite ?oppr_eq0 oner_eq0.
  by move=> + /eqP => /[swap] ->; rewrite /sign ltxx.
have [j other] : exists j, labels j = - labels i.
  by case: (labels_are i) => ->; rewrite ?opprK.
have j_gt0 : 0 < margin points labels w b j.
  apply: (sign_strict (labels_are j) (right j)); rewrite other zero_is.
  by case: (labels_are i) => ->; apply/eqP; rewrite ?opprK ?opposite_labels ?minus_plus.
have j_i : j != i.
  apply: contra_eq_neq other => ->.
  by case: (labels_are i) => ->; rewrite ?opprK ?opposite_labels ?minus_plus.
have : margin points labels w b i < number (labels i) * dot w v.
  rewrite slope_is (bigD1 i) //= mulrDr mulrA divff ?gt_eqF ?number_gt0 // mul1r ltr_addl.
  apply: mulr_gt0 (number_gt0 i) _; rewrite (bigD1 j) //=.
  apply: ltr_paddr; last exact: mulr_gt0 (weight_gt0 j) j_gt0.
  by apply: sumr_ge0 => k _; rewrite mulr_ge0 // ltW.
have -> : margin points labels w b i = c * dot w v.
  by apply/eqP; rewrite -subr_eq0 -moved_is at0.
by rewrite ltr_pmul2r // ltNge enough.
Qed.

Theorem intro_universal_margin (a : 'I_n -> R) zero w b g B :
  let u := signed_sum points labels a in
  nonnegative a -> not_all_zero a -> balance labels a = 0 ->
  linear_accurate points labels zero w b -> 0 < g ->
  (forall i, g <= margin points labels w b i) -> (forall i, margin points labels w b i <= B) ->
  forall i c, B / (g * \sum_k a k) < c ->
    linear_label zero w b (moved (labels i) (points i) u c) = - labels i.
Proof.
move=> u a_ge0 a_not0 balanced right g_gt0 least most i c far.
have [flips _] := thm_5 labels_are a_ge0 a_not0 balanced right g_gt0 least
  (labels_are i) (right i).
apply: flips; apply: le_lt_trans far; rewrite ler_wpmul2r ?most // invr_ge0 mulr_ge0 ?(ltW g_gt0) //.
exact: sumr_ge0.
Qed.
End IntroUniversal.
