(* Euclidean lengths, by their squares: the inequality of Cauchy and Schwarz. *)

From certify.proofs Require Import vectors.

Section Lengths.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variable d : nat.
Implicit Types u v : 'cV[R]_d.

Lemma projection u v : u <> 0 ->
  let left := v - (dot u v / dot u u) *: u in
  dot left left * dot u u = dot u u * dot v v - dot u v ^+ 2.
Proof.
move=> /square_gt0 /lt0r_neq0 square /=; set c := _ / _.
have c_is : c * dot u u = dot u v by rewrite divfK.
rewrite !dotDl !dotDr !dotNl !dotNr !dotZl !dotZr (dotC v u) -c_is.
by field_identity R.
Qed.

Lemma cauchy_schwarz u v : dot u v ^+ 2 <= dot u u * dot v v.
Proof.
have [->|/eqP u_not0] := eqVneq u 0; first by rewrite !dot0l mul0r expr2 mul0r.
by rewrite -subr_ge0 -projection // mulr_ge0 ?square_ge0.
Qed.

Lemma cauchy_schwarz_equal u v : u <> 0 -> dot u v ^+ 2 = dot u u * dot v v ->
  v = (dot u v / dot u u) *: u.
Proof.
move=> u_not0 equal; apply/eqP; rewrite -subr_eq0; apply/eqP/square_eq0/eqP.
have := projection v u_not0; rewrite /= equal subrr => /eqP.
by rewrite mulf_eq0 (gt_eqF (square_gt0 u_not0)) orbF.
Qed.

(* The steps of size 1 in the maximum norm along which w.x grows fastest. *)
Definition signs u : 'cV[R]_d := \col_j Num.sg (u j 0).

Lemma dot_signs u : dot u (signs u) = \sum_j `|u j 0|.
Proof. by apply: eq_bigr => j _; rewrite mxE normrEsg mulrC. Qed.

Lemma signs_small u j : `|signs u j 0| <= 1.
Proof. by rewrite mxE normr_sg; case: (_ == _); rewrite ?ler01. Qed.
End Lengths.
