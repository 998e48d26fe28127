(* The kind network-flip: its checks are its sentence, for all sizes: they evaluate f. *)

From certify.proofs Require Import vectors labelled_sets two_layer.

Section NetworkFlip.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Variables (network : two_layer R d) (direction : 'cV[R]_d) (flips : seq ('cV[R]_d * R)).

Theorem network_flip :
  convex_rule network ->
  (forall i, exceeds network (height network (points i)) = (labels i == 1)) ->
  (forall i, label (labels i)) ->
  (forall flip, flip \in flips ->
    [/\ 0 < flip.2, ~~ exceeds network (height network flip.1) &
        exceeds network (height network (flip.1 + flip.2 *: direction))]) ->
  two_layer_accurate points labels network /\
  forall flip, flip \in flips -> [/\ 0 < flip.2, two_layer_label network flip.1 = -1 &
    two_layer_label network (flip.1 + flip.2 *: direction) = 1].
Proof.
move=> _ right labels_are listed; split=> [i | flip /listed [step from to_]].
  rewrite /two_layer_label right; case: (labels_are i) => ->; rewrite ?eqxx //.
  by rewrite eq_sym opposite_labels.
by split=> //; [apply/label_minus | apply/label_plus].
Qed.
End NetworkFlip.
