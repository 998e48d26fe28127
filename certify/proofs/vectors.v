(* Vectors over an ordered field, which may be that of the rational or that of the real numbers.

   A vector is a column. [dot u v] is the inner product, [u <=^ v] compares entry by entry, and the
   tactic [field_identity R] proves an identity between numbers of R, after [Add Ring] or [Add Field];
   what is divided by then has to be shown not to be 0. *)

From mathcomp Require Export all_ssreflect all_algebra.
From Coq Require Export Ring_theory Ring Field_theory Field.
#[export] Set Implicit Arguments.
#[export] Unset Strict Implicit.
#[export] Unset Printing Implicit Defensive.
Export GRing.Theory Num.Theory Order.Theory.
Global Open Scope ring_scope.

(* Coq's own decision of identities, told of the operations of MathComp. *)
Section Operations.
Variable R : realFieldType.
Definition zero : R := 0.
Definition one : R := 1.
Definition plus (a b : R) : R := a + b.
Definition times (a b : R) : R := a * b.
Definition minus (a b : R) : R := a - b.
Definition negative (a : R) : R := - a.
Definition inverse (a : R) : R := a^-1.
Definition quotient (a b : R) : R := a / b.

Lemma identities : ring_theory zero one plus times minus negative eq.
Proof.
split=> *; rewrite /plus /times /minus /negative /zero /one ?add0r ?mul1r ?subrr //.
- exact: addrC.
- exact: addrA.
- exact: mulrC.
- exact: mulrA.
- exact: mulrDl.
Qed.

Lemma fractions :
  field_theory zero one plus times minus negative quotient inverse eq.
Proof.
split=> [||p q|p /eqP p_not0] //; first exact: identities.
  by apply/eqP; rewrite oner_eq0.
exact: mulVf.
Qed.
End Operations.

Ltac name_operations R :=
  rewrite ?expr2 ?exprS ?expr0 ?mulr2n ?mulrS ?mulr0n;
  repeat match goal with
  | |- context [@GRing.add ?Z ?a (@GRing.opp ?Y ?b)] =>
      change (@GRing.add Z a (@GRing.opp Y b)) with (@minus R a b)
  | |- context [@GRing.add ?Z ?a ?b] => change (@GRing.add Z a b) with (@plus R a b)
  | |- context [@GRing.mul ?Z ?a ?b] => change (@GRing.mul Z a b) with (@times R a b)
  | |- context [@GRing.inv ?Z ?a] => change (@GRing.inv Z a) with (@inverse R a)
  | |- context [@GRing.opp ?Z ?a] => change (@GRing.opp Z a) with (@negative R a)
  | |- context [@GRing.zero ?Z] => change (@GRing.zero Z) with (@zero R)
  | |- context [@GRing.one ?Z] => change (@GRing.one Z) with (@one R)
  end;
  match goal with |- @eq _ ?a ?b => change (@eq (Num.RealField.sort R) a b) end.

Section Vectors.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).

