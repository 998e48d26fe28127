(* The kind class-left: its checks imply its sentence, for all sizes: at x + c v some logit exceeds
   that of class k for all large c. *)

From certify.proofs Require Import vectors multiclass.

Section ClassLeft.
Variables (R : realFieldType) (d n m : nat).
Add Ring ring_of_R : (identities R).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m).
Variables (k : 'I_m) (direction : 'cV[R]_d).

Theorem class_left g (point : 'I_g -> 'I_n) (class : 'I_g -> 'I_m) (a : 'I_g -> R)
    (p : 'I_m -> R) :
  direction <> 0 -> gaps labels point class a -> (forall j, 0 <= p j) ->
  (forall j, let share := p j - (j == k)%:R * \sum_i p i in
    row points labels point class a j = share *: direction /\
    end_ labels point class a j = 0) ->
  forall W b, accurate points labels W b -> forall x, exists c0, 0 <= c0 /\
    forall c, c0 < c -> exists j,
      logit W b (x + c *: direction) k < logit W b (x + c *: direction) j.
Proof.
move=> _ given p_ge0 growth W b right x.
have : 0 < \sum_j p j * (dot (W j) direction - dot (W k) direction).
  have := gaps_positive given right; congr (0 < _).
  transitivity (\sum_j (p j - (j == k)%:R * \sum_i p i) * dot (W j) direction).
    by apply: eq_bigr => j _; have [-> ->] := growth j; rewrite dotZl dotC mul0r addr0.
  transitivity (\sum_j p j * dot (W j) direction -
                \sum_j (j == k)%:R * ((\sum_i p i) * dot (W j) direction)).
    by rewrite -sumrB; apply: eq_bigr => j _; rewrite mulrBl mulrA.
  rewrite [X in _ - X](bigD1 k) //= eqxx mul1r [X in _ - (_ + X)]big1 => [|j /negbTE ->].
    by rewrite addr0 mulr_suml -sumrB; apply: eq_bigr => j _; rewrite mulrBr.
  by rewrite mul0r.
move=> positive; have [/existsP [j outgrows] | none] :=
  boolP [exists j, 0 < dot (W j) direction - dot (W k) direction]; last first.
  have : \sum_j p j * (dot (W j) direction - dot (W k) direction) <= 0.
    rewrite -oppr_ge0 -sumrN; apply: sumr_ge0 => j _; rewrite -mulrN mulr_ge0 // oppr_ge0.
    by rewrite leNgt; apply: existsPn none j.
  by rewrite leNgt positive.
pose s := dot (W j) direction - dot (W k) direction.
pose reach := (logit W b x k - logit W b x j) / s.
exists (Num.max 0 reach); split=> [|c]; first by rewrite le_maxr lexx.
rewrite lt_maxl => /andP [_]; rewrite ltr_pdivr_mulr // => far; exists j.
rewrite -subr_gt0 in far; rewrite -subr_gt0.
by congr (0 < _): far; rewrite /s /logit !dotDr !dotZr; field_identity R.
Qed.
End ClassLeft.
