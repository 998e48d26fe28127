(* On popular networks (Zou et al., after Definition 1), repaired: AlexNet and VGG, Inception-v3,
   and ResNet-50, 101 and 152 have more features than classes, and at least 1049 dimensions of
   adversarial directions. That the widths are theirs is read off the papers. *)

From certify.proofs Require Import vectors softmax.
From verify.claims.zou2018 Require Import thm_1.

Section PopularNetworks.
Variables (R : realFieldType) (E : R -> R).
Hypothesis E_is : exponential E. (* E (s + t) = E s * E t, positive, injective. *)

Definition widths : seq (seq nat) := [:: [:: 4096]; [:: 320; 768; 768; 192]; [:: 4 * 512]]%N.

(* The layer has 1000 classes, and the rows of V span the directions. *)
Theorem popular_networks channels : channels \in widths ->
  let l := sumn channels in (1000 < l)%N /\
  forall W : 'M[R]_(l, 1000), exists V : 'M[R]_l, (1049 <= \rank V)%N /\
    forall d : 'cV[R]_l, (d^T <= V)%MS -> forall bias h theta,
      softmax E (logits W bias (h + theta *: d)) =1 softmax E (logits W bias h).
Proof.
move=> named l; have wide : (2048 <= l)%N by move: named; rewrite /l !inE => /or3P [] /eqP ->.
split=> [|W]; first exact: leq_trans wide.
have [V [rank_V unchanged]] := thm_1 W E_is; exists V; split=> //.
exact: leq_trans (leq_sub2r 999 wide) rank_V.
Qed.
End PopularNetworks.
