(* The kind separator-steps: its checks imply its sentence, for all sizes. *)

From certify.proofs Require Import vectors labelled_sets.

Section SeparatorSteps.
Variable R : realFieldType.
Variables (d n m : nat) (points : 'I_n -> 'cV[R]_d) (labels : 'I_n -> R).
Variables (query_points : 'I_m -> 'cV[R]_d) (query_labels : 'I_m -> R).
Hypothesis query_labels_are : forall j, label (query_labels j).
Variables (w : 'cV[R]_d) (b : R) (direction : 'cV[R]_d) (steps : 'I_m -> R).

Definition value_at j c :=
  query_labels j * (dot w (moved (query_labels j) (query_points j) direction c) + b).

Theorem separator_steps (a : 'I_n -> R) :
  separator points labels w b -> multipliers points labels a direction 0 ->
  (forall j, 0 <= margin query_points query_labels w b j) ->
  (forall j, steps j * dot w direction = margin query_points query_labels w b j) ->
  (forall w b, separator points labels w b -> 0 < dot w direction) /\
  forall j c, [/\ c < steps j -> 0 < value_at j c, c = steps j -> value_at j c = 0
                & steps j < c -> value_at j c < 0].
Proof.
move=> separates given _ reaches.
have slope v c : separator points labels v c -> 0 < dot v direction.
  by move=> /(multipliers_positive given); rewrite mul0r addr0 dotC.
split=> // j c; rewrite /value_at moved_margin // -[query_labels j * _]reaches -mulrBl.
have w_gt0 := slope w b separates.
split=> [smaller | -> | larger]; first by rewrite mulr_gt0 ?subr_gt0.
- by rewrite subrr mul0r.
- by rewrite nmulr_rlt0 ?subr_lt0.
Qed.
End SeparatorSteps.
