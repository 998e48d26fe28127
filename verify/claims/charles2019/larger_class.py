r"""Abstract, Sections 2 and 8: More models, fewer directions that serve all of them

Printed: We further show that adversarial directions for ReLU networks transfer to linear
    classifiers while the reverse need not hold, suggesting that adversarial perturbations for more
    complex models are more likely to transfer to other classifiers.
Statement: Let every rule of $F$ belong to $G$. A direction that is adversarial at all points
    labelled -1 for all rules of $G$ is so for all of $F$: $U(G)\subseteq U(F)$.
Verdict: not a statement. Neither more complex nor more likely has a meaning in it. What stands
    behind it is true and says the same of any two classes: what serves all rules of a class serves
    those of a smaller one. Of a perturbation made for one complex model it says nothing.
Reading: A suggestion that rests on the sentence before, and that is on directions which serve all
    accurate rules of a class.
Needs all rules: The direction serves all rules of the larger class.
    Without it: A direction that serves one rule need not serve another one of the same class.
Sharp: For finitely many linear rules $F$, none constant, with $U(F)$ not empty, one more rule with
    a normal $w\neq0$ takes no direction away, $U(F\cup\{w\})=U(F)$, exactly when $w$ is a
    combination of the normals in $F$ with weights that are not negative.
    Rests on: Coq in part larger_class. $U(F)$ holds the $v$ with $w_i\cdot v>0$ for all normals
        $w_i$. If $w$ is such a combination, $w\cdot v>0$ on $U(F)$. Otherwise some $v$ has
        $w_i\cdot v\ge0$ and $w\cdot v<0$ (Farkas), and a little of an element of $U(F)$ added to
        $v$ makes $w_i\cdot v>0$.
    Overstated: More rules need not leave fewer directions: a mixture of two rules of the class
        takes none away.
Quantifier: for all directions at once by the weights; on sampled families of rules
Uses: charles-linear-same-label, charles-abstract-transfer
The idea: A key that opens all doors of a house opens all doors of one floor. It says nothing about
    a key that was made for one door.
Why it is true: It is logic: for all of many says more than for all of few. The theorems give the
    two sets exactly, for [networks and linear rules](charles-abstract-transfer.html), and the
    smaller one is that of the networks.
Before you use it: The suggestion goes further. A perturbation is made for *one* trained network,
    and the class argument does not speak of it: [one network can be fooled where no linear rule
    is](charles-abstract-transfer.html). Whether such ones transfer more often is a question for an
    experiment, and [the experiment](experiments.html#transfer) counts them.

    Section 7 adds that classifiers with more capacity *seem* more resistant to attacks. That is an
    observation on trained networks, taken from another paper, and has no entry: no class of rules
    is named, and no step is bounded. What is proved of classes does not say it: fewer directions
    serve all rules of a larger class, but those that do serve all of the smaller one as well.
"""

from fractions import Fraction
from random import Random

from certify import linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, dot, rows, vector
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.claim import Proof, Refutation, step
from verify.claims.language import Named, counted, theorem
from verify.claims.relation import inner, least, mixture, named
from verify.drawing import numbers, small
from verify.objects import LinearRule, is_adversarial

GENERIC, NESTED, SINGLE = "generic", "three classes in a row", "one rule in the smaller class"
CASES = (GENERIC, NESTED, SINGLE)


def draw(rng: Random, case: str) -> tuple[tuple[LinearRule, ...], int, Vector, Vector]:
    """Return rules that grow along a direction, how many are of the smaller class, a -1 point."""
    d, count = rng.randint(1, 3), rng.randint(2, 5)
    v, x = numbers.nonzero_vector(rng, d), numbers.vector(rng, d)
    rules = []
    for _ in range(count):
        w = numbers.vector(rng, d)
        w = combine((1, w), ((numbers.positive(rng) - dot(w, v)) / dot(v, v), v))
        rules.append(LinearRule(w, -dot(w, x) - numbers.positive(rng)))
    few = 1 if case == SINGLE else rng.randint(1, count - 1 if case == NESTED else count)
    return tuple(rules), few, v, x


