(* Theorem 4 of Charles et al.: the direction u of every balanced combination of the data,
   that of the largest margin among them, turns every linear rule that is right on the data, whatever
   label its boundary has, at every point x that the rule gives the label y: beyond some step c0
   the label of x - c y u is -y. Where some rule separates the data strictly, no other directions do
   this than the balanced combinations. *)

From certify.proofs Require Import vectors labelled_sets farkas.

Section Theorem4.
Variables (R : realFieldType) (d n : nat).
Add Ring ring_of_R : (identities R).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).

Theorem thm_4 (a : 'I_n -> R) zero w b :
  multipliers points labels a (signed_sum points labels a) 0 ->
  linear_accurate points labels zero w b ->
  forall x y, label y -> linear_label zero w b x = y ->
  exists c0, 0 <= c0 /\
    forall c, c0 < c ->
      linear_label zero w b (x - (c * y) *: signed_sum points labels a) = - y.
Proof.
set u := signed_sum points labels a; case=> a_ge0 a_not0 balanced _ right x y y_label y_is.
have slope : 0 < dot w u by apply: (accurate_slope labels_are) right.
have margin_ge0 : 0 <= y * value w b x by apply: sign_weak y_is.
exists (y * value w b x / dot w u); split=> [|c]; first by rewrite divr_ge0 // ltW.
rewrite ltr_pdivr_mulr // => far; apply: sign_opposite => //.
rewrite -scaleNr value_moved.
have -> : y * (value w b x + - (c * y) * dot w u) = y * value w b x - y * y * (c * dot w u).
  by field_identity R.
by rewrite label_square // mul1r subr_lt0.
Qed.

Theorem thm_4_exact v : (exists w b, separator points labels w b) ->
  (forall w b, separator points labels w b -> 0 < dot w v) <->
  exists a, multipliers points labels a v 0.
Proof.
case=> w0 [b0 separates0]; split=> [all | [a given] w b separates]; last first.
  by have := multipliers_positive given separates; rewrite mul0r addr0 dotC.
(* Gordan, for the points with their labels, one coordinate longer, and for (- v, 0). *)
pose longer (x : 'cV[R]_d) (t : R) : 'cV[R]_(d + 1) := col_mx x t%:M.
have dot_longer x t (z : 'cV[R]_(d + 1)) : dot (longer x t) z = dot (usubmx z) x + t * dsubmx z 0 0.
  rewrite /dot big_split_ord big_ord1 /=; congr (_ + _).
    by apply: eq_bigr => j _; rewrite /longer col_mxEu mxE mulrC.
  by rewrite /longer col_mxEd !mxE eqxx.
pose f (i : 'I_(n + 1)) := match fintype.split i with
  | inl k => longer (labels k *: points k) (labels k) | inr _ => longer (- v) 0 end.
have f_l k : f (lshift 1 k) = longer (labels k *: points k) (labels k).
  by rewrite /f (unsplitK (inl k)).
have f_r k : f (rshift n k) = longer (- v) 0 by rewrite /f (unsplitK (inr k)).
have [[z positive] | [y [y_ge0 y_not0 y_sum]]] := gordan f.
  have separates : separator points labels (usubmx z) (dsubmx z 0 0).
    by move=> k; have := positive (lshift 1 k); rewrite f_l dot_longer dotZr /margin mulrDr.
  have := positive (rshift n 0); rewrite f_r dot_longer dotNr mul0r addr0 oppr_gt0.
  by rewrite ltNge (ltW (all _ _ separates)).
pose a k := y (lshift 1 k); pose c := y (rshift n 0).
have a_ge0 k : 0 <= a k by apply: y_ge0.
have up : signed_sum points labels a = c *: v.
  apply/colP => t; have /colP /(_ (lshift 1 t)) := y_sum.
  rewrite summxE big_split_ord big_ord1 /= f_r mxE col_mxEu [(- v) t 0]mxE mulrN mxE.
  move/eqP; rewrite subr_eq0 [RHS]mxE => /eqP <-; rewrite summxE; apply: eq_bigr => k _.
  by rewrite f_l mxE [RHS]mxE col_mxEu mxE mulrA.
have down : balance labels a = 0.
  have /colP /(_ (rshift d 0)) := y_sum.
  rewrite summxE big_split_ord big_ord1 /= f_r mxE col_mxEd mxE mul0rn mulr0 addr0 mxE => <-.
  by apply: eq_bigr => k _; rewrite f_l mxE col_mxEd mxE eqxx.
have slope0 := all w0 b0 separates0.
have a_not0 : not_all_zero a.
  have [i] := y_not0; rewrite -[i]splitK; case: (fintype.split i) => k /= yi; first by exists k.
  have c_not0 : c <> 0 by move: yi; rewrite (ord1 k).
  have [/existsP [t /eqP at_] | none] := boolP [exists t, a t != 0]; first by exists t.
  have v0 : v = 0.
    apply: (scalerI (_ : c != 0)); first exact/eqP.
    rewrite -up scaler0 /signed_sum big1 // => t _.
    by have := existsPn none t; rewrite negbK => /eqP ->; rewrite mul0r scale0r.
  by move: slope0; rewrite v0 dot0r ltxx.
have c_gt0 : 0 < c.
  rewrite lt_def y_ge0 andbT; apply/eqP => c0.
  have := multipliers_positive (And4 a_ge0 a_not0 down erefl) separates0.
  by rewrite up c0 scale0r dot0l mul0r addr0 ltxx.
exists (fun k => c^-1 * a k); split=> [k||| ].
- by rewrite mulr_ge0 // invr_ge0 ltW.
- have [k ak] := a_not0; exists k; apply/eqP; apply: mulf_neq0; last exact/eqP.
  by rewrite invr_neq0 // gt_eqF.
- rewrite /balance (eq_bigr (fun k => c^-1 * (a k * labels k))) => [|k _]; last by rewrite mulrA.
  by rewrite -mulr_sumr -/(balance labels a) down mulr0.
- rewrite /signed_sum (eq_bigr (fun k => c^-1 *: ((a k * labels k) *: points k))) => [|k _].
    by rewrite -scaler_sumr -/(signed_sum points labels a) up scalerA mulVf ?scale1r // gt_eqF.
  by rewrite scalerA mulrA.
Qed.
End Theorem4.
