(* After Theorem 8 of Charles et al.: along its v, from k towards l, class l is ahead of class k for all
   large steps, from every x, for every rule that is right on the data. With two classes the label
   is then l. *)

From certify.proofs Require Import vectors labelled_sets multiclass.
From verify.claims.charles2019 Require Import thm_8.

Section Theorem8Note.
Variables (R : realFieldType) (d n m : nat).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m).

Theorem thm_8_note k l p q lowest W b :
  k != l -> leads_from_k_to_l labels k l p q -> right points labels lowest W b ->
  let v := \sum_i p i *: points i - \sum_i q i *: points i in
  forall x, exists c0, 0 <= c0 /\ forall c, c0 < c ->
    logit W b (x + c *: v) k < logit W b (x + c *: v) l /\
    ((forall t, t != l -> t = k) -> has_label lowest W b (x + c *: v) l).
Proof.
move=> different leads is_right v x.
have [c0 [c0_ge0 ahead]] := thm_8_ahead different leads is_right x.
exists c0; split=> // c /ahead less; split=> // two t /two ->.
by case: ifP => // _; apply: ltW.
Qed.
End Theorem8Note.