def _size(name: str, count: int) -> Named:
    return counted(name, [f"h_{i}" for i in range(1, count + 1)])


def prove(rules: tuple[LinearRule, ...], smaller: int, direction: Vector, point: Vector) -> Proof:
    """Evaluate the direction on all rules, and on the first ones, which are the smaller class."""
    v, x = direction, point
    steps = [-rule.value(x) / (dot(rule.normal, v) or 1) + 1 for rule in rules]
    found = [facts.label(i, x, -1) for i in range(len(rules))]
    found += [facts.changes(i, x, v, c) for i, c in enumerate(steps)]
    return Proof.of(
        step("All rules of $G$ label $x$ as -1 and grow along $v$, so it turns all of them.",
             ([labelled("h_#(x)", rule, x) for rule in rules], "=", -1),
             ([inner(f"w_{i}\\cdot v", rule.normal, v) for i, rule in enumerate(rules, 1)],
              ">", 0)),
        step("The rules of $F$ are among them.",
             (_size("|F|", smaller), ">=", 1),
             (_size("|F|", smaller), "<=", _size("|G|", len(rules)))),
        step(r"So it turns all of $F$, at the steps $c_i=1-(w_i\cdot x+b_i)/(w_i\cdot v)$.",
             ([labelled("h_#(x+c_#v)", rule, combine((1, x), (c, v)))
               for rule, c in zip(rules[:smaller], steps, strict=False)], "=", 1)),
        facts.certificate(rules, found),
    )  # fmt: skip


EXAMPLE = (
    (LinearRule.of([1, 0], -1), LinearRule.of([1, 1], -2), LinearRule.of([2, -1], -1)),
    2,
    vector([1, 0]),
    vector([0, 0]),
)


def draw_two(rng: Random) -> tuple[LinearRule, LinearRule, Vector, Vector]:
    """Return two small rules in the plane, a direction and a point."""
    first, second = (small.rule(rng, 2, 2) for _ in range(2))
    return first, second, small.vector(rng, 2, 1), small.vector(rng, 2, 1)


@theorem.without(
    "all rules",
    (LinearRule.of([1, 0], -1), LinearRule.of([0, 1], -1), vector([1, 0]), vector([0, 0])),
    draw_two,
)
def refute_one(
    first: LinearRule, second: LinearRule, direction: Vector, point: Vector
) -> Refutation | None:
    """Refute when the direction turns the first rule and not the second, both -1 at the point."""
    v, x = direction, point
    if [first.label(x), second.label(x)] != [-1, -1] or not is_adversarial(first, x, v):
        return None
    if is_adversarial(second, x, v):
        return None
    c = -first.value(x) / dot(first.normal, v) + 1
    return Refutation.of(
        "Both rules label the point as -1; the direction turns the first and not the second.",
        step("The first grows along it and the second does not.",
             (inner(r"w_1\cdot v", first.normal, v), ">", 0),
             (inner(r"w_2\cdot v", second.normal, v), "<=", 0)),
        facts.certificate([first, second], [facts.label(0, x, -1), facts.label(1, x, -1),
                                            facts.changes(0, x, v, c), facts.keeps(1, x, v)]),
    )  # fmt: skip


# The sharp form: weights for the new normal, against a direction that it takes away.
MIXED, EDGE, ANY = "mixture of the others", "mixture with one negative weight", "any other rule"


