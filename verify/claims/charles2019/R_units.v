(* After the definition of class R (Charles et al., Section 5): a rule of the class has the label 1
   exactly where some unit is positive, and -1 on the polyhedron of the points at which none is. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.
From verify.claims.charles2019 Require Import lem_13.

Section RUnits.
Variables (R : realFieldType) (d : nat) (h : two_layer R d).

Theorem R_units : class_R h -> forall x,
  (two_layer_label h x = 1 <-> exists i : 'I_(units h), 0 < form i x) /\
  (two_layer_label h x = -1 <-> forall i : 'I_(units h), form i x <= 0).
Proof.
move=> /lem_13 [_ none] x; split=> //; split=> [plus | [i positive]].
  have [/existsP //|/existsPn all] := boolP [exists i : 'I_(units h), 0 < form i x].
  have /none minus : forall i : 'I_(units h), form i x <= 0 by move=> i; rewrite leNgt.
  by move: plus; rewrite minus => /esym /eqP; rewrite opposite_labels.
have : two_layer_label h x <> -1 by move=> /none /(_ i); rewrite leNgt positive.
by rewrite /two_layer_label; case: ifP.
Qed.
End RUnits.
