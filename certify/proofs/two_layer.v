(* Two-layer rules: the label of x is 1 where f(x) = sum v_i max(w_i.x + b_i, 0) exceeds a threshold,
   or also where it attains it, if the rule is not strict; else it is -1. *)

From certify.proofs Require Import vectors labelled_sets.

Record two_layer (R : realFieldType) (d : nat) := TwoLayer {
  units : nat;
  output : 'I_units -> R;
  weights : 'I_units -> 'cV[R]_d;
  biases : 'I_units -> R;
  threshold : R;
  strict : bool
}.

Section TwoLayer.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d : nat) (h : two_layer R d).

Definition relu (z : R) := Num.max z 0.

Definition form (i : 'I_(units h)) (x : 'cV[R]_d) := dot (weights i) x + biases i.

Definition height (x : 'cV[R]_d) := \sum_i output i * relu (form i x).

Definition exceeds (f : R) := if strict h then threshold h < f else threshold h <= f.

Definition two_layer_label (x : 'cV[R]_d) : R := if exceeds (height x) then 1 else -1.

Definition convex_rule := forall i : 'I_(units h), 0 <= output i.

Lemma label_plus x : two_layer_label x = 1 <-> exceeds (height x).
Proof.
rewrite /two_layer_label; case: ifP => // _; split=> // /eqP.
by rewrite eq_sym opposite_labels.
Qed.

Lemma label_minus x : two_layer_label x = -1 <-> ~~ exceeds (height x).
Proof.
rewrite /two_layer_label; case: ifP => // _; split=> // /eqP.
by rewrite opposite_labels.
Qed.

Lemma relu_ge0 z : 0 <= relu z.
Proof. by rewrite /relu le_maxr lexx orbT. Qed.

Lemma relu_ge z : z <= relu z.
Proof. by rewrite /relu le_maxr lexx. Qed.

Lemma relu_mono z z' : z <= z' -> relu z <= relu z'.
Proof.
move=> smaller; rewrite /relu [X in X <= _]maxEle; case: ifP => _; rewrite le_maxr ?lexx ?orbT //.
by rewrite smaller.
Qed.

(* The positive part is convex. *)
Lemma relu_mixture (I : finType) (s z : I -> R) : (forall i, 0 <= s i) ->
  relu (\sum_i s i * z i) <= \sum_i s i * relu (z i).
Proof.
move=> s_ge0; rewrite {1}/relu maxEle; case: ifP => _.
  by apply: sumr_ge0 => i _; rewrite mulr_ge0 ?relu_ge0.
by apply: ler_sum => i _; rewrite ler_wpmul2l ?relu_ge.
Qed.

Lemma form_mixture (I : finType) (s : I -> R) (x : I -> 'cV[R]_d) j : shares s ->
  form j (\sum_i s i *: x i) = \sum_i s i * form j (x i).
Proof.
case=> _ total; rewrite /form dot_sumr -[X in _ + X]mul1r -[X in _ + X * _]total mulr_suml.
rewrite -big_split /=.
by apply: eq_bigr => i _; rewrite dotZr mulrDr.
Qed.

Lemma height_mixture (I : finType) (s : I -> R) (x : I -> 'cV[R]_d) : convex_rule -> shares s ->
  height (\sum_i s i *: x i) <= \sum_i s i * height (x i).
Proof.
move=> convex is_shares; have [s_ge0 _] := is_shares.
rewrite [X in _ <= X](eq_bigr (fun i => \sum_j output j * (s i * relu (form j (x i))))).
  rewrite exchange_big /=; apply: ler_sum => j _; rewrite -mulr_sumr ler_wpmul2l //.
  by rewrite form_mixture //; apply: relu_mixture.
by move=> i _; rewrite mulr_sumr; apply: eq_bigr => j _; rewrite mulrCA.
Qed.

(* The points with label -1 are a convex set. *)
Lemma minus_mixture (I : finType) (s : I -> R) (x : I -> 'cV[R]_d) :
  convex_rule -> shares s -> (forall i, s i <> 0 -> two_layer_label (x i) = -1) ->
  two_layer_label (\sum_i s i *: x i) = -1.
Proof.
move=> convex is_shares minus; have [s_ge0 total] := is_shares; apply/label_minus.
have not_more := height_mixture x convex is_shares.
have each i : s i != 0 -> ~~ exceeds (height (x i)) by move=> /eqP /minus /label_minus.
have is_sum : threshold h = \sum_i s i * threshold h by rewrite -mulr_suml total mul1r.
move: each; rewrite /exceeds; case: (strict h) => each.
  rewrite is_sum -leNgt (le_trans not_more) //; apply: ler_sum => i _.
  have [-> | /each] := eqVneq (s i) 0; rewrite ?mul0r // -leNgt => below_.
  by rewrite ler_wpmul2l.
have [k s_gt0] := share_positive is_shares.
rewrite is_sum -ltNge (le_lt_trans not_more) // -subr_gt0 -sumrB.
have term i : 0 <= s i * threshold h - s i * height (x i).
  have [-> | /each] := eqVneq (s i) 0; rewrite ?mul0r ?subrr // -ltNge => below_.
  by rewrite -mulrBr mulr_ge0 // subr_ge0 ltW.
apply: (@sum_positive _ _ _ k) => //; rewrite -mulrBr mulr_gt0 // subr_gt0 ltNge each //.
by rewrite gt_eqF.
Qed.

(* Where the label changes from -1 to 1 along a vector, some unit rises along it. *)
Lemma unit_rises x u : convex_rule -> two_layer_label x = -1 -> two_layer_label (x + u) = 1 ->
  exists i : 'I_(units h), 0 < output i /\ 0 < dot (weights i) u.
Proof.
move=> convex /label_minus minus /label_plus plus.
have rises : height x < height (x + u).
  move: minus plus; rewrite /exceeds; case: (strict h); rewrite -?leNgt -?ltNge.
    exact: le_lt_trans.
  exact: lt_le_trans.
have [/existsP [i /andP [v_gt0 w_gt0]] | none] :=
  boolP [exists i : 'I_(units h), (0 < output i) && (0 < dot (weights i) u)]; first by exists i.
move: rises; rewrite ltNge => /negP []; apply: ler_sum => i _.
have := existsPn none i; rewrite negb_and -!leNgt => /orP [v_le0 | w_le0].
  have -> : output i = 0 by apply/le_anti; rewrite v_le0 convex.
  by rewrite !mul0r.
rewrite ler_wpmul2l //; apply: relu_mono; rewrite /form dotDr addrAC.
by rewrite ger_addl.
Qed.

(* And where one does, the label is 1 far out, from everywhere. *)
Lemma far_out (i : 'I_(units h)) x u : convex_rule -> 0 < output i -> 0 < dot (weights i) u ->
  exists c0, 0 <= c0 /\ forall c, c0 < c -> two_layer_label (x + c *: u) = 1.
Proof.
move=> convex v_gt0 w_gt0.
pose reach := (threshold h / output i - form i x) / dot (weights i) u.
exists (Num.max 0 reach); split=> [|c]; first by rewrite le_maxr lexx.
rewrite lt_maxl => /andP [_]; rewrite ltr_pdivr_mulr // ltr_subl_addr ltr_pdivr_mulr // => far.
apply/label_plus; suff : threshold h < height (x + c *: u).
  by rewrite /exceeds; case: (strict h) => // /ltW.
rewrite /height (bigD1 i) //= ltr_paddr //.
  by apply: sumr_ge0 => j _; rewrite mulr_ge0 ?relu_ge0.
apply: lt_le_trans far _; rewrite mulrC ler_wpmul2l ?(ltW v_gt0) //.
by apply: le_trans (relu_ge _); rewrite /form dotDr dotZr addrAC addrC.
Qed.
End TwoLayer.

(* Right on a labelled set. *)
Definition two_layer_accurate (R : realFieldType) d n
    (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R) h :=
  forall i, two_layer_label h (points i) = labels i.
