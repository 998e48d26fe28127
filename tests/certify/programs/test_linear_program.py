from __future__ import annotations

import pickle
import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import certify.programs.linear_program as linear_programs
from certify.checking import checker
from certify.errors import InputError
from certify.programs import guesses
from certify.programs.linear_program import LinearProgramResult, linear_program
from certify.programs.simplex import Basis

F = Fraction


def times(rows: list[list[Fraction]], x: list[Fraction]) -> list[Fraction]:
    return [sum((a * v for a, v in zip(row, x, strict=True)), F(0)) for row in rows]


def combination(rows: list[list[Fraction]], y: list[Fraction], n: int) -> list[Fraction]:
    return [sum((row[j] * v for row, v in zip(rows, y, strict=True)), F(0)) for j in range(n)]


def dot(a: list[Fraction], b: list[Fraction]) -> Fraction:
    return sum((p * q for p, q in zip(a, b, strict=True)), F(0))


def proof_fails(certificate: dict[str, Any]) -> str | None:
    """Verify a certificate from its JSON with Fractions alone; return the relation that fails."""

    def numbers(part: list[str]) -> list[Fraction]:
        assert all(isinstance(text, str) for text in part)
        return [F(text) for text in part]

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
        assert list(result.x) == [F(v) for v in statement["x"]]
    if result.ray is not None:
        assert list(result.ray) == [F(v) for v in statement["ray"]]
    if result.value is not None:
        assert result.value == F(statement["value"]) * (-1 if maximize else 1)
    if result.multipliers is not None:
        y, z = result.multipliers
        assert list(y) == [F(v) for v in evidence["inequality_multipliers"]]
        assert list(z) == [F(v) for v in evidence["equality_multipliers"]]
    return result


def solved(*args: Any, **options: Any) -> LinearProgramResult:
    return accepted(linear_program(*args, **options), maximize=options.get("maximize", False))


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


@st.composite
def small_programs(draw: st.DrawFn) -> tuple[Any, ...]:
    n = draw(st.integers(0, 3))
    entry = st.integers(-3, 3)
    row = st.lists(entry, min_size=n, max_size=n)
    upper = draw(st.lists(row, max_size=4))
    equal = draw(st.lists(row, max_size=2 if n < 3 else 1))
    return (
        draw(row),
        upper,
        draw(st.lists(entry, min_size=len(upper), max_size=len(upper))),
        equal,
        draw(st.lists(entry, min_size=len(equal), max_size=len(equal))),
        sorted(draw(st.sets(st.integers(0, n - 1)))) if n else [],
    )


@settings(max_examples=200, deadline=None)
@given(small_programs(), st.booleans(), st.sampled_from(GUESSES))
def test_status_and_value_agree_with_elimination(
    program: tuple[Any, ...], maximize: bool, guess: str | None
) -> None:
    c, upper, b, equal, d, signed = program
    status, value = oracle([-v for v in c] if maximize else c, upper, b, equal, d, signed)
    with pytest.MonkeyPatch.context() as patch:
        choose_guess(patch, guess)
        result = solved(c, (upper, b), (equal, d), nonnegative=signed, maximize=maximize)
    assert result.status == status
    if status == "optimal":
        assert result.value == (-value if maximize else value)


@settings(max_examples=150, deadline=None)
@given(
    small_programs(),
    st.lists(st.integers(-2, 9)),
    st.lists(st.integers(-2, 9)),
    st.none() | st.integers(-2, 9),
)
def test_a_wrong_guess_changes_nothing(
    program: tuple[Any, ...], rows: list[int], columns: list[int], blocked: int | None
) -> None:
    c, upper, b, equal, d, signed = program
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linear_programs, "guess_basis", lambda _: Basis(rows, columns, blocked))
        result = solved(c, (upper, b), (equal, d), nonnegative=signed)
    assert (result.status, result.value) == oracle(c, upper, b, equal, d, signed)


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


