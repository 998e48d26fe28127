"""Classes that never win: what happens to statements about regions when a region is empty."""

from fractions import Fraction

from certify import certificates
from verify.claims.claim import Refutation, step
from verify.claims.relation import Named, inner, mixture
from verify.claims.zou2018.shared import regions
from verify.objects import SoftmaxHead


def refute(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute when the class has no point at all, so its region is bounded."""
    i = region
    polyhedron = regions.polyhedron(head, i)
    shares = polyhedron.is_empty().multipliers
    if shares is None:
        return None
    slopes = mixture(r"\sum_j\lambda_j(w_j-w_i)", *zip(shares, polyhedron.matrix, strict=True))
    bound = inner(r"\sum_j\lambda_j(b_i-b_j)", shares, polyhedron.right_side)
    return Refutation.of(
        "The class never has the largest logit: a mixture of the others always exceeds it, so its "
        "region is empty, and so bounded.",
        Named(r"(\lambda_j)_{j\neq i}", shares),
        step(r"A combination, with $\lambda\ge0$, of the inequalities of the region has no "
             "unknowns left ...",
             (slopes, "=", (Fraction(0),) * head.features)),
        step("... and asks a negative number to be at least 0.", (bound, "<", 0)),
        certificates.decision_region(head, i, polyhedron.bounded()),
    )  # fmt: skip
