(* The kind invariant-space: its checks imply its sentence, for all sizes: softmax is the same at
   h + v as at h exactly for the combinations v of the basis, whose coefficients are unique. *)

From certify.proofs Require Import vectors ranks softmax.

Section InvariantSpace.
Variables (R : realFieldType) (E : R -> R) (n m k : nat) (weights : 'M[R]_(n, m.+1)).
Variable basis : 'I_k -> 'cV[R]_n.
Hypothesis E_is : exponential E. (* E (s + t) = E s * E t, positive, injective. *)

Theorem invariant_space r (rows : 'I_r -> 'I_m) (columns : 'I_r -> 'I_n) (free : 'I_k -> 'I_n) :
  minor (differences weights) rows columns -> null_basis (differences weights) basis free r ->
  (forall bias h v,
    softmax E (logits weights bias (h + v)) =1 softmax E (logits weights bias h) <->
    exists c : 'I_k -> R, v = \sum_i c i *: basis i) /\
  (forall c c' : 'I_k -> R, \sum_i c i *: basis i = \sum_i c' i *: basis i -> c =1 c').
Proof.
move=> not0 is_basis; split=> [bias h v | c c' same i]; last first.
  by rewrite -(combination_free is_basis c) same (combination_free is_basis).
have spans := null_basis_spans is_basis not0 v; split.
  by move/(softmax_unchanged weights bias h v E_is)/null_shifts/spans.
by move/spans/null_shifts => equal; apply/softmax_unchanged.
Qed.
End InvariantSpace.
