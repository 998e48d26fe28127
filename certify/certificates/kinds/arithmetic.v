(* The kind arithmetic: what its check evaluates in rational numbers holds in every ordered field that
   the named numbers lie in, so of real numbers. *)

From certify.proofs Require Import vectors.

Inductive expression :=
  | Name of nat
  | Numeral of rat
  | Plus of seq expression
  | Largest of expression & seq expression
  | Absolute of expression
  | Minus of expression & expression
  | Times of expression & expression
  | Over of expression & expression
  | Power of expression & expression.

(* The expression has the value in the field F, where numbers have names; nothing is divided by 0,
   and an exponent is a natural number. *)
Section Values.
Variables (F : realFieldType) (named : nat -> F).

Inductive value : expression -> F -> Prop :=
  | NameValue k : value (Name k) (named k)
  | NumeralValue q : value (Numeral q) (ratr q)
  | NoneValue : value (Plus [::]) 0
  | PlusValue e es x y : value e x -> value (Plus es) y -> value (Plus (e :: es)) (x + y)
  | OneValue e x : value e x -> value (Largest e [::]) x
  | LargestValue e f es x y : value e x -> value (Largest f es) y ->
      value (Largest e (f :: es)) (Num.max x y)
  | AbsoluteValue e x : value e x -> value (Absolute e) `|x|
  | MinusValue e f x y : value e x -> value f y -> value (Minus e f) (x - y)
  | TimesValue e f x y : value e x -> value f y -> value (Times e f) (x * y)
  | OverValue e f x y : value e x -> value f y -> y != 0 -> value (Over e f) (x / y)
  | PowerValue e f x n : value e x -> value f n%:R -> value (Power e f) (x ^+ n).
End Values.

Inductive operator := Equal | Unequal | Less | AtMost.

Definition compares (F : realFieldType) (sign : operator) (x y : F) :=
  match sign with Equal => x == y | Unequal => x != y | Less => x < y | AtMost => x <= y end.

Definition relation_holds (F : realFieldType) (named : nat -> F) left sign right :=
  exists x y, [/\ value named left x, value named right y & compares sign x y].

Theorem arithmetic (R : realFieldType) (numbers : nat -> rat) left sign right :
  relation_holds numbers left sign right ->
  relation_holds (fun k => ratr (numbers k) : R) left sign right.
Proof.
have lifted e x : value numbers e x -> value (fun k => ratr (numbers k) : R) e (ratr x).
  elim=> {e x} [k|q||e es x y _ IHx _ IHy|e x _ IHx|e f es x y _ IHx _ IHy|e x _ IHx
      |e f x y _ IHx _ IHy|e f x y _ IHx _ IHy|e f x y _ IHx _ IHy y_not0|e f x n _ IHx _ IHn].
  - exact: NameValue.
  - rewrite (_ : ratr (ratr q) = ratr q); first exact: NumeralValue.
    by congr ratr; apply: divq_num_den.
  - by rewrite rmorph0; apply: NoneValue.
  - by rewrite rmorphD; apply: PlusValue.
  - exact: OneValue.
  - have -> : ratr (Num.max x y) = Num.max (ratr x) (ratr y) :> R.
      by rewrite !maxEle ler_rat; case: ifP.
    exact: LargestValue.
  - by rewrite ratr_norm; apply: AbsoluteValue.
  - by rewrite rmorphB; apply: MinusValue.
  - by rewrite rmorphM; apply: TimesValue.
  - by rewrite fmorph_div; apply: OverValue => //; rewrite fmorph_eq0.
  - by rewrite rmorphX; apply: PowerValue => //; rewrite -ratr_nat.
move=> [x [y [x_is y_is compared]]]; exists (ratr x), (ratr y); split; try exact: lifted.
by case: sign compared => /=; rewrite ?(inj_eq (fmorph_inj _)) ?ltr_rat ?ler_rat.
Qed.
