"""Classes that never win: what happens to statements about regions when a region is empty."""

from fractions import Fraction

from certify import certificates
from certify.numbers.rationals import combine, dot
from verify.claims.claim import Refutation, step
from verify.claims.zou2018.shared import regions
from verify.objects import SoftmaxHead


def refute(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute when the class has no point at all, so its region does not extend to infinity."""
    i = region
    polyhedron = regions.polyhedron(head, i)
    shares = polyhedron.is_empty().multipliers
    if shares is None:
        return None
    slopes = combine(*zip(shares, polyhedron.matrix, strict=True))
    bound = dot(shares, polyhedron.right_side)
    return Refutation.of(
        "The class never has the largest logit: a mixture of the others always exceeds it, so its "
        "region is empty and nothing of it reaches infinity.",
        step("A combination of the inequalities of the region has no unknowns left ...",
             (slopes, "=", (Fraction(0),) * head.features)),
        step("... and asks a negative number to be at least 0.", (bound, "<", 0)),
        certificates.decision_region(head, i, polyhedron.bounded()),
    )  # fmt: skip
