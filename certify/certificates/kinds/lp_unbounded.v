(* The kind lp-unbounded: its checks imply that every step along the ray is feasible, and that the
   objective has no lower bound, for all sizes. *)

From certify.proofs Require Import vectors linear_programs.

Section LpUnbounded.
Variables (R : realFieldType).
Add Ring ring_of_R : (identities R).
Variables (n m k : nat) (objective : 'cV[R]_n).
Variables (A : 'M[R]_(m, n)) (b : 'cV[R]_m) (C : 'M[R]_(k, n)) (d : 'cV[R]_k).
Variables (nonnegative : pred 'I_n) (x ray : 'cV[R]_n).

Theorem lp_unbounded :
  feasible A b C d nonnegative x -> satisfied A C nonnegative 0 0 ray -> dot objective ray < 0 ->
  (forall s, 0 <= s -> feasible A b C d nonnegative (x + s *: ray)) /\
  (forall bound, exists other, feasible A b C d nonnegative other /\ dot objective other < bound).
Proof.
case=> below_b equal_d x_ge0 [ray_below ray_equal ray_ge0] improves.
have stays s : 0 <= s -> feasible A b C d nonnegative (x + s *: ray).
  move=> s_ge0; split=> [i||j signed].
  - rewrite mulmxDr -scalemxAr mxE [X in _ + X]mxE -[b i 0]addr0; apply: ler_add; first exact: below_b.
    by have := ray_below i; rewrite [X in _ <= X]mxE => ?; rewrite mulr_ge0_le0.
  - by rewrite mulmxDr -scalemxAr equal_d ray_equal scaler0 addr0.
  - by rewrite !mxE addr_ge0 ?x_ge0 ?mulr_ge0 ?ray_ge0.
split=> // bound; pose s := Num.max 0 ((dot objective x - bound + 1) / - dot objective ray).
have slope_gt0 : 0 < - dot objective ray by rewrite oppr_gt0.
exists (x + s *: ray); split; first by apply: stays; rewrite le_maxr lexx.
have far : dot objective x - bound + 1 <= s * - dot objective ray.
  by rewrite -ler_pdivr_mulr // le_maxr lexx orbT.
rewrite dotDr dotZr -subr_gt0.
have -> : bound - (dot objective x + s * dot objective ray) =
          s * - dot objective ray - (dot objective x - bound + 1) + 1 by field_identity R.
by rewrite ltr_paddl ?subr_ge0 ?ltr01.
Qed.
End LpUnbounded.
