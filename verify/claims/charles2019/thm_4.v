(* Theorem 4 of Charles et al., repaired: the direction u of every balanced combination of the data,
   that of the largest margin among them, turns every linear rule that is right on the data, whatever
   label its boundary has, at every point x that the rule gives the label y: beyond some step c0
   the label of x - c y u is -y. *)

From certify.proofs Require Import vectors labelled_sets.

Section Theorem4.
Variables (R : realFieldType) (d n : nat).
Add Ring ring_of_R : (identities R).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).

Theorem thm_4 (a : 'I_n -> R) zero w b :
  multipliers points labels a (signed_sum points labels a) 0 ->
  linear_accurate points labels zero w b ->
  forall x y, label y -> linear_label zero w b x = y ->
  exists c0, 0 <= c0 /\
    forall c, c0 < c ->
      linear_label zero w b (x - (c * y) *: signed_sum points labels a) = - y.
Proof.
set u := signed_sum points labels a; case=> a_ge0 a_not0 balanced _ right x y y_label y_is.
have slope : 0 < dot w u by apply: (accurate_slope labels_are) right.
have margin_ge0 : 0 <= y * value w b x by apply: sign_weak y_is.
exists (y * value w b x / dot w u); split=> [|c]; first by rewrite divr_ge0 // ltW.
rewrite ltr_pdivr_mulr // => far; apply: sign_opposite => //.
rewrite -scaleNr value_moved.
have -> : y * (value w b x + - (c * y) * dot w u) = y * value w b x - y * y * (c * dot w u).
  by field_identity R.
by rewrite label_square // mul1r subr_lt0.
Qed.
End Theorem4.
