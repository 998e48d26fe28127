r"""Section 3, proof of Theorem 7: Rules of bounded norm lose little more on a fresh sample

Printed: To prove this, we first use Rademacher complexity bounds to show there is a large subset
    $S\subseteq S^{(1)}\cup S^{(2)}$ that both $h_1$ and $h_2$ classify correctly.
Statement: Let $Z_i=(x_i,y_i)$ and $Z'_i$ be $2n$ i.i.d. draws with $|x|\leq R$, let
    $\mathrm{ramp}(t)=\min(1,\max(0,1-t))$, $L(w)=\frac1n\sum\mathrm{ramp}(y_iw\cdot x_i)$ and $L'$
    likewise on $Z'$. For $0<\delta<1$, with probability at least $1-\delta$, for all $|w|\leq B$ at
    once: $L'(w)\leq L(w)+2BR/\sqrt n+\sqrt{\,\ln(1/\delta)/n}$.
Verdict: true. This is the bound that Theorem 7 needs; it holds for all rules of the ball at once,
    so it does not matter how the rules depend on the samples.
Reading: The bound is one for all rules of norm at most B; the appendix that states it is not
    available, so it is stated here.
Needs same law: All draws come from one law.
    Without it: A rule can be perfect on one law and wrong on another.
Needs norm bound: $|w|\leq B$.
Needs bounded points: $|x|\leq R$.
Needs rule fixed before the samples: The rule does not depend on the draws.
    Without it: The bound is for the supremum, so the rule may be trained on the draws.
Sharp: In the mean of $F$, $R$ may be replaced by $\sqrt{E|x|^2}$, and $2BR/\sqrt n$ by
    $\sqrt2BR/((1-p_n)\sqrt n)$ with $p_n=\binom{2n}{n}4^{-n}$, which is smaller exactly for
    $n\geq4$; in it $\sqrt2$ cannot be replaced by 1.
    Rests on: written proof. $E|\sum\sigma_iy_ix_i|^2=nE|x|^2$, and for $\sqrt2$ see Theorem 7.
        $\sqrt2/(1-p_n)<2$ for $p_n<1-1/\sqrt2$, and $p_n$ falls with $p_3=5/16$, $p_4=35/128$. That
        $1$ is too small is computed for one law.
Quantifier: for all sign vectors and all pairs of samples of the drawn finite law at once, by
    enumeration; the rules are finitely many, and the probabilities and values of $F$ in the
    certificates of the law are taken as enumerated
The idea: A rule that does well on one sample does nearly as well on another sample from the same
    law, if it could not have learnt the first by heart. Bounding the length of the rule and of the
    points is what prevents that.
Why it is true: Compare both samples through a ramp, which counts a point fully when it is wrong and
    partly when it is right by too little. Swapping a pair of points between the samples does not
    change the law, so the gap can be averaged over random signs. Now the ramps give way to the
    margins, one point after the other. Fix all signs but one. The two values of that sign compare
    two rules, and the ramps of two rules differ by no more than their margins do; which of the two
    rules is ahead does not matter, since the sign may be turned. So the average does not fall. For
    given points the best a rule of length $B$ can do against random signs is
    $B|\sum\sigma_iy_ix_i|$, whose mean is at most $BR\sqrt n$.

    Finally, one draw changes the gap by at most $c=1/n$. A number with mean $0$ in an interval of
    length $c$ has $Ee^{sV}\leq e^{s^2c^2/8}$, since an exponential lies below its chord
    (Hoeffding). Over $2n$ draws this multiplies to $e^{s^2/(4n)}$, and $P(F-EF\geq t)\leq
    e^{s^2/(4n)-st}$, which is $e^{-nt^2}$ for $s=2nt$.
Before you use it: The bound holds for all rules of the ball at the same time, so the rule may
    depend on the samples in any way you like. Each of the three assumptions, same law, bounded
    rules, bounded points, has its own counterexample below.
"""

