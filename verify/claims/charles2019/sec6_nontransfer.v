(* The remark after Corollary 17 of Charles et al.: let some rule separate the data. If u leads
   from no mixture of points labelled -1 to a point labelled 1, some rule of class R' that is right
   on the data, with at most one unit for each point labelled 1, keeps every label -1 along u.
   Otherwise u turns every such rule. It does not matter which direction u is. *)

From certify.proofs Require Import vectors labelled_sets two_layer alternatives.
From verify.claims.proofs Require Import directions.
From verify.claims.charles2019 Require Import sec6_v2.

Section Section6Nontransfer.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).
Variable u : 'cV[R]_d.

Definition leads_from_hull := exists k s (mixture : 'I_n -> R), [/\ labels k = 1, 0 < s,
  shares mixture, forall i, mixture i <> 0 -> labels i = -1 &
  points k - s *: u = \sum_i mixture i *: points i].

Definition keeps_minus (h : two_layer R d) := forall x, two_layer_label h x = -1 ->
  forall c, 0 < c -> two_layer_label h (x + c *: u) = -1.

(* One unit, active at the point k alone, that does not grow along u. *)
Lemma deaf_unit k : (exists w b, separator points labels w b) -> ~ leads_from_hull -> labels k = 1 ->
  exists wb : 'cV[R]_d * R, [/\ 1 <= dot wb.1 (points k) + wb.2, dot wb.1 u <= 0 &
    forall i, labels i = -1 -> dot wb.1 (points i) + wb.2 <= 0].
Proof.
move=> [w0 [b0 separates]] none k_plus; pose minus i := labels i == -1.
pose x (t : 'I_n + 'I_2) := match t with
  | inl i => if minus i then points i else 0 | inr t => if t == ord0 then u else - points k end.
pose t_ (t : 'I_n + 'I_2) : R := match t with
  | inl i => if minus i then 1 else 0 | inr t => if t == ord0 then 0 else -1 end.
pose c (t : 'I_n + 'I_2) : R := match t with
  | inl i => 0 | inr t => if t == ord0 then 0 else -1 end.
have [[w [b solved]] | [y [y_ge0 no_x no_t negative]]] := farkas_rules x t_ c.
  exists (w, b); split=> [||i i_minus] /=.
  - have := solved (inr ord_max); rewrite /x /t_ /c /= dotNl mulN1r -opprD ler_opp2.
    by rewrite dotC.
  - by have := solved (inr ord0); rewrite /x /t_ /c /= mul0r addr0 dotC.
  - by have := solved (inl i); rewrite /x /t_ /c /minus i_minus eqxx mul1r dotC.
pose y0 := y (inr ord0); pose y1 := y (inr (lift ord0 ord0)).
move: negative; rewrite big_sumType big1 => [|i _]; last by rewrite mulr0.
rewrite !big_ord_recl big_ord0 /c /= add0r mulr0 add0r addr0 mulrN1 oppr_lt0 -/y1 => y1_gt0.
move: no_t; rewrite big_sumType !big_ord_recl big_ord0 /= mulr0 add0r addr0 mulrN1 -/y1 => /eqP.
rewrite subr_eq0 => /eqP total.
move: no_x; rewrite big_sumType !big_ord_recl big_ord0 /= addr0 -/y0 -/y1 scalerN => sum_is.
pose mixture i := if minus i then y1^-1 * y (inl i) else 0.
have is_shares : shares mixture.
  split=> [i|]; first by rewrite /mixture; case: ifP => // _; rewrite mulr_ge0 ?invr_ge0 // ltW.
  rewrite -[RHS](mulVf (lt0r_neq0 y1_gt0)) -[X in _ = _ * X]total mulr_sumr.
  apply: eq_bigr => i _.
  by rewrite /mixture; case: ifP; rewrite ?mulr1 ?mulr0.
have only i : mixture i <> 0 -> labels i = -1.
  by rewrite /mixture /minus; case: eqP.
have start : points k - (y0 / y1) *: u = \sum_i mixture i *: points i.
  apply: (scalerI (lt0r_neq0 y1_gt0)); rewrite scalerBr scalerA mulrCA divff ?gt_eqF // mulr1.
  have -> : y1 *: (\sum_i mixture i *: points i) = \sum_i y (inl i) *: x (inl i).
    rewrite scaler_sumr; apply: eq_bigr => i _; rewrite /mixture /=.
    case: ifP => _; last by rewrite scale0r !scaler0.
    by rewrite scalerA mulrA divff ?gt_eqF // mul1r.
  by apply/eqP; rewrite eq_sym -subr_eq0 opprB addrA -{2}sum_is /= addrA.
