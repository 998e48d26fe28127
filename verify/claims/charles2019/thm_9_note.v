(* After Theorem 9 of Charles et al.: let a rule without offsets compare the classes k and l
   rightly on points labelled k or l. Where it is wrong, a third class has the largest logit. Where
   it is right, the class y is left along the direction of Theorem 9, or of any other mixture of
   the signed points. If there are no other classes it is right on all points. *)

From certify.proofs Require Import vectors labelled_sets multiclass.
From verify.claims.charles2019 Require Import thm_8.

Section Theorem9Note.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n m : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m) (k l : 'I_m).
Hypotheses (different : k != l) (labels_are : forall i, labels i = k \/ labels i = l).
Variables (lowest : bool) (W : 'I_m -> 'cV[R]_d).

Let z x j := logit W (fun=> 0) x j.

Definition other (y : 'I_m) := if y == k then l else k.

Definition side (y : 'I_m) : R := if y == k then 1 else -1.

Hypothesis right_between : forall i, z (points i) (other (labels i)) < z (points i) (labels i).

Let is_right x y := has_label lowest W (fun=> 0) x y.

Lemma gap x i : side (labels i) * dot (W k - W l) x = z x (labels i) - z x (other (labels i)).
Proof.
rewrite /side /other /z /logit dotDl dotNl; case: (labels_are i) => ->.
  by rewrite eqxx; field_identity R.
by rewrite eq_sym (negbTE different); field_identity R.
Qed.

Lemma third i j : z (points i) (labels i) <= z (points i) j -> j != labels i -> j != k /\ j != l.
Proof.
move=> high; have : j != other (labels i) by apply: contraTneq high => ->; rewrite -ltNge.
rewrite /other; case: (labels_are i) => ->; first by rewrite eqxx.
by rewrite [l == k]eq_sym (negbTE different).
Qed.

Theorem thm_9_note i : ~ is_right (points i) (labels i) ->
  exists t, [/\ t != k, t != l & forall j, z (points i) j <= z (points i) t].
Proof.
set x := points i; set y := labels i => wrong.
have [j [j_y high]] : exists j, j != y /\ z x y <= z x j.
  have [/existsP [j /andP [j_y high]] | /existsPn none] :=
    boolP [exists j, (j != y) && (z x y <= z x j)]; first by exists j.
  case: wrong => j j_y; have := none j; rewrite j_y /= -ltNge -/(z x j) -/(z x y) => less.
  by case: ifP => // _; apply: ltW.
case: (@Order.TotalTheory.arg_maxP _ _ _ j predT (z x) erefl) => t _ largest.
have [t_y | t_y] := eqVneq t y; last first.
  by have [//|t_k t_l] := @third i t (largest y erefl); exists t; split=> // s; apply: largest.
have [//|j_k j_l] := @third i j high; exists j; split=> // s.
by apply: le_trans high; rewrite -t_y; apply: largest.
Qed.

Theorem thm_9_note_left (a : 'I_n -> R) : shares a ->
  let v := \sum_i (a i * side (labels i)) *: points i in
  forall i, is_right (points i) (labels i) -> exists c0, 0 <= c0 /\
    forall c, c0 < c -> ~ is_right (points i - (c * side (labels i)) *: v) (labels i).
Proof.
move=> is_shares v i _; have [a_ge0 _] := is_shares; have [j aj] := share_positive is_shares.
have ahead t : 0 < side (labels t) * dot (W k - W l) (points t) by rewrite gap subr_gt0.
have slope : 0 < dot (W k - W l) v.
  rewrite /v dot_sumr; apply: (@sum_positive _ _ _ j) => [t|]; rewrite dotZr -mulrA.
    by rewrite mulr_ge0 // ltW.
  exact: mulr_gt0.
exists (side (labels i) * dot (W k - W l) (points i) / dot (W k - W l) v); split=> [|c].
  by rewrite divr_ge0 // ltW.
rewrite ltr_pdivr_mulr // => far /(_ (other (labels i))).
have square : side (labels i) * side (labels i) = 1 by rewrite /side; case: ifP; rewrite ?mulrNN mulr1.
have less : z (points i - (c * side (labels i)) *: v) (labels i) <
    z (points i - (c * side (labels i)) *: v) (other (labels i)).
  rewrite -subr_lt0 -gap dotDr dotNr dotZr mulrDr.
  have -> : side (labels i) * - (c * side (labels i) * dot (W k - W l) v) =
      - (side (labels i) * side (labels i) * (c * dot (W k - W l) v)) by field_identity R.
  by rewrite square mul1r subr_lt0.
have -> : other (labels i) != labels i.
  rewrite /other; case: (labels_are i) => ->; first by rewrite eqxx eq_sym.
  by rewrite [l == k]eq_sym (negbTE different).
move=> /(_ erefl); rewrite -/(z _ _) -/(z _ (labels i)).
by case: ifP => _; rewrite ?leNgt ?less // ltNge ltW.
Qed.

Theorem thm_9_note_two : (forall t, t = k \/ t = l) -> forall i, is_right (points i) (labels i).
Proof.
move=> two i j j_y; have j_is : j = other (labels i).
  move: j_y; rewrite /other; case: (labels_are i) (two j) => -> [] ->; rewrite ?eqxx //.
  by rewrite [l == k]eq_sym (negbTE different).
have := right_between i; rewrite -j_is /z => less.
by case: ifP => // _; apply: ltW.
Qed.
End Theorem9Note.
