(* Beside Charles et al.: for a rule of class R' and any x that it labels -1, u is adversarial at x
   exactly when some unit with v_i > 0 has w_i.u > 0. That does not depend on x. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.

Section ReluSameLabel.
Variables (R : realFieldType) (d : nat) (h : two_layer R d) (u : 'cV[R]_d).

Theorem relu_same_label : class_R' h ->
  forall x, two_layer_label h x = -1 ->
    (adversarial (two_layer_label h) u x (-1) <->
     exists i : 'I_(units h), 0 < output i /\ 0 < dot (weights i) u).
Proof.
move=> [convex _] x minus; split=> [[_ [c [c_gt0 changes]]] | [i [v_gt0 rises]]]; last first.
  by apply: turns_adversarial minus; apply: far_out rises.
have plus : two_layer_label h (x + c *: u) = 1.
  by apply/label_plus/negPn/negP => /label_minus.
have [i [v_gt0]] := unit_rises convex minus plus.
by rewrite dotZr pmulr_rgt0 // => rises; exists i.
Qed.

Theorem relu_same_label_all x z : class_R' h ->
  two_layer_label h x = -1 -> two_layer_label h z = -1 ->
  adversarial (two_layer_label h) u x (-1) <-> adversarial (two_layer_label h) u z (-1).
Proof. by move=> class xm zm; rewrite (relu_same_label class xm) (relu_same_label class zm). Qed.
End ReluSameLabel.
