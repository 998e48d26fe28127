(* Section 4 of Charles et al.: the softmax of some numbers has the same order as they, so the largest
   entries at the same indices, ties included. *)

From certify.proofs Require Import vectors softmax.

Section SoftmaxRemark.
Variables (R : realFieldType) (E : R -> R) (m : nat).
Hypotheses (E_is : exponential E) (E_increases : {mono E : s t / s <= t}).

Theorem softmax_remark (z : 'I_m.+1 -> R) i j :
  (softmax E z i <= softmax E z j) = (z i <= z j) /\
  (softmax E z i == softmax E z j) = (z i == z j).
Proof.
have order k l : (softmax E z k <= softmax E z l) = (z k <= z l).
  by rewrite /softmax ler_pmul2r ?invr_gt0 ?(total_positive E_is) // E_increases.
by split=> //; rewrite !eq_le !order.
Qed.

Theorem softmax_remark_largest (z : 'I_m.+1 -> R) i :
  (forall j, softmax E z j <= softmax E z i) <-> (forall j, z j <= z i).
Proof.
have order k l : (softmax E z k <= softmax E z l) = (z k <= z l).
  by have [] := softmax_remark z k l.
by split=> all j; have := all j; rewrite order.
Qed.
End SoftmaxRemark.