have := y_ge0 (inr ord0); rewrite -/y0 le_eqVlt => /predU1P [y0_0 | y0_gt0]; last first.
  by case: none; exists k, (y0 / y1), mixture; rewrite divr_gt0.
move: start; rewrite -y0_0 mul0r scale0r subr0 => k_is.
have [mixture_ge0 mixture_1] := is_shares.
have : 0 < dot w0 (points k) + b0 by have := separates k; rewrite /margin k_plus mul1r.
rewrite k_is dot_sumr -[X in _ + X]mul1r -mixture_1 mulr_suml -big_split /= ltNge => /negP [].
rewrite -oppr_ge0 -sumrN; apply: sumr_ge0 => i _; rewrite dotZr -mulrDr oppr_ge0.
have [-> | /eqP /only i_minus] := eqVneq (mixture i) 0; first by rewrite mul0r.
have := separates i; rewrite /margin i_minus mulN1r oppr_gt0 => /ltW low.
by rewrite mulr_ge0_le0.
Qed.

Theorem sec6_nontransfer : (exists w b, separator points labels w b) -> ~ leads_from_hull ->
  exists h, [/\ class_R' h, two_layer_accurate points labels h,
    (units h <= #|[pred i | labels i == 1%R]|)%N & keeps_minus h].
Proof.
move=> separable none; pose plus := [pred i | labels i == 1%R].
have each k : exists wb : 'cV[R]_d * R, labels k = 1 -> [/\ 1 <= dot wb.1 (points k) + wb.2,
    dot wb.1 u <= 0 & forall i, labels i = -1 -> dot wb.1 (points i) + wb.2 <= 0].
  have [k_plus | /eqP not_plus] := eqVneq (labels k) 1; last by exists (0, 0).
  by have [wb is_wb] := deaf_unit separable none k_plus; exists wb.
have [wb wb_is] := fin_all_exists each.
pose h := @TwoLayer R d #|plus| (fun=> 1) (fun r => (wb (enum_val r)).1)
  (fun r => (wb (enum_val r)).2) 1 false.
have unit_plus (r : 'I_#|plus|) : labels (enum_val r) = 1.
  by apply/eqP; have := enum_valP r; rewrite inE.
have convex : convex_rule h by move=> r; rewrite /= ler01.
exists h; split=> //; first by split=> //=; rewrite ltr01.
  move=> i; have [i_plus | i_minus] := labels_are i; rewrite ?i_plus ?i_minus.
    apply/label_plus; rewrite /exceeds /=.
    have i_in : i \in plus by rewrite inE i_plus.
    rewrite /height (bigD1 (enum_rank_in i_in i)) //= mul1r ler_paddr //.
      by apply: sumr_ge0 => r _; rewrite mul1r relu_ge0.
    rewrite /form /= enum_rankK_in //; apply: le_trans (relu_ge _).
    by have [] := wb_is i i_plus.
  apply/label_minus; rewrite /exceeds /= -ltNge.
  rewrite /height big1 ?ltr01 // => r _; rewrite mul1r /relu max_r // /form /=.
  by have [_ _ low] := wb_is _ (unit_plus r); apply: low.
move=> x /label_minus minus c c_gt0; apply/label_minus; move: minus.
rewrite /exceeds /= -!ltNge; apply: le_lt_trans; apply: ler_sum => r _; rewrite ler_wpmul2l ?ler01 //.
apply: relu_mono; rewrite /form dotDr dotZr addrAC ger_addl.
have [_ level _] := wb_is _ (unit_plus r).
by rewrite mulr_ge0_le0 // ltW.
Qed.

Theorem sec6_nontransfer_otherwise : leads_from_hull ->
  forall h, class_R' h -> two_layer_accurate points labels h ->
  forall x, two_layer_label h x = -1 -> adversarial (two_layer_label h) u x (-1).
Proof.
move=> [k [s [mixture [k_plus s_gt0 is_shares only start]]]].
exact: sec6_v2 k_plus s_gt0 is_shares only start.
Qed.
End Section6Nontransfer.
