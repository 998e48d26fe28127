(* On the conclusion of Charles et al. (Section 8): where a point labelled -1 lies between points
   labelled 1 no linear rule is right, whatever label its boundary has. Every rule of class R' that
   is right there is turned along x_+ - x_-, and is no linear rule. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.
From verify.claims.charles2019 Require Import thm_15.

Section ConclusionLinear.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Add Ring ring_of_R : (identities R).
Variables (minus plus plus' : 'I_n).
Hypotheses (is_minus : labels minus = -1) (is_plus : labels plus = 1) (is_plus' : labels plus' = 1).

Definition between := exists c, [/\ 0 <= c, c <= 1 &
  points minus = points plus + c *: (points plus' - points plus)].

Lemma no_linear_rule zero w b : between -> ~ linear_accurate points labels zero w b.
Proof.
move=> [c [c_ge0 c_le1 place]] right.
have := right minus; have := right plus'; have := right plus.
rewrite is_minus is_plus is_plus' => at_plus at_plus' at_minus.
have ge0 x : linear_label zero w b x = 1 -> 0 <= value w b x.
  by move=> /(sign_weak (or_introl erefl)); rewrite mul1r.
have mixed : value w b (points minus) =
    (1 - c) * value w b (points plus) + c * value w b (points plus').
  by rewrite place /value dotDr dotZr dotDr dotNr; field_identity R.
have at0 : value w b (points minus) = 0.
  apply/le_anti; rewrite {2}mixed addr_ge0 ?mulr_ge0 ?subr_ge0 ?ge0 // andbT.
  by have := sign_weak (or_intror erefl) at_minus; rewrite mulN1r oppr_ge0.
have zero_is : zero = -1 by rewrite -at_minus /linear_label at0 /sign ltxx.
have gt0 x : linear_label zero w b x = 1 -> 0 < value w b x.
  move=> at_x; rewrite -[value w b x]mul1r; apply: (sign_strict (or_introl erefl) at_x).
  by apply/eqP; rewrite zero_is eq_sym opposite_labels.
have : 0 < value w b (points minus); last by rewrite at0 ltxx.
rewrite mixed; have [->|c_not0] := eqVneq c 0; first by rewrite mul0r addr0 subr0 mul1r gt0.
by rewrite ltr_paddl ?mulr_ge0 ?subr_ge0 ?ge0 // mulr_gt0 ?gt0 // lt_def c_not0.
Qed.

Theorem conclusion_linear : between ->
  (forall zero w b, ~ linear_accurate points labels zero w b) /\
  forall h, class_R' h -> two_layer_accurate points labels h ->
    (forall x, two_layer_label h x = -1 ->
      adversarial (two_layer_label h) (points plus - points minus) x (-1)) /\
    forall zero w b, ~ two_layer_label h =1 linear_label zero w b.
Proof.
move=> is_between; split=> [zero w b | h class right]; first exact: no_linear_rule.
split=> [|zero w b same]; first by have [] := thm_15 is_minus is_plus class right.
by apply: (@no_linear_rule zero w b is_between) => i; rewrite -same.
Qed.
End ConclusionLinear.
