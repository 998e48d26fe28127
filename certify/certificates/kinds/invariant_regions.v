(* The kind invariant-regions: its checks imply its sentence, for all sizes. *)

From certify.proofs Require Import vectors softmax.

Section InvariantRegions.
Variables (R : realFieldType) (E : R -> R) (n m : nat) (weights : 'M[R]_(n, m.+1)).
Variables (bias : 'I_m.+1 -> R) (direction : 'cV[R]_n).
Hypothesis E_is : exponential E. (* E (s + t) = E s * E t, positive, injective. *)

Definition in_region i h := forall j, logits weights bias h j <= logits weights bias h i.

Theorem invariant_regions (regions : seq ('I_m.+1 * 'cV[R]_n)) :
  direction <> 0 -> shifts_equally weights direction ->
  (forall entry, entry \in regions -> in_region entry.1 entry.2) ->
  (forall h c,
    softmax E (logits weights bias (h + c *: direction)) =1 softmax E (logits weights bias h)) /\
  (forall i h c, in_region i h -> in_region i (h + c *: direction)) /\
  (forall entry, entry \in regions -> exists h, in_region entry.1 h).
Proof.
move=> _ equal inside; split; [|split] => [h c | i h c here j | entry listed].
- by apply/softmax_unchanged/shifts_scaled.
- by rewrite !logits_moved (equal i) (equal j) ler_add2r here.
- by exists entry.2; apply: inside.
Qed.
End InvariantRegions.
