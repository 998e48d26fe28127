(* On the attack of Charles et al., Section 7, repaired: T steps along the signs of the gradients,
   each cut to the cube of the given radius, move a coordinate whose gradient keeps its sign by
   exactly min(radius, T step). Along the gradients themselves it moves by T step G at most, where
   none exceeds G. What is said is about one coordinate; others do not enter. *)

From certify.proofs Require Import vectors.

Section Section7Steps.
Variables (R : realFieldType) (start step radius : R) (gradient : nat -> R).
Hypotheses (step_ge0 : 0 <= step) (radius_ge0 : 0 <= radius).

Definition into_cube z := Num.max (start - radius) (Num.min (start + radius) z).

Fixpoint sign_steps T :=
  if T is t.+1 then into_cube (sign_steps t + step * Num.sg (gradient t)) else start.

Fixpoint gradient_steps T :=
  if T is t.+1 then into_cube (gradient_steps t + step * gradient t) else start.

Lemma ahead z : 0 <= z -> into_cube (start + z) = start + Num.min radius z.
Proof.
move=> z_ge0; have low : - radius <= 0 by rewrite oppr_le0.
have [big | small] := orP (le_total radius z).
  by rewrite /into_cube !min_l ?ler_add2l // max_r // ler_add2l (le_trans low).
by rewrite /into_cube !min_r ?ler_add2l // max_r // ler_add2l (le_trans low).
Qed.

Lemma behind z : 0 <= z -> into_cube (start - z) = start - Num.min radius z.
Proof.
move=> z_ge0; have low : - z <= radius by rewrite (@le_trans _ _ 0) // oppr_le0.
have [big | small] := orP (le_total radius z).
  by rewrite /into_cube min_r ?ler_add2l // min_l // max_l // ler_add2l ler_opp2.
by rewrite /into_cube min_r ?ler_add2l // min_r // max_r // ler_add2l ler_opp2.
Qed.

Lemma shrinks z : `|into_cube z - start| <= `|z - start|.
Proof.
have [up | down] := orP (le_total start z).
  have z_ge0 : 0 <= z - start by rewrite subr_ge0.
  have {1}-> : z = start + (z - start) by rewrite addrC subrK.
  rewrite ahead // addrC addKr !ger0_norm ?le_minr ?radius_ge0 //.
  by rewrite le_minl lexx orbT.
have z_ge0 : 0 <= start - z by rewrite subr_ge0.
have {1}-> : z = start - (start - z) by rewrite opprB addrC subrK.
rewrite behind // addrC addKr normrN [X in _ <= X]distrC !ger0_norm ?le_minr ?radius_ge0 //.
by rewrite le_minl lexx orbT.
Qed.

Lemma one_more T : Num.min radius (Num.min radius (T%:R * step) + step) =
  Num.min radius (T.+1%:R * step).
Proof.
have next : T.+1%:R * step = T%:R * step + step by rewrite -addn1 natrD mulrDl mul1r.
rewrite next; have [full | room] := orP (le_total radius (T%:R * step)).
  by rewrite (min_l full) !min_l ?ler_addl // (le_trans full) // ler_addl.
by rewrite (min_r room).
Qed.

Theorem sec7_steps T :
  [/\ (forall t, (t < T)%N -> 0 < gradient t) ->
        sign_steps T = start + Num.min radius (T%:R * step),
    (forall t, (t < T)%N -> gradient t < 0) ->
        sign_steps T = start - Num.min radius (T%:R * step) &
    forall G, (forall t, (t < T)%N -> `|gradient t| <= G) ->
      `|gradient_steps T - start| <= T%:R * step * G].
Proof.
have reach_ge0 t : 0 <= Num.min radius (t%:R * step) by rewrite le_minr radius_ge0 mulr_ge0 ?ler0n.
split=> [|| G].
- elim: T => [_ | T IHT positive]; first by rewrite mul0r min_r // addr0.
  rewrite /= IHT => [|t t_T]; last by apply: positive; apply: ltnW.
  by rewrite gtr0_sg ?positive // mulr1 -addrA ahead ?addr_ge0 // one_more.
- elim: T => [_ | T IHT negative]; first by rewrite mul0r min_r // subr0.
  rewrite /= IHT => [|t t_T]; last by apply: negative; apply: ltnW.
  by rewrite ltr0_sg ?negative // mulrN1 -addrA -opprD behind ?addr_ge0 // one_more.
- elim: T => [_ | T IHT small]; first by rewrite subrr normr0 !mul0r.
  rewrite /=; apply: le_trans (shrinks _) _; rewrite addrAC; apply: le_trans (ler_norm_add _ _) _.
  rewrite -addn1 natrD !mulrDl mul1r; apply: ler_add.
    by apply: IHT => t t_T; apply: small; apply: ltnW.
  by rewrite normrM (ger0_norm step_ge0) ler_wpmul2l // small.
Qed.
End Section7Steps.
