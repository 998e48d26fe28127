"""The exact words on what the assumptions force, and on the ratio of two sizes."""

from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared import multiclass_samples
from verify.claims.charles2019.shared.multiclass_samples import through_origin
from verify.claims.charles2019.without import assumptions
from verify.claims.charles2019.without.assumptions import BadOutcomes
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.relation import computed, inner, named
from verify.drawing import numbers
from verify.objects import ArgmaxRule, square

ONE = Fraction(1)
EQUAL, LONGER = "B R = 1", "B R above 1"
TWICE, SHORTER = "opposite weights of full length", "other weights"
OBTUSE = "equally long, at an obtuse angle, not opposite"
ENDS, INSIDE = "counts at the ends of their band", "counts inside the band"


def draw_confident(rng: Random, case: str) -> tuple[Vector, Vector]:
    """Return a confident rule, no longer than it must be in half of the cases."""
    while True:
        d = rng.randint(1, 4)
        x, w = numbers.nonzero_vector(rng, d), numbers.vector(rng, d)
        if case == EQUAL:
            return combine((1 / dot(x, x), x)), x
        if dot(w, x) >= 1 and dot(w, w) * dot(x, x) > 1:
            return w, x


def decide_confident(normal: Vector, point: Vector) -> Proof:
    """Compare |w|^2 |x|^2 = 1 with w being the point divided by its square."""
    w, x = normal, point
    product, shortest = dot(w, w) * dot(x, x), combine((1 / dot(x, x), x))
    entries: dict[str, Fraction | int] = {f"w{k}": c for k, c in enumerate(w)}
    entries |= {f"x{k}": c for k, c in enumerate(x)}
    squares = {
        name: ["+", *(["^", f"{name}{k}", "2"] for k in range(len(x)))] for name in ("w", "x")
    }
    margin = ["+", *(["*", f"w{k}", f"x{k}"] for k in range(len(x)))]
    relations = [("1", "<=", margin), ("1", "<=", ["*", squares["w"], squares["x"]])]
    return Proof.of(
        step(r"$y\,w\cdot x\geq1$, and $|w|^2|x|^2\geq1$.", (inner(r"w\cdot x", w, x), ">=", 1),
             (named("|w|^2|x|^2", product), ">=", 1)),
        step(r"It is $1$ exactly when $w=yx/|x|^2$ (1 for yes, 0 for no).",
             (named("[|w|^2|x|^2=1]", int(product == 1)), "=",
              named("[w=yx/|x|^2]", int(w == shortest)))),
        facts.arithmetic(entries, relations),
    )  # fmt: skip


def draw_pair(rng: Random) -> tuple[Vector, Vector]:
    """Return a rule and a point with small integers, in dimension 1 or 2."""
    d = rng.randint(1, 2)
    w, x = (tuple(Fraction(rng.randint(-2, 2)) for _ in range(d)) for _ in range(2))
    return w, x


def refute_margin_one(normal: Vector, point: Vector) -> Refutation | None:
    """Refute that a margin of exactly 1 makes B R = 1."""
    w, x = normal, point
    if dot(w, x) != 1 or dot(w, w) * dot(x, x) == 1:
        return None
    proof = decide_confident(normal, point)
    return Refutation.of(
        r"The margin is exactly $1$, and $BR>1$: the rule is not along the point.",
        step(r"$|w|^2|x|^2>1=w\cdot x$.", (inner(r"w\cdot x", w, x), "=", 1),
             (computed("|w|^2|x|^2", "w * x", w=dot(w, w), x=dot(x, x)), ">", 1)),
        *proof.certificates,
    )  # fmt: skip


LENGTHS = SharpForm((EQUAL, LONGER), draw_confident, decide_confident, Counterexample(
    r"A margin of exactly $1$ does not make $BR=1$.",
    (vector([1, 1]), vector([1, 0])), refute_margin_one, draw_pair,
))  # fmt: skip


def draw_choice(rng: Random, case: str) -> tuple[tuple[Vector, Vector], BadOutcomes]:
    """Return two weights, opposite or not, and random bad outcomes."""
    d = rng.randint(2 if case == OBTUSE else 1, 3)
    first = numbers.nonzero_vector(rng, d)
    second = combine((-1, first)) if case == TWICE else numbers.vector(rng, d)
    if case == SHORTER and second == combine((-1, first)):
        second = first
    if case == OBTUSE:
        second = _obtuse(rng, first)
    return (first, second), assumptions.draw_bad_outcomes(rng)


