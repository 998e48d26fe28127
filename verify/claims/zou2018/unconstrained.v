(* Decision regions that hold cubes of every size (beside Zou et al., Significance and Implications), for
   any numbers of features and classes: where the weight of class i is no mixture of those of the other
   classes, its region does, whatever the biases are; where it is one and no other weight is equal to
   it, the region does not, whatever they are. *)

From certify.proofs Require Import vectors labelled_sets softmax farkas.

Section Unconstrained.
Variables (R : realFieldType) (l m : nat) (W : 'M[R]_(l, m.+1)) (i : 'I_m.+1).
Add Ring ring_of_R : (identities R).

Definition region bias h := forall j, logits W bias h j <= logits W bias h i.

Definition holds_cube bias r := exists h, forall u : 'cV[R]_l,
  (forall k, `|u k 0| <= r) -> region bias (h + u).

Definition mixture_of_others := exists s : 'I_m.+1 -> R,
  [/\ shares s, s i = 0 & col i W = \sum_j s j *: col j W].

Let D j : 'cV[R]_l := col i W - col j W.
Let size_1 (v : 'cV[R]_l) := \sum_k `|v k 0|.

Lemma gap bias h j : logits W bias h i - logits W bias h j = dot (D j) h + (bias i - bias j).
Proof. by rewrite /logits dotDl dotNl; field_identity R. Qed.

Lemma least_on_cube (v u : 'cV[R]_l) r : (forall k, `|u k 0| <= r) -> - (r * size_1 v) <= dot v u.
Proof.
move=> small; rewrite /size_1 mulr_sumr -sumrN; apply: ler_sum => k _.
have : `|v k 0 * u k 0| <= r * `|v k 0| by rewrite normrM mulrC ler_wpmul2r.
by rewrite ler_norml => /andP [].
Qed.

Lemma at_corner (v : 'cV[R]_l) r : 0 <= r ->
  exists u : 'cV[R]_l, (forall k, `|u k 0| <= r) /\ dot v u = - (r * size_1 v).
Proof.
move=> r_ge0; exists (\col_k - (r * Num.sg (v k 0))); split=> [k|].
  rewrite mxE normrN normrM (ger0_norm r_ge0) normr_sg.
  by case: (_ != 0); rewrite ?mulr1 ?mulr0.
rewrite /size_1 mulr_sumr -sumrN; apply: eq_bigr => k _.
by rewrite mxE mulrN mulrCA [X in - (_ * X) = _]mulrC -normrEsg.
Qed.

Theorem unconstrained : ~ mixture_of_others -> forall bias r, holds_cube bias r.
Proof.
move=> no_mixture bias r.
have [[d ahead] | [y [y_ge0 y_not0 y_sum]]] := gordan (fun t : 'I_m => D (lift i t)); last first.
  case: no_mixture; have [k yk] := some_positive y_ge0 y_not0.
  have total_gt0 : 0 < \sum_t y t by apply: (@sum_positive _ _ _ k).
  pose s j := if unlift i j is Some t then (\sum_t y t)^-1 * y t else 0.
  have s_i : s i = 0 by rewrite /s unlift_none.
  have s_lift t : s (lift i t) = (\sum_t y t)^-1 * y t by rewrite /s liftK.
  exists s; split=> //; first split=> [j|].
  - by rewrite /s; case: unliftP => // t _; rewrite mulr_ge0 // invr_ge0 ltW.
  - rewrite (bigD1_ord i) //= s_i add0r (eq_bigr _ (fun t _ => s_lift t)) -mulr_sumr.
    by rewrite mulVf // gt_eqF.
  rewrite (bigD1_ord i) //= s_i scale0r add0r.
  rewrite (eq_bigr (fun t => (\sum_t y t)^-1 *: (y t *: col (lift i t) W))) => [|t _]; last first.
    by rewrite s_lift scalerA.
  rewrite -scaler_sumr; apply: (scalerI (lt0r_neq0 total_gt0)); rewrite scalerA divff ?gt_eqF //.
  rewrite scale1r scaler_suml; apply/eqP; rewrite -subr_eq0 -sumrB; apply/eqP.
  by rewrite -[RHS]y_sum; apply: eq_bigr => t _; rewrite -scalerBr.
pose need t := `|bias (lift i t) - bias i| + `|r| * size_1 (D (lift i t)).
have need_ge0 t : 0 <= need t by rewrite addr_ge0 // mulr_ge0 // sumr_ge0.
exists ((\sum_t need t / dot (D (lift i t)) d) *: d) => u small j.
rewrite -subr_ge0 gap; have [t ->|->] := unliftP i j; last by rewrite /D !subrr dot0l addr0.
rewrite dotDr dotZr.
have far : need t <= (\sum_t need t / dot (D (lift i t)) d) * dot (D (lift i t)) d.
  rewrite (bigD1 t) //= mulrDl divfK ?gt_eqF // ler_addl mulr_ge0 ?(ltW (ahead t)) //.
  by apply: sumr_ge0 => t' _; rewrite divr_ge0 // ltW.
have low : - (`|r| * size_1 (D (lift i t))) <= dot (D (lift i t)) u.
  by apply: least_on_cube => k; apply: le_trans (small k) (ler_norm _).
have apart : bias (lift i t) - bias i <= `|bias (lift i t) - bias i| by apply: ler_norm.
apply: le_trans (_ : need t - `|r| * size_1 (D (lift i t)) + (bias i - bias (lift i t)) <= _).
  by rewrite /need addrK -[bias i - _]opprB subr_ge0.
by rewrite ler_add2r ler_add.
Qed.

Theorem unconstrained_only : (forall j, col j W = col i W -> j = i) -> mixture_of_others ->
  forall bias, exists r, ~ holds_cube bias r.
Proof.
move=> different [s [is_shares s_i w_is]] bias.
have [s_ge0 total] := is_shares; have [k sk] := share_positive is_shares.
have size_ge0 v : 0 <= size_1 v by apply: sumr_ge0.
have size_gt0 : 0 < size_1 (D k).
  rewrite lt_def size_ge0 andbT; apply/eqP => nothing.
  have D_0 : D k = 0.
    apply/colP => t; rewrite [RHS]mxE; apply/eqP; rewrite -normr_eq0.
    by have /psumr_eq0P all_0 := fun t (_ : true) => normr_ge0 (D k t 0); rewrite (all_0 nothing).
  by have := different k (esym (subr0_eq D_0)) => k_i; rewrite k_i s_i ltxx in sk.
have width_gt0 : 0 < \sum_j s j * size_1 (D j).
  by apply: (@sum_positive _ _ _ k) => [j|]; rewrite ?mulr_gt0 ?mulr_ge0.
pose room := bias i - \sum_j s j * bias j.
exists ((`|room| + 1) / \sum_j s j * size_1 (D j)) => -[h inside].
set r := _ / _ in inside; have r_ge0 : 0 <= r by rewrite divr_ge0 ?addr_ge0 // ltW.
have each j : r * size_1 (D j) <= dot (D j) h + (bias i - bias j).
  have [u [small at_u]] := at_corner (D j) r_ge0.
  by have := inside u small j; rewrite -subr_ge0 gap dotDr at_u addrAC subr_ge0.
have : \sum_j s j * (r * size_1 (D j)) <= \sum_j s j * (dot (D j) h + (bias i - bias j)).
  by apply: ler_sum => j _; apply: ler_wpmul2l.
have -> : \sum_j s j * (r * size_1 (D j)) = `|room| + 1.
  rewrite (eq_bigr (fun j => r * (s j * size_1 (D j)))) => [|j _]; last exact: mulrCA.
  by rewrite -mulr_sumr /r divfK ?gt_eqF.
have -> : \sum_j s j * (dot (D j) h + (bias i - bias j)) = room.
  have level : \sum_j s j * dot (D j) h = 0.
    rewrite (eq_bigr (fun j => dot (s j *: D j) h)) => [|j _]; last by rewrite dotZl.
    rewrite -dot_suml (eq_bigr (fun j => s j *: col i W - s j *: col j W)) => [|j _].
      by rewrite sumrB -scaler_suml total scale1r -w_is subrr dot0l.
    exact: scalerBr.
  rewrite (eq_bigr (fun j => s j * dot (D j) h + (s j * bias i - s j * bias j))) => [|j _].
    by rewrite big_split sumrB -mulr_suml /= level total add0r mul1r.
  by rewrite mulrDr mulrBr.
by apply/negP; rewrite -ltNge (le_lt_trans (ler_norm room)) // ltr_addl.
Qed.
End Unconstrained.
