r"""Theorem 9: Multi-class rules from independent samples share a direction between two classes

Printed: Fix $k\in\{1,...,K\}$ satisfying the above assumptions. With probability at least
    $1-4n^{-2}$, there is a vector $v$ and a set $S\subseteq S^{(1)}[k,l]\cup S^{(2)}[k,l]$ such
    that for $j\in\{1,2\}$, 1. $|S\cap S^{(j)}[k,l]|\geq(1-2\rho)n-4BR\sqrt n-4\sqrt{n\ln(n)}$. 2.
    For all $(x,y)\in S$ such that $h_j(x)=y$, $-v$ is an adversarial direction for $h_j$ if $y=k$,
    and $v$ is an adversarial direction for $h_j$ if $y=l$.
Statement: Fix $B$ and classes $k\neq l$, the same for $j=1,2$, before sampling; let both samples
    have $n$ i.i.d. points with labels $k,l$ and $|x|\leq R$. With probability at least $1-2/n^2$,
    for all rules with $|w_i^{(j)}|\leq B$, however chosen: let $u_j=w_k^{(j)}-w_l^{(j)}$, and
    $\sigma=1$ at points labelled $k$, $\sigma=-1$ at those labelled $l$; let $n\rho_j$ points of
    $S^{(j)}[k,l]$ have $\sigma u_j\cdot x<1$ (at most those that B3 does not count), and let $S$
    hold the drawn points with $\sigma u_j\cdot x>0$ for both $j$. Then $|S\cap
    S^{(j)}[k,l]|\geq(1-\rho_1-\rho_2)n-4BR\sqrt n-\sqrt{2n\ln n}$. If $S$ is not empty, let $v$ be
    the point of the hull of the $\sigma x$ in $S$ nearest to $0$: from each $(x,y)\in S$ with
    $h_j(x)=y$, class $y$ is left along $-v$ (if $y=k$) or along $v$ (if $y=l$).
Verdict: true after repair. In B3 the class $l$ must be the same for both rules and fixed in
    advance. Where $S$ may be empty, since the bound is not positive, nothing is said. B2 is not
    needed, and $4\sqrt{n\ln n}$ improves to $\sqrt{2n\ln n}$ with a better probability.
Reading: B1 to B3 hold for the class $k$ that is fixed, with numbers $B$ and $\rho$; samples are
    lists, both with $n$ points labelled $k$ or $l$, as the paragraph before assumes.
Needs one class for both rules: The class $l$ of B3 is the same for $j=1$ and $j=2$.
    Without it: Each rule satisfies B3 for a class of its own, and for neither class is a point
        right under both rules.
Needs independent training: The two training procedures are independent of each other (B2).
    Without it: The bound holds for all rules in the ball at once, so both may depend on both
        samples.
Sharp: The loss is $4BR\sqrt n+\sqrt{2n\ln n}$ instead of $4BR\sqrt n+4\sqrt{n\ln n}$, with failure
    probability $2/n^2$ instead of $4/n^2$; $2B$ may be replaced by any bound on $|w_k-w_l|$, and
    $4$ by $2\sqrt2/(1-p_n)$, $p_n=\binom{2n}{n}4^{-n}$, as in Theorem 7, but by no factor below
    $2\sqrt2$. For $BR\geq1$ and $\rho<1/2$ the bound is positive exactly from one size on: for
    $BR=1$ and $\rho=0$ from n = 46 instead of 171.
    Rests on: written proof. Theorem 7 for $u_j=w_k^{(j)}-w_l^{(j)}$, which reaches every vector of
        length $2B$; the sizes are computed with certificates.
Quantifier: for each pair of samples the counts, from how often each point was drawn, and the bound
    are certified, and the direction for all rules right on S; that exceptional draws have
    probability at most $2/n^2$ follows from Theorem 7 and has no certificate for a single draw:
    they are counted
Uses: charles-thm-7, charles-B1-B3
The idea: Two multi-class rules, trained on independent samples, share a direction between two fixed
    classes at a large part of the points of these classes.
Why it is true: Look at two classes only. The difference of the two weight vectors is a binary rule
    through the origin, of length at most $2B$. Theorem 7 applies to the pair of differences, with
    $2B$ for $B$.
Before you use it: The common part consists of points at which both rules prefer the right one *of
    the two classes*. A third class may still win there. Rules and samples need not be independent,
    exactly as in Theorem 7.
"""