from fractions import Fraction
from functools import partial
from itertools import pairwise
from random import Random
from typing import TypeAlias

import sympy

from certify.numbers.rationals import dot, vector
from verify.claims.charles2019.shared import rademacher, training_procedures
from verify.claims.charles2019.shared.enclosures import Loss, exponential_below
from verify.claims.charles2019.shared.independent_samples import ramp
from verify.claims.charles2019.shared.rademacher import Instance
from verify.claims.charles2019.sharp.ramps import MEANS
from verify.claims.charles2019.without import fixed_rules, memorisers
from verify.claims.charles2019.without.fixed_rules import FixedRules
from verify.claims.charles2019.without.memorisers import NORM, RADIUS, Memorisers
from verify.claims.claim import Counterexample, Proof, SymbolicStep, step
from verify.claims.language import (
    Given,
    Named,
    Symbolic,
    computed,
    greatest,
    identity,
    inner,
    matrices,
    named,
    products,
    theorem,
    total,
)
from verify.claims.relation import number, within
from verify.drawing import laws, numbers
from verify.drawing.laws import FiniteLaw

ONE = Fraction(1)
CONFIDENCES = vector(["1/2", "1/10"])  # the values of delta that are tried
HALF = CONFIDENCES[0]
NORM_FACTORS = vector(["1/4", "1/2", 1, 2])  # B R
SMALL, REPEATED_RULES = "one draw", "a single rule"
CASES = (*laws.CASES, SMALL, REPEATED_RULES)
LARGEST_SIZE, LARGEST_SUPPORT = {2: 6, 3: 3}, 3
LONGEST_SUM = 16  # values of a supremum that are written out


def draw(rng: Random, case: str) -> Instance:
    """Return a law with two or three points, and up to three rules, most of them of full norm."""
    law = laws.law(rng, case if case in laws.CASES else rng.choice(laws.CASES))
    kept = rng.sample(range(len(law.probabilities)), min(LARGEST_SUPPORT, len(law.probabilities)))
    atoms = laws.seen(law.atoms, kept)
    law = FiniteLaw.of(atoms.points, atoms.labels, [law.probabilities[i] for i in kept])
    bound_squared = rng.choice(NORM_FACTORS) ** 2 / law.radius_squared
    rules = tuple(
        training_procedures.scaled_into_ball(
            numbers.nonzero_vector(rng, atoms.dimension), bound_squared
        )
        for _ in range(1 if case == REPEATED_RULES else rng.randint(2, 3))
    )
    size = 1 if case == SMALL else rng.randint(1, LARGEST_SIZE[max(2, len(kept))])
    sample = tuple(rng.randrange(len(kept)) for _ in range(rng.randint(1, 3)))
    return Instance(law, size, bound_squared, rules, sample)


def draw_adaptive(rng: Random) -> Instance:
    """Return an instance whose last rule was trained on the very points that it is judged on."""
    instance = draw(rng, rng.choice(laws.CASES))
    counts = tuple(instance.sample.count(i) for i in range(len(instance.law.probabilities)))
    trained = training_procedures.train(
        "memoriser", instance.law.atoms, counts, counts, instance.bound_squared
    )
    rules = (*instance.rules, trained)
    return Instance(instance.law, instance.size, instance.bound_squared, rules, instance.sample)


