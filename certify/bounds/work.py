"""How much the checker does for a proof, as it counts that itself."""

from fractions import Fraction

from certify.checking import checker
from certify.networks.graph import Network
from certify.numbers.rationals import texts

MOST = checker.MAX_PRODUCTS * 9 // 10  # of one certificate
ROUND = 64  # bits to which lengths of boxes are rounded up: the work hardly depends on them


def read(network: Network, bits: int) -> checker.Region:
    """Return what the checker makes of a network on a box: it knows the work of a bound there.

    The ends of the box, on its grid, are so long; it is another box, so that few are read of each
    network.
    """
    return network.once(_read, -(-bits // ROUND) * ROUND)


def _read(network: Network, bits: int) -> checker.Region:
    end = texts([Fraction(1, 1 << bits), *[Fraction(0)] * (network.inputs - 1)])
    instance = checker.Field({"nodes": network.to_json(), "lower": end, "upper": end}, "")
    instance.budget = checker.MAX_PRODUCTS
    return checker.Region(instance, checker.Field({"grid": 0, "bits": 0, "refine": []}, ""))
