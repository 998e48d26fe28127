(* Section 6 of Charles et al. on the choice of v_2: where x_+ - s v, with s > 0, is a mixture of
   points labelled -1, one of them for instance, v turns every rule of class R' that is right on the
   data at every point that it labels -1. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.

Section Section6V2.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).

Theorem sec6_v2 plus (s : R) (mixture : 'I_n -> R) v : labels plus = 1 -> 0 < s ->
  shares mixture -> (forall i, mixture i <> 0 -> labels i = -1) ->
  points plus - s *: v = \sum_i mixture i *: points i ->
  forall h, class_R' h -> two_layer_accurate points labels h ->
  forall x, two_layer_label h x = -1 -> adversarial (two_layer_label h) v x (-1).
Proof.
move=> is_plus s_gt0 is_shares minus start h [convex _] right x x_minus.
apply: turns_adversarial x_minus; apply: (mixture_turns convex right is_shares minus is_plus s_gt0).
by rewrite -start subrK.
Qed.

Theorem sec6_v2_difference plus minus v (s : R) : labels plus = 1 -> labels minus = -1 -> 0 < s ->
  points plus - points minus = s *: v ->
  forall h, class_R' h -> two_layer_accurate points labels h ->
  forall x, two_layer_label h x = -1 -> adversarial (two_layer_label h) v x (-1).
Proof.
move=> is_plus is_minus s_gt0 difference h [convex _] right x x_minus.
have [c0 [c0_ge0 far]] := difference_turns convex right is_minus is_plus x.
apply: turns_adversarial x_minus; exists (c0 * s); split=> [|c]; first by rewrite mulr_ge0 // ltW.
rewrite -ltr_pdivl_mulr // => /far; rewrite difference scalerA divfK // gt_eqF //.
Qed.
End Section6V2.
