(* The abstract of Charles et al.: a direction that turns all rules of class R' that are right on the
   data, at all points that they label -1, does so for all linear rules; and not conversely, by the
   points (0, 0) labelled -1, (1, 1) and (-1, 1) labelled 1, and (0, 1). *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.
From verify.claims.charles2019 Require Import R_in_Rprime linear_same_label.

Section AbstractTransfer.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).

Definition serves_networks v := forall h, class_R' h -> two_layer_accurate points labels h ->
  forall x, two_layer_label h x = -1 -> adversarial (two_layer_label h) v x (-1).

Definition serves_linear v := forall zero w b, label zero ->
  linear_accurate points labels zero w b ->
  forall x, linear_label zero w b x = -1 -> adversarial (linear_label zero w b) v x (-1).

Theorem abstract_transfer v : serves_networks v -> serves_linear v.
Proof.
move=> serves zero w b zero_label right x minus.
have [is_strict zero_is] : exists is_strict : bool, zero = if is_strict then -1 else 1.
  by case: zero_label => ->; [exists false | exists true].
have [class same] := R_in_Rprime_linear w b is_strict; rewrite -zero_is in same.
have right' : two_layer_accurate points labels (one_unit w b is_strict).
  by move=> i; rewrite same right.
have minus' : two_layer_label (one_unit w b is_strict) x = -1 by rewrite same.
have [_ [c [c_gt0 changes]]] := serves _ class right' x minus'.
by split=> //; exists c; rewrite -same.
Qed.
End AbstractTransfer.

Section Converse.
Variable R : realFieldType.

Let pair (a b : R) : 'cV[R]_2 := \col_j (if j == 0 then a else b).

Definition example_points (i : 'I_3) : 'cV[R]_2 :=
  if i == 0 then pair 0 0 else if i == 1 then pair 1 1 else pair (-1) 1.

Definition example_labels (i : 'I_3) : R := if i == 0 then -1 else 1.

(* f = |x_1| and the rule f >= 1. *)
Definition example_network : two_layer R 2 :=
  @TwoLayer R 2 2 (fun=> 1) (fun i => if i == 0 then pair 1 0 else pair (-1) 0) (fun=> 0) 1 false.

Lemma dot_pair a b a' b' : dot (pair a b) (pair a' b') = a * a' + b * b'.
Proof. by rewrite /dot !big_ord_recl big_ord0 !mxE /= addr0. Qed.

Lemma network_height a b : height example_network (pair a b) = relu a + relu (- a).
Proof.
rewrite /height !big_ord_recl big_ord0 /form /= !dot_pair.
by rewrite !mul1r !mul0r !addr0 mulN1r.
Qed.

Theorem abstract_transfer_converse :
  serves_linear example_points example_labels (pair 0 1) /\
  ~ serves_networks example_points example_labels (pair 0 1).
Proof.
have labels_are i : label (example_labels i).
  by rewrite /example_labels; case: ifP; [right | left].
have relu0 : relu (0 : R) = 0 by rewrite /relu maxxx.
split=> [zero w b zero_label right x minus | serves].
  pose a (i : 'I_3) : R := if i == 0 then 1 + 1 else 1.
  have slope : 0 < dot w (signed_sum example_points example_labels a).
    apply: (accurate_slope labels_are _ _ _ right) => [i||].
    - by rewrite /a; case: ifP; rewrite ?addr_ge0 ?ler01.
    - by exists 1; rewrite /a /=; apply/eqP; rewrite oner_eq0.
    - rewrite /balance !big_ord_recl big_ord0 /a /example_labels /= mulrN1 !mulr1 addr0.
      by rewrite addNr.
  have direction : signed_sum example_points example_labels a = (1 + 1) *: pair 0 1.
    apply/colP => j; rewrite /signed_sum !big_ord_recl big_ord0 /a /example_labels.
    rewrite /example_points /= !mxE; case: ifP => _.
      by rewrite !mulr0 mulrN1 mul1r !mulr1 !add0r addr0 subrr.
    by rewrite !mulr0 !mulr1 add0r addr0.
  apply/(linear_same_label (pair 0 1) (or_intror erefl) minus).
  move: slope; rewrite direction dotZr pmulr_rgt0 ?addr_gt0 ?ltr01 //.
  by rewrite mulN1r oppr_lt0.
have class : class_R' example_network by split=> [i|] /=; rewrite ?ler01 ?ltr01.
have one : relu (1 : R) = 1 by rewrite /relu max_l ?ler01.
have none : relu (-1 : R) = 0 by rewrite /relu max_r // lerN10.
have right : two_layer_accurate example_points example_labels example_network.
  move=> i; rewrite /two_layer_label /exceeds /example_points /example_labels.
  case: (i == 0); first by rewrite network_height oppr0 relu0 addr0 /= leNgt ltr01.
  by case: (i == 1); rewrite network_height ?opprK one none ?addr0 ?add0r /= lexx.
have at_0 c : two_layer_label example_network (pair 0 0 + c *: pair 0 1) = -1.
  have -> : pair 0 0 + c *: pair 0 1 = pair 0 c.
    by apply/colP => j; rewrite !mxE; case: ifP => _; rewrite ?mulr0 ?mulr1 ?addr0 ?add0r.
  by rewrite /two_layer_label /exceeds network_height oppr0 relu0 addr0 /= leNgt ltr01.
have start : two_layer_label example_network (pair 0 0) = -1.
  by have := at_0 0; rewrite scale0r addr0.
by have [_ [c [_ changes]]] := serves _ class right _ start; apply: changes.
Qed.
End Converse.