def _obtuse(rng: Random, first: Vector) -> Vector:
    """Return a mirror image of w at an obtuse angle to it, and not opposite."""
    while True:
        axis = numbers.nonzero_vector(rng, len(first))
        along = dot(axis, first) / dot(axis, axis)
        second = combine((-2 * along, axis), (1, first))
        if dot(first, second) < 0 and second != combine((-1, first)):
            return second


def decide_choice(weights: tuple[Vector, Vector], outcomes: BadOutcomes) -> Proof:
    """Compare |u| = 2B with opposite weights, and the union of bad events with disjoint ones."""
    w, v = weights
    u, bound = combine((1, w), (-1, v)), max(dot(w, w), dot(v, v))
    bad, table = outcomes, [set(events) for events in outcomes.bad]
    classes, largest = len(table), bad.fixed
    apart = sum(map(len, table)) == len(set().union(*table))
    steps = (
        step(r"$|u|\leq2B$, and $|u|=2B$ exactly when $w_l=-w_k$ (1 for yes, 0 for no).",
             (dot(u, u), "<=", 4 * bound),
             (int(dot(u, u) == 4 * bound), "=", int(v == combine((-1, w))))),
        step(r"Choosing $l$ afterwards multiplies the failure probability by $K-1$ at most, and by "
             "exactly that when the bad events are disjoint and equally likely, and only then.",
             (bad.afterwards, "<=", classes * largest),
             (int(bad.afterwards == classes * largest), "=",
              int(apart and len({len(events) for events in table}) == 1))),
    )  # fmt: skip
    norms = multiclass_samples.norm_certificate(through_origin([w, v]), 0, 1, bound)
    rows = [[str(int(o in events)) for events in table] for o in range(bad.outcomes)]
    union = ["+", *(["max", *row] for row in rows)]
    most = ["max", *(["+", *column] for column in zip(*rows, strict=True))]
    counts = facts.arithmetic({"classes": classes}, [(union, "<=", ["*", "classes", most])])
    return Proof.of(*steps, norms, counts)


def draw_counted(rng: Random) -> tuple[Vector, int, ArgmaxRule]:
    """Return a point of the line, one of two classes, and a rule with weights in quarters."""
    weights = [(Fraction(rng.randint(-4, 4), 4),) for _ in range(2)]
    return vector([rng.randint(-2, 2)]), rng.randint(0, 1), through_origin(weights)


def refute_length_one(point: Vector, label: int, rule: ArgmaxRule) -> Refutation | None:
    """Refute that a counted point needs B R > 1."""
    x, y = point, label
    longest = max(square(w) for w in rule.weights)
    if not multiclass_samples.confident(rule, 0, 1, x, y) or longest * square(x) > 1:
        return None
    entries: dict[str, Fraction | int] = {"k": rule.weights[0][0], "l": rule.weights[1][0]}
    entries["x"] = x[0]
    product = ["*", ["max", ["^", "k", "2"], ["^", "l", "2"]], ["^", "x", "2"]]
    return Refutation.of(
        r"B3 counts the point, and $BR\leq1$: the two weights share the work.",
        *assumptions.CLASSES,
        step(r"$B^2R^2\leq1$, with a margin above $1$.",
             (computed("B^2R^2", "b * r", b=longest, r=square(x)), "<=", 1),
             (multiclass_samples.named_margin(r"\pm u\cdot x", rule, 0, 1, x, y), ">", 1)),
        facts.certificate([rule], [facts.label(0, x, y)]),
        facts.arithmetic(entries, [
            (product, "<=", "1"), ("1", "<", ["abs", ["*", ["-", "k", "l"], "x"]]),
        ]),
    )  # fmt: skip


TWICE_AS_LONG = SharpForm((TWICE, SHORTER, OBTUSE), draw_choice, decide_choice, Counterexample(
    r"A counted point does not need $BR>1$.",
    (vector([1]), 0, through_origin([vector(["3/4"]), vector(["-3/4"])])),
    refute_length_one, draw_counted,
))  # fmt: skip
