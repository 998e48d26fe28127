(* The kind universal-step: its checks imply its sentence, for all n and d, in the finite and in the
   infinite case. *)

From certify.proofs Require Import vectors labelled_sets.

Section UniversalStep.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).
Variables (d n : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Hypothesis labels_are : forall i, label (labels i).
Variables (direction : 'cV[R]_d) (k : 'I_n).

(* Some separator keeps the label of the point k when it has moved by c against it. *)
Definition kept c := exists w b, separator points labels w b /\
  0 < labels k * (dot w (moved (labels k) (points k) direction c) + b).

Lemma keeps_nearly (w0 : 'cV[R]_d) b0 w b c :
  separator points labels w0 b0 -> (forall i, 0 <= margin points labels w b i) ->
  0 < margin points labels w b k - c * dot w direction -> kept c.
Proof.
move=> separates limit positive.
have [e [e_gt0 still]] :=
  a_little (margin points labels w0 b0 k - c * dot w0 direction) positive.
have mixed i : margin points labels (w + e *: w0) (b + e * b0) i =
    margin points labels w b i + e * margin points labels w0 b0 i.
  by rewrite /margin dotDl dotZl; field_identity R.
exists (w + e *: w0), (b + e * b0); split=> [i|].
  by rewrite mixed ltr_paddl // mulr_gt0.
rewrite moved_margin // -/(margin points labels _ _ k) mixed dotDl dotZl.
by congr (0 < _): still; field_identity R.
Qed.

Theorem universal_step (a : 'I_n -> R) w0 b0 w b step :
  direction <> 0 -> separator points labels w0 b0 ->
  (forall i, 0 <= margin points labels w b i) ->
  multipliers points labels a direction 0 -> a k * step = 1 -> dot w direction = 1 ->
  margin points labels w b k = step ->
  forall c, 0 <= c -> kept c <-> c < step.
Proof.
move=> _ separates limit given reciprocal slope1 needs c c_ge0; split; last first.
  by move=> smaller; apply: (keeps_nearly separates limit); rewrite needs slope1 mulr1 subr_gt0.
case=> v [e [v_separates]]; rewrite moved_margin // subr_gt0 => keeps.
have [a_ge0 _ balanced gives] := given.
have slope := multipliers_positive given v_separates; rewrite mul0r addr0 dotC in slope.
have share : a k * margin points labels v e k <= dot v direction.
  have := sum_of_margins points labels a v e.
  rewrite balanced gives mul0r addr0 dotC => ->; rewrite (bigD1 k) //= ler_addl.
  by apply: sumr_ge0 => i _; rewrite mulr_ge0 // ltW.
have ak : 0 < a k.
  by rewrite lt_def a_ge0 andbT; apply: contra_eq_neq reciprocal => ->; rewrite mul0r eq_sym oner_eq0.
rewrite ltNge; apply/negP => larger; move: share; rewrite leNgt => /negP; apply.
rewrite -[dot v direction]mul1r -reciprocal -mulrA ltr_pmul2l //.
by apply: le_lt_trans keeps; rewrite ler_pmul2r.
Qed.

Theorem universal_step_infinite w0 b0 w b :
  direction <> 0 -> separator points labels w0 b0 ->
  (forall i, 0 <= margin points labels w b i) ->
  dot w direction = 0 -> 0 < margin points labels w b k ->
  forall c, 0 < c -> kept c.
Proof.
move=> _ separates limit level positive c _; apply: (keeps_nearly separates limit).
by rewrite level mulr0 subr0.
Qed.
End UniversalStep.
