(* Farkas's lemma over any ordered field, by the elimination of one unknown after the other (Fourier
   and Motzkin): finitely many inequalities a_i.x <= b_i have a solution, or a combination of them
   with weights >= 0 says 0 <= b for some b < 0. *)

From certify.proofs Require Import vectors.

Section Elimination.
Variable R : realFieldType.
Add Ring ring_of_R : (identities R).

Definition at_ n (a : 'rV[R]_n) (x : 'I_n -> R) := \sum_j a 0 j * x j.

(* Inequalities a.x <= b that follow with weights >= 0. *)
Inductive follows n (S : seq ('rV[R]_n * R)) : 'rV[R]_n -> R -> Prop :=
  | Member a b : (a, b) \in S -> follows S a b
  | Nothing : follows S 0 0
  | Together a b a' b' k k' : 0 <= k -> 0 <= k' -> follows S a b -> follows S a' b' ->
      follows S (k *: a + k' *: a') (k * b + k' * b').

Definition solves n (S : seq ('rV[R]_n * R)) x := forall c, c \in S -> at_ c.1 x <= c.2.

Definition tail n (a : 'rV[R]_n.+1) : 'rV[R]_n := \row_j a 0 (lift ord0 j).

Definition longer n (t : R) (x : 'I_n -> R) (j : 'I_n.+1) := if unlift ord0 j is Some i then x i else t.

Lemma at_longer n (a : 'rV[R]_n.+1) t x : at_ a (longer t x) = a 0 ord0 * t + at_ (tail a) x.
Proof.
rewrite /at_ big_ord_recl /longer unlift_none; congr (_ + _).
by apply: eq_bigr => j _; rewrite liftK mxE.
Qed.

Lemma gap_identity (P Q a b e f : R) :
  P * a + - Q * b - (P * e - Q * f) = (a - e) * P - (b - f) * Q.
Proof. by field_identity R. Qed.

Lemma in_between (L U : seq R) : (forall l u, l \in L -> u \in U -> l <= u) ->
  exists t, (forall l, l \in L -> l <= t) /\ (forall u, u \in U -> t <= u).
Proof.
elim: L => [_|l L IHL order].
  elim: U => [|u U [t [_ below_]]]; first by exists 0.
  exists (Num.min u t); split=> // v; rewrite inE => /predU1P [->|/below_ t_v].
    by rewrite le_minl lexx.
  by rewrite le_minl t_v orbT.
have [|t [above below_]] := IHL; first by move=> l' u l'_in; apply: order; rewrite inE l'_in orbT.
exists (Num.max l t); split=> [l'|u u_in]; last first.
  by rewrite le_maxl below_ // order // inE eqxx.
by rewrite inE le_maxr => /predU1P [->|/above ->]; rewrite ?lexx ?orbT.
Qed.

Section OneUnknown.
Variables (n : nat) (S : seq ('rV[R]_n.+1 * R)).

Implicit Types c p q : 'rV[R]_n.+1 * R.

Definition first c := c.1 0 ord0.

Definition rest c : 'rV[R]_n * R := (tail c.1, c.2).

Definition sum_of p q : 'rV[R]_n * R :=
  (tail ((first p)^-1 *: p.1 + (- first q)^-1 *: q.1),
   (first p)^-1 * p.2 + (- first q)^-1 * q.2).

Definition without : seq ('rV[R]_n * R) :=
  [seq rest c | c <- [seq c <- S | first c == 0]] ++
  [seq sum_of p q | p <- [seq p <- S | 0 < first p], q <- [seq q <- S | first q < 0]].

Lemma lifted a b : follows without a b ->
  exists a', [/\ follows S a' b, a' 0 ord0 = 0 & tail a' = a].
Proof.
elim=> {a b} [a b|| a b a' b' k k' k_ge0 k'_ge0 _ [d [d_f d0 d_t]] _ [d' [d'_f d'0 d'_t]]].
- rewrite mem_cat => /orP [/mapP [[c e]] | /allpairsP [[p q]]].
    rewrite mem_filter => /andP [/eqP c0 c_in] [-> ->]; exists c; split=> //.
    exact: Member.
  case=> /=; rewrite !mem_filter => /andP [p_gt0 p_in] /andP [q_lt0 q_in] [-> ->].
  exists ((first p)^-1 *: p.1 + (- first q)^-1 *: q.1); split=> //.
    apply: Together; rewrite ?invr_ge0 ?oppr_ge0 ?(ltW p_gt0) ?(ltW q_lt0) //.
      by apply: Member; rewrite -surjective_pairing.
    by apply: Member; rewrite -surjective_pairing.
  by rewrite !mxE mulVf ?gt_eqF // invrN mulNr mulVf ?lt_eqF // subrr.
- exists 0; split; [exact: Nothing | by rewrite mxE | by apply/rowP => j; rewrite !mxE].
- exists (k *: d + k' *: d'); split; first exact: Together.
    by rewrite !mxE d0 d'0 !mulr0 addr0.
  by apply/rowP => j; rewrite -d_t -d'_t !mxE.
Qed.

Lemma extended x : solves without x -> exists t, solves S (longer t x).
Proof.
move=> solved.
pose bound (c : 'rV[R]_n.+1 * R) := (c.2 - at_ (tail c.1) x) / first c.
have [|t [above below_]] := @in_between
    [seq bound q | q <- [seq q <- S | first q < 0]]
    [seq bound p | p <- [seq p <- S | 0 < first p]].
  move=> _ _ /mapP [q q_in ->] /mapP [p p_in ->].
  have q_lt0 : first q < 0 by move: q_in; rewrite mem_filter => /andP [].
  have p_gt0 : 0 < first p by move: p_in; rewrite mem_filter => /andP [].
  have : sum_of p q \in without.
    by rewrite mem_cat; apply/orP; right; apply/allpairsP; exists (p, q); split.
  move/solved; rewrite /sum_of /bound /=.
  have -> : at_ (tail ((first p)^-1 *: p.1 + (- first q)^-1 *: q.1)) x =
      (first p)^-1 * at_ (tail p.1) x - (first q)^-1 * at_ (tail q.1) x.
    rewrite /at_ !mulr_sumr -sumrB; apply: eq_bigr => j _; rewrite !mxE invrN.
    by rewrite mulrDl mulNr mulNr !mulrA.
  rewrite -subr_ge0 => gap; rewrite -subr_ge0; congr (0 <= _): gap.
  by rewrite invrN; apply: gap_identity.
exists t => c c_in; rewrite at_longer -ler_subr_addr.
have [c_neg | c_pos | c_0] := ltgtP (first c) 0.
- have : bound c <= t by apply: above; apply/mapP; exists c; rewrite // mem_filter c_neg.
  by rewrite /bound ler_ndivr_mulr // mulrC.
- have : t <= bound c by apply: below_; apply/mapP; exists c; rewrite // mem_filter c_pos.
  by rewrite /bound ler_pdivl_mulr // mulrC.
- rewrite (c_0 : c.1 0 ord0 = 0) mul0r subr_ge0; apply: (solved (tail c.1, c.2)); rewrite mem_cat.
  by apply/orP; left; apply/mapP; exists c; rewrite // mem_filter c_0 eqxx.
Qed.
End OneUnknown.

Lemma elimination n (S : seq ('rV[R]_n * R)) :
  (exists x, solves S x) \/ exists b, b < 0 /\ follows S 0 b.
Proof.
elim: n S => [|n IHn] S.
  have [none | ] := boolP (all (fun c => 0 <= c.2) S).
    left; exists (fun=> 0) => c /(allP none); by rewrite /at_ big_ord0.
  case/allPn => c c_in; rewrite -ltNge => negative; right; exists c.2; split=> //.
  by apply: Member; rewrite (_ : 0 = c.1) -?surjective_pairing //; apply/rowP => -[].
have [[x /extended [t solved]] | [b [b_lt0 /lifted [a [follows_ a0 a_t]]]]] := IHn (without S).
  by left; exists (longer t x).
right; exists b; split=> //; rewrite (_ : 0 = a) //; apply/rowP => j; rewrite mxE.
case: (unliftP ord0 j) => [i ->|->] //.
by have /rowP /(_ i) := a_t; rewrite !mxE.
Qed.
End Elimination.

Section Farkas.
Variables (R : realFieldType) (m n : nat) (A : 'M[R]_(m, n)) (b : 'cV[R]_m).

Lemma farkas : (exists x, A *m x <=^ b) \/
  exists y, [/\ 0 <=^ y, A^T *m y = 0 & dot b y < 0].
Proof.
pose S := [seq (row i A, b i 0) | i <- enum 'I_m].
have [[x solved] | [c [c_lt0 combined]]] := elimination S.
  left; exists (\col_j x j) => i; have := solved (row i A, b i 0).
  rewrite map_f ?mem_enum // => /(_ erefl); rewrite /at_ /= mxE.
  by congr (_ <= _); apply: eq_bigr => j _; rewrite !mxE.
right; suff [y [y_ge0 y_is cost]] : exists y, [/\ 0 <=^ y, A^T *m y = 0^T & dot b y = c].
  by exists y; rewrite y_is trmx0 cost.
elim: combined => [a e /mapP [i _ [-> ->]] || a e a' e' k k' k_ge0 k'_ge0 _ [y [y_ge0 y_is <-]]
    _ [y' [y'_ge0 y'_is <-]]].
- exists (delta_mx i 0); split=> [j||]; first by rewrite !mxE; case: (_ && _); rewrite ?ler01.
    apply/colP => j; rewrite !mxE (bigD1 i) //= big1 ?addr0 => [|k /negbTE k_i].
      by rewrite !mxE !eqxx mulr1.
    by rewrite !mxE k_i mulr0.
  rewrite /dot (bigD1 i) //= big1 ?addr0 => [|k /negbTE k_i]; last by rewrite mxE k_i mulr0.
  by rewrite mxE !eqxx mulr1.
- by exists 0; split=> [j||]; rewrite ?mulmx0 ?trmx0 ?dot0r.
- exists (k *: y + k' *: y'); split=> [j||].
  + have := y_ge0 j; have := y'_ge0 j; rewrite !mxE => ? ?.
    by rewrite addr_ge0 ?mulr_ge0.
  + by rewrite mulmxDr -!scalemxAr y_is y'_is linearD !linearZ.
  + by rewrite dotDr !dotZr.
Qed.
End Farkas.

(* Gordan: some x lies strictly on one side of all of them, or a mixture of the vectors is 0. *)
Lemma gordan (R : realFieldType) m n (a : 'I_m -> 'cV[R]_n) :
  (exists x, forall i, 0 < dot (a i) x) \/
  exists y : 'I_m -> R, [/\ forall i, 0 <= y i, exists i, y i <> 0 & \sum_i y i *: a i = 0].
Proof.
pose A : 'M[R]_(m, n) := \matrix_(i, j) - a i j 0.
have row_at i x : (A *m x) i 0 = - dot (a i) x.
  by rewrite mxE /dot -sumrN; apply: eq_bigr => j _; rewrite mxE mulNr.
have [[x solved] | [y [y_ge0 cancels negative]]] := farkas A (const_mx (-1)).
  left; exists x => i; have := solved i; rewrite row_at mxE ler_opp2.
  exact: lt_le_trans ltr01.
right; exists (fun i => y i 0); split=> [i||]; first by have := y_ge0 i; rewrite mxE.
  have [/existsP [i /eqP yi] | none] := boolP [exists i, y i 0 != 0]; first by exists i.
  move: negative; rewrite /dot big1 ?ltxx // => i _.
  by have := existsPn none i; rewrite negbK => /eqP ->; rewrite mulr0.
apply/colP => j; have /colP /(_ j) := cancels; rewrite summxE !mxE => zero.
transitivity (- \sum_i A^T j i * y i 0); last by rewrite zero oppr0.
by rewrite -sumrN; apply: eq_bigr => i _; rewrite !mxE mulNr opprK mulrC.
Qed.
