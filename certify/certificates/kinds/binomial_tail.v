(* The kind binomial-tail: its check implies its sentence, for every number of trials. An outcome is
   the set A of the trials that succeed; the law of n independent trials gives it the product of p
   for each trial in A and 1 - p for each other one. *)

From certify.proofs Require Import vectors.

Section BinomialTail.
Variables (R : realFieldType) (n : nat) (p : R).

Definition law (A : {set 'I_n}) := \prod_i (if i \in A then p else 1 - p).

Definition probability (event : pred {set 'I_n}) := \sum_(A | event A) law A.

Definition term j := 'C(n, j)%:R * p ^+ j * (1 - p) ^+ (n - j).

Lemma law_is A : law A = p ^+ #|A| * (1 - p) ^+ (n - #|A|).
Proof.
rewrite /law (bigID (mem A)) /=; congr (_ * _).
  by rewrite (eq_bigr (fun=> p)) ?prodr_const // => i ->.
rewrite (eq_bigr (fun=> 1 - p)) => [|i /negbTE -> //].
rewrite prodr_const; congr (_ ^+ _); have := cardC (mem A); rewrite card_ord => total.
by rewrite -[X in (X - _)%N]total addKn.
Qed.

Lemma probability_size (sizes : pred nat) :
  probability (fun A => sizes #|A|) = \sum_(j < n.+1 | sizes j) term j.
Proof.
have small (A : {set 'I_n}) : (#|A| < n.+1)%N.
  by rewrite ltnS -[X in (_ <= X)%N](card_ord n) max_card.
rewrite /probability (partition_big (fun A => Ordinal (small A)) (fun j => sizes j)) //=.
apply: eq_bigr => j sizes_j.
rewrite (eq_bigr (fun=> p ^+ j * (1 - p) ^+ (n - j))) => [|A /andP [_ /eqP <-]]; last exact: law_is.
rewrite big_const iter_addr_0 /term -mulrA -mulr_natl; congr (_%:R * _).
have := card_draws [finType of 'I_n] j; rewrite card_ord => <-.
apply: eq_card => A; rewrite !inE unfold_in /= -val_eqE /=.
by case: eqP => [->|]; rewrite ?sizes_j ?andbF.
Qed.

Theorem binomial_tail (successes : nat) (bound : R) (at_least : bool) :
  0 <= p -> p <= 1 ->
  \sum_(j < n.+1 | if at_least then (successes <= j)%N else (j <= successes)%N) term j <= bound ->
  [/\ forall A, 0 <= law A, probability predT = 1 &
    probability (fun A => if at_least then (successes <= #|A|)%N else (#|A| <= successes)%N)
      <= bound].
Proof.
move=> p_ge0 p_le1 small; split=> [A||].
- by rewrite law_is mulr_ge0 ?exprn_ge0 // subr_ge0.
- have -> : 1 = (1 - p + p) ^+ n by rewrite subrK expr1n.
  rewrite (probability_size predT) exprDn.
  by apply: eq_bigr => j _; rewrite /term -mulrA [p ^+ j * _]mulrC mulr_natl.
- by rewrite (probability_size (fun k => if at_least then (successes <= k)%N else (k <= successes)%N)).
Qed.
End BinomialTail.
