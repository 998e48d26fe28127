"""Exact answers with certificates: rank, null spaces, linear programs, maximum margin.

Everything here takes exact numbers or floats (read as the dyadic rationals that they are) and
returns exact rationals together with a certificate that :mod:`certify.checker` verifies again with
the standard library alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from certify.version import __version__

if TYPE_CHECKING:
    from certify.certificates import Certificate
    from certify.errors import InputError
    from certify.invariance import invariant_dimension, invariant_direction
    from certify.linear_algebra import invariant_directions, null_space, rank, solve
    from certify.linear_programs import linear_program
    from certify.mps import read_mps
    from certify.separability import separate
    from certify.separation import max_margin
    from certify.universal_steps import universal_step

_HOME = {
    "Certificate": "certificates",
    "InputError": "errors",
    "invariant_dimension": "invariance",
    "invariant_direction": "invariance",
    "invariant_directions": "linear_algebra",
    "linear_program": "linear_programs",
    "max_margin": "separation",
    "null_space": "linear_algebra",
    "rank": "linear_algebra",
    "read_mps": "mps",
    "separate": "separability",
    "solve": "linear_algebra",
    "universal_step": "universal_steps",
}

__all__ = [
    "Certificate",
    "InputError",
    "__version__",
    "invariant_dimension",
    "invariant_direction",
    "invariant_directions",
    "linear_program",
    "max_margin",
    "null_space",
    "rank",
    "read_mps",
    "separate",
    "solve",
    "universal_step",
]


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that `certify check` runs where only the standard library is
    # importable.
    if name not in _HOME:
        raise AttributeError(f"module 'certify' has no attribute {name!r}")
    return getattr(import_module(f"certify.{_HOME[name]}"), name)