def draw_family(rng: Random, case: str) -> tuple[Rows, Vector]:
    """Return normals that grow along a common direction, and one more."""
    d = rng.randint(1, 3)
    v = numbers.nonzero_vector(rng, d)
    normals = []
    for _ in range(rng.randint(1, 4)):
        w = numbers.vector(rng, d)
        normals.append(combine((1, w), ((numbers.positive(rng) - dot(w, v)) / dot(v, v), v)))
    if case == ANY:
        return tuple(normals), numbers.vector(rng, d)
    weights = [numbers.positive(rng) for _ in normals]
    if case == EDGE:
        weights[0] = -weights[0] * Fraction(1, rng.choice((1, 100)))
    return tuple(normals), combine(*zip(weights, normals, strict=True))


def lost(normals: Rows, extra: Vector) -> tuple[Vector | None, Certificate]:
    """Return a direction along which all normals grow, by 1 at least, and the extra does not."""
    constraints = [combine((-1, w)) for w in normals] + [extra]
    found = linear_program([0] * len(extra), (constraints, [-1] * len(normals) + [0]))
    return found.x, found.certificate


@theorem.sharp((MIXED, EDGE, ANY), draw_family)
def decide(normals: Rows, extra: Vector) -> Proof:
    """Look for the weights, and for a direction that is taken away."""
    weights = accurate_rules.combination(normals, extra)
    direction, certificate = lost(normals, extra)
    mixed = weights.found is not None and any(extra)
    return Proof.of(
        step("Some direction along which all grow is taken away exactly when the normal is no "
             "mixture, or 0.",
             (int(direction is not None), "=", int(not mixed))),
        weights.certificate, certificate,
    )  # fmt: skip


@theorem.overstated(
    (LinearRule.of([1, 0], -1), LinearRule.of([0, 1], -1), vector([1, 1]), vector([0, 0])), draw_two
)
def refute_fewer(
    first: LinearRule, second: LinearRule, direction: Vector, point: Vector
) -> Refutation | None:
    """Refute that the sum of two rules takes a direction away, where the two differ."""
    mixed = combine((1, first.normal), (1, second.normal))
    normals = (first.normal, second.normal)
    if lost(normals, combine((0, mixed)))[0] is None or first.normal == second.normal:
        return None
    direction_lost, certificate = lost(normals, mixed)
    if direction_lost is not None:
        return None
    return Refutation.of(
        "With the rule whose normal is the sum of the two, no direction is lost that served both.",
        step(
            r"Its normal differs from those of both; where $w_1\cdot v>0$ and $w_2\cdot v>0$, also "
            r"$(w_1+w_2)\cdot v>0$.",
            *(
                (mixture("w_1+w_2", (1, first.normal), (1, second.normal)), "!=", named(name, w))
                for name, w in (("w_1", first.normal), ("w_2", second.normal))
            ),
        ),
        certificate,
    )


def sharpness() -> Proof:
    """Evaluate a family that loses a direction by one more rule, and one that does not."""
    normals = rows([[1, 0], [0, 1]])
    inside, outside = vector([1, 2]), vector([1, -1])
    weights = accurate_rules.combination(normals, inside)
    _, no_direction = lost(normals, inside)
    taken, direction = lost(normals, outside)
    a = weights.found or vector([0, 0])
    v = taken or vector([0, 0])
    return Proof.of(
        *(Named(f"w_{i}", w) for i, w in enumerate(normals, 1)),
        Named("w", inside), Named("a", a), Named("w'", outside), Named("v", v),
        step(r"$w$ is a mixture of $w_1$ and $w_2$, and takes no direction away: where $w_i\cdot "
             r"v>0$ for both, $w\cdot v=\sum a_iw_i\cdot v>0$.",
             (mixture(r"a_1w_1+a_2w_2", *zip(a, normals, strict=True)), "=",
              named("w", inside)),
             (least(r"\min_ia_i", a), ">=", 0)),
        step("$w'$ is none, and takes $v$ away.",
             ([inner(f"w_{i}\\cdot v", w, v) for i, w in enumerate(normals, 1)], ">", 0),
             (inner(r"w'\cdot v", outside, v), "<=", 0)),
        weights.certificate, no_direction, direction,
    )  # fmt: skip


CLAIM = theorem(__name__)
