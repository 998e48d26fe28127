(* Labelled sets: points x_i, each with a label y_i that is 1 or -1, and what is said of rules
   (w, b) on them. *)

From certify.proofs Require Import vectors.

Section LabelledSets.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).

Definition label (y : R) := y = 1 \/ y = -1.

Lemma label_square (y : R) : label y -> y * y = 1.
Proof. by case=> ->; rewrite ?mulrNN mulr1. Qed.

Lemma opposite_labels : (1 == -1 :> R) = false.
Proof. by rewrite -subr_eq0 opprK (_ : 1 + 1 = 2%:R :> R) // pnatr_eq0. Qed.

Definition margin (w : 'cV[R]_d) (b : R) i := labels i * (dot w (points i) + b).

Definition separator (w : 'cV[R]_d) (b : R) := forall i, 0 < margin w b i.

Definition signed_sum (a : 'I_n -> R) := \sum_i (a i * labels i) *: points i.

Definition balance (a : 'I_n -> R) := \sum_i a i * labels i.

Definition nonnegative (a : 'I_n -> R) := forall i, 0 <= a i.

Definition not_all_zero (a : 'I_n -> R) := exists i, a i <> 0.

(* Section 3 of the format: multipliers for (u, t). *)
Definition multipliers (a : 'I_n -> R) (u : 'cV[R]_d) (t : R) :=
  [/\ nonnegative a, not_all_zero a, balance a = t & signed_sum a = u].

(* What all proofs with multipliers rest on. *)
Lemma sum_of_margins (a : 'I_n -> R) w b :
  dot (signed_sum a) w + balance a * b = \sum_i a i * margin w b i.
Proof.
rewrite /signed_sum dot_suml /balance mulr_suml -big_split /=; apply: eq_bigr => i _.
by rewrite dotZl dotC /margin mulrA mulrDr.
Qed.

Lemma multipliers_positive a u t w b : multipliers a u t -> separator w b -> 0 < dot u w + t * b.
Proof.
case=> a_ge0 a_not0 <- <- separates; rewrite sum_of_margins.
have [i a_gt0] := some_positive a_ge0 a_not0.
apply: (@sum_positive _ _ _ i) => [j|]; last exact: mulr_gt0.
by apply: mulr_ge0 => //; apply: ltW.
Qed.
(* Against its label a point x moves to x - y c u. *)
Definition moved (y : R) (x u : 'cV[R]_d) c := x - (y * c) *: u.

Lemma moved_margin y x u c w b : label y ->
  y * (dot w (moved y x u c) + b) = y * (dot w x + b) - c * dot w u.
Proof.
move=> /label_square square; rewrite dotDr dotNr dotZr.
have -> : y * (dot w x - y * c * dot w u + b) = y * (dot w x + b) - (y * y) * (c * dot w u).
  by field_identity R.
by rewrite square mul1r.
Qed.

(* The weights of a balanced combination lie on both labels. *)
Hypothesis labels_are : forall i, label (labels i).

Lemma both_labels (a : 'I_n -> R) y :
  nonnegative a -> not_all_zero a -> balance a = 0 -> label y ->
  exists i, 0 < a i /\ labels i = y.
Proof.
move=> a_ge0 a_not0 balanced y_label; have [k a_gt0] := some_positive a_ge0 a_not0.
have [exists_ | none] := boolP [exists i, (0 < a i) && (labels i == y)].
  by have /existsP [i /andP [ai /eqP yi]] := exists_; exists i.
have other i : 0 < a i -> labels i = - y.
  move=> ai; have := existsPn none i; rewrite ai /= => /eqP.
  by case: (labels_are i) y_label => -> [] -> //; rewrite ?opprK.
have : 0 < \sum_i - y * (a i * labels i).
  apply: (@sum_positive _ _ _ k) => [i|]; last first.
    by rewrite (other k a_gt0) mulrN mulrNN mulrCA label_square ?mulr1.
  have := a_ge0 i; rewrite le_eqVlt => /predU1P [<-|ai]; first by rewrite mul0r mulr0.
  by rewrite (other i ai) mulrN mulrNN mulrCA label_square ?mulr1 // ltW.
by rewrite -mulr_sumr -/(balance a) balanced mulr0 ltxx.
Qed.
End LabelledSets.

(* Linear rules with a label of their own on the boundary: 1, -1, or 0 for none of the two. *)
Section LinearRules.
Variables (R : realFieldType) (d : nat).

Definition value (w : 'cV[R]_d) (b : R) x := dot w x + b.

Definition sign (zero h : R) : R := if 0 < h then 1 else if h < 0 then -1 else zero.

Definition linear_label (zero : R) (w : 'cV[R]_d) (b : R) x := sign zero (value w b x).

Definition linear_accurate n (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R) zero w b :=
  forall i, linear_label zero w b (points i) = labels i.

Lemma sign_opposite zero (y h : R) : label y -> y * h < 0 -> sign zero h = - y.
Proof.
case=> ->; rewrite /sign ?mul1r ?mulN1r ?opprK ?oppr_lt0 => h_sign; last by rewrite h_sign.
by rewrite h_sign ltNge (ltW h_sign).
Qed.

Lemma sign_own zero (y h : R) : label y -> 0 < y * h -> sign zero h = y.
Proof.
case=> ->; rewrite /sign ?mul1r ?mulN1r ?oppr_gt0 => own; first by rewrite own.
by rewrite ltNge (ltW own) own.
Qed.

Lemma sign_weak zero (y h : R) : label y -> sign zero h = y -> 0 <= y * h.
Proof.
rewrite /sign; case: (ltgtP 0 h) => [h_gt0|h_lt0|<-] y_label y_is; last by rewrite mulr0.
- by rewrite -y_is mul1r ltW.
- by rewrite -y_is mulN1r oppr_ge0 ltW.
Qed.

(* Growing on its side a value keeps its label. *)
Lemma sign_kept zero (y h k : R) : label y -> sign zero h = y -> 0 <= y * k ->
  sign zero (h + k) = y.
Proof.
move=> y_label y_is; have := sign_weak y_label y_is; move: y_is; rewrite /sign.
case: y_label => ->; rewrite ?mul1r ?mulN1r ?oppr_ge0.
  case: (ltgtP 0 h) => [h_gt0 _ _ k_ge0|_ /eqP|<- -> _ k_ge0].
  - by rewrite ltr_paddr.
  - by rewrite eq_sym opposite_labels.
  - by rewrite add0r; case: ltgtP k_ge0.
case: (ltgtP 0 h) => [_ /eqP|h_lt0 _ _ k_le0|<- -> _ k_le0].
- by rewrite opposite_labels.
- have sum_lt0 : h + k < 0 by rewrite -[0]addr0 ltr_le_add.
  by rewrite ltNge (ltW sum_lt0) /= sum_lt0.
- by rewrite add0r; case: ltgtP k_le0.
Qed.

(* At least one of the two labels has no point on the boundary. *)
Lemma sign_strict zero (y h : R) : label y -> sign zero h = y -> zero <> y -> 0 < y * h.
Proof.
move=> y_label y_is zero_not; rewrite lt_def (sign_weak y_label y_is) andbT mulf_eq0 negb_or.
have y_not0 : y != 0 by case: y_label => ->; rewrite ?oppr_eq0 oner_eq0.
rewrite y_not0 /=; apply/eqP => h_0; apply: zero_not.
by move: y_is; rewrite h_0 /sign ltxx.
Qed.

(* Along a balanced combination the value of every accurate rule grows, whatever label its boundary
   has. *)
Lemma accurate_slope n (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R) (a : 'I_n -> R) zero w b :
  (forall i, label (labels i)) ->
  nonnegative a -> not_all_zero a -> balance labels a = 0 ->
  linear_accurate points labels zero w b -> 0 < dot w (signed_sum points labels a).
Proof.
move=> labels_are a_ge0 a_not0 balanced right.
have margin_ge0 i : 0 <= margin points labels w b i.
  exact: sign_weak (labels_are i) (right i).
have -> : dot w (signed_sum points labels a) = \sum_i a i * margin points labels w b i.
  by rewrite -sum_of_margins balanced mul0r addr0 dotC.
pose y : R := if zero == 1 then -1 else 1.
have y_label : label y by rewrite /y; case: ifP; [right | left].
have [i [a_gt0 yi]] := both_labels labels_are a_ge0 a_not0 balanced y_label.
apply: (@sum_positive _ _ _ i) => [j|]; first exact: mulr_ge0.
apply: mulr_gt0 => //; apply: (sign_strict (labels_are i) (right i)); rewrite yi /y.
by case: eqP => [->|//]; apply/eqP; rewrite opposite_labels.
Qed.

Lemma value_moved w b (x u : 'cV[R]_d) k : value w b (x + k *: u) = value w b x + k * dot w u.
Proof. by rewrite /value dotDr dotZr addrAC. Qed.
End LinearRules.

(* Shares of a finite mixture. *)
Definition shares (R : realFieldType) (I : finType) (s : I -> R) :=
  (forall i, 0 <= s i) /\ \sum_i s i = 1.

Lemma share_positive (R : realFieldType) (I : finType) (s : I -> R) :
  shares s -> exists k, 0 < s k.
Proof.
case=> _ total; have [/existsP [k positive] | none] := boolP [exists k, 0 < s k]; first by exists k.
have : \sum_i s i <= 0.
  rewrite -oppr_ge0 -sumrN; apply: sumr_ge0 => i _; rewrite oppr_ge0 leNgt; exact: existsPn none i.
by rewrite total ler10.
Qed.

(* A mixture of points with one label, and a vector from it to a point with the other one. *)
Definition path (R : realFieldType) d n (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R)
    (y : R) (u : 'cV[R]_d) (k : 'I_n) (scale : R) (combination : 'I_n -> R) :=
  [/\ u <> 0, labels k = - y, 0 < scale &
   [/\ shares combination, forall i, labels i <> y -> combination i = 0
     & \sum_i combination i *: points i + scale *: u = points k]].
