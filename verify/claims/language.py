r"""How a claim is written: its words in the docstring of its module, the rest in plain functions.

The docstring of a module under ``verify/claims/PAPER`` has one entry a line; deeper lines go on::

    Theorem 5: A step that certainly flips the label

    Printed: the sentence of the paper, unchanged
        Refuted: how it fails, where it is false or vacuous
    Statement: the precise statement
    Verdict: true. The reason
    Reading: what a reader of that place may take as said
    Needs positive margin: what the hypothesis says, one entry for each
        Without it: how the statement fails then, or why it does not
    Sharp: the best form
        Rests on: Coq in part thm_4, thm_5. What these leave, and the argument for it
        Overstated: how a nearby form fails that says more
    Quantifier: how "for all" is covered
    Uses: charles-lem-3, charles-thm-4
    The idea: what the claim says to somebody who has not seen the paper
    Why it is true: the proof in words
    Before you use it: what goes wrong otherwise

        A paragraph more, behind an empty line.

Below stand ``draw``, ``CASES``, ``EXAMPLE``, ``prove``, ``sharpness`` and, where there are any,
``symbolic`` and ``pictures``. What refutes or decides says so above itself, for instance with
``@theorem.without("positive margin", example, draw)``. What steps speak of beside the instance
stands before them, ``Named`` a number or vector, ``Given`` a whole object: nobody can check
``f(z)=0`` without ``z``. No two relations of a step read the same. The last line is ``CLAIM =
theorem(__name__)``, which is told what comes from other modules: ``draw=separators.draw``.

What ``prove`` takes, or what refutes or decides, is an instance. Where that is several objects, as
in ``refute(data, rule)``, the example is a tuple of them, and so is what is drawn.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, TypeVar

import sympy

from certify.errors import InputError
from verify.claims.claim import (
    AS_PRINTED,
    OVERSTATED,
    Claim,
    Counterexample,
    Dispensable,
    Given,
    Hypothesis,
    Paper,
    Proof,
    Refutation,
    SharpForm,
    Step,
    SymbolicStep,
    Verdict,
    step,
)
from verify.claims.relation import (
    Named,
    Operator,
    Relation,
    Relations,
    computed,
    counted,
    greatest,
    inner,
    least,
    mixture,
    multiples,
    named,
    products,
    rank_of,
    told,
    total,
)

__all__ = [
    "Counterexample", "Given", "Named", "Operator", "Proof", "Refutation", "Relation", "Relations",
    "SharpForm", "Step", "Symbolic", "SymbolicStep", "computed", "counted", "greatest", "identity",
    "inner", "least", "matrices", "mixture", "multiples", "named", "products", "rank_of", "step",
    "symmetric", "theorem", "told", "total", "unknowns",
]  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])
Symbolic = Iterator[SymbolicStep]

_ENTRIES = (
    "Printed", "Statement", "Verdict", "Reading", "Sharp", "Quantifier",
    "The idea", "Why it is true", "Before you use it", "Uses",
)  # fmt: skip
_ENTRY = re.compile(rf"({'|'.join(_ENTRIES)}|Needs [^:]+): ")
_DEEPER = re.compile(r" +(Without it|Refuted|Rests on|Overstated): ")
_FUNCTIONS = ("draw", "cases", "example", "prove", "sharpness", "symbolic", "pictures")
_SHARP = "sharp form"


class Theorem:
    """Collects what a module declares about its claim, and makes the claim of it when called."""

    def __init__(self) -> None:
        self._declared: dict[str, dict[str, Any]] = {}  # by module, then by name

    def without(self, name: str, example: Any, draw: Callable[[Random], Any]) -> Callable[[F], F]:
        """Declare the function below as what refutes the claim without the named hypothesis.

        ``example`` is the smallest instance known, ``draw`` the space that a search explores.
        """
        return self._declaring(name, lambda refute: (example, refute, draw))

    def as_printed(self, example: Any, draw: Callable[[Random], Any]) -> Callable[[F], F]:
        """Declare the function below as what refutes the statement as printed."""
        return self.without(AS_PRINTED, example, draw)

    def overstated(self, example: Any, draw: Callable[[Random], Any]) -> Callable[[F], F]:
        """Declare the function below as what refutes a form that says more than the sharp one."""
        return self.without(OVERSTATED, example, draw)

    def not_needed(self, name: str, draw: Callable[[Random], Any]) -> Callable[[F], F]:
        """Declare the function below as a proof that runs without the named hypothesis."""
        return self._declaring(name, lambda prove: (draw, prove))

    def sharp(self, cases: tuple[str, ...], draw: Callable[[Random, str], Any]) -> Callable[[F], F]:
        """Declare the function below as what decides the sharp form on drawn instances."""
        return self._declaring(_SHARP, lambda decide: (cases, draw, decide))

    def __call__(
        self, name: str, without: Mapping[str, Any] | None = None, **given: Any
    ) -> Claim[Any]:
        """Return the claim that a module states: ``name`` is its ``__name__``.

        ``without`` has what comes from other modules, by hypothesis or "as printed": with its
        words, or as (example, refute, draw), whose words the docstring has. ``given`` replaces
        functions of the module. Raises :class:`InputError` naming what is missing or left over.
        """
        module, declared = (
            vars(sys.modules[name]),
            self._declared.pop(name, {}) | {**(without or {})},
        )
        (number, title), words = read(module["__doc__"] or "", name)
        paper, short = name.split(".")[-2:]

        def said(heading: str) -> str:
            return str(_found(words.pop(heading, ""), name, f"the words of {heading!r}"))

        def weak(key: str, heading: str) -> Any:
            parts = declared.pop(key, None)
            if not isinstance(parts, tuple):
                return parts
            return (Counterexample if len(parts) == 3 else Dispensable)(said(heading), *parts)

        for entry in _ENTRIES[:-1]:
            _found(words.get(entry), name, f"the words of {entry!r}")
        for key in _FUNCTIONS:
            own = module.get(key, module.get(key.upper()))
            if own is not None or key in given:
                given[key] = given.get(key, own)
            elif key in _FUNCTIONS[:5]:
                _found(None, name, f"{key} or {key.upper()}")
        if symbolic := given.get("symbolic"):
            given["symbolic"] = lambda: tuple(symbolic())
        hypotheses = []
        for needed in [h.removeprefix("Needs ") for h in words if re.match("Needs [^/]+$", h)]:
            how = weak(needed, f"Needs {needed}/Without it")
            how = _found(how, name, f"what happens without {needed!r}")
            hypotheses.append(Hypothesis(needed, said(f"Needs {needed}"), how))
        if _SHARP in declared:
            cases, draw, decide = declared.pop(_SHARP)
            too_much = _found(weak(OVERSTATED, "Sharp/Overstated"), name, "what is overstated")
            given["sharp"] = SharpForm(cases, draw, decide, too_much)
        _found(given.get("sharp"), name, "what decides the sharp form")
        verdict, _, reason = said("Verdict").partition(". ")
        if verdict not in set(Verdict):
            raise InputError(name, expected=f"a verdict: {', '.join(Verdict)}", got=verdict)
        uses = words.pop("Uses", "")
        claim: Claim[Any] = Claim(
            id=f"{re.sub('[0-9]', '', paper)}-{short.replace('_', '-')}",
            paper=Paper(paper),
            number=number,
            title=title,
            literal=said("Printed"),
            statement=said("Statement"),
            verdict=Verdict(verdict),
            verdict_reason=_found(reason, name, "a reason behind the verdict"),
            hypotheses=tuple(hypotheses),
            sharp_form=said("Sharp"),
            rests_on=said("Sharp/Rests on"),
            quantifier=said("Quantifier"),
            idea=said("The idea"),
            why=said("Why it is true"),
            caution=said("Before you use it"),
            reading=said("Reading"),
            as_printed=weak(AS_PRINTED, "Printed/Refuted"),
            uses=tuple(uses.split(", ")) if uses else (),
            **given,
        )
        if left := [*words, *declared]:
            raise InputError(name, expected="nothing more", got=", ".join(map(repr, left)))
        return claim

    def _declaring(self, name: str, parts: Callable[[Any], tuple[Any, ...]]) -> Callable[[F], F]:
        def declare(function: F) -> F:
            module = self._declared.setdefault(function.__module__, {})
            if name in module:
                raise InputError(function.__module__, expected=f"{name!r} once", got="two of them")
            module[name] = parts(function)
            return function

        return declare


theorem = Theorem()


def read(text: str, name: str) -> tuple[tuple[str, str], dict[str, str]]:
    """Return the number and title of a claim, and the words of its docstring by their headings.

    What stands deeper under a heading has it in its name: ``"Needs both labels/Without it"``.
    """
    first, _, rest = text.partition("\n\n")
    number, colon, title = " ".join(first.split()).partition(": ")
    if not colon:
        raise InputError(name, expected="a docstring 'NUMBER: TITLE'", got=repr(first))
    words: dict[str, str] = {}
    entry = place = ""
    for line in rest.splitlines():
        heading = _ENTRY.match(line) or _DEEPER.match(line)
        if heading is None:
            if (line and not line.startswith(" ")) or not place:
                expected = f"an entry: {', '.join(_ENTRIES)}, Needs HYPOTHESIS"
                raise InputError(name, expected=expected, got=repr(line))
            words[place] += f" {line.strip()}" if line else "\n\n"
            continue
        deeper = line.startswith(" ")
        entry = entry if deeper else heading[1]
        place = f"{entry}/{heading[1]}" if deeper else entry
        if place in words:
            raise InputError(name, expected=f"{place!r} once", got="two of them")
        words[place] = line[heading.end() :].strip()
    return (number, title), {place: said.strip() for place, said in words.items()}


def identity(text: str, formula: str, size: str, left: Any, right: Any = 0) -> SymbolicStep:
    """Return a step that holds when two rational functions are the same, in all their symbols.

    So do two polynomials in symbolic matrices, whatever the size of these is.
    """
    difference = left - right
    if isinstance(difference, sympy.MatrixExpr):
        same = isinstance(difference.doit().expand().doit(), sympy.ZeroMatrix)
        return SymbolicStep(text, formula, size, same)
    # Most are polynomials, or become ones: expanding takes a fifth of what common factors take.
    same = sympy.expand(difference) == 0 or sympy.cancel(difference) == 0
    return SymbolicStep(text, formula, size, same)


def unknowns(vectors: str, size: int, scalars: str = "") -> list[Any]:
    """Return symbolic vectors of the given size, one for each name, and then numbers.

    >>> w, x, b = unknowns("w x", 2, "b")
    >>> w.dot(x) + b
    b + w0*x0 + w1*x1
    """
    columns = [sympy.Matrix(sympy.symbols(f"{name}:{size}")) for name in vectors.split()]
    return [*columns, *map(sympy.Symbol, scalars.split())]


def matrices(names: str, rows: str = "", columns: str = "") -> list[Any]:
    """Return symbolic matrices, one for each name; the sizes stand for all integers at once.

    A size without a name is 1: columns have one size and numbers none. An inner product is a matrix
    with one entry.

    >>> w, x = matrices("w x", "d")
    >>> (w.T * (x + x)).shape
    (1, 1)
    """
    sizes = [sympy.Symbol(s, integer=True, positive=True) for s in (rows, columns) if s]
    return [sympy.MatrixSymbol(name, *sizes, *[1] * (2 - len(sizes))) for name in names.split()]


def symmetric(u: Any, v: Any) -> Any:
    """Return the inner product of two symbolic columns, in which they may change places."""
    return (u.T * v + v.T * u) / 2


def _found(what: Any, name: str, expected: str) -> Any:
    if not what:
        raise InputError(name, expected=expected, got="none")
    return what