from fractions import Fraction
from random import Random

import sympy

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import combine, vector
from verify.claims.charles2019.shared import (
    failure_probability,
    independent_samples,
    multiclass,
    multiclass_samples,
    sample_losses,
)
from verify.claims.charles2019.shared.enclosures import Relations
from verify.claims.charles2019.shared.multiclass_samples import Models, class_of, through_origin
from verify.claims.charles2019.shared.training_procedures import ORDINARY
from verify.claims.charles2019.sharp.samples import MULTICLASS
from verify.claims.charles2019.without import assumptions, offset_memorisers
from verify.claims.charles2019.without.assumptions import Rivals
from verify.claims.language import (
    Given,
    Operator,
    Proof,
    Refutation,
    Step,
    Symbolic,
    computed,
    greatest,
    identity,
    inner,
    matrices,
    mixture,
    named,
    step,
    theorem,
    told,
)
from verify.claims.relation import Side, number
from verify.drawing import laws
from verify.drawing.laws import FiniteLaw

MEMORISING, BOTH_SEEN, TINY = "memorising rules", "rules that see both samples", "tiny samples"
NEARLY = "rules that lose nearly all that they can"
CASES = (*laws.CASES, MEMORISING, BOTH_SEEN, TINY, NEARLY)
NORM_FACTORS = vector([1, "3/2", 2])  # B R


def draw(rng: Random, case: str) -> Models:
    """Return two samples of a law of the named case, with a rule trained on each."""
    if case == NEARLY:
        return _nearly(rng)
    law = laws.law(rng, case if case in laws.CASES else rng.choice(laws.CASES))
    procedures = rng.choice(ORDINARY), rng.choice(ORDINARY)
    if case == MEMORISING:
        procedures = "memoriser", "memoriser"
    elif case == BOTH_SEEN:
        procedures = rng.choice(("pooled", "saboteur")), "saboteur"
    size = rng.randint(1, 4) if case == TINY else rng.randint(20, 160)
    return _models(rng, law, size, procedures)


def _nearly(rng: Random) -> Models:
    """Return rules w_k = u / 2 and w_l = -u / 2 for the binary rules u that remember the most."""
    binary = offset_memorisers.experiment(rng, rng.randint(40, 44), 160, trials=1)
    (trial,) = binary.trials
    first, second = (
        through_origin([combine((Fraction(sign, 2), u)) for sign in (1, -1)]) for u in trial.normals
    )
    return Models(binary.law, binary.bound_squared / 4, trial.samples, (first, second))


def draw_dependent(rng: Random) -> Models:
    """Return rules that are both trained on the two samples together."""
    law = laws.law(rng, rng.choice((laws.PLANTED, laws.UNIFORM, laws.ONE_LABEL, laws.BASIS)))
    return _models(rng, law, rng.randint(20, 160), ("pooled", "pooled"))


def _models(rng: Random, law: FiniteLaw, size: int, procedures: tuple[str, str]) -> Models:
    bound = rng.choice(NORM_FACTORS) ** 2 / law.radius_squared
    first, second = law.sample(rng, size), law.sample(rng, size)
    rules = (
        multiclass_samples.train(rng, procedures[0], law, first, second, bound),
        multiclass_samples.train(rng, procedures[1], law, second, first, bound),
    )
    return Models(law, bound, (first, second), rules)


