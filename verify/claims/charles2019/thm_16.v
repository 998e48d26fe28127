(* Theorem 16 of Charles et al.: for the rules that say 1 exactly where all w_i.x + b_i > 0, of any
   number of units, that are right on the data, v = x_- - x_+ leads from every x labelled 1 to the
   label -1, for all large steps. *)

From certify.proofs Require Import vectors labelled_sets.
From verify.claims.proofs Require Import directions.

Section Theorem16.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).

(* Class R''. *)
Definition intersection_label L (w : 'I_L -> 'cV[R]_d) (b : 'I_L -> R) (x : 'cV[R]_d) : R :=
  if [forall i, 0 < dot (w i) x + b i] then 1 else -1.

Theorem thm_16 minus plus : labels minus = -1 -> labels plus = 1 ->
  let v := points minus - points plus in
  forall L (w : 'I_L -> 'cV[R]_d) b,
  (forall i, intersection_label w b (points i) = labels i) ->
  forall x, intersection_label w b x = 1 -> exists c0, 0 <= c0 /\
    forall c, c0 < c -> intersection_label w b (x + c *: v) = -1.
Proof.
move=> is_minus is_plus v L w b right x x_plus.
have all_positive z : intersection_label w b z = 1 -> forall i, 0 < dot (w i) z + b i.
  rewrite /intersection_label; case: ifP => [/forallP // | _ /eqP].
  by rewrite eq_sym opposite_labels.
have [i i_le0] : exists i, dot (w i) (points minus) + b i <= 0.
  have := right minus; rewrite is_minus /intersection_label; case: ifP => [_ /eqP | /forallPn [i]].
    by rewrite opposite_labels.
  by rewrite -leNgt; exists i.
have i_gt0 : 0 < dot (w i) (points plus) + b i by apply: all_positive; rewrite right.
have falls : 0 < - dot (w i) v.
  by rewrite -dotNr opprB dotDr dotNr subr_gt0 -(ltr_add2r (b i)) (le_lt_trans i_le0).
have x_i := all_positive x x_plus i.
exists ((dot (w i) x + b i) / - dot (w i) v); split=> [|c].
  by rewrite divr_ge0 // ltW.
rewrite ltr_pdivr_mulr // mulrN => far; rewrite /intersection_label.
case: ifP => // /forallP /(_ i); rewrite dotDr dotZr addrAC => still.
by move: far; rewrite -subr_gt0 -opprD oppr_gt0 addrC ltNge ltW.
Qed.
End Theorem16.
