(* Weighted means: some value is at most their mean. *)

From certify.proofs Require Import vectors.

Section Means.
Variables (R : realFieldType) (I : finType) (a f : I -> R).
Hypotheses (a_ge0 : forall i, 0 <= a i) (total_gt0 : 0 < \sum_i a i).

Lemma some_weight : exists i, 0 < a i.
Proof.
apply: (some_positive a_ge0).
have [/existsP [i /eqP ai] | /existsPn none] := boolP [exists i, a i != 0]; first by exists i.
by move: total_gt0; rewrite big1 ?ltxx // => i _; apply/eqP; rewrite -[_ == _]negbK none.
Qed.

Lemma some_below : exists i, 0 < a i /\ f i * (\sum_k a k) <= \sum_k a k * f k.
Proof.
set total := \sum_k a k; set mean := \sum_k a k * f k.
have [/existsP [i /andP [ai below_]] | /existsPn none] :=
  boolP [exists i, (0 < a i) && (f i * total <= mean)]; first by exists i.
have above i : 0 < a i -> mean < f i * total.
  by move=> ai; have := none i; rewrite ai /= -ltNge.
have [k ak] := some_weight.
have : 0 < \sum_i a i * (f i * total - mean).
  apply: (@sum_positive _ _ _ k) => [i|]; last by rewrite mulr_gt0 // subr_gt0 above.
  have := a_ge0 i; rewrite le_eqVlt => /predU1P [<-|ai]; first by rewrite mul0r.
  by rewrite mulr_ge0 // subr_ge0 ltW ?above.
rewrite (eq_bigr (fun i => a i * f i * total - a i * mean)) => [|i _]; last by rewrite mulrBr mulrA.
by rewrite sumrB -!mulr_suml -/mean -/total mulrC subrr ltxx.
Qed.
End Means.
