(* The kind max-margin: its checks imply its sentence, for all n and d. Of the rule (w, b) the least
   margin over |w| is 1 / |w|, whose square is q. Where all margins of a rule (w', b') are at least
   s > 0, s over |w'| is no larger, and as large for positive multiples of (w, b) alone. *)

From certify.proofs Require Import vectors labelled_sets.

Section MaxMargin.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).
Variables (homogeneous : bool) (normal : 'cV[R]_d) (offset margin_squared : R).

Theorem max_margin (a : 'I_n -> R) :
  (homogeneous -> offset = 0) ->
  nonnegative a -> signed_sum points labels a = normal ->
  (~~ homogeneous -> balance labels a = 0) ->
  (forall i, 1 <= margin points labels normal offset i) ->
  (forall i, a i <> 0 -> margin points labels normal offset i = 1) ->
  margin_squared * dot normal normal = 1 ->
  (exists i, margin points labels normal offset i = 1) /\
  forall w b s, (homogeneous -> b = 0) -> 0 < s ->
    (forall i, s <= margin points labels w b i) ->
    s ^+ 2 <= margin_squared * dot w w /\
    (s ^+ 2 = margin_squared * dot w w -> [/\ w = s *: normal & b = s * offset]).
Proof.
move=> offset_0 a_ge0 gives balanced accurate support is_square.
have a_not0 : not_all_zero a.
  have [/existsP [i /eqP ai] | none] := boolP [exists i, a i != 0]; first by exists i.
  have a_0 i : a i = 0 by apply/eqP; have := existsPn none i; rewrite negbK.
  move: is_square; rewrite -gives (_ : signed_sum points labels a = 0) ?dot0l ?mulr0.
    by move/esym/eqP; rewrite oner_eq0.
  by rewrite /signed_sum big1 // => i _; rewrite a_0 mul0r scale0r.
split=> [|w b s b_0 s_gt0 margins]; first by have [i ai] := a_not0; exists i; apply: support.
have sum_of v c : (homogeneous -> c = 0) -> dot normal v = \sum_i a i * margin points labels v c i.
  move=> c_0; rewrite -sum_of_margins gives.
  by case: (boolP homogeneous) => [/c_0 -> | /balanced ->]; rewrite ?mulr0 ?mul0r addr0.
have total : dot normal normal = \sum_i a i.
  rewrite (sum_of normal offset offset_0); apply: eq_bigr => i _.
  by have [-> | /eqP /support ->] := eqVneq (a i) 0; rewrite ?mul0r ?mulr1.
have product : s * dot normal normal <= dot normal w.
  rewrite (sum_of w b b_0) total mulr_sumr; apply: ler_sum => i _.
  by rewrite mulrC ler_wpmul2l.
have q_gt0 : 0 < margin_squared.
  rewrite ltNge; apply/negP => q_le0; have := mulr_le0_ge0 q_le0 (square_ge0 normal).
  by rewrite is_square ler10.
have gap : dot w w - s ^+ 2 * dot normal normal =
    dot (w - s *: normal) (w - s *: normal) + (s + s) * (dot normal w - s * dot normal normal).
  by rewrite !(dotDl, dotDr, dotNl, dotNr, dotZl, dotZr) (dotC w normal); field_identity R.
have rest : 0 <= (s + s) * (dot normal w - s * dot normal normal).
  by rewrite mulr_ge0 ?subr_ge0 ?addr_ge0 // ltW.
have square : s ^+ 2 = margin_squared * (s ^+ 2 * dot normal normal) by rewrite mulrCA is_square mulr1.
split=> [|attained].
  rewrite square ler_wpmul2l ?(ltW q_gt0) // -subr_ge0 gap addr_ge0 //; exact: square_ge0.
have is_multiple : w = s *: normal.
  apply/eqP; rewrite -subr_eq0; apply/eqP/square_eq0/eqP; rewrite eq_le square_ge0 andbT.
  have : dot w w - s ^+ 2 * dot normal normal = 0.
    apply/eqP; rewrite -(mulrI_eq0 _ (lregP (lt0r_neq0 q_gt0))) mulrBr -square -attained subrr //.
  by rewrite gap => /eqP; rewrite addr_eq0 => /eqP ->; rewrite oppr_le0.
split=> //; have [/[dup] /b_0 -> /offset_0 -> | free] := boolP homogeneous; first by rewrite mulr0.
have between y : label y -> y * (s * offset) <= y * b.
  move=> y_label; have [i [ai yi]] := both_labels labels_are a_ge0 a_not0 (balanced free) y_label.
  have := margins i; have : margin points labels normal offset i = 1.
    by apply: support => ai0; rewrite ai0 ltxx in ai.
  rewrite /margin yi is_multiple dotZl => tight.
  rewrite -[X in X <= _]mulr1 -tight -subr_ge0 => least; rewrite -subr_ge0.
  by apply: le_trans least _; rewrite le_eqVlt; apply/orP/or_introl/eqP; field_identity R.
apply/eqP; rewrite eq_le; have := between 1 (or_introl erefl); have := between (-1) (or_intror erefl).
by rewrite !mul1r !mulN1r ler_opp2 => -> ->.
Qed.
End MaxMargin.
