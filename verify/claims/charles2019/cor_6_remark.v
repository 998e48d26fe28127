(* The remark after Corollary 6 of Charles et al., repaired: let some rule separate the data, and
   let s be the largest weight of the point k in the balanced combinations that give u. If s > 0,
   the label of the point changes at the step 1 / s against it along u under every rule that is
   right on the data, whatever label its boundary has, and at no smaller step under all separators;
   if s = 0 no step changes it under all of them. *)

From certify.proofs Require Import vectors labelled_sets alternatives.

Section Corollary6Remark.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R) (u : 'cV[R]_d).
Hypothesis labels_are : forall i, label (labels i).

Definition represents a :=
  [/\ nonnegative a, balance labels a = 0 & signed_sum points labels a = u].

Definition largest k s :=
  (exists a, represents a /\ a k = s) /\ forall a, represents a -> a k <= s.

Let after k c := moved (labels k) (points k) u c.

Theorem cor_6_remark k s : largest k s -> 0 < s -> forall zero w b,
  linear_accurate points labels zero w b ->
  linear_label zero w b (after k s^-1) <> labels k.
Proof.
case=> [[a [[a_ge0 balanced gives] ak]] _] s_gt0 zero w b right same.
have margin_ge0 i : 0 <= margin points labels w b i by apply: sign_weak (right i).
have slope : dot w u = \sum_i a i * margin points labels w b i.
  by have := sum_of_margins points labels a w b; rewrite balanced gives mul0r addr0 dotC.
have := sign_weak (labels_are k) same.
rewrite /value moved_margin // -/(margin points labels w b k) mulrC subr_ge0 ler_pdivr_mulr // => low.
have share : dot w u =
    margin points labels w b k * s + \sum_(i | i != k) a i * margin points labels w b i.
  by rewrite slope (bigD1 k) //= ak mulrC.
have rest_ge0 : 0 <= \sum_(i | i != k) a i * margin points labels w b i.
  by apply: sumr_ge0 => i _; rewrite mulr_ge0.
have [zero_is | /eqP zero_not] := eqVneq zero (labels k); last first.
  have := sign_strict (labels_are k) same zero_not.
  rewrite /value moved_margin // -/(margin points labels w b k) mulrC subr_gt0 ltr_pdivr_mulr //.
  by rewrite share ltNge ler_addl rest_ge0.
have a_not0 : not_all_zero a by exists k; rewrite ak; apply/eqP; rewrite gt_eqF.
have other : label (- labels k) by case: (labels_are k) => ->; [right | left; rewrite opprK].
have [i [ai yi]] := both_labels labels_are a_ge0 a_not0 balanced other.
have differ : zero <> labels i.
  rewrite zero_is yi; case: (labels_are k) => ->; apply/eqP; rewrite ?opprK ?opposite_labels //.
  by rewrite eq_sym opposite_labels.
have strict := sign_strict (labels_are i) (right i) differ.
have i_k : i != k by apply: contraPneq differ => ->; rewrite zero_is.
move: low; rewrite share leNgt => /negP; apply; rewrite ltr_addl (bigD1 i) //= ltr_paddr //.
  by apply: sumr_ge0 => j _; rewrite mulr_ge0.
exact: mulr_gt0.
Qed.

Theorem cor_6_remark_exact k s c : (exists w b, separator points labels w b) ->
  largest k s -> 0 <= c -> c * s < 1 ->
  exists w b, separator points labels w b /\ linear_label 0 w b (after k c) = labels k.
Proof.
move=> [w0 [b0 separates0]] [_ most] c_ge0 small.
pose x (t : 'I_n + 'I_1) := match t with
  | inl i => labels i *: points i | inr _ => labels k *: points k - c *: u end.
pose t_ (t : 'I_n + 'I_1) := match t with inl i => labels i | inr _ => labels k end.
have [[w [b positive]] | [y [y_ge0 y_gt0 no_x no_t]]] := gordan_rules x t_.
  have at_point i : labels i * (dot w (points i) + b) = dot (labels i *: points i) w + labels i * b.
    by rewrite dotZl mulrDr dotC.
  exists w, b; split=> [i|]; first by rewrite /margin at_point; apply: positive (inl i).
  apply: sign_own => //; rewrite /value moved_margin // at_point.
  have := positive (inr 0); rewrite /x /t_ dotDl dotNl !dotZl (dotC u).
  by congr (0 < _); field_identity R.
pose g := y (inr ord0); pose a i := y (inl i) + (i == k)%:R * g.
have pick (V : lmodType R) (F : 'I_n -> V) : \sum_i ((i == k)%:R * g) *: F i = g *: F k.
  rewrite (bigD1 k) //= eqxx mul1r big1 ?addr0 // => i /negbTE ->.
  by rewrite mul0r scale0r.
have a_ge0 i : 0 <= a i.
  by apply: addr_ge0 => //; apply: mulr_ge0; rewrite ?ler0n //; apply: y_ge0.
have up : signed_sum points labels a = (g * c) *: u.
  have := no_x; rewrite big_sumType big_ord1 /= -/g scalerBr => /eqP.
  rewrite addrA subr_eq0 => /eqP equal; rewrite -scalerA -equal.
  rewrite -(pick _ (fun i => labels i *: points i)) -big_split; apply: eq_bigr => i _ /=.
  by rewrite !scalerA -scalerDl -mulrDl.
have down : balance labels a = 0.
  have := no_t; rewrite big_sumType big_ord1 /= => <-.
  rewrite -[g * _]/(g *: (labels k : R^o)) -(pick _ (labels : 'I_n -> R^o)) -big_split.
  by apply: eq_bigr => i _; rewrite /a mulrDl.
have some_a : not_all_zero a.
  have [/existsP [i /eqP ai] | /existsPn none] := boolP [exists i, a i != 0]; first by exists i.
  have zero_a i : a i = 0 by apply/eqP; rewrite -[_ == _]negbK none.
  have zero_g : g = 0.
    apply/le_anti; rewrite y_ge0 andbT -(zero_a k) /a eqxx mul1r ler_addr y_ge0 //.
  move: y_gt0; rewrite big_sumType big_ord1 /= -/g zero_g addr0 big1 ?ltxx // => i _.
  by have := zero_a i; rewrite /a zero_g mulr0 addr0.
have slope := multipliers_positive (And4 a_ge0 some_a down up) separates0.
rewrite mul0r addr0 dotZl in slope.
have gc_gt0 : 0 < g * c.
  rewrite lt_def mulr_ge0 ?y_ge0 // andbT; apply/eqP => none.
  by move: slope; rewrite none mul0r ltxx.
have g_gt0 : 0 < g.
  by rewrite lt_def y_ge0 andbT; apply: contraTneq gc_gt0 => ->; rewrite mul0r ltxx.
have : (g * c)^-1 * a k <= s.
  apply: (most (fun i => (g * c)^-1 * a i)); split=> [i||].
  - by rewrite mulr_ge0 // invr_ge0 ltW.
  - rewrite /balance (eq_bigr (fun i => (g * c)^-1 * (a i * labels i))) => [|i _]; last by rewrite mulrA.
    by rewrite -mulr_sumr -/(balance labels a) down mulr0.
  - rewrite /signed_sum (eq_bigr (fun i => (g * c)^-1 *: ((a i * labels i) *: points i))) => [|i _].
      by rewrite -scaler_sumr -/(signed_sum points labels a) up scalerA mulVf ?scale1r // gt_eqF.
    by rewrite scalerA mulrA.
rewrite ler_pdivr_mull // leNgt => /negP []; apply: lt_le_trans (_ : g <= _); last first.
  by rewrite /a eqxx mul1r ler_addr y_ge0.
by rewrite -mulrA gtr_pmulr.
Qed.
End Corollary6Remark.
