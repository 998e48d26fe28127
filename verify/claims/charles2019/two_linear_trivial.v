(* Beside Charles et al.: where 0 is no mixture of the normals of linear rules, some v has w_j.v > 0
   for all j, and - y v turns each of them at every point that it gives the label y; and such a v
   exists only there. *)

From certify.proofs Require Import vectors labelled_sets farkas.
From verify.claims.proofs Require Import directions.
From verify.claims.charles2019 Require Import linear_same_label.

Section TwoLinearTrivial.
Variables (R : realFieldType) (d J : nat) (w : 'I_J -> 'cV[R]_d).

Definition mixture_is_0 := exists y : 'I_J -> R, shares y /\ \sum_j y j *: w j = 0.

Theorem two_linear_trivial : ~ mixture_is_0 ->
  exists v, (forall j, 0 < dot (w j) v) /\
  forall j zero b x y, label y -> linear_label zero (w j) b x = y ->
    adversarial (linear_label zero (w j) b) (- y *: v) x y.
Proof.
move=> none; have [[v positive] | [y [y_ge0 y_not0 y_sum]]] := gordan w.
  exists v; split=> // j zero b x y y_label y_is.
  apply/(linear_same_label _ y_label y_is).
  by rewrite dotZr mulNr mulrN mulrA label_square // mul1r oppr_lt0.
case: none; have [k y_gt0] := some_positive y_ge0 y_not0.
have total_gt0 : 0 < \sum_j y j by apply: (@sum_positive _ _ _ k).
exists (fun j => (\sum_i y i)^-1 * y j); split; first split=> [j|].
- by rewrite mulr_ge0 // invr_ge0 ltW.
- by rewrite -mulr_sumr mulVf // gt_eqF.
- rewrite (eq_bigr (fun j => (\sum_i y i)^-1 *: (y j *: w j))) => [|j _]; last by rewrite scalerA.
  by rewrite -scaler_sumr y_sum scaler0.
Qed.

Theorem two_linear_trivial_only v : (forall j, 0 < dot (w j) v) -> ~ mixture_is_0.
Proof.
move=> positive [y [is_shares y_sum]]; have [y_ge0 _] := is_shares.
have [k y_gt0] := share_positive is_shares.
have : 0 < \sum_j y j * dot (w j) v.
  by apply: (@sum_positive _ _ _ k) => [j|]; rewrite ?mulr_gt0 ?mulr_ge0 // ltW.
rewrite (eq_bigr (fun j => dot (y j *: w j) v)) => [|j _]; last by rewrite dotZl.
by rewrite -dot_suml y_sum dot0l ltxx.
Qed.
End TwoLinearTrivial.
