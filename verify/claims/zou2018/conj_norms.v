(* The norms 1 and 2 in the conjecture of Zou et al.: a point of a set that no other is ahead of on
   the way to x is the only one nearest to x in the norm 2. For any x and x' that differ, a network
   that copies its input, with the logits q.z and a number between q.x and q.x', has no twin of x'
   nearer to x than x', for one q in the norm 1 and for another one in the norm 2. And the norms
   differ by a factor of the number of inputs at most. *)

From certify.proofs Require Import vectors.

Section Norms.
Variables (R : realFieldType) (n : nat).
Add Ring ring_of_R : (identities R).

Definition size_1 (v : 'cV[R]_n) := \sum_j `|v j 0|.

(* The squares in the norm 2 decide as the lengths do. *)
Theorem conj_norms_foot (twins : 'cV[R]_n -> Prop) p x :
  (forall z, twins z -> 0 <= dot (p - x) (z - p)) ->
  forall z, twins z -> dot (p - x) (p - x) <= dot (z - x) (z - x) /\
    (dot (p - x) (p - x) = dot (z - x) (z - x) -> z = p).
Proof.
move=> none_ahead z /none_ahead ahead.
have gap : dot (z - x) (z - x) - dot (p - x) (p - x) =
    dot (z - p) (z - p) + (dot (p - x) (z - p) + dot (p - x) (z - p)).
  rewrite !(dotDl, dotDr, dotNl, dotNr) (dotC p z) (dotC x z) (dotC x p); field_identity R.
split=> [|same]; first by rewrite -subr_ge0 gap !addr_ge0 // square_ge0.
apply/eqP; rewrite -subr_eq0; apply/eqP/square_eq0/eqP; rewrite eq_le square_ge0 andbT.
by move: gap; rewrite same subrr => /esym/eqP; rewrite addr_eq0 => /eqP ->; rewrite oppr_le0 addr_ge0.
Qed.

Definition separates q (x x' : 'cV[R]_n) := dot q x < dot q x'.

Definition same_output q (z x' : 'cV[R]_n) := dot q z = dot q x'.

Theorem conj_norms x x' : x <> x' ->
  (exists q, separates q x x' /\ forall z, same_output q z x' -> size_1 (x' - x) <= size_1 (z - x)) /\
  (exists q, separates q x x' /\
     forall z, same_output q z x' -> dot (x' - x) (x' - x) <= dot (z - x) (z - x)).
Proof.
move=> different; split.
  pose q : 'cV[R]_n := \col_j Num.sg ((x' - x) j 0).
  have is_size : dot q (x' - x) = size_1 (x' - x).
    by apply: eq_bigr => j _; rewrite mxE [X in _ = X]normrEsg.
  exists q; split=> [|z same].
    rewrite /separates -subr_gt0 -dotNr -dotDr is_size.
    have [j /eqP entry] : exists j, (x' - x) j 0 != 0.
      apply/existsP; rewrite -negb_forall; apply/negP => /forallP all_0; apply: different.
      by apply/colP => j; have /eqP := all_0 j; rewrite !mxE => /eqP; rewrite subr_eq0 => /eqP.
    by apply: (@sum_positive _ _ _ j) => [i|]; rewrite ?normr_ge0 // normr_gt0; apply/eqP.
  have -> : size_1 (x' - x) = dot q (z - x) by rewrite -is_size !dotDr same.
  apply: ler_sum => j _; apply: le_trans (ler_norm _) _; rewrite normrM mxE normr_sg.
  by case: (_ != 0); rewrite ?mul1r ?mul0r.
exists (x' - x); split=> [|z same].
  rewrite /separates -subr_gt0 -dotNr -dotDr; apply: square_gt0 => /eqP.
  by rewrite subr_eq0 => /eqP /esym.
have [|//] := @conj_norms_foot (same_output (x' - x)^~ x') x' x _ z same.
by move=> y same_y; rewrite dotDr dotNr same_y subrr.
Qed.

Theorem conj_norms_compared (v : 'cV[R]_n) r : (forall j, `|v j 0| <= r) ->
  [/\ dot v v <= size_1 v ^+ 2, size_1 v ^+ 2 <= n%:R * dot v v & dot v v <= n%:R * r ^+ 2].
Proof.
move=> small; have is_square : dot v v = \sum_j `|v j 0| ^+ 2.
  by apply: eq_bigr => j _; rewrite real_normK ?num_real.
have size_ge0 : 0 <= size_1 v by apply: sumr_ge0.
split.
- rewrite is_square expr2 {2}/size_1 mulr_sumr; apply: ler_sum => j _.
  rewrite expr2 ler_wpmul2r // /size_1 (bigD1 j) //= ler_addl; exact: sumr_ge0.
- pose a j := `|v j 0|; rewrite is_square -/a /size_1 -/a.
  have row i : \sum_j (a i - a j) ^+ 2 =
      n%:R * a i ^+ 2 + \sum_j a j ^+ 2 - (a i * (\sum_j a j) + a i * (\sum_j a j)).
    have -> : n%:R * a i ^+ 2 = \sum_(j < n) a i ^+ 2 by rewrite sumr_const card_ord mulr_natl.
    have -> : a i * (\sum_j a j) = \sum_j a i * a j by rewrite mulr_sumr.
    rewrite -!big_split /= -sumrB; apply: eq_bigr => j _; field_identity R.
  have : 0 <= \sum_i \sum_j (a i - a j) ^+ 2.
    by apply: sumr_ge0 => i _; apply: sumr_ge0 => j _; apply: sqr_ge0.
  rewrite (eq_bigr _ (fun i _ => row i)) sumrB !big_split /= -mulr_suml -mulr_sumr sumr_const.
  by rewrite card_ord -[(\sum_j _) *+ n]mulr_natl subr_ge0 -!mulr2n ler_muln2r expr2.
- rewrite is_square mulrC -[n in n%:R]card_ord -sumr_const mulr_sumr; apply: ler_sum => j _.
  by rewrite mulr1 ler_expn2r ?nnegrE // (le_trans _ (small j)).
Qed.
End Norms.
