(* The kind unbounded-polyhedron: its checks imply its sentence, for all sizes, and so that the
   polyhedron is not bounded. *)

From certify.proofs Require Import vectors polyhedra.

Section UnboundedPolyhedron.
Variables (R : realFieldType) (m n : nat) (matrix : 'M[R]_(m, n)) (right_side : 'cV[R]_m).

Theorem unbounded_polyhedron point r :
  inside matrix right_side point -> ray matrix r ->
  (forall c, 0 <= c -> inside matrix right_side (point + c *: r)) /\
  ~ bounded_set (inside matrix right_side).
Proof.
move=> point_inside [r_not0 stays].
have along c : 0 <= c -> inside matrix right_side (point + c *: r).
  by move=> c_ge0; apply: along_ray.
by split=> //; apply: line_unbounded r_not0 along.
Qed.
End UnboundedPolyhedron.
