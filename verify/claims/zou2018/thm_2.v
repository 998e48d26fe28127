(* Theorem 2 of Zou et al.: with at least as many features as classes, l > m for m + 1 classes, every
   region that is not empty extends to infinity: one direction d, not 0, serves all of them, their
   points and all steps, and the softmax output stays the same. *)

From certify.proofs Require Import vectors softmax.

Section Theorem2.
Variables (R : realFieldType) (E : R -> R) (l m : nat) (W : 'M[R]_(l, m.+1)).
Variable bias : 'I_m.+1 -> R.
Hypothesis E_is : exponential E. (* E (s + t) = E s * E t, positive, injective. *)

Definition region i h := forall j, logits W bias h j <= logits W bias h i.

Theorem thm_2 : (m < l)%N -> exists d, d <> 0 /\ forall i h theta, region i h ->
  region i (h + theta *: d) /\
  softmax E (logits W bias (h + theta *: d)) =1 softmax E (logits W bias h).
Proof.
move=> enough; pose V := kermx (differences W)^T.
have V_not0 : V != 0.
  rewrite -mxrank_eq0 mxrank_ker mxrank_tr -lt0n subn_gt0.
  exact: leq_ltn_trans (rank_leq_row _) enough.
exists (nz_row V)^T; split.
  by move=> d0; move: V_not0; rewrite -nz_row_eq0 -[nz_row V]trmxK d0 trmx0 eqxx.
have equal : shifts_equally W (nz_row V)^T.
  apply/null_shifts/trmx_inj; rewrite trmx_mul trmxK trmx0.
  by apply/sub_kermxP; apply: nz_row_sub.
move=> i h theta here; split=> [j|]; last by apply/softmax_unchanged/shifts_scaled.
by rewrite !logits_moved (equal i) (equal j) ler_add2r here.
Qed.
End Theorem2.
