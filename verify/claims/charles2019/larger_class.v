(* On larger classes of rules (Charles et al., Abstract, Sections 2 and 8): a direction that serves
   all rules of a class serves those of every smaller one. *)

From certify.proofs Require Import vectors.
From verify.claims.proofs Require Import directions.

Section LargerClass.
Variables (R : realFieldType) (d : nat).

(* The direction v is adversarial for all rules of a class at all points that they label -1. *)
Definition serves (class : ('cV[R]_d -> R) -> Prop) v :=
  forall h, class h -> forall x, h x = -1 -> adversarial h v x (-1).

Theorem larger_class (smaller larger : ('cV[R]_d -> R) -> Prop) :
  (forall h, smaller h -> larger h) ->
  forall v, serves larger v -> serves smaller v.
Proof. by move=> contained v all h /contained /all. Qed.
End LargerClass.