@theorem.not_needed("independent training", draw_dependent)
def prove(instance: Models) -> Proof:
    """Count with u_j = w_k - w_l as in Theorem 7, and follow the rules from the points of S."""
    reading, size = instance.reading, sum(instance.samples[0])
    loss = sample_losses.two_sample_loss(size, instance.norms)
    away = [
        (rule, x, class_of(y), combine((-y, reading.direction[0])))
        for rule in instance.rules
        for i in reading.common
        for x, y in ((reading.atoms.points[i], reading.atoms.labels[i]),)
        if rule.label(x) == class_of(y)
    ]
    steps = (
        *multiclass_samples.norm_steps(instance),
        *independent_samples.overlap_steps([reading], size, loss),
        *independent_samples.direction_steps([reading], "u", "v"),
        step(r"From a point of $S$ with $h_j(x)=k$ the gap $z_k-z_l=u_j\cdot x$ falls along $-v$, "
             r"so class $k$ is left; from one with $h_j(x)=l$ likewise along $v$. Far out the "
             r"class with the largest slope has the largest logit: in brackets are the logits $z$ "
             r"at a point of the ray beyond which the largest stays the largest.",
             *((multiclass.last_label(rf"h_{instance.rules.index(rule) + 1}({number(x)}"
                                      rf"{'-' if y == 0 else '+'}\infty v)", rule, x, way), "!=",
                named(r"\text{class of }x", y + 1))
               for rule, x, y, way in away)),
        failure_probability.evidence_step(
            int(independent_samples.fails(reading, size, loss)), 1, size
        ),
    )  # fmt: skip
    moved = [
        facts.changes(instance.rules.index(rule), x, way, multiclass.after(rule, x, way))
        for rule, x, _, way in away
    ]
    return Proof.of(
        *sample_losses.objects(size, instance.law.radius_squared, "(2B)"),
        *multiclass_samples.objects(instance),
        *steps,
        *(
            multiclass_samples.norm_certificate(r, 0, 1, instance.bound_squared)
            for r in instance.rules
        ),
        independent_samples.overlap_certificate([reading], size, instance.norms, loss),
        *independent_samples.direction_certificates(reading),
        *((facts.certificate(instance.rules, moved),) if moved else ()),
    )


@theorem.without(
    "one class for both rules",
    Rivals(
        32,
        (
            through_origin([vector(["-1/2"]), vector(["3/4"]), vector(["-1/2"])]),
            through_origin([vector(["-1/2"]), vector(["-1/2"]), vector(["3/4"])]),
        ),
    ),
    assumptions.draw_rivals,
)
def refute_rivals(instance: Rivals) -> Refutation | None:
    """Refute the bound for either class when the rules satisfy B3 for different ones."""
    chosen, n = instance.chosen, Fraction(instance.size)
    if chosen is None or chosen[0] == chosen[1] or any(instance.overlaps):
        return None
    loss = sample_losses.two_sample_loss(instance.size, 4 * instance.bound_squared)
    if loss.covers(n):
        return None
    relations: Relations = [
        (["*", "16", ["*", "bound", "size"]], "=", "root0"),
        ("argument", "=", "size"),
    ]
    return Refutation.of(
        r"Each rule satisfies B3 without error for a class of its own. For either class $l$ no "
        "point of the samples is right under both rules, while the bound is positive.",
        Given("law", "$x=1$ on the line, labelled with class $2$ or $3$; $k$ is class $1$"),
        Given("samples", f"each has ${instance.size}$ points of either class"),
        told("B^2", instance.bound_squared, r"\max|w_i|^2"),
        named("R^2", 1),
        Given("loss", r"$4BR\sqrt n+\sqrt{2n\ln n}$"),
        *(named(f"l_{j}", l + 1) for j, l in enumerate(chosen, 1)),
        step("The two rules satisfy B3 for different classes.",
             (instance.margins, ">", 1),
             (named("l_1", chosen[0] + 1), "!=", named("l_2", chosen[1] + 1))),
        step(r"$S$ is empty for either $l$.",
             (greatest(r"\max_l|S|", instance.overlaps), "=", 0)),
        step("The bound is positive: the size exceeds the loss (a rational above it).",
             (named("n", n), ">", loss.above(r"\text{loss}", [n]))),
        *instance.certificates(),
        loss.certificate({"size": n, "bound": instance.bound_squared}, relations, beyond=["size"]),
    )  # fmt: skip


