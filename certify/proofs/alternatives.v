(* Alternatives for rules (w, b): finitely many bounds of x_i.w + t_i b have a rule that satisfies
   them, or weights >= 0 whose combination of them is absurd. The x_i may be indexed by any finite
   type. *)

From certify.proofs Require Import vectors farkas.

Section Alternatives.
Variables (R : realFieldType) (d : nat) (I : finType) (x : I -> 'cV[R]_d) (t : I -> R).

Lemma sum_enum (V : zmodType) (F : I -> V) : \sum_i F i = \sum_(r < #|I|) F (enum_val r).
Proof. exact: reindex (onW_bij _ (enum_val_bij I)). Qed.

Lemma farkas_rules (c : I -> R) :
  (exists w b, forall i, dot (x i) w + t i * b <= c i) \/
  exists y : I -> R, [/\ forall i, 0 <= y i, \sum_i y i *: x i = 0, \sum_i y i * t i = 0 &
    \sum_i y i * c i < 0].
Proof.
pose A : 'M[R]_(#|I|, d + 1) :=
  \matrix_(r, j) col_mx (x (enum_val r)) (t (enum_val r))%:M j 0.
have A_l r j : A r (lshift 1 j) = x (enum_val r) j 0 by rewrite mxE col_mxEu.
have A_r r : A r (rshift d 0) = t (enum_val r) by rewrite mxE col_mxEd mxE eqxx.
have [[z solved] | [y [y_ge0 cancels negative]]] := farkas A (\col_r c (enum_val r)).
  left; exists (usubmx z), (dsubmx z 0 0) => i; have := solved (enum_rank i).
  rewrite [X in _ <= X]mxE enum_rankK; congr (_ <= _).
  rewrite mxE big_split_ord big_ord1 /= A_r enum_rankK !mxE; congr (_ + _).
  by apply: eq_bigr => j _; rewrite A_l enum_rankK mxE.
right; exists (fun i => y (enum_rank i) 0); rewrite !sum_enum; split=> [i|||].
- by have := y_ge0 (enum_rank i); rewrite mxE.
- apply/colP => j; have /colP /(_ (lshift 1 j)) := cancels; rewrite !mxE => <-.
  rewrite summxE; apply: eq_bigr => r _; rewrite enum_valK !mxE mulrC.
  by rewrite -A_l !mxE.
- have /colP /(_ (rshift d 0)) := cancels; rewrite [LHS]mxE [RHS]mxE => zero; rewrite -[RHS]zero.
  by apply: eq_bigr => r _; rewrite enum_valK mulrC -A_r [in RHS]mxE.
- move: negative; congr (_ < 0); apply: eq_bigr => r _.
  by rewrite enum_valK mxE mulrC.
Qed.

Lemma gordan_rules :
  (exists w b, forall i, 0 < dot (x i) w + t i * b) \/
  exists y : I -> R, [/\ forall i, 0 <= y i, 0 < \sum_i y i, \sum_i y i *: x i = 0 &
    \sum_i y i * t i = 0].
Proof.
have [[w [b solved]] | [y [y_ge0 no_x no_t negative]]] := farkas_rules (fun=> -1).
  left; exists (- w), (- b) => i; rewrite dotNr mulrN -opprD oppr_gt0.
  by apply: le_lt_trans (solved i) _; rewrite oppr_lt0 ltr01.
right; exists y; split=> //; move: negative; rewrite -mulr_suml mulrN1 oppr_lt0 //.
Qed.
End Alternatives.
