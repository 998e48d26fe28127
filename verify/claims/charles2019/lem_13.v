(* Lemma 13 of Charles et al.: for f adding relu units, the points where f > 0 is false are a convex
   set, for any number of units; they are those at which no unit is positive. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.

Section Lemma13.
Variables (R : realFieldType) (d : nat) (h : two_layer R d).

Theorem lem_13 : class_R h ->
  (forall (I : finType) (s : I -> R) x, shares s ->
    (forall i, two_layer_label h (x i) = -1) -> two_layer_label h (\sum_i s i *: x i) = -1) /\
  (forall x, two_layer_label h x = -1 <-> forall i : 'I_(units h), form i x <= 0).
Proof.
move=> class; have convex := class_R_convex class; have [ones [at0 is_strict]] := class.
split=> [I s x is_shares minus | x]; first exact: minus_mixture.
rewrite label_minus /exceeds is_strict at0 -leNgt; split=> [none i | none].
  rewrite leNgt; apply/negP => rises; move: none; rewrite leNgt => /negP; apply.
  rewrite /height (bigD1 i) //= ltr_paddr ?ones ?mul1r ?(lt_le_trans rises (relu_ge _)) //.
  by apply: sumr_ge0 => j _; rewrite mulr_ge0 ?relu_ge0.
by rewrite /height big1 // => i _; rewrite /relu max_r ?mulr0.
Qed.
End Lemma13.