@theorem.not_needed("rule fixed before the samples", draw_adaptive)
def prove(instance: Instance) -> Proof:
    """Enumerate signs on the sample, and all pairs of samples of the law."""
    n, norms = instance.size, instance.norms
    pairs = rademacher.pairs(instance)
    mean, widest = rademacher.widest_step(instance)
    signed, tails = rademacher.expected_supremum(instance), rademacher.tails(pairs, mean)
    chain, linear = rademacher.supremum_chain(instance), rademacher.linear_suprema(instance)
    lengths = [dot(x, x) for x in instance.signed_points]
    margins = sorted({m for row in instance.margins for m in row})
    law = rademacher.gap_law(pairs)
    steps = (
        step(r"The ramp $\min(1,\max(0,1-t))$ lies between the indicators of $t\leq0$ and of $t<1$ "
             "and changes no faster than $t$.",
             *((named(rf"[{number(m)}\leq0]", Fraction(m <= 0)), "<=", ramp_at(m))
               for m in margins),
             *((ramp_at(m), "<=", named(f"[{number(m)}<1]", Fraction(m < 1))) for m in margins),
             *((Named(rf"|\mathrm{{ramp}}({number(a)})-\mathrm{{ramp}}({number(b)})|",
                      abs(ramp(a) - ramp(b)), partial(_distance, ramp(a), ramp(b))), "<=",
                named(rf"|{number(a)}-({number(b)})|", abs(a - b)))
               for b, a in pairwise(margins))),
        step(r"Let $F=\sup_w(L'(w)-L(w))$. Swapping $Z_i$ and $Z'_i$ keeps the law, so $EF$ is at "
             r"most twice the mean over signs of $\sup_w\frac1n\sum\sigma_i\mathrm{ramp}_i$.",
             (named("EF", mean), "=",
              inner(r"\sum_f f\,P(F=f)", [f for f, _ in law], [p for _, p in law])),
             (named("EF", mean), "<=", Named(
                 r"2E\sup_w\frac1n\sum\sigma_i\mathrm{ramp}_i", 2 * signed,
                 partial(_signed_mean, instance)))),
        step(r"On given points the ramps can be replaced by the margins $m_i(w)=y_iw\cdot x_i$, "
             r"one after the other. With the other signs fixed, and $A_w$ for the sum of the other "
             r"terms, the mean over $\sigma_i$ is half of "
             r"$\sup_{w,w'}(A_w+A_{w'}+\mathrm{ramp}_i(w)-\mathrm{ramp}_i(w'))$; the difference is "
             r"at most $|m_i(w)-m_i(w')|$, and the pair $(w',w)$ attains it with the other sign, "
             "so the margins give no less: the mean over all sign vectors, $M_k$ with $k$ margins, "
             "never falls.",
             *((one, "<=", other)
               for one, other in pairwise(named_means(instance, chain)))),
        step(r"For each sign vector $\sup_w\sum\sigma_iy_iw\cdot x_i\leq B|\sum\sigma_iy_ix_i|$ "
             "(squares are compared).",
             *((named(rf"\max(0,\sup_w\sum\sigma_iy_iw\cdot x_i)^2\text{{ for }}\sigma={signs}",
                      max(best, Fraction(0)) ** 2),
                "<=", computed(r"B^2|\sum\sigma_iy_ix_i|^2", "b * s",
                               b=instance.bound_squared, s=square))
               for signs, (best, square) in by_signs(instance, linear))),
        step(r"The cross terms vanish: the mean of $|\sum\sigma_iy_ix_i|^2$ over all signs is "
             r"$\sum|x_i|^2$, at most $R^2$ for each point.",
             (named(r"E_\sigma|\sum\sigma_iy_ix_i|^2",
                    sum((square for _, square in linear), Fraction(0)) / len(linear)), "=",
              total(r"\sum|x_i|^2", lengths)),
             (greatest(r"\max_i|x_i|^2", lengths), "<=",
              named("R^2", instance.law.radius_squared))),
        step(r"Hence $EF\leq2BR/\sqrt n$ (squares are compared).",
             (computed(r"n\max(0,EF)^2", "n * f**2", n=n, f=max(mean, Fraction(0))), "<=",
              computed("4B^2R^2", "4 * b", b=norms))),
        step("One more draw moves the conditional mean of $F$ by at most $1/n$ (the widest here).",
             (Named(r"\text{largest change}", widest, partial(_change, instance)), "<=",
              computed("1/n", "1 / n", n=n))),
        step(r"A number $V$ with mean $0$ in an interval of length $c$ has "
             r"$Ee^{sV}\leq e^{s^2c^2/8}$ (Hoeffding): $e^{sV}$ lies below its chord, and the "
             r"logarithm $\Lambda$ of the chord's mean has $\Lambda(0)=\Lambda'(0)=0$ and "
             r"$\Lambda''=c^2q(1-q)\leq c^2/4$ with $q$ from 0 to 1 (below, the probabilities "
             r"$q_1,q_2,\dots$ of the law). The $2n$ draws, with $c=1/n$, multiply to "
             r"$Ee^{s(F-EF)}\leq e^{s^2/(4n)}$, and with $s=2nt$ Markov's inequality gives "
             r"$P(F-EF\geq t)\leq e^{s^2/(4n)-st}=e^{-nt^2}$. So it is for each $t$ that $F-EF$ "
             "attains (rationals below the exponential stand on the right).",
             ([computed("q_#(1-q_#)", "q * (1 - q)", q=q) for q in instance.law.probabilities],
              "<=", Fraction(1, 4)),
             *((computed(r"(2nt)^2/(4n)-2nt\cdot t", "(2 * n * t)**2 / (4 * n) - 2 * n * t * t",
                         n=n, t=t), "=", computed("-nt^2", "-n * t**2", n=n, t=t))
               for t, _ in tails),
             *((Named(rf"P(F-EF\geq{number(t)})", chance, partial(_beyond, law, mean + t)), "<=",
                named(rf"\exp({number(-n * t**2)})", exponential_below(-n * t**2)))
               for t, chance in tails)),
        step(r"With $t=\sqrt{\ln(1/\delta)/n}$: $F$ exceeds the bound with probability at most "
             r"$\delta$, for $\delta=1/2$ and $1/10$.",
             *((Named(r"P(F>\text{bound})", rademacher.exceeding(instance, pairs, delta),
                      partial(_above, instance, delta, law)), "<=",
                named(r"\delta", delta)) for delta in CONFIDENCES)),
    )  # fmt: skip
    return Proof.of(
        named("n", n),
        named("B^2R^2", norms),
        named("EF", mean),
        Given("steps 3 to 5", "are about the points of the sample, the others about all pairs of "
              "samples of $n$ points"),
        Given("bound", r"$2BR/\sqrt n+\sqrt{\ln(1/\delta)/n}$"),
        *steps,
        rademacher.sign_certificate(instance),
        rademacher.law_certificate(instance, pairs, mean),
        *(rademacher.bound_certificate(instance, pairs, delta) for delta in CONFIDENCES),
    )  # fmt: skip


