(* Lemma 14 of Charles et al.: the points that a rule of class R' labels -1 are a convex set, for any
   number of units; the threshold may have any sign. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.

Section Lemma14.
Variables (R : realFieldType) (d : nat) (h : two_layer R d).

Theorem lem_14 : convex_rule h ->
  forall (I : finType) (s : I -> R) x, shares s ->
    (forall i, two_layer_label h (x i) = -1) -> two_layer_label h (\sum_i s i *: x i) = -1.
Proof. by move=> convex I s x is_shares minus; apply: minus_mixture. Qed.
End Lemma14.
