(* Figure 1 of Charles et al.: where the data lie in a hyperplane and some rule is right on them,
   there are two right rules such that at all points labelled 1 the negative normal of each is
   adversarial for this rule and not for the other one. That the data have both labels and that d
   >= 2 is not used. *)

From certify.proofs Require Import vectors labelled_sets.
From verify.claims.proofs Require Import directions.
From verify.claims.charles2019 Require Import linear_same_label.

Section Figure1.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).

(* Where z.x = e on all of the data. *)
Theorem fig_1 (z : 'cV[R]_d) (e : R) zero w b : z <> 0 -> (forall i, dot z (points i) = e) ->
  linear_accurate points labels zero w b ->
  exists w1 b1 w2 b2, let h1 := linear_label zero w1 b1 in let h2 := linear_label zero w2 b2 in
    [/\ linear_accurate points labels zero w1 b1, linear_accurate points labels zero w2 b2,
      forall i, labels i = 1 ->
        adversarial h1 (- w1) (points i) 1 /\ ~ adversarial h2 (- w1) (points i) 1 &
      forall i, labels i = 1 ->
        adversarial h2 (- w2) (points i) 1 /\ ~ adversarial h1 (- w2) (points i) 1].
Proof.
move=> /square_gt0 z_gt0 flat right; pose s := 1 + dot w w / dot z z.
have s_ge1 : 1 <= s by rewrite ler_addl divr_ge0 ?square_ge0.
pose normal (c : R) := w + c *: z; pose offset (c : R) := b - c * e.
have tilted c : linear_accurate points labels zero (normal c) (offset c).
  move=> i; rewrite -right /linear_label; congr (sign _ _).
  by rewrite /value dotDl dotZl flat /offset; field_identity R.
have obtuse : dot (normal s) (normal (- s)) < 0.
  have -> : dot (normal s) (normal (- s)) = dot w w - s * (s * dot z z).
    by rewrite /normal !dotDl !dotDr !dotZl !dotZr (dotC z w); field_identity R.
  have s_is : s * dot z z = dot z z + dot w w by rewrite mulrDl mul1r divfK // gt_eqF.
  rewrite subr_lt0; apply: lt_le_trans (_ : s * dot z z <= _); first by rewrite s_is ltr_addr.
  rewrite ler_pemull // mulr_ge0 ?(ltW z_gt0) // (le_trans ler01) //.
have not0 c : dot (normal c) (normal (- c)) < 0 -> 0 < dot (normal c) (normal c).
  by move=> less; apply: square_gt0 => none; move: less; rewrite none dot0l ltxx.
have one : label (1 : R) by left.
have falls c i : labels i = 1 -> dot (normal c) (normal (- c)) < 0 ->
    adversarial (linear_label zero (normal c) (offset c)) (- normal c) (points i) 1 /\
    ~ adversarial (linear_label zero (normal (- c)) (offset (- c))) (- normal c) (points i) 1.
  move=> i_plus less; have at_i t : linear_label zero (normal t) (offset t) (points i) = 1.
    by rewrite tilted.
  split; first by apply/(linear_same_label _ one (at_i c)); rewrite mul1r dotNr oppr_lt0 not0.
  move/(linear_same_label _ one (at_i (- c))); rewrite mul1r dotNr oppr_lt0 dotC.
  by rewrite ltNge ltW.
exists (normal s), (offset s), (normal (- s)), (offset (- s)); split=> // i i_plus.
  exact: falls.
by have := @falls (- s) i i_plus; rewrite opprK dotC => /(_ obtuse).
Qed.
End Figure1.
