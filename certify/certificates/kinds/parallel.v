(* The kind parallel: its checks imply its sentence, for all sizes. Bisectors {z_i = z_j} that are
   hyperplanes are parallel, or the same, when the same directions lead along them: those v with
   (W_i - W_j).v = 0. *)

From certify.proofs Require Import vectors.

Section Parallel.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (n m : nat) (weights : 'M[R]_(n, m)).

Definition normal (pair : 'I_m * 'I_m) : 'cV[R]_n := col pair.1 weights - col pair.2 weights.

Definition parallel_bisectors first second :=
  forall v, dot (normal first) v = 0 <-> dot (normal second) v = 0.

Theorem parallel first second (factor : R) :
  factor *: normal second <> 0 -> normal first = factor *: normal second ->
  [/\ normal first <> 0, normal second <> 0 & parallel_bisectors first second].
Proof.
move=> not0 multiple; rewrite /parallel_bisectors multiple.
have second0 : normal second <> 0 by move=> zero; apply: not0; rewrite zero scaler0.
have factor0 : factor != 0 by apply/eqP => zero; apply: not0; rewrite zero scale0r.
split=> // v; rewrite dotZl; split=> [/eqP | ->]; last by rewrite mulr0.
by rewrite mulf_eq0 (negbTE factor0) => /eqP.
Qed.

Theorem parallel_none :
  (forall first second : 'I_m * 'I_m, (first.1 < first.2)%N -> (second.1 < second.2)%N ->
    first <> second -> normal first <> 0 /\ forall c, normal second <> c *: normal first) ->
  forall first second : 'I_m * 'I_m, (first.1 < first.2)%N -> (second.1 < second.2)%N ->
    first <> second -> ~ parallel_bisectors first second.
Proof.
move=> different first second firsts seconds other same.
have [first0 none] := different first second firsts seconds other.
set N := normal first in first0 none same; set M := normal second in none same.
have N_gt0 := square_gt0 first0.
pose v := M - (dot N M / dot N N) *: N.
have Nv : dot N v = 0 by rewrite dotDr dotNr dotZr divfK ?gt_eqF // subrr.
have Mv : dot M v = 0 by apply/same.
apply: (none (dot N M / dot N N)); apply/eqP; rewrite -subr_eq0; apply/eqP/square_eq0.
by rewrite -/v dotDl dotNl dotZl Mv Nv mulr0 subrr.
Qed.
End Parallel.
