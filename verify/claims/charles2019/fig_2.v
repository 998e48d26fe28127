(* Figure 2 of Charles et al.: with two coordinates a = p.x and t = q.x, v_1 along growing a and
   v_2 along falling t, the other coordinate fixed, the rules h_1 and h_2, if both are right on the
   data, do all that is printed: v_1 is adversarial for h_1 at the points labelled 1, and for h_2
   at none of them; v_2 is adversarial for h_2 at the points labelled -1 with |a| < e, at no others
   of them, and for h_1 at none. *)

From certify.proofs Require Import vectors labelled_sets.
From verify.claims.proofs Require Import directions.

Section Figure2.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Variables (p q : 'cV[R]_d) (s r k e : R).

Let sign_of (is_plus : bool) : R := if is_plus then 1 else -1.

Definition first_rule x := sign_of (Num.max 0 (s * (dot p x - r)) < dot q x).

Definition second_rule x := sign_of ((0 < dot q x) || (dot q x < - k) && (`|dot p x| < e)).

Lemma sign_plus c : sign_of c = 1 -> c.
Proof. by case: c => // /esym /eqP; rewrite opposite_labels. Qed.

Lemma sign_minus c : sign_of c = -1 -> ~~ c.
Proof. by case: c => // /eqP; rewrite opposite_labels. Qed.

Theorem fig_2 v1 v2 : 0 < s -> 0 < r -> 0 < k -> 0 < e ->
  (forall i, first_rule (points i) = labels i) -> (forall i, second_rule (points i) = labels i) ->
  0 < dot p v1 -> dot q v1 = 0 -> dot p v2 = 0 -> dot q v2 < 0 ->
  [/\ forall i, labels i = 1 -> adversarial first_rule v1 (points i) 1 /\
      ~ adversarial second_rule v1 (points i) 1,
    forall i, labels i = -1 -> `|dot p (points i)| < e ->
      adversarial second_rule v2 (points i) (-1),
    forall i, labels i = -1 -> ~ `|dot p (points i)| < e ->
      ~ adversarial second_rule v2 (points i) (-1) &
    forall i, labels i = -1 -> ~ adversarial first_rule v2 (points i) (-1)].
Proof.
move=> s_gt0 _ _ _ right1 right2 grows level fixed falls.
have moved (f v x : 'cV[R]_d) c : dot f (x + c *: v) = dot f x + c * dot f v.
  by rewrite dotDr dotZr.
have at_plus i : labels i = 1 -> Num.max 0 (s * (dot p (points i) - r)) < dot q (points i).
  by rewrite -right1 => /sign_plus.
have at_minus i : labels i = -1 ->
    ~~ ((0 < dot q (points i)) || (dot q (points i) < - k) && (`|dot p (points i)| < e)).
  by rewrite -right2 => /sign_minus.
split=> i y_is.
- have := at_plus i y_is; rewrite lt_maxl => /andP [above0 above].
  split; last first.
    case=> _ [c [_]]; apply; rewrite /second_rule !moved level mulr0 addr0 above0 //.
  split; first by rewrite right1.
  pose c := (dot q (points i) / s + r - dot p (points i)) / dot p v1.
  have far : c * dot p v1 = dot q (points i) / s + r - dot p (points i) by rewrite divfK // gt_eqF.
  exists c; split.
    rewrite -(pmulr_lgt0 _ grows) far subr_gt0 -ltr_subl_addr ltr_pdivl_mulr // mulrC.
    exact: above.
  rewrite /first_rule !moved level mulr0 addr0 far.
  have -> : dot p (points i) + (dot q (points i) / s + r - dot p (points i)) - r =
      dot q (points i) / s by field_identity R.
  rewrite mulrC divfK ?gt_eqF // lt_maxl ltxx andbF.
  by apply/eqP; rewrite eq_sym opposite_labels.
- move=> inside; have := at_minus i y_is; rewrite inside andbT negb_or -!leNgt => /andP [low _].
  split; first by rewrite right2.
  have speed : 0 < - dot q v2 by rewrite oppr_gt0.
  pose c := (1 + `|k|) / - dot q v2.
  have far : c * dot q v2 = - (1 + `|k|).
    by apply: oppr_inj; rewrite -mulrN divfK ?gt_eqF // opprK.
  exists c; split; first by rewrite divr_gt0 // ltr_paddr.
  rewrite /second_rule !moved fixed mulr0 addr0 far inside andbT.
  have -> : dot q (points i) - (1 + `|k|) < - k.
    rewrite ltr_subl_addr (le_lt_trans low) // addrC subr_gt0 (le_lt_trans (ler_norm k)) //.
    by rewrite ltr_addr.
  by rewrite orbT; apply/eqP; rewrite opposite_labels.
- move=> outside [_ [c [c_gt0]]]; apply.
  have := at_minus i y_is; rewrite negb_or -leNgt => /andP [low _].
  rewrite /second_rule !moved fixed mulr0 addr0 (negbTE (introN idP outside)) andbF orbF.
  by rewrite ltNge (le_trans _ low) // ger_addl pmulr_rle0 // ltW.
- case=> _ [c [c_gt0]]; apply; have := y_is; rewrite -right1 => /sign_minus.
  rewrite /first_rule !moved fixed mulr0 addr0 -leNgt => low.
  by rewrite ltNge (le_trans _ low) // ger_addl pmulr_rle0 // ltW.
Qed.
End Figure2.
