(* Class R' is broader than class R, with one more unit: w = 0, b = a, v = 1 turns f > 0 into the same
   rule f + a > a; and every linear rule with the label -1 or 1 on its boundary belongs to class R'
   with one unit. *)

From certify.proofs Require Import vectors labelled_sets two_layer.
From verify.claims.proofs Require Import directions.

Section RInRprime.
Variables (R : realFieldType) (d : nat).

Definition with_unit (h : two_layer R d) (a : R) : two_layer R d :=
  @TwoLayer R d (units h).+1
    (fun i => if unlift ord0 i is Some j then output j else 1)
    (fun i => if unlift ord0 i is Some j then weights j else 0)
    (fun i => if unlift ord0 i is Some j then biases j else a) a true.

Definition one_unit (w : 'cV[R]_d) (b : R) (is_strict : bool) : two_layer R d :=
  @TwoLayer R d 1 (fun=> 1) (fun=> w) (fun=> b + 1) 1 is_strict.

Theorem R_in_Rprime h (a : R) : class_R h -> 0 < a ->
  class_R' (with_unit h a) /\ two_layer_label (with_unit h a) =1 two_layer_label h.
Proof.
move=> class a_gt0; have [ones [at0 is_strict]] := class; split.
  split=> // i; rewrite /=; case: unlift => [j|]; rewrite ?ler01 //.
  exact: class_R_convex.
move=> x; have more : height (with_unit h a) x = a + height h x.
  rewrite /height big_ord_recl /form /= unlift_none mul1r dot0l add0r /relu max_l ?(ltW a_gt0) //.
  by congr (_ + _); apply: eq_bigr => i _; rewrite liftK.
by rewrite /two_layer_label /exceeds more /= is_strict at0 ltr_addl.
Qed.

Theorem R_in_Rprime_linear w b (is_strict : bool) :
  class_R' (one_unit w b is_strict) /\
  two_layer_label (one_unit w b is_strict) =1 linear_label (if is_strict then -1 else 1) w b.
Proof.
split; first by split=> [i|] /=; rewrite ?ler01 ?ltr01.
move=> x; have is_relu : height (one_unit w b is_strict) x = relu (value w b x + 1).
  by rewrite /height big_ord1 mul1r /form /value addrA.
rewrite /two_layer_label /exceeds is_relu /linear_label /sign /=.
have small : (1 < relu (value w b x + 1)) = (0 < value w b x).
  by rewrite /relu lt_maxr ltr_addr ltNge ler01 orbF.
have same : (1 <= relu (value w b x + 1)) = (0 <= value w b x).
  by rewrite /relu le_maxr ler_addr leNgt ltr01 orbF.
by case: (is_strict); rewrite ?small ?same; case: (ltgtP 0 (value w b x)).
Qed.
End RInRprime.
