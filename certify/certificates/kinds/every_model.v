(* The kind every-model: its checks imply its sentence, for all sizes. The form has the row
   (form_k, last_k) for class k. *)

From certify.proofs Require Import vectors multiclass.

Section EveryModel.
Variables (R : realFieldType) (d n m : nat).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m).
Variables (form : 'I_m -> 'cV[R]_d) (last : 'I_m -> R).

Theorem every_model g (point : 'I_g -> 'I_n) (class : 'I_g -> 'I_m) (a : 'I_g -> R) :
  gaps labels point class a ->
  (forall k, row points labels point class a k = form k) ->
  (forall k, end_ labels point class a k = last k) ->
  forall W b, accurate points labels W b -> 0 < \sum_k (dot (form k) (W k) + last k * b k).
Proof.
move=> given rows ends W b right; have := gaps_positive given right.
by congr (0 < _); apply: eq_bigr => k _; rewrite rows ends.
Qed.
End EveryModel.
