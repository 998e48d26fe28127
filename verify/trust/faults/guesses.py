"""Guesses in floats replaced by garbage: what is replaced, and by what."""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Any, TypeAlias, get_args
from unittest import mock

import highspy
import numpy as np

from certify.margins import guesses as margin_guesses
from certify.margins import max_margin as separation
from certify.margins import separable as separability
from certify.margins.guesses import SoftMargin
from certify.programs import guesses as basis_guesses
from certify.programs import highs
from certify.programs import linear_program as linear_programs
from certify.programs.simplex import Basis
from verify.trust.faults.tasks import Group

Replacement: TypeAlias = Callable[..., Any]
Inject: TypeAlias = Callable[[Random, list[str]], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Fault:
    """Garbage in place of one guess.

    guess   what is replaced
    kind    by what
    groups  the questions that use the guess
    inject  replace it; every garbage that is handed out is noted in the list
    """

    guess: str
    kind: str
    groups: tuple[Group, ...]
    inject: Inject


# HiGHS


class _Faulty:
    """A solver of HiGHS some of whose methods are replaced."""

    def __init__(self, solver: Any, methods: dict[str, Replacement], rng: Random, acted: list[str]):
        self._solver, self._methods, self._rng, self._acted = solver, methods, rng, acted

    def __getattr__(self, name: str) -> Any:
        own = getattr(self._solver, name)
        if name not in self._methods:
            return own

        def replaced(*arguments: Any) -> Any:
            self._acted.append(name)
            return self._methods[name](self._rng, self._solver, *arguments)

        return replaced


def _highs(methods: dict[str, Replacement]) -> Inject:
    solver: Any = highs.Silent

    def inject(rng: Random, acted: list[str]) -> AbstractContextManager[Any]:
        def made() -> _Faulty:
            return _Faulty(solver(), methods, rng, acted)

        return mock.patch.object(highs, "Silent", made)

    return inject


def _raising(error: Exception) -> Replacement:
    def replacement(*arguments: Any, **named: Any) -> Any:
        raise error

    return replacement


_BASIC, _LOWER = highspy.HighsBasisStatus.kBasic, highspy.HighsBasisStatus.kLower
_FAILED = RuntimeError("planted failure of a solver")


def _random_basis(rng: Random, solver: Any) -> Any:
    found = solver.getBasis()
    return _basis(*([rng.random() < 0.5 for _ in part] for part in _parts(found)))


def _opposite_basis(rng: Random, solver: Any) -> Any:
    return _basis(*([s != _BASIC for s in part] for part in _parts(solver.getBasis())))


def _long_basis(rng: Random, solver: Any) -> Any:
    rows, columns = _parts(solver.getBasis())
    return _basis([False] * (len(rows) + 3), [True] * (len(columns) + 5))


def _parts(found: Any) -> tuple[Any, Any]:
    return found.row_status, found.col_status


def _basis(rows: Sequence[bool], columns: Sequence[bool]) -> Any:
    statuses = [[_BASIC if flag else _LOWER for flag in part] for part in (rows, columns)]
    return SimpleNamespace(row_status=statuses[0], col_status=statuses[1])


def _infeasible(ray: Callable[[Random, int], Any]) -> dict[str, Replacement]:
    """Return the methods of a solver that calls every program infeasible, with such a ray."""

    def dual_ray(rng: Random, solver: Any) -> Any:
        return highspy.HighsStatus.kOk, True, ray(rng, solver.getNumRow())

    return {
        "getModelStatus": lambda rng, solver: highspy.HighsModelStatus.kInfeasible,
        "getDualRay": dual_ray,
    }


def _no_iterations(rng: Random, solver: Any, name: str, value: Any) -> Any:
    return solver.setOptionValue(name, 0 if name == "simplex_iteration_limit" else value)


def _out_of_time(rng: Random, solver: Any) -> Any:
    time.sleep(0.02)
    solver.setOptionValue("time_limit", 0.0)
    return solver.run()


def _random_array(rng: Random, shape: Any) -> Any:
    return np.random.default_rng(rng.getrandbits(32)).normal(size=shape)


def _constant(value: float) -> Callable[[Random, Any], Any]:
    return lambda rng, shape: np.full(shape, value)


_LP: tuple[Group, ...] = ("large programs", "steps")
_RAYS: tuple[tuple[str, Callable[[Random, int], Any]], ...] = (
    ("random ray", _random_array),
    ("ray of NaN", _constant(np.nan)),
    ("infinite ray", _constant(np.inf)),
    ("ray of 0", _constant(0.0)),
    ("ray of wrong length", lambda rng, m: np.ones(m + 3)),
)
_HIGHS: tuple[tuple[str, dict[str, Replacement]], ...] = (
    ("random basis", {"getBasis": _random_basis}),
    ("opposite basis", {"getBasis": _opposite_basis}),
    ("basis too long", {"getBasis": _long_basis}),
    ("no basis", {"getBasis": lambda rng, solver: _basis([], [])}),
    *((f"infeasible whatever is true, {name}", _infeasible(ray)) for name, ray in _RAYS),
    (
        "optimal whatever is true",
        {"getModelStatus": lambda rng, solver: highspy.HighsModelStatus.kOptimal},
    ),
    ("stopped before the first iteration", {"setOptionValue": _no_iterations}),
    ("out of time", {"run": _out_of_time}),
    ("model refused", {"passModel": lambda rng, solver, model: highspy.HighsStatus.kError}),
    *(
        (f"exception in {name}", {name: _raising(_FAILED)})
        for name in ("setOptionValue", "passModel", "changeColCost", "run", "getBasis")
    ),
)


def _failing_highs(rng: Random, acted: list[str]) -> AbstractContextManager[Any]:
    def made() -> Any:
        acted.append("Highs")
        raise _FAILED

    return mock.patch.object(highs, "Silent", made)


# Everything else


def _patched(home: Any, name: str, garbage: Callable[..., Any]) -> Inject:
    """Replace a function; ``garbage`` gets the generator, the function, and the arguments."""
    own = getattr(home, name)

    def inject(rng: Random, acted: list[str]) -> AbstractContextManager[Any]:
        def replaced(*arguments: Any, **named: Any) -> Any:
            acted.append(name)
            return garbage(rng, own, *arguments, **named)

        return mock.patch.object(home, name, replaced)

    return inject


def _random_guess(rng: Random, own: Any, *arguments: Any, **named: Any) -> Basis:
    rows, columns = ([k for k in range(40) if rng.random() < 0.3] for _ in range(2))
    return Basis(rows, columns, rng.randrange(40))


def _guess_from_nowhere(rng: Random, own: Any, *arguments: Any, **named: Any) -> Basis:
    return Basis([-1, 10**9, 3, 3, 3], [7, -5, 10**30], rng.choice((-7, 10**30)))


def _blocked_guess(rng: Random, own: Any, *arguments: Any, **named: Any) -> Basis:
    found: Basis = own(*arguments, **named)
    return found._replace(blocked=rng.randrange(40))


def _opposite_guess(rng: Random, own: Any, *arguments: Any, **named: Any) -> Basis:
    found = own(*arguments, **named)
    rows, columns = ([k for k in range(40) if k not in part] for part in found[:2])
    return Basis(rows, columns)


_GUESSES = (
    ("random basis", _random_guess),
    ("indices that do not exist", _guess_from_nowhere),
    ("infeasible whatever is true", _blocked_guess),
    ("opposite basis", _opposite_guess),
)
_BAD = (("NaN", np.nan), ("infinity", np.inf), ("1e300", 1e300), ("0", 0.0))


def _array(value: float | None) -> Callable[..., Any]:
    """Return an array of the same shape with one value, or with random ones."""

    def garbage(rng: Random, own: Any, *arguments: Any, **named: Any) -> Any:
        shape = own(*arguments, **named).shape
        return _random_array(rng, shape) if value is None else np.full(shape, value)

    return garbage


def _first(make: Callable[[Random, Any], Any]) -> Callable[..., Any]:
    """Return the results of a solver with the first, an array, replaced; it gets the old one."""

    def garbage(rng: Random, own: Any, *arguments: Any, **named: Any) -> Any:
        array, *others = own(*arguments, **named)
        return make(rng, array), *others

    return garbage


_SOLUTIONS: tuple[tuple[str, Callable[[Random, Any], Any]], ...] = (
    ("random numbers", lambda rng, a: _random_array(rng, a.shape)),
    *((name, lambda rng, a, v=value: np.full(a.shape, v)) for name, value in _BAD),
    ("one NaN", lambda rng, a: np.where(np.arange(len(a)) == rng.randrange(len(a)), np.nan, a)),
    ("the last numbers missing", lambda rng, a: a[:-2]),
    ("numbers too many", lambda rng, a: np.append(a, [1.0, 2.0, 3.0])),
    ("a matrix", lambda rng, a: np.outer(a, a[:2])),
    ("the largest weights dropped", lambda rng, a: np.where(a == a.max(), 0.0, a)),
)
_LINALG = np.linalg.LinAlgError("planted failure of a solver")


def _rules(make: Callable[[Random, Any, int, int], Iterator[SoftMargin]]) -> Callable[..., Any]:
    def garbage(rng: Random, own: Any, X: Any, y: Any, bias: bool) -> Iterator[SoftMargin]:
        random = np.random.default_rng(rng.getrandbits(32))
        yield from make(rng, random, *X.shape)

    return garbage


def _one_rule(
    normal: Callable[[Any, int], Any], margins: Callable[[Any, int], Any]
) -> Callable[..., Any]:
    def make(rng: Random, random: Any, count: int, d: int) -> Iterator[SoftMargin]:
        yield SoftMargin(normal(random, d), margins(random, count), 1.0)

    return _rules(make)


def _both(garbage: Callable[..., Any]) -> Inject:
    """Replace the guess where either method of separation looks it up."""
    first, second = (_patched(home, "soft_margins", garbage) for home in (separation, separability))

    @contextmanager
    def inject(rng: Random, acted: list[str]) -> Iterator[None]:
        with first(rng, acted), second(rng, acted):
            yield

    return inject


_RULES = (
    ("random numbers", _one_rule(lambda r, d: r.normal(size=d), lambda r, n: r.normal(size=n))),
    ("NaN", _one_rule(lambda r, d: np.full(d, np.nan), lambda r, n: np.full(n, np.nan))),
    (
        "separable whatever is true, random normal",
        _one_rule(lambda r, d: r.normal(size=d), lambda r, n: np.full(n, 0.5)),
    ),
    *(
        (
            f"separable whatever is true, normal of {name}",
            _one_rule(lambda r, d, v=value: np.full(d, v), lambda r, n: np.full(n, 2.0)),  # type: ignore[misc]
        )
        for name, value in _BAD
    ),
    (
        "inseparable whatever is true, random slacks",
        _one_rule(lambda r, d: r.normal(size=d), lambda r, n: -r.random(n)),
    ),
    (
        "inseparable whatever is true, infinite slacks",
        _one_rule(lambda r, d: r.normal(size=d), lambda r, n: np.full(n, -np.inf)),
    ),
    ("no rule", _rules(lambda rng, random, count, d: iter(()))),
)


@contextmanager
def _exceptions(rng: Random, acted: list[str]) -> Iterator[None]:
    """Make exceptions of floating-point errors, of underflow too, and of all warnings."""
    acted.append("NumPy")
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


_PROGRAMS: tuple[Group, ...] = ("small programs", "large programs")
_ALL: tuple[Group, ...] = (*_PROGRAMS, "steps")
_MANY: tuple[Group, ...] = ("many points",)

FAULTS: tuple[Fault, ...] = (
    Fault("NumPy", "errors and warnings become exceptions", get_args(Group), _exceptions),
    *(Fault("HiGHS", kind, _LP, _highs(methods)) for kind, methods in _HIGHS),
    Fault("HiGHS", "exception on creation", _LP, _failing_highs),
    *(
        Fault("criss-cross method", kind, _PROGRAMS[:1], _patched(basis_guesses, "criss_cross", f))
        for kind, f in (*_GUESSES, ("exception", _raising(ZeroDivisionError("planted"))))
    ),
    *(
        Fault("basis", kind, _PROGRAMS, _patched(linear_programs, "guess_basis", f))
        for kind, f in _GUESSES
    ),
    *(
        Fault("program in floats", kind, _ALL, _patched(basis_guesses, "_floats", f))
        for kind, f in (
            ("random numbers", _array(None)),
            *((name, _array(value)) for name, value in _BAD),
        )
    ),
    *(
        Fault("NNLS", kind, ("few points",), _patched(margin_guesses, "nnls", f))
        for kind, f in (
            *((kind, _first(make)) for kind, make in _SOLUTIONS),
            ("too many iterations", _raising(RuntimeError("planted"))),
            ("exception", _raising(ValueError("planted"))),
        )
    ),
    *(
        Fault("soft margins", kind, _MANY, _both(f)) for kind, f in _RULES
    ),
    *(
        Fault("LU in soft margins", kind, _MANY, _patched(np.linalg, "solve", f))
        for kind, f in (
            ("random numbers", _array(None)),
            *((name, _array(value)) for name, value in _BAD),
            ("numbers too many", lambda rng, own, A, b: np.ones(len(b) + 3)),
            ("a matrix", lambda rng, own, A, b: np.outer(own(A, b), [1.0, 2.0])),
            ("exception", _raising(_LINALG)),
            ("no memory", _raising(MemoryError())),
        )
    ),
    *(
        Fault("least squares in Farkas weights", kind, _MANY, _patched(np.linalg, "lstsq", f))
        for kind, f in (
            *((kind, _first(make)) for kind, make in _SOLUTIONS),
            ("exception", _raising(_LINALG)),
        )
    ),
)  # fmt: skip
