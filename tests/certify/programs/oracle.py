"""Linear programs by elimination, certificates verified anew, and programs to be solved."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

import certify.programs.linear_program as linear_programs
from certify.checking import checker
from certify.programs import guesses
from certify.programs.linear_program import LinearProgramResult, linear_program
from certify.programs.simplex import Basis
from certify.programs.sparse import SparseRows

F = Fraction


def times(rows: list[list[Fraction]], x: list[Fraction]) -> list[Fraction]:
    return [sum((a * v for a, v in zip(row, x, strict=True)), F(0)) for row in rows]


def combination(rows: list[list[Fraction]], y: list[Fraction], n: int) -> list[Fraction]:
    return [sum((row[j] * v for row, v in zip(rows, y, strict=True)), F(0)) for j in range(n)]


def dot(a: list[Fraction], b: list[Fraction]) -> Fraction:
    return sum((p * q for p, q in zip(a, b, strict=True)), F(0))


def written_out(part: Any) -> list[Fraction]:
    """Return the numbers of a vector, all of them or those that are not 0."""
    if isinstance(part, dict):
        values = [F(0)] * part["length"]
        assert part["indices"] == sorted(set(part["indices"]))
        for j, text in zip(part["indices"], part["values"], strict=True):
            assert isinstance(text, str)
            assert F(text) != 0
            values[j] = F(text)
        return values
    assert all(isinstance(text, str) for text in part)
    return [F(text) for text in part]


def proof_fails(certificate: dict[str, Any]) -> str | None:
    """Verify a certificate from its JSON with Fractions alone; return the relation that fails."""

    numbers = written_out

    instance, statement, evidence = (certificate[k] for k in ("instance", "statement", "evidence"))
    c = numbers(instance["objective"])
    n = len(c)
    upper = [numbers(row) for row in instance["inequalities"]["matrix"]]
    b = numbers(instance["inequalities"]["right_side"])
    equal = [numbers(row) for row in instance["equalities"]["matrix"]]
    d = numbers(instance["equalities"]["right_side"])
    signed = instance["nonnegative"]
    assert signed == sorted(set(signed))

    def feasible(x: list[Fraction], bound: list[Fraction], exact: list[Fraction]) -> bool:
        return (
            all(v <= w for v, w in zip(times(upper, x), bound, strict=True))
            and times(equal, x) == exact
            and all(x[j] >= 0 for j in signed)
        )

    kind = certificate["kind"]
    if kind in ("lp-optimal", "lp-infeasible"):
        y = numbers(evidence["inequality_multipliers"])
        z = numbers(evidence["equality_multipliers"])
        start = c if kind == "lp-optimal" else [F(0)] * n
        reduced = [
            p + q + r
            for p, q, r in zip(
                start, combination(upper, y, n), combination(equal, z, n), strict=True
            )
        ]
        if any(v < 0 for v in y):
            return "negative multiplier"
        if any(r < 0 or (j not in signed and r != 0) for j, r in enumerate(reduced)):
            return "reduced cost"
        if kind == "lp-infeasible":
            assert statement == {}
            return None if dot(b, y) + dot(d, z) < 0 else "no contradiction"
        x = numbers(statement["x"])
        if not feasible(x, b, d):
            return "infeasible point"
        if dot(c, x) != F(statement["value"]):
            return "value"
        return None if -dot(b, y) - dot(d, z) == F(statement["value"]) else "duality gap"
    assert kind == "lp-unbounded"
    assert evidence == {}
    x, ray = numbers(statement["x"]), numbers(statement["ray"])
    if not feasible(x, b, d):
        return "infeasible point"
    if not feasible(ray, [F(0)] * len(b), [F(0)] * len(d)):
        return "not a direction of recession"
    return None if dot(c, ray) < 0 else "objective does not fall"


def accepted(result: LinearProgramResult, maximize: bool = False) -> LinearProgramResult:
    """Check the certificate twice independently, and that the result says the same thing."""
    certificate = result.certificate.to_json()
    assert result.certificate.kind == f"lp-{result.status}"
    assert proof_fails(certificate) is None
    assert checker.check(certificate)[0] == f"lp-{result.status}"
    statement, evidence = certificate["statement"], certificate["evidence"]
    present = {
        "optimal": {"x", "value", "multipliers"},
        "infeasible": {"multipliers"},
        "unbounded": {"x", "ray"},
    }[result.status]
    for name in ("x", "ray", "value", "multipliers"):
        assert (getattr(result, name) is not None) == (name in present), name
    if result.x is not None:
        assert list(result.x) == written_out(statement["x"])
    if result.ray is not None:
        assert list(result.ray) == written_out(statement["ray"])
    if result.value is not None:
        assert result.value == F(statement["value"]) * (-1 if maximize else 1)
    if result.multipliers is not None:
        y, z = result.multipliers
        assert list(y) == written_out(evidence["inequality_multipliers"])
        assert list(z) == written_out(evidence["equality_multipliers"])
    return result


def solved(*args: Any, **options: Any) -> LinearProgramResult:
    return accepted(linear_program(*args, **options), maximize=options.get("maximize", False))


def sparse(system: Any, width: int) -> Any:
    """Return a system with its matrix by rows of nonzeros."""
    rows = ({j: F(v) for j, v in enumerate(row)} for row in system[0])
    return SparseRows.of(rows, width), system[1]


def eliminate(rows: list[tuple[tuple[Fraction, ...], Fraction]]) -> Any:
    """Fourier-Motzkin: project a·x <= b onto all but the first variable."""
    kept: dict[tuple[Fraction, ...], Fraction] = {}

    def keep(a: tuple[Fraction, ...], b: Fraction) -> None:
        scale = next((abs(v) for v in a if v), F(1))
        key = tuple(v / scale for v in a)
        kept[key] = min(b / scale, kept.get(key, b / scale))

    for a, b in rows:
        if a[0] == 0:
            keep(a[1:], b)
    for a, b in rows:
        for p, q in rows:
            if a[0] > 0 > p[0]:
                keep(
                    tuple(v / a[0] - w / p[0] for v, w in zip(a[1:], p[1:], strict=True)),
                    b / a[0] - q / p[0],
                )
    return list(kept.items())


def oracle(c: Any, upper: Any, b: Any, equal: Any, d: Any, signed: Any) -> tuple[str, Any]:
    """Decide min c·x by eliminating x from c·x <= t: status and value."""
    n = len(c)
    rows = [(tuple(map(F, (*a, 0))), F(v)) for a, v in zip(upper, b, strict=True)]
    for a, v in zip(equal, d, strict=True):
        rows += [(tuple(map(F, (*a, 0))), F(v)), (tuple(-F(p) for p in (*a, 0)), -F(v))]
    rows += [(tuple(F(-(k == j)) for k in range(n + 1)), F(0)) for j in signed]
    rows.append((tuple(map(F, (*c, -1))), F(0)))
    for _ in range(n):
        rows = eliminate(rows)
    if any(a[0] == 0 and v < 0 for a, v in rows):
        return "infeasible", None
    bounds = [v / a[0] for a, v in rows if a[0] < 0]
    return ("optimal", max(bounds)) if bounds else ("unbounded", None)


GUESSES = ["HiGHS", "criss-cross", None]


def choose_guess(patch: pytest.MonkeyPatch, guess: str | None) -> None:
    """Make one of the two methods propose the first basis, or nothing."""
    patch.setattr(guesses, "_SMALL", 0 if guess == "HiGHS" else 10**9)
    if guess is None:
        patch.setattr(linear_programs, "guess_basis", lambda _: Basis((), ()))


def without_guess(patch: pytest.MonkeyPatch) -> None:
    choose_guess(patch, None)


def medium(seed: int, kind: str) -> tuple[Any, ...]:
    """Draw 24 inequalities, 3 equalities and 8 variables around a known point."""
    draw = random.Random(seed)
    n, point = 8, [draw.randrange(0, 9) for _ in range(8)]
    upper = [[draw.randrange(-9, 10) for _ in range(n)] for _ in range(24)]
    equal = [[draw.randrange(-9, 10) for _ in range(n)] for _ in range(3)]
    b = [int(dot(row, point)) + draw.choice((0, 0, 1, 5)) for row in upper]
    d = [int(dot(row, point)) for row in equal]
    c = [-sum(row[j] for row in upper[:10]) for j in range(n)]
    if kind == "infeasible":
        upper.append([-sum(row[j] for row in upper[:5]) + equal[0][j] for j in range(n)])
        b.append(-sum(b[:5]) + d[0] - F(1, 2**38))
    if kind == "unbounded":
        upper, b = [[*row[:-1], -abs(row[-1])] for row in upper], [*b]
        equal, c = [[*row[:-1], 0] for row in equal], [*c[:-1], -1]
        d = [int(dot(row, point)) for row in equal]
        b = [int(dot(row, point)) + 1 for row in upper]
    return c, (upper, b), (equal, d)
