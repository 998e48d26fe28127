(* Zou et al.: decision regions are convex: closed ones, open ones, and those in which ties go to the
   first of the tied classes. *)

From certify.proofs Require Import vectors softmax.

Section RegionConvex.
Variables (R : realFieldType) (l m : nat) (W : 'M[R]_(l, m.+1)) (bias : 'I_m.+1 -> R).
Add Ring ring_of_R : (identities R).

Let z := logits W bias.

Definition closed i h := forall j, z h j <= z h i.

Definition open i h := forall j, j != i -> z h j < z h i.

Definition first (i : 'I_m.+1) h := forall j : 'I_m.+1, if (j < i)%N then z h j < z h i else z h j <= z h i.

Definition convex (P : 'cV[R]_l -> Prop) :=
  forall x y c, 0 <= c -> c <= 1 -> P x -> P y -> P ((1 - c) *: x + c *: y).

Lemma gap_mixed x y c i j : z ((1 - c) *: x + c *: y) i - z ((1 - c) *: x + c *: y) j =
  (1 - c) * (z x i - z x j) + c * (z y i - z y j).
Proof. by rewrite /z /logits !dotDr !dotZr; field_identity R. Qed.

Lemma mixed_le x y c i j : 0 <= c -> c <= 1 -> z x j <= z x i -> z y j <= z y i ->
  z ((1 - c) *: x + c *: y) j <= z ((1 - c) *: x + c *: y) i.
Proof.
move=> c_ge0 c_le1 at_x at_y; rewrite -subr_ge0 gap_mixed.
by rewrite addr_ge0 ?mulr_ge0 ?subr_ge0.
Qed.

Lemma mixed_lt x y c i j : 0 <= c -> c <= 1 -> z x j < z x i -> z y j < z y i ->
  z ((1 - c) *: x + c *: y) j < z ((1 - c) *: x + c *: y) i.
Proof.
move=> c_ge0 c_le1 at_x at_y; rewrite -subr_gt0 gap_mixed.
have [-> | c_not1] := eqVneq c 1; first by rewrite subrr mul0r add0r mul1r subr_gt0.
have before : 0 < (1 - c) * (z x i - z x j).
  by rewrite mulr_gt0 ?subr_gt0 // lt_neqAle c_not1.
by rewrite ltr_spaddl // mulr_ge0 // subr_ge0 ltW.
Qed.

Theorem region_convex i : [/\ convex (closed i), convex (open i) & convex (first i)].
Proof.
split=> x y c c_ge0 c_le1 at_x at_y j.
- exact: mixed_le.
- by move=> other; apply: mixed_lt => //; [apply: at_x | apply: at_y].
- have := at_x j; have := at_y j; case: ifP => _ less_y less_x; first exact: mixed_lt.
  exact: mixed_le.
Qed.
End RegionConvex.
