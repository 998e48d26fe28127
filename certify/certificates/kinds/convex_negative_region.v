(* The kind convex-negative-region: its checks imply its sentence, for all sizes: the points with
   label -1 are exactly those with matrix x <= right side, and a convex set. [active] lists the units
   with v_i > 0, in the order of the rows. *)

From certify.proofs Require Import vectors labelled_sets two_layer.

Section ConvexNegativeRegion.
Variables (R : realFieldType) (d m : nat) (network : two_layer R d).
Variables (matrix : 'M[R]_(m, d)) (right_side : 'cV[R]_m).

Theorem convex_negative_region (active : 'I_m -> 'I_(units network)) :
  convex_rule network -> strict network -> threshold network = 0 ->
  (forall i : 'I_(units network), 0 < output i <-> exists k, active k = i) ->
  (forall k, col k matrix^T = weights (active k) /\ right_side k 0 = - biases (active k)) ->
  (forall x, two_layer_label network x = -1 <-> matrix *m x <=^ right_side) /\
  (forall x z c, 0 <= c -> c <= 1 ->
    two_layer_label network x = -1 -> two_layer_label network z = -1 ->
    two_layer_label network (x + c *: (z - x)) = -1).
Proof.
move=> convex is_strict at0 active_is same.
have region x : two_layer_label network x = -1 <-> matrix *m x <=^ right_side.
  have row k : ((matrix *m x) k 0 <= right_side k 0) = (form (active k) x <= 0).
    have [w_is ->] := same k; rewrite /form -w_is -subr_ge0 -[in RHS]subr_ge0 sub0r opprD addrC.
    by congr (0 <= - _ - _); rewrite mxE /dot; apply: eq_bigr => j _; rewrite !mxE.
  rewrite label_minus /exceeds is_strict at0 -leNgt; split=> [none k | inside].
    rewrite row leNgt; apply/negP => rises; move: none; rewrite leNgt => /negP; apply.
    have v_gt0 : 0 < output (active k) by apply/active_is; exists k.
    rewrite /height (bigD1 (active k)) //= ltr_paddr ?mulr_gt0 //.
      by apply: sumr_ge0 => i _; rewrite mulr_ge0 ?relu_ge0.
    exact: lt_le_trans rises (relu_ge _).
  rewrite /height big1 // => i _; have := convex i.
  rewrite le_eqVlt => /predU1P [<-|/active_is [k k_is]]; first by rewrite mul0r.
  by have := inside k; rewrite row k_is /relu => ?; rewrite max_r ?mulr0.
split=> // x z c c_ge0 c_le1 /region x_in /region z_in; apply/region => k.
have -> : x + c *: (z - x) = (1 - c) *: x + c *: z.
  by rewrite scalerBr scalerBl scale1r addrA addrAC.
rewrite mulmxDr -!scalemxAr !mxE.
have -> : right_side k 0 = (1 - c) * right_side k 0 + c * right_side k 0.
  by rewrite -mulrDl subrK mul1r.
by apply: ler_add; rewrite ler_wpmul2l ?subr_ge0 //; [have := x_in k | have := z_in k]; rewrite mxE.
Qed.
End ConvexNegativeRegion.
