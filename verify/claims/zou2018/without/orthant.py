"""Features that are never negative: a space of invariant directions none of which stays inside."""

from fractions import Fraction
from random import Random

from certify import invariant_directions, linear_program
from certify.programs.linear_program import LinearProgramResult
from verify.claims.claim import Refutation, step
from verify.claims.relation import Named, mixture
from verify.claims.zou2018.shared import regions
from verify.drawing import layers
from verify.objects import SoftmaxHead

# l > m, and w_1 - w_2 has positive entries only.
EXAMPLE = SoftmaxHead.of([[1, 0], [1, 0], [1, 0]], [0, 0])


def draw(rng: Random) -> SoftmaxHead:
    """Return a layer with two classes and three features, or three and four."""
    m = rng.randint(2, 3)
    return layers.small_head(rng, m + 1, m)


def draw_any_layer(rng: Random) -> SoftmaxHead:
    """Return a layer with two or three classes and as many features, or one more."""
    m = rng.randint(2, 3)
    return layers.small_head(rng, m + rng.randint(0, 1), m)


def escape(head: SoftmaxHead) -> LinearProgramResult:
    """Look for an invariant direction d >= 0 with sum 1: feasible, or refuted by Farkas."""
    rows = [*regions.differences(head), (1,) * head.features]
    right_side = [*([0] * (head.classes - 1)), 1]
    return linear_program([0] * head.features, equalities=(rows, right_side), nonnegative=True)


def refute(head: SoftmaxHead) -> Refutation | None:
    """Refute when invariant directions exist and each of them leaves the nonnegative features."""
    space = invariant_directions(head.weights)
    if space.dimension == 0:
        return None
    answer = escape(head)
    if answer.multipliers is None or answer.status != "infeasible":
        return None
    *coefficients, _ = answer.multipliers.equalities
    terms = list(zip(coefficients, regions.differences(head), strict=True))
    positive = mixture(r"v=\sum_ic_i(w_i-w_m)", *terms)
    zero = (Fraction(0),) * head.features
    h, i = zero, head.bias.index(max(head.bias))
    return Refutation.of(
        "Invariant directions exist, and none of them keeps the features nonnegative, not even for "
        r"$\theta\ge0$ only: a combination $v$ of the $w_i-w_m$ has only positive entries, so "
        r"$v\cdot d>0$ for every $d\ge0$ except $0$, while $v\cdot d=0$ on $D$.",
        *(Named(f"d_{{{k}}}", d) for k, d in enumerate(space.basis, 1)),
        Named("c", tuple(coefficients)),
        step("There are invariant directions: all combinations of the $d_k$.",
             (regions.free_dimension(head, space), ">", 0)),
        step("A combination of the differences has only positive entries.", (positive, ">", zero)),
        step("The features $0$ are allowed, and a class has the largest logit there.",
             (regions.smallest_gap(regions.least_gap(i + 1, "0"), head, i, h), ">=", 0)),
        space.certificate, answer.certificate,
    )  # fmt: skip