def ramp_at(m: Fraction) -> Named:
    """Return the ramp of a margin by name, with the margin put in."""
    return Named(rf"\mathrm{{ramp}}({number(m)})", ramp(m), partial(_ramp, m))


def _ramp(m: Fraction) -> str:
    return rf"\min(1,\max(0,{computed('', '1 - m', m=m).formula[0]}))"


def _distance(a: Fraction, b: Fraction) -> str:
    return f"|{computed('', 'a - b', a=a, b=b).formula[0]}|"


def named_means(instance: Instance, chain: list[Fraction], name: str = "M_{{{}}}") -> list[Named]:
    """Return the means of suprema by name, with the supremum for each sign vector."""
    return [
        Named(name.format(k), mean, partial(_mean, instance, k)) for k, mean in enumerate(chain)
    ]


def _mean(instance: Instance, replaced: int) -> str:
    values = rademacher.suprema(instance, replaced)
    terms = total("", values).formula
    return f"({terms[0]})/{len(values)}" if len(terms) > 1 else ""


def _signed_mean(instance: Instance) -> str:
    """Return the sum of the values of the supremum, each times its probability."""
    signed = rademacher.signed_law(instance)
    terms = "+".join(rf"{within(value)}\cdot {within(p)}" for value, p in signed).replace("+-", "-")
    return rf"\frac2{{{instance.size}}}({terms})" if len(signed) <= LONGEST_SUM else ""


