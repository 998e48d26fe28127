(* Figure 3 of Charles et al.: let the max-margin direction v_1 of the data lead from no mixture of
   points labelled -1 to a point labelled 1. For every linear rule h_1 that is right on them,
   whatever label its boundary has, some rule h_2 of class R' is, such that v_1 turns all points
   with h_1 = -1 and none with h_2 = -1, and every difference v_2 of a point labelled 1 and one
   labelled -1 all of both. There are such data in all dimensions from 2 on. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.
From verify.claims.charles2019 Require Import linear_same_label cor_17 sec6_nontransfer.

Section Figure3.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).

(* The normal of the rule with the largest margin, by its multipliers (the kind max-margin). *)
Definition max_margin_direction u := exists b a, [/\ nonnegative a, balance labels a = 0,
  signed_sum points labels a = u, forall i, 1 <= margin points labels u b i &
  forall i, a i <> 0 -> margin points labels u b i = 1].

Theorem fig_3 v1 : (forall i, label (labels i)) ->
  (exists i, labels i = 1) -> (exists i, labels i = -1) ->
  max_margin_direction v1 -> ~ leads_from_hull points labels v1 ->
  forall zero w b, let h1 := linear_label zero w b in linear_accurate points labels zero w b ->
  exists h, let h2 := two_layer_label h in
    [/\ class_R' h, two_layer_accurate points labels h,
      forall x, h1 x = -1 -> adversarial h1 v1 x (-1),
      forall x, h2 x = -1 -> ~ adversarial h2 v1 x (-1) &
      forall plus minus, labels plus = 1 -> labels minus = -1 ->
        let v2 := points plus - points minus in
        (forall x, h1 x = -1 -> adversarial h1 v2 x (-1)) /\
        (forall x, h2 x = -1 -> adversarial h2 v2 x (-1))].
Proof.
move=> labels_are [p p_plus] [m m_minus] [b0 [a [a_ge0 balanced gives margins _]]] none.
move=> zero w b h1 right; have separates : separator points labels v1 b0.
  by move=> i; apply: lt_le_trans (margins i); rewrite ltr01.
have a_not0 : not_all_zero a.
  have [/existsP [i /eqP ai] | /existsPn all0] := boolP [exists i, a i != 0]; first by exists i.
  have v1_0 : v1 = 0.
    rewrite -gives /signed_sum big1 // => i _.
    by have := all0 i; rewrite negbK => /eqP ->; rewrite mul0r scale0r.
  have := separates p; have := separates m; rewrite /margin v1_0 !dot0l !add0r p_plus m_minus.
  by rewrite mul1r mulN1r oppr_gt0 => /ltW; rewrite leNgt => /negbTE ->.
have [|h [class right2 _ keeps]] := sec6_nontransfer labels_are _ none; first by exists v1, b0.
exists h; split=> //.
- move=> x minus; apply/(linear_same_label v1 (or_intror erefl) minus).
  by rewrite mulN1r oppr_lt0 -gives; apply: (accurate_slope labels_are) right.
- by move=> x minus [_ [c [c_gt0 changes]]]; apply/changes/keeps.
- move=> plus minus is_plus is_minus v2.
  have [networks linear] := cor_17 points is_minus is_plus.
  by split=> x at_x; [apply: linear at_x | apply: networks at_x].
Qed.
End Figure3.

Section Example.
Variables (R : realFieldType) (d : nat).

Let unit (j : 'I_d.+2) : 'cV[R]_d.+2 := delta_mx j 0.

Definition example_points (i : 'I_3) : 'cV[R]_d.+2 :=
  if i == 0 then 0 else if i == 1 then unit 0 + unit 1 else unit 1 - unit 0.

Definition example_labels (i : 'I_3) : R := if i == 0 then -1 else 1.

Lemma dot_unit j (v : 'cV[R]_d.+2) : dot (unit j) v = v j 0.
Proof.
rewrite /dot (bigD1 j) //= mxE !eqxx mul1r big1 ?addr0 // => t /negbTE t_j.
by rewrite mxE t_j mul0r.
Qed.

Theorem fig_3_example : exists v1, [/\ forall i, label (example_labels i),
  exists i, example_labels i = 1, exists i, example_labels i = -1,
  max_margin_direction example_points example_labels v1 &
  ~ leads_from_hull example_points example_labels v1].
Proof.
exists (2%:R *: unit 1); split.
- by move=> i; rewrite /example_labels; case: ifP; [right | left].
- by exists 1.
- by exists 0.
- exists (-1), (fun i : 'I_3 => if i == 0 then 2%:R else 1).
  have at_ i : margin example_points example_labels (2%:R *: unit 1) (-1) i = 1.
    rewrite /margin dotZl dot_unit /example_points /example_labels.
    case: (i == 0); first by rewrite mxE mulr0 add0r mulrNN mulr1.
    by case: (i == 1); rewrite !mxE /= ?oppr0 ?addr0 ?add0r mulr1 mul1r -[2%:R]/(1 + 1) addrK.
  split=> [i||| i | i _]; rewrite ?at_ //.
  + by case: ifP; rewrite ?ler01 ?ler0n.
  + by rewrite /balance !big_ord_recl big_ord0 /example_labels /= mulrN1 !mulr1 addr0 addNr.
  + apply/colP => j; rewrite /signed_sum !big_ord_recl big_ord0 /example_labels /example_points /=.
    rewrite scaler0 !mulr1 !scale1r addr0 add0r [unit 1 - _]addrC addrACA subrr add0r.
    by rewrite -mulr2n -scaler_nat.
- move=> [k [s [mixture [k_plus _ is_shares only /colP /(_ 0)]]]].
  have sum0 : \sum_i mixture i *: example_points i = 0.
    apply: big1 => i _; have [-> | /eqP /only] := eqVneq (mixture i) 0; first by rewrite scale0r.
    rewrite /example_labels /example_points; case: (i == 0); first by rewrite scaler0.
    by move/eqP; rewrite opposite_labels.
  rewrite sum0; move: k_plus; rewrite /example_labels /example_points.
  case: (k == 0); first by move/esym/eqP; rewrite opposite_labels.
  move=> _; case: (k == 1); rewrite !mxE /= !mulr0 oppr0 ?addr0 ?add0r => /eqP.
    by rewrite oner_eq0.
  by rewrite oppr_eq0 oner_eq0.
Qed.
End Example.
