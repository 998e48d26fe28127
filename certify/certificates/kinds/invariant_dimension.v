(* The kind invariant-dimension: its checks imply its sentence, for all sizes: the differences D have
   the stated rank, and softmax is the same at h + v as at h exactly for v in the null space of D,
   whose dimension is the stated one. T is D or its transpose. *)

From certify.proofs Require Import vectors ranks softmax.

Section InvariantDimension.
Variables (R : realFieldType) (E : R -> R) (n m : nat) (weights : 'M[R]_(n, m.+1)).
Variables (r dimension : nat).
Hypothesis E_is : exponential E. (* E (s + t) = E s * E t, positive, injective. *)

(* The null vectors, as rows. *)
Let space := kermx (differences weights)^T.

Definition says := [/\ \rank (differences weights) = r, \rank space = dimension &
  forall bias h v,
    softmax E (logits weights bias (h + v)) =1 softmax E (logits weights bias h) <->
    (v^T <= space)%MS].

Lemma from_rank : \rank (differences weights) = r -> dimension = (n - r)%N -> says.
Proof.
move=> rankD dim_is; split=> // [|bias h v]; first by rewrite mxrank_ker mxrank_tr rankD dim_is.
split=> [/(softmax_unchanged weights bias h v E_is)/null_shifts null | /sub_kermxP null].
  by apply/sub_kermxP; rewrite -trmx_mul null trmx0.
apply/(softmax_unchanged weights bias h v E_is)/null_shifts/trmx_inj.
by rewrite trmx_mul null trmx0.
Qed.

Theorem invariant_dimension (rows : 'I_r -> 'I_n) (columns : 'I_r -> 'I_m) k
    (dependencies : 'I_k -> 'cV[R]_m) (free : 'I_k -> 'I_m) :
  let T := (differences weights)^T in
  minor T rows columns -> null_basis T dependencies free r -> dimension = (n - r)%N -> says.
Proof.
move=> T not0 is_basis; apply: from_rank.
by rewrite -mxrank_tr; apply: (null_basis_rank is_basis not0).
Qed.

Theorem invariant_dimension_wide (rows : 'I_r -> 'I_m) (columns : 'I_r -> 'I_n) k
    (dependencies : 'I_k -> 'cV[R]_n) (free : 'I_k -> 'I_n) :
  let T := differences weights in
  minor T rows columns -> null_basis T dependencies free r -> dimension = (n - r)%N -> says.
Proof. by move=> T not0 is_basis; apply: from_rank; apply: (null_basis_rank is_basis not0). Qed.
End InvariantDimension.
