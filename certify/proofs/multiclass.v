(* Multi-class sets: points x_i, each with the index of a class as its label, rules (W, b) with a row
   W_k and an offset b_k for each class, and gaps: a point i, a class that is not its label, and a
   multiplier a >= 0, of which some is positive. *)

From certify.proofs Require Import vectors.

Section Multiclass.
Variables (R : realFieldType) (d n m : nat).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m).

Definition logit (W : 'I_m -> 'cV[R]_d) (b : 'I_m -> R) x k := dot (W k) x + b k.

Definition accurate W b :=
  forall i k, k != labels i -> logit W b (points i) k < logit W b (points i) (labels i).

Section Gaps.
Variables (g : nat) (point : 'I_g -> 'I_n) (class : 'I_g -> 'I_m) (a : 'I_g -> R).

Definition gaps :=
  [/\ forall t, class t != labels (point t), forall t, 0 <= a t & exists t, a t <> 0].

(* The row T_k = (row k, end_ k) of class k. *)
Let times t k : R := a t * ((labels (point t) == k)%:R - (class t == k)%:R).

Definition row k : 'cV[R]_d := \sum_t times t k *: points (point t).

Definition end_ k : R := \sum_t times t k.

Lemma gaps_positive W b : gaps -> accurate W b ->
  0 < \sum_k (dot (row k) (W k) + end_ k * b k).
Proof.
case=> other a_ge0 a_not0 right; have [t a_gt0] := some_positive a_ge0 a_not0.
have -> : \sum_k (dot (row k) (W k) + end_ k * b k) =
    \sum_t a t * (logit W b (points (point t)) (labels (point t)) -
                  logit W b (points (point t)) (class t)).
  transitivity (\sum_k \sum_t times t k * logit W b (points (point t)) k).
    apply: eq_bigr => k _; rewrite dot_suml mulr_suml -big_split /=.
    by apply: eq_bigr => s _; rewrite dotZl dotC mulrDr.
  rewrite exchange_big /=; apply: eq_bigr => s _.
  transitivity (\sum_k a s * ((labels (point s) == k)%:R * logit W b (points (point s)) k -
                              (class s == k)%:R * logit W b (points (point s)) k)).
    by apply: eq_bigr => k _; rewrite /times -mulrA mulrBl.
  have one k0 (f : 'I_m -> R) : \sum_k (k0 == k)%:R * f k = f k0.
    rewrite (bigD1 k0) //= eqxx mul1r big1 ?addr0 // => k /negbTE.
    by rewrite eq_sym => ->; rewrite mul0r.
  by rewrite -mulr_sumr sumrB !one.
apply: (@sum_positive _ _ _ t) => [s|]; last by rewrite mulr_gt0 // subr_gt0 right.
by rewrite mulr_ge0 // subr_ge0 ltW ?right.
Qed.
End Gaps.
End Multiclass.
