(* The definition of class C in Charles et al., Section 5, repaired. Over the real numbers no
   continuous rule is right where both labels occur. Of them one property is used, that a set of
   numbers that is not empty and has an upper bound has a least one. The class that serves in its
   place, of the rules whose region {h = -1} is convex and open or closed, contains every rule f > a,
   for which it is closed, and f >= a, for which it is open, f being a sum of relu units with output
   weights >= 0. *)

From certify.proofs Require Import vectors labelled_sets two_layer convex_sets.
From verify.claims.proofs Require Import directions.

Section ClassC.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variable d : nat.

Definition complete := forall P : R -> Prop,
  (exists c, P c) -> (exists B, forall c, P c -> c <= B) ->
  exists s, (forall c, P c -> c <= s) /\ forall B, (forall c, P c -> c <= B) -> s <= B.

Definition continuous (h : 'cV[R]_d -> R) := forall x e, 0 < e ->
  exists r, 0 < r /\ forall z, near x r z -> `|h z - h x| < e.

(* A rule with two labels is constant nearby. *)
Lemma nearby h x : (forall z, label (h z)) -> continuous h ->
  exists r, 0 < r /\ forall z, near x r z -> h z = h x.
Proof.
move=> two cont; have [r [r_gt0 close]] := cont x 1 ltr01; exists r; split=> // z /close.
have gap : 1 < `|1 - -1 : R|.
  by rewrite opprK ger0_norm ?addr_ge0 ?ler01 // ltr_addl ltr01.
case: (two z) (two x) => -> [] -> //; first by rewrite ltNge ltW.
by rewrite distrC ltNge ltW.
Qed.

Theorem class_C n (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R) : complete ->
  (exists i, labels i = 1) -> (exists i, labels i = -1) ->
  forall h, (forall x, label (h x)) -> continuous h -> ~ forall i, h (points i) = labels i.
Proof.
move=> completeness [k k_plus] [j j_minus] h two cont right.
pose x c : 'cV[R]_d := points j + c *: (points k - points j).
have at0 : h (x 0) = -1 by rewrite /x scale0r addr0 right.
have at1 : h (x 1) = 1 by rewrite /x scale1r addrC subrK right.
have [||s [above least]] := completeness (fun c => 0 <= c <= 1 /\ h (x c) = -1).
- by exists 0; rewrite lexx ler01.
- by exists 1 => c [/andP []].
have s_ge0 : 0 <= s by apply: above; rewrite lexx ler01.
have s_le1 : s <= 1 by apply: least => c [/andP []].
have [r [r_gt0 same]] := nearby (x s) two cont.
pose size := \sum_t `|(points k - points j) t 0|.
have size_ge0 : 0 <= size by apply: sumr_ge0.
have more : 0 < 1 + size by rewrite ltr_paddr.
pose e := r / (1 + size); have e_gt0 : 0 < e by rewrite divr_gt0.
have close c : `|c - s| <= e -> h (x c) = h (x s).
  move=> c_s; apply: same => t.
  have -> : x c t 0 - x s t 0 = (c - s) * (points k - points j) t 0.
    by rewrite /x !mxE; field_identity R.
  have entry : `|(points k - points j) t 0| <= size.
    by rewrite /size (bigD1 t) //= ler_addl; apply: sumr_ge0.
  rewrite normrM; apply: le_lt_trans (_ : e * size < r).
    by rewrite ler_pmul.
  by rewrite /e mulrAC ltr_pdivr_mulr // ltr_pmul2l // ltr_addr ltr01.
have [s_plus | s_minus] := two (x s).
  suff : s <= s - e by rewrite ler_addl oppr_ge0 leNgt e_gt0.
  apply: least => c [c_in c_minus]; rewrite leNgt; apply/negP => near_s.
  have c_s := above c (conj c_in c_minus).
  have : h (x c) = h (x s).
    apply: close; rewrite distrC ger0_norm ?subr_ge0 // ler_subl_addr -ler_subl_addl.
    exact: ltW.
  by rewrite c_minus s_plus => /esym /eqP; rewrite opposite_labels.
have s_lt1 : s < 1.
  rewrite lt_neqAle s_le1 andbT; apply/eqP => s_1; move: s_minus.
  by rewrite s_1 at1 => /eqP; rewrite opposite_labels.
pose c := Num.min 1 (s + e).
have c_s : s < c by rewrite lt_minr s_lt1 ltr_addl.
suff : c <= s by rewrite leNgt c_s.
apply: above; split.
  by rewrite (le_trans s_ge0) ?(ltW c_s) // le_minl lexx.
rewrite close // ger0_norm ?subr_ge0 ?(ltW c_s) // ler_subl_addl.
by rewrite le_minl lexx orbT.
Qed.

Section Region.
Variable h : two_layer R d.
Hypothesis convex : convex_rule h.

Let A x := two_layer_label h x = -1.

Lemma relu_close (a b : R) : `|relu a - relu b| <= `|a - b|.
Proof.
wlog a_b : a b / b <= a => [hypothesis|].
  have [b_a | /ltW a_b] := leP b a; first exact: hypothesis.
  by rewrite distrC [X in _ <= X]distrC; apply: hypothesis.
rewrite !ger0_norm ?subr_ge0 ?relu_mono // /relu.
have [a_ge0 | a_lt0] := leP 0 a; last first.
  by rewrite max_r ?subrr ?subr_ge0 // (le_trans a_b) // ltW.
rewrite ler_add2l ler_opp2.
by rewrite le_maxr lexx.
Qed.

Lemma height_near x e : 0 < e ->
  exists r, 0 < r /\ forall z, near x r z -> `|height h z - height h x| < e.
Proof.
move=> e_gt0; pose size := \sum_(i < units h) output i * \sum_j `|weights i j 0|.
have size_ge0 : 0 <= size.
  by apply: sumr_ge0 => i _; rewrite mulr_ge0 ?convex //; apply: sumr_ge0.
have more : 0 < 1 + size by rewrite ltr_paddr ?ltr01.
exists (e / (1 + size)); split=> [|z close]; first by rewrite divr_gt0.
apply: le_lt_trans (_ : size * (e / (1 + size)) < e); last first.
  by rewrite mulrA ltr_pdivr_mulr // mulrC ltr_pmul2l // ltr_addr ltr01.
rewrite /height -sumrB /size mulr_suml; apply: le_trans (ler_norm_sum _ _ _) _.
apply: ler_sum => i _; rewrite -mulrBr normrM (ger0_norm (convex i)) -mulrA ler_wpmul2l ?convex //.
apply: le_trans (relu_close _ _) _.
have -> : form i z - form i x = \sum_j weights i j 0 * (z j 0 - x j 0).
  rewrite /form opprD addrACA subrr addr0 /dot -sumrB; apply: eq_bigr => j _.
  by rewrite mulrBr.
rewrite mulr_suml; apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => j _.
by rewrite normrM ler_wpmul2l // ltW.
Qed.

Theorem class_C_contains :
  convex_set A /\ (strict h -> closed_set A) /\ (~~ strict h -> open_set A).
Proof.
split=> [x z c c_ge0 c_le1 x_in z_in | ].
  pose s (k : bool) := if k then c else 1 - c.
  have is_shares : shares s.
    by split=> [[]|]; rewrite ?subr_ge0 // big_bool /= addrC subrK.
  have := @minus_mixture _ _ h _ s (fun k : bool => if k then z else x) convex is_shares.
  rewrite big_bool /= => inside; rewrite /A.
  have -> : x + c *: (z - x) = c *: z + (1 - c) *: x.
    by rewrite scalerBr scalerBl scale1r addrCA.
  by apply: inside; case.
split=> [is_strict x out | is_weak x /label_minus].
  have : exceeds h (height h x) by apply/negPn/negP => /label_minus.
  rewrite /exceeds is_strict -subr_gt0 => /(height_near x) [r [r_gt0 close]].
  exists r; split=> // z /close; rewrite ltr_norml => /andP [low _] /label_minus.
  rewrite /exceeds is_strict => /negP; apply; rewrite opprB ltr_subr_addl addrC subrK in low.
  exact: low.
rewrite /exceeds (negbTE is_weak) -ltNge -subr_gt0 => /(height_near x) [r [r_gt0 close]].
exists r; split=> // z /close; rewrite ltr_norml => /andP [_ high]; apply/label_minus.
by rewrite /exceeds (negbTE is_weak) -ltNge; rewrite ltr_subl_addl addrC subrK in high.
Qed.
End Region.
End ClassC.
