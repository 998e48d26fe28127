(* The kind decision-region: its checks imply its sentence, for all sizes, in each of the three cases.
   The region of class i is the polyhedron with a row W_j - W_i and a bound for each other class. *)

From certify.proofs Require Import vectors polyhedra softmax.

Section DecisionRegion.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (n m : nat) (weights : 'M[R]_(n, m.+1)) (bias : 'I_m.+1 -> R).
Variable class : 'I_m.+1.

Definition region h := forall j, logits weights bias h j <= logits weights bias h class.

Let A : 'M[R]_(m, n) := \matrix_(k, j) (weights j (lift class k) - weights j class).
Let b : 'cV[R]_m := \col_k (bias class - bias (lift class k)).

Lemma region_inside h : region h <-> inside A b h.
Proof.
have row k : (A *m h) k 0 = dot (col (lift class k) weights) h - dot (col class weights) h.
  by rewrite mxE /dot -sumrB; apply: eq_bigr => j _; rewrite !mxE mulrBl.
have same k : ((A *m h) k 0 <= b k 0) =
    (logits weights bias h (lift class k) <= logits weights bias h class).
  by rewrite row mxE /logits -subr_ge0 -[in RHS]subr_ge0; congr (0 <= _); field_identity R.
split=> [here k | here j]; first by rewrite same here.
by case: (unliftP class j) => [k ->|->] //; rewrite -same here.
Qed.

Theorem decision_region (combination : 'cV[R]_m) :
  0 <=^ combination -> A^T *m combination = 0 -> dot combination b < 0 ->
  ~ exists h, region h.
Proof.
move=> s_ge0 cancels negative [h /region_inside here].
by apply: (no_point s_ge0 cancels negative); exists h.
Qed.

Theorem decision_region_bounded point (combination : 'cV[R]_m) rows columns :
  inside A b point -> spanned A combination rows columns ->
  region point /\ bounded_set region.
Proof.
move=> /region_inside here given; have [B bounds] := spanned_bounded b given; split=> //.
by exists B => h /region_inside /bounds.
Qed.

Theorem decision_region_unbounded point r :
  inside A b point -> ray A r ->
  (forall c, 0 <= c -> region (point + c *: r)) /\ ~ bounded_set region.
Proof.
move=> here [r_not0 stays].
have along c : 0 <= c -> region (point + c *: r).
  by move=> c_ge0; apply/region_inside/along_ray.
by split=> //; apply: line_unbounded r_not0 along.
Qed.
End DecisionRegion.
