(* Adversarial directions, and the classes of two-layer rules of Charles et al. *)

From certify.proofs Require Import vectors labelled_sets two_layer.

(* The rule h, with any labels, gives x the label y, and another one at some step along v. *)
Definition adversarial (R : realFieldType) d (L : Type) (h : 'cV[R]_d -> L) v x y :=
  h x = y /\ exists c, 0 < c /\ h (x + c *: v) <> y.

Section Classes.
Variables (R : realFieldType) (d : nat).

(* Class R: f adds its units, and the label is 1 where f > 0. *)
Definition class_R (h : two_layer R d) :=
  (forall i : 'I_(units h), output i = 1) /\ threshold h = 0 /\ strict h.

(* Class R': output weights >= 0, and the label is 1 where f > a, or where f >= a, with a > 0. *)
Definition class_R' (h : two_layer R d) := convex_rule h /\ 0 < threshold h.

Lemma class_R_convex h : class_R h -> convex_rule h.
Proof. by case=> ones _ i; rewrite ones ler01. Qed.

Variables (n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).

(* From a mixture of points labelled -1 to a point labelled 1: the vector turns every accurate rule
   with output weights >= 0 at every point that it labels -1, and for good. *)
Lemma mixture_turns (h : two_layer R d) (s : 'I_n -> R) (k : 'I_n) (c : R) v :
  convex_rule h -> two_layer_accurate points labels h ->
  shares s -> (forall i, s i <> 0 -> labels i = -1) -> labels k = 1 -> 0 < c ->
  points k = \sum_i s i *: points i + c *: v ->
  forall x, exists c0, 0 <= c0 /\ forall c, c0 < c -> two_layer_label h (x + c *: v) = 1.
Proof.
move=> convex right is_shares minus plus c_gt0 k_is x.
have start : two_layer_label h (\sum_i s i *: points i) = -1.
  by apply: minus_mixture => // i /minus; rewrite right.
have [|i [v_gt0]] := unit_rises (u := c *: v) convex start; first by rewrite -k_is right.
by rewrite dotZr pmulr_rgt0 // => rises; apply: far_out rises.
Qed.

Lemma difference_turns (h : two_layer R d) (j k : 'I_n) :
  convex_rule h -> two_layer_accurate points labels h -> labels j = -1 -> labels k = 1 ->
  forall x, exists c0, 0 <= c0 /\
    forall c, c0 < c -> two_layer_label h (x + c *: (points k - points j)) = 1.
Proof.
move=> convex right minus plus x.
have [||i [v_gt0]] := @unit_rises _ _ h (points j) (points k - points j) convex.
- by rewrite right.
- by rewrite addrC subrK right.
- exact: far_out.
Qed.

(* It is adversarial there. *)
Lemma turns_adversarial (h : two_layer R d) v x :
  (exists c0, 0 <= c0 /\ forall c, c0 < c -> two_layer_label h (x + c *: v) = 1) ->
  two_layer_label h x = -1 -> adversarial (two_layer_label h) v x (-1).
Proof.
move=> [c0 [c0_ge0 far]] minus; split=> //; exists (c0 + 1); split.
  by rewrite ltr_paddl.
rewrite far ?ltr_addl ?ltr01 //.
by apply/eqP; rewrite opposite_labels.
Qed.
End Classes.
