(* Linear programs: minimise c.x subject to A x <= b, C x = d, and x_j >= 0 for j in S. *)

From certify.proofs Require Import vectors.

Section LinearPrograms.
Variables (R : realFieldType) (n m k : nat) (objective : 'cV[R]_n).
Variables (A : 'M[R]_(m, n)) (b : 'cV[R]_m) (C : 'M[R]_(k, n)) (d : 'cV[R]_k).
Variable nonnegative : pred 'I_n.

Definition satisfied (bounds : 'cV[R]_m) (values : 'cV[R]_k) (x : 'cV[R]_n) :=
  [/\ A *m x <=^ bounds, C *m x = values & forall j, nonnegative j -> 0 <= x j 0].

Definition feasible := satisfied b d.

(* The multipliers y and z bound the objective q: what they leave of it is not negative where x is
   not, and 0 elsewhere. *)
Definition bounds (q : 'cV[R]_n) (y : 'cV[R]_m) (z : 'cV[R]_k) :=
  0 <=^ y /\ let left := q + A^T *m y + C^T *m z in
  forall j, 0 <= left j 0 /\ (~~ nonnegative j -> left j 0 = 0).

Lemma weak_duality q y z x : bounds q y z -> feasible x -> - (dot b y + dot d z) <= dot q x.
Proof.
case=> y_ge0 left [below_b equal_d x_ge0].
have : 0 <= dot (q + A^T *m y + C^T *m z) x.
  apply: sumr_ge0 => j _; have [left_ge0 left_0] := left j.
  have [signed | free] := boolP (nonnegative j); first by rewrite mulr_ge0 ?x_ge0.
  by rewrite left_0 ?mul0r.
rewrite !dotDl -!dot_transposed equal_d (dotC z) -addrA => kept.
have shrinks : dot y (A *m x) <= dot b y by rewrite (dotC b) below_dot.
by rewrite -subr_ge0 opprK (le_trans kept) // ler_add2l ler_add2r.
Qed.
End LinearPrograms.
