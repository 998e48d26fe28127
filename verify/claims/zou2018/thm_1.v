(* Theorem 1 of Zou et al.: with l features and m + 1 classes there is a linear space, of dimension at
   least l - m, along whose directions softmax does not change, from any h and for any step. *)

From certify.proofs Require Import vectors softmax.

Section Theorem1.
Variables (R : realFieldType) (E : R -> R) (l m : nat) (W : 'M[R]_(l, m.+1)).
Hypothesis E_is : exponential E. (* E (s + t) = E s * E t, positive, injective. *)

(* The rows of V span the space. *)
Theorem thm_1 : exists V : 'M[R]_l, (l - m <= \rank V)%N /\
  forall d : 'cV[R]_l, (d^T <= V)%MS -> forall bias h theta,
    softmax E (logits W bias (h + theta *: d)) =1 softmax E (logits W bias h).
Proof.
exists (kermx (differences W)^T); split.
  by rewrite mxrank_ker leq_sub2l // mxrank_tr rank_leq_row.
move=> d /sub_kermxP null bias h theta; apply/softmax_unchanged/shifts_scaled => //.
by apply/null_shifts/trmx_inj; rewrite trmx_mul null trmx0.
Qed.
End Theorem1.
