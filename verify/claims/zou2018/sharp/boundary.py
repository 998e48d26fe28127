"""When the boundary of a softmax layer is thin, decided on drawn layers by two ways."""

from fractions import Fraction
from itertools import combinations
from random import Random

from certify import certificates
from certify.certificates import facts
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.zou2018.shared import regions
from verify.drawing import heads, layers
from verify.objects import SoftmaxHead

ON_TOP, BELOW, DIFFERENT = "equal logits on top", "equal logits below others", "different logits"
EDGE = "equal logits on top, on no open set"


def draw_equal(rng: Random, case: str) -> SoftmaxHead:
    """Return a layer with two classes of one logit, which wins on an open set or not, or none."""
    while True:
        if case == DIFFERENT:
            head = heads.softmax_head(rng, rng.choice(heads.CASES))
        else:
            shape = (1, 4) if case == EDGE else (rng.randint(1, 3), rng.randint(2, 5))
            head = layers.small_head(rng, *shape)
            w, b = list(regions.columns(head)), list(head.bias)
            w[0], b[0] = w[-1], b[-1]
            head = layers.of_columns(w, b)
        if _kind(head) == case:
            return head


def _kind(head: SoftmaxHead) -> str:
    if not (pairs := equal_pairs(head)):
        return DIFFERENT
    if thick(head):
        return ON_TOP
    return BELOW if all(regions.polyhedron(head, i).is_empty() for i, _ in pairs) else EDGE


def equal_pairs(head: SoftmaxHead) -> list[tuple[int, int]]:
    """Return the pairs of classes with the same logit function."""
    lifted = [(*w, b) for w, b in zip(regions.columns(head), head.bias, strict=True)]
    return [(i, j) for i, j in combinations(range(head.classes), 2) if lifted[i] == lifted[j]]


def thick(head: SoftmaxHead) -> list[int]:
    """Return one class of each equal pair whose region has interior."""
    return [
        i for i, _ in equal_pairs(head) if regions.polyhedron(head, i).interior_point() is not None
    ]


def decide_thin(head: SoftmaxHead) -> Proof:
    """Compare the dimensions of all pieces with equal logits that are largest on an open set."""
    regions.require_two_classes(head)
    l, m = head.features, head.classes
    pieces = {p: regions.boundary_piece(head, *p) for p in combinations(range(m), 2)}
    fan = layers.of_columns(
        [(Fraction(k), *[Fraction(0)] * (l - 1)) for k in range(m)], [Fraction(0)] * m
    )
    thin = max(piece.dimension() for piece in pieces.values()) <= l - 1
    shapes = (
        certificates.decision_region(head, i, regions.polyhedron(head, i).bounded())
        for i in sorted({i for pair in equal_pairs(head) for i in pair} or {0})
    )
    return Proof.of(
        step(r"The pieces have dimension at most $l-1$ exactly when no two classes share a logit "
             "that is the largest on an open set (1 for yes, 0 for no).",
             (int(thin), "=", int(not thick(head)))),
        step(r"In every shape some layer has $m(m-1)/2$ pieces of dimension $l-1$: weights "
             r"$0,e_1,2e_1,\dots$ without bias.",
             ([regions.boundary_piece(fan, *p).dimension() for p in pieces], "=", l - 1)),
        *shapes, *(piece.is_empty().certificate for piece in pieces.values()),
    )  # fmt: skip


def refute_any_equal(head: SoftmaxHead) -> Refutation | None:
    """Refute that two equal logits make the boundary thick: neither is ever the largest."""
    equal = equal_pairs(head)
    shapes = {i: regions.polyhedron(head, i).bounded() for pair in equal for i in pair}
    if not equal or any(shape.point is not None for shape in shapes.values()):
        return None
    named: dict[str, Fraction | int] = {}
    for i in shapes:
        named |= {f"w{i}_{k}": x for k, x in enumerate(head.class_weights(i))}
        named[f"b{i}"] = head.bias[i]
    same = [
        (f"{name}{i}{end}", "=", f"{name}{j}{end}")
        for i, j in equal
        for name, end in [("b", ""), *(("w", f"_{k}") for k in range(head.features))]
    ]
    pieces = [regions.boundary_piece(head, *p) for p in combinations(range(head.classes), 2)]
    return Refutation.of(
        "Two classes have one logit, which is nowhere the largest, and the boundary is thin.",
        step(r"Every piece has dimension at most $l-1$.",
             ([piece.dimension() for piece in pieces], "<=", head.features - 1)),
        facts.arithmetic(named, same),
        *(certificates.decision_region(head, i, shape) for i, shape in shapes.items()),
    )  # fmt: skip


THIN = SharpForm((ON_TOP, BELOW, EDGE, DIFFERENT), draw_equal, decide_thin, Counterexample(
    "Two classes with one logit do not make the boundary thick when neither ever wins.",
    SoftmaxHead.of([[0, 0, 0]], [0, 0, 1]), refute_any_equal,
    lambda rng: layers.small_head(rng, 1, rng.randint(2, 3)),
))  # fmt: skip
