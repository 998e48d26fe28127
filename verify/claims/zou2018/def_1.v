(* Definition 1 of Zou et al.: a direction that is not 0 is adversarial at h exactly when it shifts
   all logits equally. That depends neither on h nor on the bias, one step decides, and these
   directions and 0 are a linear space. *)

From certify.proofs Require Import vectors softmax.

Section Definition1.
Variables (R : realFieldType) (E : R -> R) (l m : nat) (W : 'M[R]_(l, m.+1)).
Hypothesis E_is : exponential E. (* E (s + t) = E s * E t, positive, injective. *)

Definition adversarial bias h d := d <> 0 /\
  forall theta, softmax E (logits W bias (h + theta *: d)) =1 softmax E (logits W bias h).

Theorem def_1 bias h d : d <> 0 -> adversarial bias h d <-> shifts_equally W d.
Proof.
move=> d_not0; split=> [[_ all] | equal].
  by apply/(softmax_unchanged W bias h d E_is); have := all 1; rewrite scale1r.
by split=> // theta; apply/softmax_unchanged/shifts_scaled.
Qed.

Theorem def_1_one_step bias h d theta : d <> 0 -> theta <> 0 ->
  softmax E (logits W bias (h + theta *: d)) =1 softmax E (logits W bias h) ->
  adversarial bias h d.
Proof.
move=> d_not0 /eqP theta_not0 /(softmax_unchanged W bias h _ E_is) equal.
apply/(def_1 bias h d_not0); rewrite -[d]scale1r -(mulVf theta_not0) -scalerA.
exact: shifts_scaled.
Qed.

Theorem def_1_space d d' (c : R) :
  shifts_equally W d -> shifts_equally W d' -> shifts_equally W (d + c *: d').
Proof. by move=> equal equal' i; rewrite !dotDr !dotZr equal equal'. Qed.
End Definition1.
