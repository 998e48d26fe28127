(* Before Theorem 8 of Charles et al.: adding one function a.x + beta to all logits changes no
   label. Where the logit of the label is positive and all others are negative a rule is right; the
   converse is false, since with some beta a rule that is right has positive logits only. *)

From certify.proofs Require Import vectors labelled_sets multiclass.
From verify.claims.charles2019 Require Import thm_8.

Section MulticlassNote.
Variables (R : realFieldType) (d n m : nat).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m).
Variables (lowest : bool) (W : 'I_m -> 'cV[R]_d) (b : 'I_m -> R).

Let added (a : 'cV[R]_d) (k : 'I_m) := W k + a.

Let raised (beta : R) (k : 'I_m) := b k + beta.

Lemma logit_added a beta x k :
  logit (added a) (raised beta) x k = logit W b x k + (dot a x + beta).
Proof. by rewrite /logit dotDl addrACA. Qed.

Theorem multiclass_note a beta x k :
  has_label lowest (added a) (raised beta) x k <-> has_label lowest W b x k.
Proof.
by split=> is_label j other; have := is_label j other; rewrite !logit_added ler_add2r ltr_add2r.
Qed.

Theorem multiclass_note_signs :
  (forall i, 0 < logit W b (points i) (labels i) /\
    forall j, j != labels i -> logit W b (points i) j < 0) ->
  right points labels lowest W b.
Proof.
move=> signs i j other; have [positive /(_ j other) negative] := signs i.
have less := lt_trans negative positive.
by case: ifP => // _; apply: ltW.
Qed.

Theorem multiclass_note_positive : right points labels lowest W b -> exists beta,
  right points labels lowest W (raised beta) /\
  forall i k, 0 < logit W (raised beta) (points i) k.
Proof.
move=> is_right; pose beta := 1 + \sum_i \sum_k `|logit W b (points i) k|.
exists beta; have higher i k : logit W (raised beta) (points i) k = logit W b (points i) k + beta.
  by rewrite /logit addrA.
split=> [i j other | i k].
  by have := is_right i j other; rewrite !higher ler_add2r ltr_add2r.
rewrite higher addrCA ltr_paddr ?ltr01 // -ler_subl_addl sub0r.
apply: le_trans (ler_norm _) _; rewrite normrN (bigD1 i) //= (bigD1 k) //= -addrA ler_addl.
by rewrite addr_ge0 //; apply: sumr_ge0 => // ? _; apply: sumr_ge0.
Qed.
End MulticlassNote.