Definition dot (d : nat) (u v : 'cV[R]_d) : R := \sum_j u j 0 * v j 0.

Definition below (d : nat) (u v : 'cV[R]_d) := forall j, u j 0 <= v j 0.

Lemma dotC d (u v : 'cV[R]_d) : dot u v = dot v u.
Proof. by apply: eq_bigr => j _; rewrite mulrC. Qed.

Lemma dotDr d (u v w : 'cV[R]_d) : dot u (v + w) = dot u v + dot u w.
Proof. by rewrite /dot -big_split /=; apply: eq_bigr => j _; rewrite mxE mulrDr. Qed.

Lemma dotDl d (u v w : 'cV[R]_d) : dot (u + v) w = dot u w + dot v w.
Proof. by rewrite !(dotC _ w) dotDr. Qed.

Lemma dotZr d (u v : 'cV[R]_d) k : dot u (k *: v) = k * dot u v.
Proof. by rewrite /dot big_distrr /=; apply: eq_bigr => j _; rewrite mxE mulrCA. Qed.

Lemma dotZl d (u v : 'cV[R]_d) k : dot (k *: u) v = k * dot u v.
Proof. by rewrite dotC dotZr dotC. Qed.

Lemma dotNr d (u v : 'cV[R]_d) : dot u (- v) = - dot u v.
Proof. by rewrite -scaleN1r dotZr mulN1r. Qed.

Lemma dotNl d (u v : 'cV[R]_d) : dot (- u) v = - dot u v.
Proof. by rewrite dotC dotNr dotC. Qed.

Lemma dot0r d (u : 'cV[R]_d) : dot u 0 = 0.
Proof. by rewrite -(scale0r 0) dotZr mul0r. Qed.

Lemma dot0l d (u : 'cV[R]_d) : dot 0 u = 0.
Proof. by rewrite dotC dot0r. Qed.

Lemma dot_sumr d (I : finType) (P : pred I) (u : 'cV[R]_d) (v : I -> 'cV[R]_d) :
  dot u (\sum_(i | P i) v i) = \sum_(i | P i) dot u (v i).
Proof. by elim/big_rec2: _ => [|i a b _ <-]; rewrite ?dot0r ?dotDr. Qed.

Lemma dot_suml d (I : finType) (P : pred I) (u : I -> 'cV[R]_d) (v : 'cV[R]_d) :
  dot (\sum_(i | P i) u i) v = \sum_(i | P i) dot (u i) v.
Proof. by rewrite dotC dot_sumr; apply: eq_bigr => i _; rewrite dotC. Qed.

Lemma dot_transposed m d (A : 'M[R]_(m, d)) (y : 'cV[R]_m) (x : 'cV[R]_d) :
  dot y (A *m x) = dot (A^T *m y) x.
Proof.
rewrite /dot (eq_bigr (fun i => \sum_j y i 0 * (A i j * x j 0))); last first.
  by move=> i _; rewrite mxE big_distrr.
rewrite exchange_big /=; apply: eq_bigr => j _; rewrite mxE big_distrl /=.
by apply: eq_bigr => i _; rewrite mxE mulrA [y i 0 * _]mulrC.
Qed.

Lemma square_ge0 d (u : 'cV[R]_d) : 0 <= dot u u.
Proof. by apply: sumr_ge0 => j _; rewrite -expr2 sqr_ge0. Qed.

Lemma square_eq0 d (u : 'cV[R]_d) : dot u u = 0 -> u = 0.
Proof.
move=> nothing; apply/colP => j; rewrite mxE; apply/eqP; rewrite -sqrf_eq0 expr2.
have /psumr_eq0P all_zero : forall j, true -> 0 <= u j 0 * u j 0.
  by move=> k _; rewrite -expr2 sqr_ge0.
by rewrite (all_zero nothing).
Qed.

Lemma square_gt0 d (u : 'cV[R]_d) : u <> 0 -> 0 < dot u u.
Proof.
move=> u_not0; rewrite lt_def square_ge0 andbT.
by apply/eqP => nothing; apply: u_not0; apply: square_eq0.
Qed.

Lemma below_dot d (a u v : 'cV[R]_d) : below 0 a -> below u v -> dot a u <= dot a v.
Proof.
move=> a_ge0 smaller; apply: ler_sum => j _; apply: ler_wpmul2l => //.
by have := a_ge0 j; rewrite mxE.
Qed.

Lemma dot_below0 d (a u : 'cV[R]_d) : below 0 a -> below 0 u -> 0 <= dot a u.
Proof. by move=> a_ge0 /(below_dot a_ge0); rewrite dot0r. Qed.

(* One positive term among nonnegative ones. *)
Lemma sum_positive (I : finType) (f : I -> R) k :
  (forall i, 0 <= f i) -> 0 < f k -> 0 < \sum_i f i.
Proof.
by move=> f_ge0 f_gt0; rewrite (bigD1 k) //=; apply: ltr_paddr => //; apply: sumr_ge0.
Qed.

(* Little enough of anything leaves a positive number positive. *)
Lemma a_little (p q : R) : 0 < p -> exists e, 0 < e /\ 0 < p + e * q.
Proof.
move=> p_gt0; have more : 0 < 1 + `|q| by rewrite ltr_paddr.
exists (p / (1 + `|q|)); split; first exact: divr_gt0.
have -> : p + p / (1 + `|q|) * q = p / (1 + `|q|) * (1 + (`|q| + q)).
  by rewrite addrA mulrDr divfK // gt_eqF.
by rewrite mulr_gt0 ?divr_gt0 // ltr_paddr // -ler_subl_addr sub0r -normrN ler_norm.
Qed.

(* A positive entry, or none differs from 0. *)
Lemma some_positive (I : finType) (f : I -> R) :
  (forall i, 0 <= f i) -> (exists i, f i <> 0) -> exists i, 0 < f i.
Proof.
by move=> f_ge0 [i f_not0]; exists i; rewrite lt_def f_ge0 andbT; apply/eqP.
Qed.
End Vectors.

Notation "u <=^ v" := (below u v) (at level 70, no associativity).

Ltac field_identity R := name_operations R; first [ring | field].
