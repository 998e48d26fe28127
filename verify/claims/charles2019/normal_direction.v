(* Before Figure 1 of Charles et al.: let a linear rule with w not 0 give x the label y, with the
   margin m. Every perturbation that changes the label has at least the length m / |w|; along - y w
   the label is - y beyond the step m / |w|^2, at which the boundary is met with that length; and
   if m > 0 no other perturbation of at most this length meets it. Lengths are stated by their
   squares. *)

From certify.proofs Require Import vectors labelled_sets lengths.

Section NormalDirection.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d : nat) (zero : R) (w : 'cV[R]_d) (b : R) (x : 'cV[R]_d) (y : R).
Hypotheses (w_not0 : w <> 0) (y_label : label y) (y_is : linear_label zero w b x = y).

Let m := y * value w b x.

Let nearest : 'cV[R]_d := - (m / dot w w * y) *: w.

Theorem normal_direction :
  [/\ forall e, linear_label zero w b (x + e) <> y -> m ^+ 2 <= dot e e * dot w w,
    forall c, m / dot w w < c -> linear_label zero w b (x - (c * y) *: w) = - y,
    value w b (x + nearest) = 0 /\ dot nearest nearest * dot w w = m ^+ 2 &
    0 < m -> forall e, value w b (x + e) = 0 -> dot e e * dot w w <= m ^+ 2 -> e = nearest].
Proof.
have square := label_square y_label; have w_gt0 := square_gt0 w_not0.
have m_ge0 : 0 <= m by apply: sign_weak y_is.
have moved e : y * value w b (x + e) = m + y * dot w e.
  by rewrite /m /value dotDr; field_identity R.
have ratio : m / dot w w * dot w w = m by rewrite divfK // gt_eqF.
split=> [e changed | c far || m_gt0 e at0 short].
- have falls : m <= - (y * dot w e).
    rewrite -subr_le0 opprK -moved leNgt; apply/negP => own; apply: changed.
    exact: sign_own own.
  apply: le_trans (_ : (- (y * dot w e)) ^+ 2 <= _).
    by rewrite ler_sqr ?nnegrE // (le_trans m_ge0).
  rewrite sqrrN exprMn [y ^+ 2]expr2 square mul1r [X in _ <= X]mulrC.
  exact: cauchy_schwarz.
- apply: sign_opposite => //; rewrite moved dotNr dotZr.
  have -> : m + y * - (c * y * dot w w) = m - y * y * (c * dot w w) by field_identity R.
  by rewrite square mul1r subr_lt0 -ltr_pdivr_mulr.
- split; first by rewrite value_moved mulNr mulrAC ratio /m mulrAC square mul1r subrr.
  rewrite dotZl dotZr -[in RHS]ratio; set q := m / dot w w.
  rewrite -[RHS]mul1r -square; field_identity R.
- have slope : dot w e = - (m * y).
    apply/eqP; rewrite -subr_eq0 opprK; apply/eqP.
    transitivity (y * (m + y * dot w e)); last by rewrite -moved at0 !mulr0.
    by rewrite mulrDr mulrA square mul1r addrC [y * m]mulrC.
  rewrite [LHS](@cauchy_schwarz_equal _ _ w e) // ?slope ?mulNr ?[m * y / _]mulrAC //.
  apply/le_anti; rewrite -slope cauchy_schwarz slope sqrrN exprMn [y ^+ 2]expr2 square mulr1.
  by rewrite [X in X <= _]mulrC.
Qed.
End NormalDirection.
