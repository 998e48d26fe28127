(* The kind some-point-flips: its checks imply its sentence, for all n and d. *)

From certify.proofs Require Import vectors labelled_sets.

Section SomePointFlips.
Variable R : realFieldType.
Variables (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).
Variables (direction : 'cV[R]_d) (step : R).

(* The margin of the point i after it has moved by c against its label. *)
Definition margin_at w b c i :=
  labels i * (dot w (moved (labels i) (points i) direction c) + b).

Theorem some_point_flips (a : 'I_n -> R) w b :
  multipliers points labels a direction 0 -> step * (\sum_i a i) = 1 ->
  separator points labels w b ->
  (forall i, step * dot w direction <= margin points labels w b i) ->
  (forall w b, separator points labels w b ->
    (exists i, margin_at w b step i < 0) \/
    exists i j, [/\ labels i = 1, labels j = -1, margin_at w b step i = 0
                  & margin_at w b step j = 0]) /\
  (forall c, 0 <= c -> c < step -> forall i, 0 < margin_at w b c i).
Proof.
move=> given total separates keeps; have [a_ge0 a_not0 balanced gives] := given.
have after v e c i : margin_at v e c i = margin points labels v e i - c * dot v direction.
  exact: moved_margin.
split=> [v e v_separates | c c_ge0 smaller i]; last first.
  have slope := multipliers_positive given separates; rewrite mul0r addr0 dotC in slope.
  by rewrite after subr_gt0 (lt_le_trans _ (keeps i)) // ltr_pmul2r.
have [/existsP [i flips] | none] := boolP [exists i, margin_at v e step i < 0].
  by left; exists i.
right; have kept i : 0 <= margin_at v e step i by have := existsPn none i; rewrite -leNgt.
have sum0 : \sum_i a i * margin_at v e step i = 0.
  rewrite (eq_bigr (fun i => a i * margin points labels v e i - a i * (step * dot v direction))).
    rewrite sumrB -sum_of_margins balanced gives mul0r addr0 dotC -mulr_suml mulrA.
    by rewrite [X in _ - X * _]mulrC total mul1r subrr.
  by move=> i _; rewrite after mulrBr.
have zero i : 0 < a i -> margin_at v e step i = 0.
  move=> ai; have /psumr_eq0P all0 : forall i, true -> 0 <= a i * margin_at v e step i.
    by move=> j _; rewrite mulr_ge0.
  by have /eqP := all0 sum0 i erefl; rewrite mulf_eq0 (gt_eqF ai) => /eqP.
have [i [ai yi]] := both_labels labels_are a_ge0 a_not0 balanced (or_introl erefl).
have [j [aj yj]] := both_labels labels_are a_ge0 a_not0 balanced (or_intror erefl).
by exists i, j; split=> //; apply: zero.
Qed.
End SomePointFlips.
