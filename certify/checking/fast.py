"""The checker with the arithmetic of others, for certificates that keep it busy for minutes.

:mod:`certify.checking.checker` multiplies matrices and eliminates a minor of a thousand rows with
nothing but the standard library to trust. Here the same rules, in a second instance of that module,
compute with FLINT where there is much to compute, and bounds of networks with NumPy; so these two,
and the BLAS of NumPy, have to be trusted besides.
"""

import importlib.util
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import Any

import flint

from certify.checking import checker

FEW = 2_000  # products that are as fast without FLINT
LITTLE = 300_000  # work on bounds that is as fast without NumPy
MUCH = 20_000_000  # entries of lists, all as long as the longest
AT_ONCE = 1_000_000  # numbers that are copied for FLINT


def _rules() -> Any:
    """Return another instance of the checker, which refuses with the exceptions of the first."""
    spec = importlib.util.spec_from_file_location(f"{__name__}_rules", checker.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_exact = _rules()


class Matrix(_exact.Matrix):  # type: ignore[misc, name-defined]
    """A matrix that FLINT multiplies with many vectors; for a single one it would copy too much."""

    asked = False

    @cached_property
    def turned(self) -> Any:
        """The transposed matrix as one of FLINT."""
        return flint.fmpz_mat(len(self), self.columns, list(chain(*self.n))).transpose()

    def images(self, vectors: Iterable[Sequence[int]]) -> list[list[int]]:
        """Return the products of all rows with each of some vectors of integers."""
        waiting, found = iter(vectors), []
        block = list(islice(waiting, 2))
        if len(self) * self.columns < FEW or (len(block) < 2 and not self.asked):
            self.asked = True
            return super().images(chain(block, waiting))  # type: ignore[no-any-return]
        while block:
            table = flint.fmpz_mat(len(block), self.columns, list(chain(*block))) * self.turned
            found += [list(map(int, row)) for row in table.tolist()]
            block = list(islice(waiting, max(1, AT_ONCE // self.columns)))
        return found


def eliminated(block: list[list[int]], modulus: int) -> Any:
    """Eliminate a square block modulo a number; every pivot has to be invertible."""
    if len(block) ** 2 >= FEW and flint.fmpz(modulus).is_prime():
        flat = list(chain(*block))
        if flint.nmod_mat(len(block), len(block), flat, modulus).rank() == len(block):
            return _exact.Relation(True, "")
    return _in_turn(block, modulus)  # which says where it stops


class Region(_exact.Region):  # type: ignore[misc, name-defined]
    """A box and the network on it, which is kept as it is written."""

    def __init__(self, instance: Any, evidence: Any) -> None:
        super().__init__(instance, evidence)
        self.written, self.evidence = instance.value["nodes"], evidence


def bounds(region: Region, claims: Sequence[Any], every: bool) -> Iterator[tuple[str, Any, int]]:
    """Yield what the rule does of each leaf that is not empty, from many of them at once."""
    lists = [node.lists for node in region.nodes if node.lists]
    table = max((len(x) * max(map(len, x)) for x in lists), default=0)  # as NumPy holds them
    leaves = sum(len(claim.leaves) for claim in claims)
    improved = sum(
        2 * (region.sizes[k] if entries is None else len(entries)) * region.works[k]
        for k, entries in region.refined.items()
    )
    work = region.works[-1] * leaves + improved * (leaves if every else 1)
    if work < LITTLE or table > MUCH:
        yield from _in_order(region, claims, every)
        return
    from certify.checking import fast_bounds

    for leaf, (bound, bent, _) in fast_bounds.bounds(region, claims, every):
        if bound is not None:
            slopes = bent if leaf.slopes is None else len(leaf.slopes)
            yield leaf.where, _exact.exact(slopes) == bent, bound


_in_turn, _in_order = _exact.eliminated, _exact.bounds
_exact.Matrix, _exact.eliminated = Matrix, eliminated
_exact.Region, _exact.bounds = Region, bounds
_exact.Rejected, _exact.Malformed = checker.Rejected, checker.Malformed
check, Field = _exact.check, _exact.Field
