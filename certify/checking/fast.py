"""The checker with the arithmetic of python-flint, for certificates that keep it busy for minutes.

:mod:`certify.checking.checker` multiplies matrices and eliminates a minor of a thousand rows with
nothing but the standard library to trust. Here the same rules, in a second instance of that module,
compute with FLINT where there is much to compute; so python-flint has to be trusted besides.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

import flint

from certify.checking import checker

FEW = 2_000  # products that are as fast without FLINT
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
    """A matrix whose products FLINT computes, where they are many."""

    def images(self, vectors: Iterable[Sequence[int]]) -> list[list[int]]:
        """Return the products of all rows with each of some vectors of integers."""
        if len(self) * self.columns < FEW:
            return super().images(vectors)  # type: ignore[no-any-return]
        columns = flint.fmpz_mat(len(self), self.columns, list(chain(*self.n))).transpose()
        vectors, found = iter(vectors), []
        while block := list(islice(vectors, max(1, AT_ONCE // self.columns))):
            table = flint.fmpz_mat(len(block), self.columns, list(chain(*block))) * columns
            found += [list(map(int, row)) for row in table.tolist()]
        return found

    def __rmatmul__(self, y: Any) -> Any:
        """Return the sum of the rows, each times its entry of y."""
        return self.T @ y if len(self) * self.columns >= FEW else super().__rmatmul__(y)


def eliminated(block: list[list[int]], modulus: int) -> Any:
    """Eliminate a square block modulo a number; every pivot has to be invertible."""
    if len(block) ** 2 >= FEW and flint.fmpz(modulus).is_prime():
        flat = list(chain(*block))
        if flint.nmod_mat(len(block), len(block), flat, modulus).rank() == len(block):
            return _exact.Relation(True, "")
    return _in_turn(block, modulus)  # which says where it stops


_in_turn = _exact.eliminated
_exact.Matrix, _exact.eliminated = Matrix, eliminated
_exact.Rejected, _exact.Malformed = checker.Rejected, checker.Malformed
check = _exact.check