# B R of the smallest sizes that are worked out, for rho = 0.
NORMS = (1, 5, 10, 30)


def sharpness() -> Proof:
    """Evaluate from which size on the bound says something, and where |u| <= 2B is attained."""
    rule = through_origin([vector([1]), vector([-1])])
    u = multiclass_samples.difference(rule, 0, 1)
    rows = [_positive(norm) for norm in NORMS]
    return Proof.of(
        named(r"\rho", 0),
        Given("rule of the last step", rule),
        named("B", 1),
        mixture("u=w_1-w_2", (1, rule.weights[0]), (-1, rule.weights[1])),
        *(row for row, _ in rows),
        step(r"$w_l=-w_k$ attains $|u|=2B$: here $w_k=1$ and $w_l=-1$ on the line, $B=1$.",
             (inner("|u|^2", u, u), "=", computed("(2B)^2", "(2 * b)**2", b=1))),
        multiclass_samples.norm_certificate(rule, 0, 1, Fraction(1)),
        *(one for _, found in rows for one in found),
    )  # fmt: skip


def _positive(norm: int) -> tuple[Step, list[Certificate]]:
    """Return from which sizes on the two bounds are positive for a B R, with rho = 0."""
    relations: list[tuple[Side, Operator, Side]] = []
    found, sizes = [], []
    for factor in (sample_losses.PRINTED, sample_losses.TWO_SAMPLE):
        n = sample_losses.smallest_positive_size(Fraction(0), Fraction(4 * norm**2), factor)
        sizes.append(n)
        for size in (n, n - 1):
            loss = sample_losses.loss(size, Fraction(4 * norm**2), factor)
            bound = loss.above if size == n else loss.below
            lost = bound(sample_losses.written(factor, "(2B)"), [Fraction(size)])
            relations.append((named("n", size), ">" if size == n else "<=", lost))
            found.append(_sign(size, norm, factor))
    return step(
        rf"For $\rho=0$ and $BR={norm}$ the bound is positive from n = {sizes[0]} on as printed, "
        f"from {sizes[1]} in the sharp form.",
        *relations,
    ), found


def _sign(size: int, norm: int, factor: int) -> Certificate:
    """Certify whether n exceeds the loss for a B R."""
    loss = sample_losses.loss(size, Fraction(4 * norm**2), factor)
    name = "size"
    relations: Relations = [
        (["*", str(16 * norm**2), "size"], "=", "root0"),
        (["*", str(factor), "size"], "=", "deviation0"),
        ("argument", "=", "size"),
    ]
    if loss.covers(Fraction(size)):
        return loss.certificate({name: size}, relations, within=[name])
    return loss.certificate({name: size}, relations, beyond=[name])


def symbolic() -> Symbolic:
    """Prove that the gap of the logits falls at the rate u.v along -v."""
    w, z, x, v = matrices("w z x v", "d")
    u, c = w - z, sympy.Symbol("c")
    yield identity(
        "The gap of the two logits falls linearly.",
        r"(w_k-w_l)\cdot(x-cv)=(w_k-w_l)\cdot x-c\,(w_k-w_l)\cdot v",
        "all dimensions", u.T * (x - c * v), u.T * x - c * u.T * v,
    )  # fmt: skip


EXAMPLE = Models(
    FiniteLaw.of([[1, 0], [0, 1], [0, 1]], [1, 1, -1], [14, 3, 3]),
    Fraction(1),
    ((64, 15, 11), (62, 12, 16)),
    (
        through_origin([vector(["3/5", "4/5"]), vector(["-4/5", "-3/5"]), vector([0, "1/2"])]),
        through_origin([vector(["4/5", "-3/5"]), vector([-1, 0]), vector(["-1/2", 0])]),
    ),
)

CLAIM = theorem(__name__, sharp=MULTICLASS)
