(* Assumptions A1 to A3 of Charles et al.: where some points of the sample are confident, points of
   length at most r and a normal of length at most B force B r >= 1, whatever is assumed of
   independence. Any number of draws of one point of length 1 and a normal of length 1 meet them.
   Lengths are stated by their squares. *)

From certify.proofs Require Import vectors labelled_sets lengths.

Section A1A3.
Variables (R : realFieldType) (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).

Definition confident w := [pred i | 1 <= margin points labels w 0 i].

Theorem A1_A3 w (B r rho : R) : 0 <= B -> 0 <= r ->
  dot w w <= B ^+ 2 -> (forall i, dot (points i) (points i) <= r ^+ 2) ->
  0 < (1 - rho) * n%:R -> (1 - rho) * n%:R <= #|confident w|%:R ->
  1 <= B * r.
Proof.
move=> B_ge0 r_ge0 short near some many.
have /card_gt0P [i] : (0 < #|confident w|)%N by rewrite -(ltr_nat R); apply: lt_le_trans many.
rewrite inE => sure; rewrite -(@expr_ge1 _ 2) ?mulr_ge0 //.
apply: le_trans (_ : margin points labels w 0 i ^+ 2 <= _); first by rewrite expr_ge1 ?(le_trans ler01).
rewrite /margin addr0 exprMn {1}expr2 (label_square (labels_are i)) mul1r.
apply: le_trans (cauchy_schwarz _ _) _; rewrite exprMn.
by rewrite ler_pmul ?square_ge0.
Qed.
End A1A3.

Theorem A1_A3_met (R : realFieldType) n : exists (points : 'I_n -> 'cV[R]_1) labels w,
  [/\ forall i, label (labels i), dot w w <= 1 ^+ 2,
      forall i, dot (points i) (points i) <= 1 ^+ 2 & #|confident points labels w| = n].
Proof.
have one : dot (const_mx 1 : 'cV[R]_1) (const_mx 1) = 1 by rewrite /dot big_ord1 !mxE mulr1.
exists (fun=> const_mx 1), (fun=> 1), (const_mx 1); split=> [i||i|].
- by left.
- by rewrite one expr1n.
- by rewrite one expr1n.
rewrite -[RHS]card_ord; apply: eq_card => i.
by rewrite !inE /margin one addr0 mul1r lexx.
Qed.
