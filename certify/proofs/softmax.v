(* Softmax layers. The logits of h are z_i = W_i.h + bias_i, for classes 0 to m, the last of which is
   [ord_max]; column i of the weights is W_i.

   Of the exponential function only what follows from these three properties is used, so that what is
   proved holds of any function that has them. *)

From certify.proofs Require Import vectors.

Definition exponential (R : realFieldType) (E : R -> R) :=
  [/\ forall s t, E (s + t) = E s * E t, forall s, 0 < E s & injective E].

Section Softmax.
Variables (R : realFieldType) (E : R -> R) (m : nat).
Hypothesis E_is : exponential E.

Definition softmax (z : 'I_m.+1 -> R) i := E (z i) / \sum_j E (z j).

Lemma total_positive (z : 'I_m.+1 -> R) : 0 < \sum_j E (z j).
Proof.
have [_ positive _] := E_is; apply: (@sum_positive _ _ _ ord0) => // i; exact: ltW.
Qed.

Lemma total_not0 (z : 'I_m.+1 -> R) : \sum_j E (z j) != 0.
Proof. by rewrite gt_eqF ?total_positive. Qed.

(* Softmax is the same exactly when the logits differ by a constant. *)
Lemma softmax_same (z z' : 'I_m.+1 -> R) :
  softmax z =1 softmax z' <-> forall i, z' i - z i = z' ord_max - z ord_max.
Proof.
have [adds positive one] := E_is; split=> same i.
  have ratio j : E (z j) * (\sum_k E (z' k)) = E (z' j) * (\sum_k E (z k)).
    by have /eqP := same j; rewrite /softmax (eqr_div _ _ (total_not0 z) (total_not0 z')) => /eqP.
  have : E (z i + z' ord_max) = E (z' i + z ord_max).
    apply: (mulfI (lt0r_neq0 (total_positive z'))).
    rewrite !adds; transitivity (E (z' i) * (\sum_k E (z k)) * E (z' ord_max)).
      by rewrite -ratio mulrA [X in X * _ = _]mulrC.
    by rewrite -mulrA [X in _ * X = _]mulrC -ratio mulrA mulrC.
  move=> /one same_sum; apply/eqP; rewrite -subr_eq0 opprB addrACA -opprD subr_eq0.
  by rewrite -same_sum addrC.
have shift j : E (z' j) = E (z j) * E (z' ord_max - z ord_max).
  by rewrite -adds -(same j) addrC subrK.
rewrite /softmax shift [X in _ = _ / X](eq_bigr (fun j => E (z j) * E (z' ord_max - z ord_max))) //.
by rewrite -mulr_suml -mulf_div divff ?mulr1 // gt_eqF.
Qed.
End Softmax.

Section Layers.
Variables (R : realFieldType) (n m : nat) (weights : 'M[R]_(n, m.+1)).

Definition logits (bias : 'I_m.+1 -> R) (h : 'cV[R]_n) i := dot (col i weights) h + bias i.

(* The rows W_i - W_m of the classes but the last. *)
Definition differences : 'M[R]_(m, n) :=
  \matrix_(i, j) (weights j (widen_ord (leqnSn m) i) - weights j ord_max).

Definition shifts_equally (v : 'cV[R]_n) :=
  forall i, dot (col i weights) v = dot (col ord_max weights) v.

Lemma logits_moved bias h c v i :
  logits bias (h + c *: v) i = logits bias h i + c * dot (col i weights) v.
Proof. by rewrite /logits dotDr dotZr addrAC. Qed.

Lemma null_shifts v : differences *m v = 0 <-> shifts_equally v.
Proof.
have row i : (differences *m v) i 0 =
    dot (col (widen_ord (leqnSn m) i) weights) v - dot (col ord_max weights) v.
  by rewrite mxE /dot -sumrB; apply: eq_bigr => j _; rewrite !mxE mulrBl.
split=> [null i | equal]; last by apply/colP => i; rewrite row equal subrr mxE.
have [i_m | i_max] := ltnP i m; last first.
  by congr (dot (col _ _) _); apply/val_inj/eqP; rewrite eqn_leq i_max -ltnS ltn_ord.
have /colP /(_ (Ordinal i_m)) := null; rewrite row mxE => /eqP; rewrite subr_eq0 => /eqP <-.
by congr (dot (col _ _) _); apply/val_inj.
Qed.

(* For one h or for all of them. *)
Lemma softmax_unchanged (E : R -> R) bias h v : exponential E ->
  softmax E (logits bias (h + v)) =1 softmax E (logits bias h) <-> shifts_equally v.
Proof.
move=> E_is; have moved i : logits bias h i - logits bias (h + v) i = - dot (col i weights) v.
  by rewrite -[v in h + v]scale1r logits_moved mul1r opprD addrA subrr add0r.
split=> [same i | equal]; last by apply/(softmax_same E_is) => i; rewrite !moved equal.
by have /(softmax_same E_is) /(_ i) := same; rewrite !moved => /oppr_inj.
Qed.

Lemma shifts_scaled v c : shifts_equally v -> shifts_equally (c *: v).
Proof. by move=> equal i; rewrite !dotZr equal. Qed.
End Layers.
