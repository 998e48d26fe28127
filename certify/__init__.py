"""Exact answers with certificates: rank, null spaces, linear programs, maximum margin.

Everything here takes exact numbers or floats (read as the dyadic rationals that they are) and
returns exact rationals together with a certificate that :mod:`certify.checking.checker` verifies
again with the standard library alone.

    rank                  the rank of a matrix
    null_space            a basis of {x : A x = 0}
    solve                 one solution of A x = b, or why there is none
    linear_program        the optimum of a linear program, or why there is none
    read_mps              a linear program from a file in MPS
    separate              a rule that is right on all labelled points, or why there is none
    max_margin            the separator of largest margin
    no_counterexample     whether no input of a box has outputs with some properties
    universal_step        the step that flips a point for every separator
    invariant_dimension   the dimension of the space that leaves a softmax layer unchanged
    invariant_direction   one direction of it
    invariant_directions  all of them
    Certificate           what proves an answer
    checker               decides, with the standard library alone, whether it does
    InputError            what is raised for input that cannot be read
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from certify.version import __version__

if TYPE_CHECKING:
    from certify.bounds.decision import no_counterexample
    from certify.certificates.certificate import Certificate
    from certify.checking import checker
    from certify.errors import InputError
    from certify.heads import invariant_dimension, invariant_direction, invariant_directions
    from certify.margins.max_margin import max_margin
    from certify.margins.separable import separate
    from certify.margins.steps import universal_step
    from certify.numbers.elimination import null_space, rank, solve
    from certify.programs.linear_program import linear_program
    from certify.programs.mps import read_mps

_HOME = {
    "Certificate": "certificates.certificate",
    "InputError": "errors",
    "invariant_dimension": "heads",
    "invariant_direction": "heads",
    "invariant_directions": "heads",
    "linear_program": "programs.linear_program",
    "max_margin": "margins.max_margin",
    "no_counterexample": "bounds.decision",
    "null_space": "numbers.elimination",
    "rank": "numbers.elimination",
    "read_mps": "programs.mps",
    "separate": "margins.separable",
    "solve": "numbers.elimination",
    "universal_step": "margins.steps",
}

__all__ = [
    "Certificate",
    "InputError",
    "__version__",
    "checker",
    "invariant_dimension",
    "invariant_direction",
    "invariant_directions",
    "linear_program",
    "max_margin",
    "no_counterexample",
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
    if name == "checker":
        return import_module("certify.checking.checker")
    if name not in _HOME:
        raise AttributeError(f"module 'certify' has no attribute {name!r}")
    return getattr(import_module(f"certify.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
