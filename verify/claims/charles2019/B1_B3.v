(* Assumptions B1 to B3 of Charles et al., repaired: let the weights of the classes k and l, which
   are different, have length at most B. Their difference u has length at most 2 B, and where a
   rule is right at a point labelled k or l and |u.x| > 1, the signed margin exceeds 1; so it does
   for all but as many points as B3 does not count. Some rule meets B3 on any number of points.
   Lengths are stated by their squares. *)

From certify.proofs Require Import vectors labelled_sets multiclass.
From verify.claims.charles2019 Require Import thm_8.

Section B1B3.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n m : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m) (k l : 'I_m).
Hypothesis labels_are : forall i, labels i = k \/ labels i = l.
Variables (lowest : bool) (W : 'I_m -> 'cV[R]_d).

Let u := W k - W l.

Definition signed_margin i := if labels i == k then dot u (points i) else - dot u (points i).

Theorem B1_B3_length (B : R) :
  dot (W k) (W k) <= B ^+ 2 -> dot (W l) (W l) <= B ^+ 2 -> dot u u <= (2%:R * B) ^+ 2.
Proof.
move=> short_k short_l; apply: le_trans (_ : 2%:R * (dot (W k) (W k) + dot (W l) (W l)) <= _).
  rewrite -subr_ge0; have := square_ge0 (W k + W l); congr (0 <= _).
  by rewrite /u !dotDl !dotDr !dotNl !dotNr (dotC (W l)); field_identity R.
have -> : (2%:R * B) ^+ 2 = 2%:R * (B ^+ 2 + B ^+ 2) by field_identity R.
by rewrite ler_wpmul2l ?ler0n // ler_add.
Qed.

Lemma counted_margin i : k != l -> has_label lowest W (fun=> 0) (points i) (labels i) ->
  1 < `|dot u (points i)| -> 1 < signed_margin i.
Proof.
move=> different is_right; have gap : dot u (points i) =
    logit W (fun=> 0) (points i) k - logit W (fun=> 0) (points i) l.
  by rewrite /u /logit dotDl dotNl !addr0.
rewrite /signed_margin; have [i_k | i_l] := labels_are i.
  rewrite i_k eqxx ger0_norm // gap subr_ge0.
  have := is_right l; rewrite i_k eq_sym => /(_ different).
  by case: ifP => _ // /ltW.
rewrite i_l eq_sym (negbTE different) ler0_norm // gap subr_le0.
have := is_right k; rewrite i_l => /(_ different).
by case: ifP => _ // /ltW.
Qed.

Theorem B1_B3 (counted : pred 'I_n) (rho : R) : k != l ->
  (forall i, counted i -> has_label lowest W (fun=> 0) (points i) (labels i) /\
    1 < `|dot u (points i)|) ->
  #|[predC counted]|%:R <= n%:R * rho ->
  (forall i, counted i -> 1 < signed_margin i) /\
  #|[pred i | signed_margin i <= 1]|%:R <= n%:R * rho.
Proof.
move=> different counts few; have above i : counted i -> 1 < signed_margin i.
  by case/counts => is_right; apply: counted_margin.
split=> //; apply: le_trans few; rewrite ler_nat; apply/subset_leq_card/subsetP => i.
by rewrite !inE; apply: contraL => /above; rewrite ltNge.
Qed.
End B1B3.

Theorem B1_B3_met (R : realFieldType) n lowest :
  exists (points : 'I_n -> 'cV[R]_1) (W : 'I_2 -> 'cV[R]_1), forall i,
  has_label lowest W (fun=> 0) (points i) ord0 /\ 1 < `|dot (W ord0 - W ord_max) (points i)|.
Proof.
have one : dot (const_mx 1 : 'cV[R]_1) (const_mx 1) = 1 by rewrite /dot big_ord1 !mxE mulr1.
have less : (- 1 : R) < 1 by apply: (@lt_trans _ _ 0); rewrite ?oppr_lt0 ltr01.
pose W (j : 'I_2) : 'cV[R]_1 := if j == ord0 then const_mx 1 else - const_mx 1.
exists (fun=> const_mx 1), W => i; split.
  move=> j /negbTE other; rewrite /logit /W other eqxx !addr0 dotNl one less (ltW less).
  by case: ifP.
have last : (ord_max == ord0 :> 'I_2) = false by [].
rewrite /W eqxx last opprK dotDl one ger0_norm ?addr_ge0 ?ler01 //.
by rewrite -[X in X < _]addr0 ltr_add2l ltr01.
Qed.