@pytest.mark.parametrize("kind", ["optimal", "infeasible", "unbounded"])
@pytest.mark.parametrize("seed", range(4))
def test_garbage_and_failing_guesses_on_medium_programs(
    kind: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = medium(seed, kind)
    expected = solved(*args)
    assert expected.status == kind

    def fails(program: Any) -> Basis:
        raise RuntimeError("HiGHS is out of order")

    with monkeypatch.context() as patch:
        patch.setattr(guesses, "Highs", fails)
        result = solved(*args)
        assert (result.status, result.value) == (kind, expected.value)
    draw = random.Random(seed)
    rows, columns = draw.sample(range(40), 8), draw.sample(range(10), 8)
    monkeypatch.setattr(linear_programs, "guess_basis", lambda _: Basis(rows, columns, seed))
    result = solved(*args)
    assert (result.status, result.value) == (kind, expected.value)


def without_guess(patch: pytest.MonkeyPatch) -> None:
    choose_guess(patch, None)


BEALE = {
    "objective": ["-3/4", 150, "-1/50", 6],
    "inequalities": ([["1/4", -60, "-1/25", 9], ["1/2", -90, "-1/50", 3], [0, 0, 1, 0]], [0, 0, 1]),
    "nonnegative": True,
}
KUHN = {
    "objective": [-2, -3, 1, 12],
    "inequalities": ([[-2, -9, 1, 9], ["1/3", 1, "-1/3", -2]], [0, 0]),
    "nonnegative": True,
}


def test_cycling_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    without_guess(monkeypatch)
    assert solved(**BEALE).value == F(-1, 20)
    assert solved(**KUHN).status == "unbounded"
    kuhn = dict(KUHN, inequalities=([*KUHN["inequalities"][0], [2, 3, -1, -12]], [0, 0, 2]))
    assert solved(**kuhn).value == -2


def test_klee_minty_cube(monkeypatch: pytest.MonkeyPatch) -> None:
    n = 7
    rows = [[2 ** (i - j + 1) if j < i else int(i == j) for j in range(n)] for i in range(n)]
    cube = {
        "objective": [2 ** (n - 1 - j) for j in range(n)],
        "inequalities": (rows, [5 ** (i + 1) for i in range(n)]),
        "nonnegative": True,
        "maximize": True,
    }
    assert solved(**cube).value == 5**n
    without_guess(monkeypatch)
    assert solved(**cube).value == 5**n


@pytest.mark.parametrize("guess", GUESSES)
def test_degenerate_vertex_with_many_ties(
    guess: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_guess(monkeypatch, guess)
    draw = random.Random(1)
    rows = [[draw.randrange(-4, 5) for _ in range(6)] for _ in range(50)]
    cone = [-sum(row[j] for row in rows) for j in range(6)]
    assert solved(cone, (rows, [0] * 50)).value == 0
    assert solved(cone, (rows + rows, [0] * 100)).value == 0
    # Assignment of 5 to 5: every vertex is degenerate, and one equality follows from the others.
    cost = [draw.randrange(20) for _ in range(25)]
    sums = [[int(k // 5 == i) for k in range(25)] for i in range(5)]
    sums += [[int(k % 5 == i) for k in range(25)] for i in range(5)]
    answer = solved(cost, equalities=(sums, [1] * 10), nonnegative=True)
    assert answer.x is not None
    assert sorted(answer.x) == [0] * 20 + [1] * 5


@pytest.mark.parametrize("guess", GUESSES)
def test_infeasible_by_a_hair(guess: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    choose_guess(monkeypatch, guess)
    hair = F(1, 2**38)
    rows = [[3, 5, -2], [-1, 2, 7], [-2, -7, -5]]
    assert solved([1, 1, 1], (rows, [4, 9, -13 - hair])).status == "infeasible"
    assert solved([0, 0, 0], (rows, [4, 9, -13])).status == "optimal"
    assert solved([0, 0, 0], (rows, [4, 9, -13 + hair])).status == "optimal"
    # As floats, which are dyadic rationals.
    assert solved([0.0], ([[1.0], [-1.0]], [1.0, -1.0 - 2.0**-38])).status == "infeasible"


@pytest.mark.parametrize("n", [4, 8])
def test_hilbert_rows(n: int) -> None:
    hilbert = [[F(1, i + j + 1) for j in range(n)] for i in range(n)]
    ones = [sum(row) for row in hilbert]
    objective = [sum(hilbert[i][j] for i in range(n)) for j in range(n)]
    answer = solved(objective, (hilbert, ones), maximize=True)
    assert answer.x == (F(1),) * n
    answer = solved(objective, equalities=(hilbert, ones))
    assert answer.x == (F(1),) * n


def test_coefficients_over_many_orders_of_magnitude() -> None:
    draw = random.Random(3)
    n = 10
    scale = [F(10) ** draw.randrange(-6, 7) for _ in range(n)]
    rows = [[draw.randrange(-9, 10) * s for s in scale] for _ in range(3 * n)]
    b = [(1 + draw.randrange(9)) * F(10) ** draw.randrange(-6, 7) for _ in range(3 * n)]
    objective = [-sum(row[j] for row in rows) for j in range(n)]
    plain = solved(objective, (rows, b))
    assert plain.status == "optimal"
    # Rows in other units: the same answer, although HiGHS sees entries from 1e-18 to 1e18.
    units = [F(10) ** draw.randrange(-12, 13) for _ in rows]
    scaled = [[u * a for a in row] for u, row in zip(units, rows, strict=True)]
    assert solved(objective, (scaled, [u * v for u, v in zip(units, b, strict=True)])).value == (
        plain.value
    )


def test_entries_that_floats_lose(monkeypatch: pytest.MonkeyPatch) -> None:
    choose_guess(monkeypatch, "HiGHS")
    tiny, huge = F(1, 10**400), F(10**400)
    assert solved([-1, 0], ([[tiny, 1], [0, -1]], [1, 0])).value == -(10**400)
    assert solved([1], ([[-huge]], [-1])).value == tiny
    assert solved([-1], ([[tiny], [-1]], [-tiny, 0])).status == "infeasible"
    assert solved([1], ([[5e-324]], [1.0])).status == "unbounded"


def test_free_and_nonnegative_variables() -> None:
    rows = ([[1, 1], [-1, 1]], [4, 2])
    assert solved([0, 1], rows, maximize=True).value == 3
    assert solved([0, 1], rows).status == "unbounded"
    assert solved([0, 1], rows, nonnegative=[1]).value == 0
    assert solved([1, 0], rows, nonnegative=np.array([1])).value == -2
    assert solved([1, 0], rows, nonnegative=True).value == 0
    assert solved([1, 0], rows, nonnegative=False).status == "unbounded"
    assert solved([1, 0], rows, nonnegative=(1, 0, 1)).certificate.instance["nonnegative"] == [0, 1]


def test_results_cross_to_other_processes_with_their_certificate() -> None:
    result = linear_program([1], ([[-1]], [-3]))
    copy = pickle.loads(pickle.dumps(result))
    assert copy == result
    assert accepted(copy).certificate == result.certificate


def test_a_line_of_optima_and_a_line_that_improves() -> None:
    assert solved([1, 1, 0], ([[-1, -1, 0]], [-3])).value == 3
    assert solved([1, 0, 0], ([[-1, -1, 0]], [-3])).status == "unbounded"


def test_no_rows_and_no_columns() -> None:
    assert solved([]).value == 0
    assert solved([], ([[], []], [0, 1])).value == 0
    assert solved([], ([[], []], [0, -1])).status == "infeasible"
    assert solved([], equalities=([[]], [2])).status == "infeasible"
    assert solved([0, 0]).x == (0, 0)
    assert solved([0, 1]).ray == (0, -1)
    assert solved([0, 1], nonnegative=True).value == 0
    assert solved([0, 1], nonnegative=True, maximize=True).status == "unbounded"
    assert solved([1, 1], ([], []), (np.zeros((0, 2)), []), nonnegative=[0, 1]).value == 0
    assert solved([1], ([[0], [0]], [0, 3]), nonnegative=True).value == 0
    assert solved([1], ([[0]], [-1]), nonnegative=True).status == "infeasible"


def test_redundant_and_inconsistent_equalities() -> None:
    left = [[1, 2, 3], [2, 4, 6], [0, 0, 0], [1, 1, 1], [2, 3, 4]]
    answer = solved([1, 0, 0], equalities=(left, [6, 12, 0, 3, 9]), nonnegative=True)
    assert (answer.value, answer.x) == (0, (0, 3, 0))
    for wrong in ([6, 13, 0, 3, 9], [6, 12, 1, 3, 9], [6, 12, -1, 3, 9], [6, 12, 0, 3, 8]):
        answer = solved([1, 0, 0], ([[1, 0, 0]], [5]), (left, wrong), nonnegative=True)
        assert answer.status == "infeasible"
    assert solved([1, 0], equalities=([[1, 1]], [-1]), nonnegative=True).status == "infeasible"


def test_every_form_of_number_gives_the_same_certificate() -> None:
    rows, b = [[2, 1], [1, 3]], [4, 5]
    first = solved([-1, -1], (rows, b), nonnegative=True).certificate
    forms: list[Any] = [
        ([["2", 1], [1, "6/2"]], ["4", F(5)]),
        (np.array(rows), np.array(b)),
        (np.array(rows, dtype=float), np.array(b, dtype=np.float32)),
        (flint.fmpq_mat(2, 2, [2, 1, 1, 3]), [flint.fmpq(4), flint.fmpz(5)]),
        [rows, tuple(b)],
    ]
    for form in forms:
        assert solved(np.array([-1.0, -1.0]), form, nonnegative=True).certificate == first
    assert first.instance == {
        "objective": ["-1", "-1"],
        "inequalities": {"matrix": [["2", "1"], ["1", "3"]], "right_side": ["4", "5"]},
        "equalities": {"matrix": [], "right_side": []},
        "nonnegative": [0, 1],
    }
    assert first.statement == {"value": "-13/5", "x": ["7/5", "6/5"]}
    assert first.evidence == {
        "inequality_multipliers": ["2/5", "1/5"],
        "equality_multipliers": [],
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"inequalities": ([[1, 2], [3]], [1, 2])},
            "inequalities[0]: expected 2 columns, got 1 columns (row 1)",
        ),
        (
            {"inequalities": (np.ones((1, 3), dtype=int), [1])},
            "inequalities[0]: expected 2 columns, got 3 columns",
        ),
        (
            {"inequalities": ([[1, 2]], [1, 2])},
            "inequalities[1]: expected 1 entries, got 2 entries",
        ),
        ({"equalities": ([[1, 2]], [])}, "equalities[1]: expected 1 entries, got 0 entries"),
        (
            {"equalities": ([[1, float("nan")]], [1])},
            "equalities[0]: expected a finite number (int, Fraction, float, decimal string or "
            "'p/q'), got nan (row 0, column 1)",
        ),
        (
            {"inequalities": ([[1, 2]],)},
            "inequalities: expected a pair (matrix, right side), got 1 parts",
        ),
        ({"equalities": 7}, "equalities: expected a pair (matrix, right side), got int"),
        (
            {"nonnegative": [0, 2]},
            "nonnegative: expected True or indices of variables, 0 to 1, got 2 (entry 1)",
        ),
        (
            {"nonnegative": [-1]},
            "nonnegative: expected True or indices of variables, 0 to 1, got -1 (entry 0)",
        ),
        (
            {"nonnegative": [False, True]},
            "nonnegative: expected True or indices of variables, 0 to 1, got False (entry 0)",
        ),
        ({"nonnegative": 1}, "nonnegative: expected True or indices of variables, 0 to 1, got 1"),
        ({"objective": "12"}, "objective: expected a list of numbers, got str '12'"),
        (
            {"objective": [], "nonnegative": [0]},
            "nonnegative: expected no indices, got 0 (entry 0)",
        ),
    ],
)
def test_bad_input_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refusal:
        linear_program(**{"objective": [1, 1], **options})
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("field", "spoil"),
    [
        ("multipliers", lambda v: [-v[0], *v[1:]]),
        ("multipliers", lambda v: [2 * v[0], *v[1:]]),
        ("x", lambda v: [v[0] + 1, *v[1:]]),
        ("x", lambda v: [v[0] - 1, *v[1:]]),
        ("multipliers", lambda v: None),
    ],
)
def test_a_wrong_proof_never_leaves(
    field: str, spoil: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiled(*args: Any) -> Any:
        outcome = genuine(*args)
        return replace(outcome, **{field: spoil(getattr(outcome, field))})

    genuine = linear_programs.minimise
    monkeypatch.setattr(linear_programs, "minimise", spoiled)
    with pytest.raises(RuntimeError, match="internal error: the proof of 'optimal' does not hold"):
        linear_program([-1, -1], ([[2, 1], [1, 3]], [4, 5]), nonnegative=True)


def test_the_test_verification_rejects_wrong_certificates() -> None:
    optimal = solved([-1, -1], ([[2, 1], [1, 3]], [4, 5]), nonnegative=True).certificate.to_json()
    wrong = [
        ("statement", "value", "-3", "value"),
        ("statement", "x", ["5", "0"], "infeasible point"),
        ("statement", "x", ["0", "0"], "value"),
        ("evidence", "inequality_multipliers", ["-2/5", "1/5"], "negative multiplier"),
        ("evidence", "inequality_multipliers", ["2/5", "0"], "reduced cost"),
        ("evidence", "inequality_multipliers", ["1", "1"], "duality gap"),
    ]
    for part, key, value, reason in wrong:
        spoiled = {**optimal, part: {**optimal[part], key: value}}
        assert proof_fails(spoiled) == reason
        with pytest.raises(checker.Rejected):
            checker.check(spoiled)


def test_same_input_same_answer() -> None:
    args = medium(0, "optimal")
    assert linear_program(*args) == linear_program(*args)
