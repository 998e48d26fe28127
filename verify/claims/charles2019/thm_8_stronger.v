(* After Theorem 8 of Charles et al., repaired: where classes k and l both occur in the data, some v
   leads every rule that is right on it out of class k, and - v out of class l, from every x. One
   vector for both is too much with two classes: by the points 0 and 1 on the line. *)

From certify.proofs Require Import vectors labelled_sets multiclass.
From verify.claims.charles2019 Require Import thm_8.

Section Theorem8Stronger.
Variables (R : realFieldType) (d n m : nat).
Variables (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> 'I_m).

Theorem thm_8_stronger k l : k != l -> (exists i, labels i = k) -> (exists i, labels i = l) ->
  exists v, forall lowest W b, right points labels lowest W b -> forall x,
  (exists c0, 0 <= c0 /\ forall c, c0 < c -> ~ has_label lowest W b (x + c *: v) k) /\
  (exists c0, 0 <= c0 /\ forall c, c0 < c -> ~ has_label lowest W b (x + c *: - v) l).
Proof.
move=> different [i i_k] [j j_l].
have at_one t (f : 'I_n -> 'cV[R]_d) : \sum_s (s == t)%:R *: f s = f t.
  rewrite (bigD1 t) //= eqxx scale1r big1 ?addr0 // => s /negbTE ->; exact: scale0r.
have one t : \sum_s (s == t)%:R = 1 :> R.
  by rewrite (bigD1 t) //= eqxx big1 ?addr0 // => s /negbTE ->.
have weight t s : 0 <= (s == t)%:R :> R by case: (s == t); rewrite ?ler01.
have leads t u k' l' : labels t = l' -> labels u = k' ->
    @leads_from_k_to_l R n m labels k' l' (fun s => (s == t)%:R) (fun s => (s == u)%:R).
  move=> t_l u_k; split=> [s|s||]; rewrite ?one ?ltr01 //.
    by split=> //; have [-> | _] := eqVneq s t.
  by split=> //; have [-> | _] := eqVneq s u.
exists (points j - points i) => lowest W b is_right x; split.
  by have := thm_8 different (leads j i k l j_l i_k) is_right x; rewrite !at_one.
rewrite eq_sym in different.
by have := thm_8 different (leads i j l k i_k j_l) is_right x; rewrite !at_one opprB.
Qed.

End Theorem8Stronger.

(* With two classes that both occur, no vector leads an accurate rule out of both. *)
Theorem thm_8_stronger_printed (R : realFieldType) d n (points : 'I_n -> 'cV[R]_d)
    (labels : 'I_n -> 'I_2) W b v i j :
  labels i != labels j -> right points labels false W b ->
  ~ ((exists c, 0 < c /\ ~ has_label false W b (points i + c *: v) (labels i)) /\
     (exists c, 0 < c /\ ~ has_label false W b (points j + c *: v) (labels j))).
Proof.
move=> different is_right [[c [c_gt0 leaves_i]] [c' [c'_gt0 leaves_j]]].
have two (k l t : 'I_2) : k != l -> t != k -> t = l.
  by case: k l t => [[|[|//]] ?] [[|[|//]] ?] [[|[|//]] ?] //= _ _; apply: val_inj.
have stays x k l e : k != l -> logit W b x l < logit W b x k -> 0 < e ->
    dot (W l) v <= dot (W k) v -> has_label false W b (x + e *: v) k.
  move=> other less e_gt0 slower t t_k /=; rewrite (two k l t other t_k) /logit !dotDr !dotZr.
  by rewrite ![_ + _ * _ + b _]addrAC ltr_le_add // ler_wpmul2l // ltW.
have less_i : logit W b (points i) (labels j) < logit W b (points i) (labels i).
  by have := is_right i (labels j); rewrite eq_sym; apply.
have less_j : logit W b (points j) (labels i) < logit W b (points j) (labels j).
  by have := is_right j (labels i) different.
have [slower | /ltW faster] := leP (dot (W (labels j)) v) (dot (W (labels i)) v).
  exact: leaves_i (stays _ _ _ _ different less_i c_gt0 slower).
by rewrite eq_sym in different; apply: leaves_j (stays _ _ _ _ different less_j c'_gt0 faster).
Qed.