def _change(instance: Instance) -> str:
    _, high, low = rademacher.widest_means(instance)
    return computed("", "a - b", a=high, b=low).formula[0]


Law: TypeAlias = list[tuple[Fraction, Fraction]]


def _beyond(law: Law, least: Fraction) -> str:
    """Return the sum of the probabilities of all values of F from the least one on."""
    return "+".join(f"P(F={within(f)})" for f, _ in law if f >= least)


def _above(instance: Instance, delta: Fraction, law: Law) -> str:
    """Return the values of F above the bound, or the largest one below it."""
    loss = rademacher.allowance(instance, delta)
    above = [f for f, _ in law if not loss.covers(f)]
    if above:
        return "+".join(f"P(F={within(f)})" for f in above)
    most = max((f for f, _ in law), default=Fraction(0))
    bound = loss.below("", [most]).formula[0]
    return rf"[\max F>\text{{bound}}]=[{within(most)}>{bound}]"


def _unit_allowance(size: int) -> Loss:
    """Return n times the bound for B = R = 1 and delta = 1/2."""
    return Loss((Fraction(4 * size),), (Fraction(size),), 1 / HALF)


def _memorised(text: str, dropped: str, length: int) -> Counterexample[Memorisers]:
    example = Memorisers(9, 122, Fraction(length), ONE, Fraction(0))
    given = (
        Given("loss", r"$2BR\sqrt n+\sqrt{n\ln(1/\delta)}$, what $n(L'(w)-L(w))$ may be, $B=R=1$"),
        Given("allowed", r"the failure probability $\delta=1/2$"),
        Given("$L$, $L'$", "the mean ramp loss on the own sample, $0$ by margin $1$, and on the "
              "other one, $1$ at each point that is not right"),
    )  # fmt: skip
    return memorisers.counterexample(text, dropped, example, _unit_allowance, lambda n: HALF, given)


EXAMPLE = Instance(
    FiniteLaw.of([[1, 0], [0, 1]], [1, 1], [1, 1]),
    4,
    Fraction(1, 4),
    (vector(["1/2", 0]), vector([0, "1/2"]), vector(["3/10", "-2/5"])),
    (0, 1),
)


def sharpness() -> Proof:
    """Evaluate the bound of EF with the mean square of |x| in place of R^2, on an uneven law."""
    law = FiniteLaw.of([[1], [0]], [1, 1], [1, 3])
    instance = Instance(law, 4, ONE, ((ONE,), (-ONE,)), (0,))
    mean_square = sum(
        (p * dot(x, x) for p, x in zip(law.probabilities, law.atoms.points, strict=True)),
        Fraction(0),
    )
    pairs = rademacher.pairs(instance)
    mean, _ = rademacher.widest_step(instance)
    gaps = rademacher.gap_law(pairs)
    short = Instance(law, 1, ONE, ((ONE,), (ONE / 2,)), (0,))
    ramped, linear = named_means(short, rademacher.supremum_chain(short))
    return Proof.of(
        Given("law and rules of steps 1 and 3", instance),
        Named("EF", mean, products([f for f, _ in gaps], [p for _, p in gaps])),
        Given("law and rules of step 2", short),
        step(r"$E F\leq2B\sqrt{E|x|^2}/\sqrt n$ on a law with $E|x|^2=1/4<R^2=1$.",
             (computed(r"n(EF)^2", "n * f**2", n=instance.size, f=mean), "<=",
              computed("4B^2E|x|^2", "4 * b * s", b=instance.bound_squared, s=mean_square)),
             (inner("E|x|^2", law.probabilities, [dot(x, x) for x in law.atoms.points]), "<",
              named("R^2", law.radius_squared))),
        step("A ramp in its linear part loses nothing when it is replaced by the margin: the means "
             "$M_0$ with the ramp and $M_1$ with the margin are the same.",
             (ramped, "=", linear)),
        step("For one draw and the rules $w$ and $-w$ along it the signed sums attain $B|x|$.",
             *((computed(rf"(\sup_w\sigma yw\cdot x)^2\text{{ for }}\sigma={signs}", "s**2",
                         s=best), "=",
                computed("B^2|x|^2", "b * s", b=instance.bound_squared, s=square))
               for signs, (best, square) in by_signs(
                   instance, rademacher.linear_suprema(instance)))),
        rademacher.law_certificate(instance, pairs, mean),
        rademacher.sign_certificate(instance),
    )  # fmt: skip


