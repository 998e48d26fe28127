(* The kind relu-universal-direction: its checks imply its sentence, for all sizes and for networks
   of any number of units. *)

From certify.proofs Require Import vectors labelled_sets two_layer.

Section ReluUniversalDirection.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Variable direction : 'cV[R]_d.

Theorem relu_universal_direction positive scale combination :
  labels positive = 1 -> path points labels (-1) direction positive scale combination ->
  forall h, convex_rule h -> two_layer_accurate points labels h ->
  forall x, exists c0, 0 <= c0 /\
    forall c, c0 < c -> two_layer_label h (x + c *: direction) = 1.
Proof.
move=> plus [_ _ scale_gt0 [is_shares one_label leads]] h convex accurate x.
have minus : two_layer_label h (\sum_i combination i *: points i) = -1.
  apply: minus_mixture => // i not0; rewrite accurate.
  by apply/eqP/negPn/negP => /eqP /one_label.
have end_plus : two_layer_label h (\sum_i combination i *: points i + scale *: direction) = 1.
  by rewrite leads accurate.
have [i [v_gt0]] := unit_rises convex minus end_plus.
by rewrite dotZr pmulr_rgt0 // => rises; apply: far_out rises.
Qed.
End ReluUniversalDirection.
