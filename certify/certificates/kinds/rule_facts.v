(* The kind rule-facts: its checks imply its sentence, for all rules and sizes. A label is
   evaluated, so that what is to be shown is that a label kept by the checks is that of x + c v for
   every c > 0, and that nonnegative output weights make f convex.

   Cuts divide the numbers c > 0: one lies just before or just after a number, or after all of
   them. The c at which a cell holds are those between two cuts. *)

From certify.proofs Require Import vectors labelled_sets two_layer multiclass.

Section RuleFacts.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variable d : nat.
Implicit Types (x v : 'cV[R]_d) (c : R).

(* A row a.x <= b, or a.x < b if it is strict. *)
Definition row : Type := 'cV[R]_d * R * bool.

Definition holds (r : row) x := if r.2 then dot r.1.1 x < r.1.2 else dot r.1.1 x <= r.1.2.

Inductive rule :=
  | Linear of 'cV[R]_d & R & int
  | Argmax m of 'I_m -> 'cV[R]_d & 'I_m -> R & bool
  | Cells of seq (seq row) & int & int
  | TwoLayerRule of two_layer R d.

(* The label i of argmax: its logit exceeds the others, or, if ties go to the lowest class, is as
   large as any and larger than those of lower classes. *)
Definition wins m W b (lowest : bool) x (i : 'I_m) := [forall j : 'I_m, (j != i) ==>
  (if lowest && (i < j)%N then logit W b x j <= logit W b x i
   else logit W b x j < logit W b x i)].

(* No label where the largest logits tie. *)
Definition label_of (h : rule) x : option int :=
  match h with
  | Linear w b zero => Some (if 0 < dot w x + b then 1 else if dot w x + b < 0 then -1 else zero)
  | Argmax m W b lowest => omap (fun i : 'I_m => (i : nat) : int) [pick i | wins W b lowest x i]
  | Cells cells inside outside =>
      Some (if has (all (fun r => holds r x)) cells then inside else outside)
  | TwoLayerRule f => Some (if exceeds f (height f x) then 1 else -1)
  end.

Inductive cut := Before of R | After of R | End.

Definition passed (k : cut) c := match k with
  | Before t => t <= c | After t => t < c | End => false end.

Definition earlier (k k' : cut) := match k, k' with
  | _, End => true
  | End, _ => false
  | After t, Before t' => t < t'
  | Before t, _ | After t, _ =>
      match k' with Before t' | After t' => t <= t' | End => true end
  end.

Definition later_of k k' := if earlier k k' then k' else k.

Definition earlier_of k k' := if earlier k k' then k else k'.

Definition start := After 0.

(* The cuts between which one row holds at x + c v. *)
Definition interval_of x v (r : row) : cut * cut :=
  let gap := r.1.2 - dot r.1.1 x in let slope := dot r.1.1 v in
  if 0 < slope then (start, if r.2 then Before (gap / slope) else After (gap / slope))
  else if slope < 0 then (if r.2 then After (gap / slope) else Before (gap / slope), End)
  else (start, if (gap < 0) || (gap == 0) && r.2 then start else End).

Definition interval x v (cell : seq row) : cut * cut :=
  foldr (fun r between => (later_of (interval_of x v r).1 between.1,
                           earlier_of (interval_of x v r).2 between.2)) (start, End) cell.

(* How far the intervals, in the order in which they are taken, cover all c > 0. *)
Fixpoint reach (from : cut) (intervals : seq (cut * cut)) := match intervals with
  | [::] => from
  | (low, high) :: more => reach (if earlier low from then later_of from high else from) more
  end.

Definition keeps (h : rule) x v : Prop :=
  match h with
  | Linear w b zero => dot w v = 0 \/ label_of h x = Some (if 0 < dot w v then 1 else -1)
  | Argmax m W b lowest => forall i : 'I_m, label_of h x = Some ((i : nat) : int) ->
      forall j, dot (W j) v <= dot (W i) v
  | Cells cells inside outside =>
      if has (all (fun r => holds r x)) cells && (inside != outside)
      then exists order, (forall cell, cell \in order -> cell \in cells) /\
        reach start [seq interval x v cell | cell <- order] = End
      else inside = outside \/
        forall cell, cell \in cells -> earlier (interval x v cell).2 (interval x v cell).1
  | TwoLayerRule f =>
      let rise := \sum_(i < units f | 0 < dot (weights i) v) output i * dot (weights i) v in
      let plus := exceeds f (height f x) in
      (forall (i : 'I_(units f)) c, form i x * dot (weights i) v < 0 ->
        c = - (form i x) / dot (weights i) v -> exceeds f (height f (x + c *: v)) = plus) /\
      (rise = 0 \/ (0 < rise) = plus)
  end.

Lemma passed_earlier k k' c : earlier k k' -> passed k' c -> passed k c.
Proof.
case: k k' => [t|t|] [t'|t'|] //= order.
- exact: le_trans.
- by move=> /ltW; apply: le_trans.
- exact: lt_le_trans.
- exact: le_lt_trans.
Qed.

Lemma earlier_total k k' : earlier k k' || earlier k' k.
Proof. by case: k k' => [t|t|] [t'|t'|] //=; case: (ltgtP t t'). Qed.

Lemma passed_later k k' c : passed (later_of k k') c = passed k c && passed k' c.
Proof.
rewrite /later_of; case: ifP => [order | /negbT not_order].
  by have := @passed_earlier _ _ c order; case: (passed k' c) => [->|]; rewrite ?andbF.
have := earlier_total k k'; rewrite (negbTE not_order) /= => /(@passed_earlier _ _ c).
by case: (passed k c) => [->|].
Qed.

Lemma passed_first k k' c : passed (earlier_of k k') c = passed k c || passed k' c.
Proof.
rewrite /earlier_of; case: ifP => [order | /negbT not_order].
  by have := @passed_earlier _ _ c order; case: (passed k' c) => [->|]; rewrite ?orbF.
have := earlier_total k k'; rewrite (negbTE not_order) /= => /(@passed_earlier _ _ c).
by case: (passed k c) => [->|].
Qed.

Definition within (between : cut * cut) c := passed between.1 c && ~~ passed between.2 c.

Lemma row_interval x v r c : 0 < c -> holds r (x + c *: v) = within (interval_of x v r) c.
Proof.
move=> c_gt0; case: r => [[a b] strict]; rewrite /holds /interval_of /within /= dotDr dotZr.
set gap := b - dot a x; set slope := dot a v.
have -> : (dot a x + c * slope < b) = (c * slope < gap) by rewrite ltr_subr_addl.
have -> : (dot a x + c * slope <= b) = (c * slope <= gap) by rewrite ler_subr_addl.
have [slope_gt0 | slope_lt0 | slope_0] := ltgtP 0 slope.
- by case: strict; rewrite /= c_gt0 -?ltNge -?leNgt ?ltr_pdivl_mulr ?ler_pdivl_mulr.
- by case: strict; rewrite /= andbT ?ltr_ndivr_mulr ?ler_ndivr_mulr.
rewrite -slope_0 mulr0; case: strict; rewrite ?andbT ?andbF ?orbF.
  by case: ltgtP; rewrite /= c_gt0.
by case: ltgtP; rewrite /= c_gt0.
Qed.

Lemma cell_interval x v cell c : 0 < c ->
  all (fun r => holds r (x + c *: v)) cell = within (interval x v cell) c.
Proof.
move=> c_gt0; elim: cell => [|r cell IH]; first by rewrite /within /= c_gt0.
rewrite /= row_interval // IH /within /= passed_later passed_first negb_or.
by rewrite andbACA.
Qed.

(* What is covered on the way lies in one of the intervals. *)
Lemma reach_covers x v from order c :
  passed from c -> ~~ passed (reach from [seq interval x v cell | cell <- order]) c ->
  exists2 cell, cell \in order & within (interval x v cell) c.
Proof.
elim: order from => [|cell more IH] from after not_yet; first by rewrite after in not_yet.
have [here | not_here] := boolP (within (interval x v cell) c).
  by exists cell; rewrite ?mem_head.
move: not_yet not_here; rewrite /=; case: (interval x v cell) => low high not_yet not_here.
have [||other in_more is_within] := IH (if earlier low from then later_of from high else from).
- case: ifP => // low_from; rewrite passed_later after /=.
  by move: not_here; rewrite /within /= (passed_earlier low_from after) /= negbK.
- exact: not_yet.
by exists other; rewrite // inE in_more orbT.
Qed.

Lemma cells_keep cells inside outside x v : keeps (Cells cells inside outside) x v ->
  forall c, 0 < c -> label_of (Cells cells inside outside) (x + c *: v) =
    label_of (Cells cells inside outside) x.
Proof.
rewrite /keeps /=; case: ifP => [/andP [-> _] [order [from_cells all_covered]] c c_gt0 | other].
  have [||cell /from_cells cell_in here] := @reach_covers x v start order c.
  - exact: c_gt0.
  - by rewrite all_covered.
  suff -> : has (all (fun r => holds r (x + c *: v))) cells by [].
  by apply/hasP; exists cell; rewrite // cell_interval.
move=> [-> | none] c c_gt0; first by rewrite !if_same.
have [same | differ] := eqVneq inside outside; first by rewrite same !if_same.
move: other; rewrite differ andbT => ->; case: ifP => // /hasP [cell cell_in].
rewrite cell_interval // => /andP [after].
by rewrite (passed_earlier (none cell cell_in) after).
Qed.

Lemma argmax_keeps m (W : 'I_m -> 'cV[R]_d) b lowest x v i c : 0 < c ->
  (forall j, dot (W j) v <= dot (W i) v) -> wins W b lowest x i -> wins W b lowest (x + c *: v) i.
Proof.
move=> c_gt0 fastest /forallP is_first; apply/forallP => j; apply/implyP => j_i.
have moved k : logit W b (x + c *: v) k = logit W b x k + c * dot (W k) v.
  by rewrite /logit dotDr dotZr addrAC.
have slower : c * dot (W j) v <= c * dot (W i) v by rewrite ler_pmul2l.
have := is_first j; rewrite j_i /= !moved; case: ifP => _ less; first exact: ler_add.
exact: ltr_le_add.
Qed.

Lemma wins_unique m (W : 'I_m -> 'cV[R]_d) b lowest x i j :
  wins W b lowest x i -> wins W b lowest x j -> i = j.
Proof.
move=> /forallP /(_ j) first_i /forallP /(_ i) first_j; apply/eqP; apply: contraT => i_j.
move: first_i first_j; rewrite i_j eq_sym i_j /=.
have [i_lt | j_lt | same] := ltngtP i j; last by move: i_j; rewrite (val_inj same) eqxx.
  rewrite andbT andbF; case: lowest => [le | lt] lt'.
    by have := le_lt_trans le lt'; rewrite ltxx.
  by have := lt_trans lt lt'; rewrite ltxx.
rewrite andbT andbF; case: lowest => [lt le | lt lt'].
  by have := lt_le_trans lt le; rewrite ltxx.
by have := lt_trans lt lt'; rewrite ltxx.
Qed.

Section TwoLayer.
Variables (f : two_layer R d) (x v : 'cV[R]_d).

Let s i := form (h := f) i x.

Let r i := dot (weights (t := f) i) v.

Let at_ c := height f (x + c *: v).

Lemma form_along i c : form i (x + c *: v) = s i + c * r i.
Proof. by rewrite /form dotDr dotZr addrAC. Qed.

(* Where no unit changes its sign between two steps, f is affine between them. *)
Lemma affine_between l u c : l <= c -> c <= u -> l < u ->
  (forall i, (0 <= s i + l * r i) && (0 <= s i + u * r i) ||
             (s i + l * r i <= 0) && (s i + u * r i <= 0)) ->
  (u - l) * at_ c = (u - c) * at_ l + (c - l) * at_ u.
Proof.
move=> l_c c_u l_u one_sided; rewrite /at_ /height !mulr_sumr -big_split /=.
apply: eq_bigr => i _; rewrite !form_along ![_ * (output i * _)]mulrCA -mulrDr; congr (_ * _).
have mixed : (u - l) * (s i + c * r i) = (u - c) * (s i + l * r i) + (c - l) * (s i + u * r i).
  by field_identity R.
have gap : 0 < u - l by rewrite subr_gt0.
case/orP: (one_sided i) => /andP [at_l at_u]; rewrite /relu.
  have at_c : 0 <= s i + c * r i.
    by rewrite -(pmulr_rge0 _ gap) mixed addr_ge0 // mulr_ge0 // subr_ge0.
  by rewrite !max_l.
have at_c : s i + c * r i <= 0.
  rewrite -(pmulr_rle0 _ gap) mixed -oppr_ge0 opprD -!mulrN.
  by rewrite addr_ge0 // mulr_ge0 ?subr_ge0 // oppr_ge0.
by rewrite !max_r // !mulr0 addr0.
Qed.

Lemma exceeds_between z z' c l u : l <= c -> c <= u -> l < u ->
  exceeds f z = exceeds f z' -> forall t, (u - l) * t = (u - c) * z + (c - l) * z' ->
  exceeds f t = exceeds f z.
Proof.
move=> l_c c_u l_u same t mixed; have gap : 0 < u - l by rewrite subr_gt0.
have total : (u - l) * threshold f = (u - c) * threshold f + (c - l) * threshold f by field_identity R.
have strictly : (0 < u - c) || (0 < c - l).
  rewrite !subr_gt0; apply: contraLR l_u; rewrite negb_or -!leNgt => /andP [u_c c_l].
  exact: le_trans u_c c_l.
have lt_mix a b a' b' : a < a' -> b < b' -> (u - c) * a + (c - l) * b < (u - c) * a' + (c - l) * b'.
  move=> less less'; case/orP: strictly => positive.
    by rewrite ltr_le_add ?ltr_pmul2l // ler_wpmul2l ?subr_ge0 // ltW.
  by rewrite ler_lt_add ?ltr_pmul2l // ler_wpmul2l ?subr_ge0 // ltW.
have le_mix a b a' b' : a <= a' -> b <= b' -> (u - c) * a + (c - l) * b <= (u - c) * a' + (c - l) * b'.
  by move=> less less'; rewrite ler_add // ler_wpmul2l ?subr_ge0.
move: same; rewrite /exceeds; case: (strict f) => same.
  have [above | below_] := ltP (threshold f) z.
    by rewrite -(ltr_pmul2l gap) mixed total lt_mix // -same.
  apply/negbTE; rewrite -leNgt -(ler_pmul2l gap) mixed total le_mix // leNgt -same -leNgt //.
have [above | below_] := leP (threshold f) z.
  by rewrite -(ler_pmul2l gap) mixed total le_mix // -same.
by apply/negbTE; rewrite -ltNge -(ltr_pmul2l gap) mixed total lt_mix // ltNge -same -ltNge.
Qed.

Let root i := - s i / r i.

Lemma rising i t : 0 < r i ->
  (0 <= s i + t * r i) = (root i <= t) /\ (s i + t * r i <= 0) = (t <= root i).
Proof.
move=> r_gt0; rewrite /root ler_pdivr_mulr // ler_pdivl_mulr //.
by rewrite -[- s i <= _]subr_ge0 -[_ <= - s i]subr_le0 opprK addrC.
Qed.

Lemma falling i t : r i < 0 ->
  (0 <= s i + t * r i) = (t <= root i) /\ (s i + t * r i <= 0) = (root i <= t).
Proof.
move=> r_lt0; rewrite /root ler_ndivr_mulr // ler_ndivl_mulr //.
by rewrite -[- s i <= _]subr_ge0 -[_ <= - s i]subr_le0 opprK addrC.
Qed.

Let changing i := s i * r i < 0.

Hypothesis at_roots : forall i, changing i -> exceeds f (at_ (root i)) = exceeds f (height f x).

Lemma root_gt0 i : changing i -> 0 < root i.
Proof.
rewrite /changing /root => opposite; have r_not0 : r i != 0.
  by apply: contraTneq opposite => ->; rewrite mulr0 ltxx.
rewrite -(pmulr_lgt0 _ (_ : 0 < r i * r i)); last by rewrite -expr2 lt_def sqr_ge0 sqrf_eq0 r_not0.
by rewrite mulrA divfK // mulNr oppr_gt0.
Qed.

(* The last step up to c at which a unit is 0, or 0. *)
Lemma last_root c : 0 <= c -> exists l, [/\ 0 <= l, l <= c,
  exceeds f (at_ l) = exceeds f (height f x) & forall i, changing i -> root i <= c -> root i <= l].
Proof.
move=> c_ge0; have [/existsP [i0 i0_in] | /existsPn none] :=
  boolP [exists i, changing i && (root i <= c)]; last first.
  exists 0; split=> // [|i i_in low]; first by rewrite /at_ scale0r addr0.
  by have := none i; rewrite i_in low.
case: (@Order.TotalTheory.arg_maxP _ _ _ i0 (fun i => changing i && (root i <= c)) root i0_in).
move=> i /andP [i_in low] largest; exists (root i); split=> //; last 2 first.
- exact: at_roots.
- by move=> j j_in j_low; apply: largest; rewrite j_in.
- by apply/ltW/root_gt0.
Qed.

Lemma first_root c : (forall i, changing i -> root i <= c) \/ exists u, [/\ c < u,
  exceeds f (at_ u) = exceeds f (height f x) & forall i, changing i -> c < root i -> u <= root i].
Proof.
have [/existsP [i0 i0_in] | /existsPn none] := boolP [exists i, changing i && (c < root i)]; last first.
  by left=> i i_in; have := none i; rewrite i_in /= -leNgt.
right; case: (@Order.TotalTheory.arg_minP _ _ _ i0 (fun i => changing i && (c < root i)) root i0_in).
move=> i /andP [i_in high] least; exists (root i); split=> //; first exact: at_roots.
by move=> j j_in j_high; apply: least; rewrite j_in.
Qed.

Let rise := \sum_(i | 0 < r i) output i * r i.

Lemma beyond l c : 0 <= l -> l <= c -> (forall i, changing i -> root i <= l) ->
  at_ c = at_ l + (c - l) * rise.
Proof.
move=> l_ge0 l_c past.
have -> : rise = \sum_i (if 0 < r i then output i * r i else 0) by rewrite /rise big_mkcond.
rewrite /at_ /height mulr_sumr -big_split /=.
apply: eq_bigr => i _; rewrite !form_along /relu.
have c_ge0 := le_trans l_ge0 l_c.
have [r_gt0 | r_lt0 | r_0] := ltgtP 0 (r i).
- have from_l t : l <= t -> 0 <= s i + t * r i.
    move=> l_t; have [s_ge0 | s_lt0] := leP 0 (s i).
      by rewrite addr_ge0 ?mulr_ge0 ?(le_trans l_ge0 l_t) ?(ltW r_gt0).
    have [-> _] := rising t r_gt0; apply: le_trans l_t; apply: past.
    by rewrite /changing pmulr_llt0.
  by rewrite !max_l ?from_l //; field_identity R.
- have from_l t : l <= t -> s i + t * r i <= 0.
    move=> l_t; have [s_le0 | s_gt0] := leP (s i) 0.
      rewrite -oppr_ge0 opprD -mulrN addr_ge0 ?oppr_ge0 // mulr_ge0 ?(le_trans l_ge0 l_t) //.
      by rewrite oppr_ge0 ltW.
    have [_ ->] := falling t r_lt0; apply: le_trans l_t; apply: past.
    by rewrite /changing nmulr_llt0.
  by rewrite !max_r ?from_l // !mulr0 addr0.
by rewrite -r_0 !mulr0 !addr0.
Qed.

Lemma two_layer_keeps c : 0 < c -> rise = 0 \/ (0 < rise) = exceeds f (height f x) ->
  exceeds f (at_ c) = exceeds f (height f x).
Proof.
move=> c_gt0 end_; have [l [l_ge0 l_c at_l past]] := last_root (ltW c_gt0).
have [none | [u [c_u at_u future]]] := first_root c; last first.
  have l_u := le_lt_trans l_c c_u; rewrite -at_l.
  apply: (@exceeds_between (at_ l) (at_ u) c l u l_c (ltW c_u) l_u); first by rewrite at_l at_u.
  apply: (affine_between l_c (ltW c_u) l_u) => i; have u_ge0 := ltW (le_lt_trans l_ge0 l_u).
  have place : changing i -> root i <= l /\ root i <= u \/ l <= root i /\ u <= root i.
    move=> i_in; have [low | high] := leP (root i) c.
      by left; have := past i i_in low; split=> //; apply: le_trans (ltW l_u).
    by right; have := future i i_in high; split=> //; apply: le_trans (ltW l_u) _.
  have [r_gt0 | r_lt0 | r_0] := ltgtP 0 (r i).
  - have [-> ->] := rising l r_gt0; have [-> ->] := rising u r_gt0.
    have [s_ge0 | s_lt0] := leP 0 (s i).
      suff low : root i <= 0 by rewrite (le_trans low l_ge0) (le_trans low u_ge0).
      by have [<- _] := rising 0 r_gt0; rewrite mul0r addr0.
    have /place [[-> ->] // | [-> ->]] : changing i by rewrite /changing pmulr_llt0.
    by rewrite orbT.
  - have [-> ->] := falling l r_lt0; have [-> ->] := falling u r_lt0.
    have [s_le0 | s_gt0] := leP (s i) 0.
      suff low : root i <= 0 by rewrite (le_trans low l_ge0) (le_trans low u_ge0) orbT.
      by have [_ <-] := falling 0 r_lt0; rewrite mul0r addr0.
    have /place [[-> ->] | [-> ->] //] : changing i by rewrite /changing nmulr_llt0.
    by rewrite orbT.
  - by rewrite -r_0 !mulr0 !addr0 !andbb; case: (leP 0 (s i)) => // /ltW ->.
rewrite (beyond l_ge0 l_c) => [|i i_in]; last by apply: past => //; apply: none.
have far : 0 <= c - l by rewrite subr_ge0.
case: end_ => [-> | sign_]; first by rewrite mulr0 addr0 at_l.
move: at_l; rewrite -sign_ /exceeds; have [rises | falls] := ltP 0 rise.
  have more : 0 <= (c - l) * rise by rewrite mulr_ge0 // ltW.
  by case: (strict f) => above; rewrite ?(lt_le_trans above) ?(le_trans above) ?ler_addl.
have less : (c - l) * rise <= 0 by rewrite mulr_ge0_le0.
case: (strict f) => /negbT; rewrite -?leNgt -?ltNge => low; apply/negbTE; rewrite -?leNgt -?ltNge.
  by apply: le_trans low; rewrite ger_addl.
by apply: le_lt_trans low; rewrite ger_addl.
Qed.
End TwoLayer.

Lemma linear_keeps w b zero x v : keeps (Linear w b zero) x v -> forall c, 0 < c ->
  label_of (Linear w b zero) (x + c *: v) = label_of (Linear w b zero) x.
Proof.
rewrite /keeps /= => kept c c_gt0; rewrite dotDr dotZr addrAC.
case: kept => [-> | []]; first by rewrite mulr0 addr0.
set z := dot w x + b; have [rises | falls] := ltP 0 (dot w v).
  have step : 0 < c * dot w v by apply: mulr_gt0.
  have [z_gt0 _ | z_lt0 // | <- ->] := ltgtP 0 z; first by rewrite addr_gt0.
  by rewrite add0r step.
have [-> _ | v_not0] := eqVneq (dot w v) 0; first by rewrite mulr0 addr0.
have step : c * dot w v < 0 by rewrite pmulr_rlt0 // lt_neqAle v_not0.
have [z_gt0 // | z_lt0 _ | <- ->] := ltgtP 0 z.
  have low : z + c * dot w v < 0 by rewrite -[0]addr0 ltr_add.
  by rewrite ltNge (ltW low) /= low.
by rewrite add0r ltNge (ltW step) /= step.
Qed.

Theorem rule_facts h x v : label_of h x <> None -> keeps h x v -> forall c, 0 < c ->
  label_of h (x + c *: v) = label_of h x.
Proof.
case: h => [w b zero | m W b lowest | cells inside outside | f] labelled kept c c_gt0.
- exact: linear_keeps.
- move: labelled kept; rewrite /keeps /label_of; case: pickP => // i i_wins _ kept.
  have fastest := kept i erefl; have i_wins' := argmax_keeps c_gt0 fastest i_wins.
  by case: pickP => [j j_wins | /(_ i)]; [rewrite (wins_unique j_wins i_wins') | rewrite i_wins'].
- exact: cells_keep.
- case: kept => at_roots end_ /=; rewrite two_layer_keeps // => i changes.
  exact: at_roots changes erefl.
Qed.

Theorem rule_facts_convex (f : two_layer R d) : (forall i : 'I_(units f), 0 <= output i) ->
  forall x z c, 0 <= c -> c <= 1 ->
  height f ((1 - c) *: x + c *: z) <= (1 - c) * height f x + c * height f z.
Proof.
move=> convex x z c c_ge0 c_le1; pose s (k : bool) := if k then 1 - c else c.
have is_shares : shares s.
  by split=> [[]|]; rewrite ?subr_ge0 // big_bool /= subrK.
have := height_mixture (fun k : bool => if k then x else z) convex is_shares.
by rewrite !big_bool.
Qed.
End RuleFacts.