Suprema: TypeAlias = list[tuple[Fraction, Fraction]]


def by_signs(instance: Instance, found: Suprema) -> list[tuple[str, tuple[Fraction, Fraction]]]:
    """Return what was found for each sign vector with that vector as it is written."""
    signs = map(vector, rademacher.signs(len(instance.sample)))
    return list(zip(map(number, signs), found, strict=True))


def symbolic() -> Symbolic:
    """Prove that cross terms vanish for all sizes, and the choice of the exponent."""
    (z, rest) = matrices("z s", "d")
    yield identity(
        "Averaged over the two signs of one more vector $z$, beside the sum $s$ of the others, the "
        "cross term vanishes; so one vector after the other, for all signs.",
        r"\frac12(|s+z|^2+|s-z|^2)=|s|^2+|z|^2",
        "all dimensions, and by induction any number of vectors",
        ((rest + z).T * (rest + z) + (rest - z).T * (rest - z)) / 2,
        rest.T * rest + z.T * z,
    )
    yield _chord()
    s, t, n = sympy.symbols("s t n", positive=True)
    yield identity(
        r"The exponent of $2n$ draws is smallest at $s=2nt$.",
        r"\frac{s^2}{4n}-st=-nt^2+\frac{(s-2nt)^2}{4n}",
        "all n, s and t", s**2 / (4 * n) - s * t, -n * t**2 + (s - 2 * n * t) ** 2 / (4 * n),
    )  # fmt: skip


def _chord() -> SymbolicStep:
    """Prove what Hoeffding's lemma needs of the chord of the exponential."""
    s, c, p = sympy.symbols("s c p", positive=True)
    # Two values 0 and c above the low end -p c, with the probabilities 1 - p and p: mean 0.
    chord = (1 - p + p * sympy.exp(s * c)) * sympy.exp(-s * p * c)
    logarithm = sympy.log(1 - p + p * sympy.exp(s * c)) - s * p * c
    q = p * sympy.exp(s * c) / (1 - p + p * sympy.exp(s * c))
    second = sympy.diff(logarithm, s, 2) - c**2 * q * (1 - q)
    return SymbolicStep(
        r"The logarithm $\Lambda$ of the mean of the chord starts flat and bends by $c^2/4$ "
        r"at most.",
        r"\Lambda(0)=\Lambda'(0)=0,\quad\Lambda''=c^2q(1-q)=\frac{c^2}4-c^2(q-\frac12)^2",
        "all values",
        sympy.simplify(chord.subs(s, 0)) == 1
        and sympy.simplify(sympy.diff(logarithm, s).subs(s, 0)) == 0
        and sympy.simplify(second) == 0,
    )


CLAIM = theorem(
    __name__,
    without={
        "same law": (
            FixedRules(
                (FiniteLaw.of([[1]], [1], [1]), FiniteLaw.of([[1]], [-1], [1])), 9, ((ONE,), (ONE,))
            ),
            lambda instance: fixed_rules.refute_uniform_bound(instance, HALF),
            fixed_rules.draw,
        ),
        "norm bound": _memorised("Long rules can memorise the first sample.", NORM, 1),
        "bounded points": _memorised(
            "On long points short rules can memorise the first sample.", RADIUS, 3
        ),
    },
    sharp=MEANS,
)
