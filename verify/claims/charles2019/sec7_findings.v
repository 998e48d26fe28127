(* Noise against attacks (Charles et al., Sections 7 and 8): let a linear rule give x the label y
   with the margin m > 0. Of all the noise of e or - e in each entry, each equally likely, a share
   of at most e^2 |w|^2 / (e^2 |w|^2 + m^2) changes the label. The perturbation - y e sign(w) of
   the same size changes it where e |w|_1 > m. *)

From certify.proofs Require Import vectors labelled_sets lengths.

Section Section7Findings.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d : nat) (zero : R) (w : 'cV[R]_d) (b : R) (x : 'cV[R]_d) (y e : R).
Hypotheses (y_label : label y) (e_ge0 : 0 <= e).

Let m := y * value w b x.

Definition choices := {ffun 'I_d -> bool}.

Definition noise (s : choices) : 'cV[R]_d := \col_j (if s j then e else - e).

Definition changed (s : choices) := linear_label zero w b (x + noise s) != y.

(* Turning the sign of one entry. *)
Let turned j (s : choices) : choices := [ffun i => if i == j then ~~ s i else s i].

Lemma turnedK j : involutive (turned j).
Proof. by move=> s; apply/ffunP => i; rewrite !ffunE; case: eqP => // _; rewrite negbK. Qed.

Lemma noise_turned j k s : noise (turned j s) k 0 = if k == j then - noise s k 0 else noise s k 0.
Proof. by rewrite !mxE ffunE; case: (k == j) => //; case: (s k); rewrite ?opprK. Qed.

Lemma no_mean j (F : choices -> R) : (forall s, F (turned j s) = - F s) -> \sum_s F s = 0.
Proof.
move=> odd; have same : \sum_s F s = - \sum_s F s.
  by rewrite {1}(reindex_inj (inv_inj (turnedK j))) -sumrN; apply: eq_bigr => s _.
have : \sum_s F s + \sum_s F s == 0 by rewrite {1}same addNr.
by rewrite -mulr2n mulrn_eq0 /= => /eqP.
Qed.

Lemma moments : \sum_s dot w (noise s) = 0 /\
  \sum_s dot w (noise s) ^+ 2 = #|choices|%:R * (e ^+ 2 * dot w w).
Proof.
split.
  rewrite /dot exchange_big big1 // => j _.
  apply: (@no_mean j (fun s => w j 0 * noise s j 0)) => s.
  by rewrite noise_turned eqxx mulrN.
have product j k : \sum_s noise s j 0 * noise s k 0 = (j == k)%:R * (#|choices|%:R * e ^+ 2).
  have [<- | j_k] := eqVneq j k.
    rewrite mul1r (eq_bigr (fun=> e ^+ 2)) => [|s _]; first by rewrite sumr_const mulr_natl.
    by rewrite !mxE; case: (s j); rewrite ?mulrNN expr2.
  rewrite mul0r; apply: (@no_mean j (fun s => noise s j 0 * noise s k 0)) => s.
  by rewrite !noise_turned eqxx eq_sym (negbTE j_k) mulNr.
transitivity (\sum_j \sum_k w j 0 * w k 0 * (\sum_s noise s j 0 * noise s k 0)).
  rewrite (eq_bigr (fun s => \sum_j \sum_k w j 0 * w k 0 * (noise s j 0 * noise s k 0))) => [|s _].
    rewrite exchange_big; apply: eq_bigr => j _; rewrite exchange_big; apply: eq_bigr => k _ /=.
    by rewrite mulr_sumr.
  rewrite expr2 /dot mulr_suml; apply: eq_bigr => j _; rewrite mulr_sumr; apply: eq_bigr => k _.
  by field_identity R.
rewrite /dot !mulr_sumr; apply: eq_bigr => j _; rewrite (bigD1 j) //= product eqxx mul1r big1 ?addr0 => [|k k_j].
  by field_identity R.
by rewrite product eq_sym (negbTE k_j) mul0r mulr0.
Qed.

Theorem sec7_findings : linear_label zero w b x = y -> 0 < m ->
  #|[pred s | changed s]|%:R / #|choices|%:R <= e ^+ 2 * dot w w / (e ^+ 2 * dot w w + m ^+ 2).
Proof.
move=> _ m_gt0; set q := e ^+ 2 * dot w w; have square := label_square y_label.
have q_ge0 : 0 <= q by rewrite mulr_ge0 ?square_ge0 // sqr_ge0.
have total_gt0 : 0 < q + m ^+ 2 by rewrite ltr_paddl // exprn_gt0.
have some : (0 < #|choices|)%N by apply/card_gt0P; exists [ffun=> true].
have N_gt0 : 0 < #|choices|%:R :> R by rewrite ltr0n.
have [mean variance] := moments.
rewrite ler_pdivr_mulr // mulrAC ler_pdivl_mulr // [X in _ <= X]mulrC.
rewrite -(ler_pmul2r total_gt0) -mulrA -expr2 [X in _ <= X]mulrC.
(* All of them together, of which the changed ones are a part. *)
have all_of_them : \sum_s (q - m * y * dot w (noise s)) ^+ 2 = (q + m ^+ 2) * (#|choices|%:R * q).
  transitivity (\sum_s (q ^+ 2 - 2%:R * q * m * y * dot w (noise s) +
                        y * y * m ^+ 2 * dot w (noise s) ^+ 2)).
    by apply: eq_bigr => s _; field_identity R.
  have constant : \sum_(s : choices) q ^+ 2 = #|choices|%:R * q ^+ 2 by rewrite sumr_const mulr_natl.
  rewrite big_split sumrB /= constant -!mulr_sumr mean variance square -/q mulr0 subr0 mul1r.
  by field_identity R.
rewrite -all_of_them mulr_natl -sumr_const big_mkcond; apply: ler_sum => s _.
case: ifP => [|_]; last exact: sqr_ge0.
rewrite inE => is_changed; have down : m ^+ 2 <= - (m * y * dot w (noise s)).
  rewrite -mulrA -mulrN expr2 (ler_pmul2l m_gt0) -subr_le0 opprK.
  rewrite leNgt; apply: contra is_changed => own; apply/eqP/sign_own => //.
  by congr (0 < _): own; rewrite /m /value dotDr; field_identity R.
rewrite ler_sqr ?nnegrE ?(ltW total_gt0) //; first by rewrite ler_add2l.
by rewrite addr_ge0 // (le_trans _ down) // sqr_ge0.
Qed.

Theorem sec7_findings_attack : m < e * (\sum_j `|w j 0|) ->
  linear_label zero w b (x + - (y * e) *: signs w) = - y.
Proof.
move=> far; apply: sign_opposite => //; rewrite value_moved dot_signs mulrDr -/m.
have -> : y * (- (y * e) * (\sum_j `|w j 0|)) = - (y * y * (e * (\sum_j `|w j 0|))).
  by rewrite mulNr mulrN -!mulrA.
by rewrite label_square // mul1r subr_lt0.
Qed.
End Section7Findings.
