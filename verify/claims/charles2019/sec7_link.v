(* Section 7 of Charles et al., on Figure 4, repaired: what changes the label y of a point under
   two linear rules is an adversarial direction of both, there and wherever they give the label y.

   For a separator of the data and a balanced combination u of it, the label of a point with margin
   m changes along - y u just beyond the step m / (w.u), and within a cube just beyond the radius m
   / |w|_1. Some point of the data is reached by the step g = 1 / sum a_i, and some point of each
   label by 2 g. *)

From certify.proofs Require Import vectors labelled_sets lengths means.
From verify.claims.proofs Require Import directions.
From verify.claims.charles2019 Require Import linear_same_label.

Section Section7Link.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).

Theorem sec7_link zero w b zero' w' b' (x e : 'cV[R]_d) y : label y ->
  let h := linear_label zero w b in let h' := linear_label zero' w' b' in
  h x = y -> h' x = y -> h (x + e) <> y -> h' (x + e) <> y ->
  (forall z, h z = y -> adversarial h e z y) /\ (forall z, h' z = y -> adversarial h' e z y).
Proof.
move=> y_label h h' at_x at_x' changes changes'; split=> z at_z.
  apply/(linear_same_label_all e y_label at_x at_z); split=> //; exists 1.
  by rewrite ltr01 scale1r.
apply/(linear_same_label_all e y_label at_x' at_z); split=> //; exists 1.
by rewrite ltr01 scale1r.
Qed.

Variables (a : 'I_n -> R) (zero : R) (w : 'cV[R]_d) (b : R).
Hypotheses (labels_are : forall i, label (labels i)) (separates : separator points labels w b).
Hypotheses (a_ge0 : nonnegative a) (a_not0 : not_all_zero a) (balanced : balance labels a = 0).

Let u := signed_sum points labels a.

Let h := linear_label zero w b.

Lemma slope : 0 < dot w u.
Proof.
have := @multipliers_positive _ _ _ _ _ a u 0 w b; rewrite mul0r addr0 dotC.
by apply=> //; split.
Qed.

Theorem sec7_link_step x y m : label y -> y * value w b x = m -> 0 < m ->
  (forall c, m / dot w u < c -> h (moved y x u c) = - y) /\
  (forall c, c < m / dot w u -> h (moved y x u c) = y).
Proof.
move=> y_label m_is _; have speed := slope.
split=> c step; [apply: sign_opposite => // | apply: sign_own => //].
  by rewrite /value moved_margin // -/(value w b x) m_is subr_lt0 -ltr_pdivr_mulr.
by rewrite /value moved_margin // -/(value w b x) m_is subr_gt0 -ltr_pdivl_mulr.
Qed.

Let length1 := \sum_j `|w j 0|.

Lemma label_norm (y : R) : label y -> `|y| = 1.
Proof. by case=> ->; rewrite ?normrN normr1. Qed.

Lemma length1_gt0 : 0 < length1.
Proof.
rewrite lt_def sumr_ge0 // andbT; apply/eqP => nothing; have := slope.
rewrite (_ : w = 0) ?dot0l ?ltxx //; apply/colP => j; rewrite mxE; apply/eqP.
have /psumr_eq0P all0 : forall i, true -> 0 <= `|w i 0| by [].
by rewrite -normr_eq0 all0.
Qed.

Theorem sec7_link_cube x y m : label y -> y * value w b x = m -> 0 < m ->
  (forall radius, m / length1 < radius ->
    exists e : 'cV_d, (forall j, `|e j 0| <= radius) /\ h (x + e) = - y) /\
  (forall radius (e : 'cV_d), radius < m / length1 -> (forall j, `|e j 0| <= radius) ->
    h (x + e) = y).
Proof.
move=> y_label m_is m_gt0; have square := label_square y_label; have l_gt0 := length1_gt0.
have moves e : y * value w b (x + e) = m + y * dot w e.
  by rewrite -m_is /value dotDr; field_identity R.
split=> [radius large | radius e small within].
  have radius_gt0 : 0 < radius by apply: lt_trans large; rewrite divr_gt0.
  exists (- (y * radius) *: signs w); split=> [j|].
    rewrite mxE normrM normrN normrM label_norm // mul1r (gtr0_norm radius_gt0).
    by rewrite ler_pimulr ?signs_small // ltW.
  apply: sign_opposite => //; rewrite moves dotZr dot_signs -/length1.
  have -> : y * (- (y * radius) * length1) = - (y * y * (radius * length1)).
    by rewrite mulNr mulrN -!mulrA.
  by rewrite square mul1r subr_lt0 -ltr_pdivr_mulr.
apply: sign_own => //; rewrite moves -ltr_subl_addl sub0r.
suff : `|dot w e| < m.
  rewrite ltr_norml => /andP [low high]; case: y_label => ->; rewrite ?mul1r // mulN1r ltr_opp2 //.
rewrite ltr_pdivl_mulr // in small; apply: le_lt_trans small.
rewrite /dot /length1 mulr_sumr; apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => j _.
by rewrite normrM mulrC ler_wpmul2r.
Qed.

Let g := (\sum_i a i)^-1.

Let reached i step := margin points labels w b i / dot w u <= step.

Theorem sec7_link_reached :
  (exists i, reached i g) /\
  forall y, label y -> exists i, labels i = y /\ reached i (2%:R * g).
Proof.
have speed := slope; have [k ak] := some_positive a_ge0 a_not0.
have total_gt0 : 0 < \sum_i a i by apply: (@sum_positive _ _ _ k).
have slope_is : dot w u = \sum_i a i * margin points labels w b i.
  by have := sum_of_margins points labels a w b; rewrite balanced mul0r addr0 dotC.
split=> [|y y_label].
  have [i [_ small]] := some_below (margin points labels w b) a_ge0 total_gt0.
  by exists i; rewrite /reached /g ler_pdivr_mulr // mulrC ler_pdivl_mulr // slope_is.
pose own i := if labels i == y then a i else 0.
have own_ge0 i : 0 <= own i by rewrite /own; case: ifP.
have half : 2%:R * (\sum_i own i) = \sum_i a i.
  transitivity (\sum_i (a i + y * (a i * labels i))); last first.
    by rewrite big_split /= -mulr_sumr -/(balance labels a) balanced mulr0 addr0.
  rewrite mulr_sumr; apply: eq_bigr => i _; rewrite /own.
  have [->|differ] := eqVneq (labels i) y.
    by rewrite mulrCA label_square // mulr1; field_identity R.
  have -> : labels i = - y.
    by case: (labels_are i) y_label differ => -> [] ->; rewrite ?eqxx ?opprK.
  by rewrite mulr0 !mulrN mulrCA label_square // mulr1 subrr.
have own_gt0 : 0 < \sum_i own i by rewrite -(pmulr_rgt0 _ (ltr0Sn R 1)) half.
have [i [positive small]] := some_below (margin points labels w b) own_ge0 own_gt0.
exists i; split; first by move: positive; rewrite /own; case: eqP; rewrite ?ltxx.
rewrite /reached /g ler_pdivr_mulr // mulrAC ler_pdivl_mulr // -half mulrCA ler_pmul2l ?ltr0Sn //.
apply: le_trans small _; rewrite slope_is; apply: ler_sum => j _.
by rewrite /own; case: ifP => // _; rewrite mul0r mulr_ge0 // ltW.
Qed.
End Section7Link.
