"""Planted labels, decided here once more by slow means that share nothing with the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

import certify
from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.margins.points import LabelledSet
from verify.trust.planted import labelled
from verify.trust.planted.instances import EASY, Array, OtherInstance, floats, require_same
from verify.trust.planted.margins import Margin
from verify.trust.planted.matrices import Matrix
from verify.trust.planted.networks import Logits, ReluPoint
from verify.trust.planted.points import Points
from verify.trust.planted.programs import Hull, Membership, System
from verify.trust.section import SHOWN

NAMES = [family.name for family in labelled.FAMILIES]
ALL = 400  # instances of one short run
COUNTS = slice(2, -1)

Vector = list[Fraction]


def silent(done: int, total: int, name: str) -> None:
    """Show no progress."""


def fractions(array: Array) -> list[Vector]:
    return [[Fraction(x) for x in row] for row in np.atleast_2d(array).tolist()]


def dot(a: Sequence[Fraction | int], b: Sequence[Fraction | int]) -> Fraction:
    return Fraction(sum(p * q for p, q in zip(a, b, strict=True)))


def feasible(rows: list[tuple[Vector, Fraction]]) -> bool:
    """Decide whether a.x <= b has a solution, by Fourier-Motzkin elimination.

    A row made of more original rows than one more than the number of eliminations is implied by
    others (Chernikov).
    """
    system = {((*a, b), frozenset([i])) for i, (a, b) in enumerate(rows)}
    for eliminated in range(1, len(rows[0][0]) + 1):
        kept = {(row[1:], origin) for row, origin in system if row[0] == 0}
        ups = [(row, origin) for row, origin in system if row[0] > 0]
        downs = [(row, origin) for row, origin in system if row[0] < 0]
        for up, first in ups:
            for down, second in downs:
                if len(first | second) <= eliminated + 1:
                    pairs = zip(up[1:], down[1:], strict=True)
                    row = [up[0] * q - down[0] * p for p, q in pairs]
                    size = next((abs(x) for x in row if x), Fraction(1))
                    kept.add((tuple(x / size for x in row), first | second))
        system = kept
    return all(b >= 0 for (b,), _ in system)


def rank(matrix: list[Vector]) -> int:
    """Return the rank by Gaussian elimination."""
    rows, found = [row[:] for row in matrix], 0
    for j in range(len(rows[0])):
        pivot = next((i for i in range(found, len(rows)) if rows[i][j]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][j] / rows[found][j]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


def points_answer(data: Points) -> int:
    """Ask for a rule with y (w.x + b) >= 1."""
    rows = [[*x, Fraction(data.bias)] for x in fractions(data.X)]
    pairs = zip(data.y, rows, strict=True)
    return int(feasible([([-y * x for x in row], Fraction(-1)) for y, row in pairs]))


def margin_answer(data: Margin) -> int:
    """Find two points such that the rule halfway between them has no point within.

    Half their distance is then the largest margin. (Without an offset the two are opposite.)
    """
    X, y = fractions(data.points.X), data.points.y
    for i, j in combinations(range(len(y)), 2):
        if y[i] == y[j]:
            continue
        half = [(a - b) / 2 * y[i] for a, b in zip(X[i], X[j], strict=True)]
        middle = [(a + b) / 2 for a, b in zip(X[i], X[j], strict=True)]
        if not data.points.bias and any(middle):
            continue
        values = [k * (dot(half, x) - dot(half, middle)) for x, k in zip(X, y, strict=True)]
        if min(values) >= dot(half, half):
            return int(dot(half, half) >= Fraction(data.squared))
    raise AssertionError("no nearest points are planted")


def rank_answer(data: Matrix) -> int:
    return rank(fractions(data.entries))


def dimension_answer(data: Matrix) -> int:
    """Subtract the first class, and not the last, from all."""
    W = fractions(data.entries)
    return len(W) - rank([[x - row[0] for x in row] for row in W])


def program_answer(data: System) -> int:
    n = data.A.shape[1]
    A, C = fractions(data.A.reshape(-1, n)), fractions(data.C.reshape(-1, n))
    rows = list(zip(A, map(Fraction, data.b.tolist()), strict=False))
    for row, value in zip(C, map(Fraction, data.d.tolist()), strict=False):
        rows += [(row, value), ([-x for x in row], -value)]
    if data.nonnegative:
        rows += [([Fraction(-(i == j)) for j in range(n)], Fraction(0)) for i in range(n)]
    return int(feasible(rows))


def member_answer(data: Membership) -> int:
    (x,), (b,) = fractions(data.x), fractions(data.b)
    values = [dot(a, x) - bound for a, bound in zip(fractions(data.A), b, strict=True)]
    return int(all(v < 0 or (v == 0 and not s) for v, s in zip(values, data.strict, strict=True)))


def hull_answer(data: Hull) -> int:
    """Ask for a hyperplane with w.v >= w.x + 1 for all points of the hull."""
    (x,) = fractions(data.x)
    rows = [([b - a for a, b in zip(v, x, strict=True)], Fraction(-1)) for v in fractions(data.V)]
    return int(not feasible(rows))


def relu_answer(data: ReluPoint) -> int:
    (x,), (b,), (v,) = fractions(data.x), fractions(data.b), fractions(data.v)
    pairs = zip(fractions(data.W), b, strict=True)
    value = dot(v, [max(dot(w, x) + bias, Fraction(0)) for w, bias in pairs])
    level = Fraction(data.threshold)
    return int(value > level or (value == level and not data.strict))


def argmax_answer(data: Logits) -> int:
    (x,), (b,) = fractions(data.x), fractions(data.b)
    z = [dot(w, x) + bias for w, bias in zip(fractions(data.W), b, strict=True)]
    return z.index(max(z)) if z.count(max(z)) == 1 else -1


ANSWERS = {
    "separable points": points_answer,
    "touching hulls": points_answer,
    "maximum margin": margin_answer,
    "rank": rank_answer,
    "softmax heads": dimension_answer,
    "linear programs": program_answer,
    "polyhedra by inequalities": member_answer,
    "polyhedra by vertices": hull_answer,
    "ReLU labels": relu_answer,
    "largest logits": argmax_answer,
}


@pytest.mark.parametrize("name", NAMES)
def test_planted_answers_are_right_by_another_argument(name):
    for number in range(40):
        instance = labelled.drawn(name, 7, number)
        assert instance.answer == ANSWERS[name](instance.data), (name, number)  # type: ignore[operator]


@pytest.mark.parametrize("name", NAMES)
def test_all_numbers_are_floats(name):
    def leaves(data):
        if is_dataclass(data):
            for part in fields(data):
                yield from leaves(getattr(data, part.name))
        else:
            yield data

    for number in range(12):
        for value in leaves(labelled.drawn(name, 1, number).data):
            if isinstance(value, np.ndarray):
                assert value.dtype in (np.float32, np.float64)
                assert np.isfinite(value).all()
            else:
                assert isinstance(value, float | bool | tuple)


def test_floats_refuse_what_they_cannot_hold():
    assert floats([Fraction(1, 2), 3]).tolist() == [0.5, 3]
    with pytest.raises(AssertionError, match="no float64"):
        floats([1 + Fraction(1, 2**60)])
    with pytest.raises(AssertionError, match="no float32"):
        floats([1 + Fraction(1, 2**30)], "float32")


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def section(told):
    return labelled.run(count=ALL, seed=5, progress=lambda *args: told.append(args))


def column(section, name):
    return [row[section.columns.index(name)] for row in section.rows]


def test_nothing_is_wrong_or_undecided(section):
    assert section.problems == ()
    assert set(column(section, "wrong")) == set(column(section, "undecided")) == {"0"}


def test_counts_add_up(section):
    assert [row[0] for row in section.rows] == NAMES
    assert sum(map(int, column(section, "instances"))) == ALL
    for row in section.rows:
        assert len(row) == len(section.columns)
        total, easy, true, false, *_ = map(int, row[COUNTS])
        assert true + false == total
        assert min(true, false) >= total / 4  # neither answer is right by being given always
        assert total / 10 <= easy <= total / 2
    misled = sum(map(int, column(section, "floats wrong")))
    assert f"{misled:,}" in section.words
    by_case = [line.rpartition("wrong on ")[2].split(" of ") for line in section.notes]
    assert sum(int(wrong) for wrong, _ in by_case) == misled
    assert sum(int(total) for _, total in by_case) == ALL


def test_floats_are_wrong_on_nasty_instances_only(section):
    assert all(int(n) > 0 for n in column(section, "floats wrong"))
    easy = [line for line in section.notes if f", {EASY}: " in line]
    assert len(easy) == len(NAMES)
    assert all("wrong on 0 of" in line for line in easy)


def test_progress_is_told_of_each_instance(section, told):
    assert [done for done, _, _ in told] == list(range(1, ALL + 1))
    assert {total for _, total, _ in told} == {ALL}
    assert list(dict.fromkeys(name for _, _, name in told)) == NAMES


def test_the_same_seed_gives_the_same_section():
    first, second, other = (
        labelled.run(count=63, seed=seed, progress=silent) for seed in (2, 2, 3)
    )
    assert first == second
    assert first.problems == other.problems == ()
    assert sum(map(int, column(first, "instances"))) == 63


def test_many_points_start_from_a_float_proposal():
    for number in (119, 239):
        instance = labelled.drawn("separable points", 0, number)
        assert LabelledSet(instance.data.X, instance.data.y, bias=True).large
        assert instance.holds == (number == 119)
        answer = certify.separate(instance.data.X, instance.data.y, instance.data.bias)
        assert answer.separable == instance.holds


def with_certificates(monkeypatch, certificates):
    """Let the one family of ranks be decided in another way, and run it."""
    family = next(f for f in labelled.FAMILIES if f.name == "rank")
    monkeypatch.setattr(labelled, "FAMILIES", (replace(family, certificates=certificates),))
    return labelled.run(count=10, seed=4, progress=silent)


def one_more(data: Matrix) -> list[Certificate]:
    """Claim a rank that is too large by one, with the evidence of the right one."""
    honest = certify.rank(data.entries).certificate
    return [replace(honest, statement={"rank": honest.statement["rank"] + 1})]


def test_a_decider_with_wrong_answers_gets_no_proof(monkeypatch):
    section = with_certificates(monkeypatch, one_more)
    assert column(section, "wrong") == ["0"]
    assert column(section, "undecided") == ["10"]
    assert len(section.problems) == 10
    assert section.problems[3].startswith("rank, seed 4, number 3: no proof: ")


def test_wrong_answers_that_a_broken_checker_accepts_are_problems(monkeypatch):
    monkeypatch.setattr(checker, "check", lambda document: ("rank", "anything"))
    section = with_certificates(monkeypatch, one_more)
    assert column(section, "wrong") == ["10"]
    assert column(section, "undecided") == ["0"]
    answer = labelled.drawn("rank", 4, 0).answer
    expected = f"rank, seed 4, number 0: {answer + 1} is certified, planted is {answer}"
    assert section.problems[0] == expected


def test_a_certificate_of_another_instance_is_a_problem(monkeypatch):
    section = with_certificates(monkeypatch, lambda data: [certify.rank([[1]]).certificate])
    assert column(section, "undecided") == ["10"]
    assert all("the certificate states" in line for line in section.problems)


@pytest.mark.parametrize("name", NAMES)
def test_each_family_refuses_certificates_of_other_instances(name):
    family = next(f for f in labelled.FAMILIES if f.name == name)
    one, other = (labelled.drawn(name, 0, number).data for number in (0, 8))
    for certificate in family.certificates(one):
        family.read(certificate.to_json(), one)
        with pytest.raises(OtherInstance):
            family.read(certificate.to_json(), other)


def test_a_decider_that_fails_or_says_nothing_is_a_problem(monkeypatch):
    def failing(data):
        yield certify.rank(data.entries).certificate
        raise ZeroDivisionError("somewhere")

    section = with_certificates(monkeypatch, failing)
    assert column(section, "undecided") == ["10"]
    assert section.problems[0] == "rank, seed 4, number 0: ZeroDivisionError: somewhere"
    section = with_certificates(monkeypatch, lambda data: [])
    assert section.problems[0] == "rank, seed 4, number 0: no certificate"


def test_only_the_first_problems_are_listed(monkeypatch):
    family = next(f for f in labelled.FAMILIES if f.name == "rank")
    monkeypatch.setattr(labelled, "FAMILIES", (replace(family, certificates=lambda data: []),))
    section = labelled.run(count=50, seed=0, progress=silent)
    assert len(section.problems) == SHOWN + 1
    assert section.problems[-1] == f"{50 - SHOWN} more problems"
    assert column(section, "undecided") == ["50"]


def test_a_float_method_that_fails_gives_no_answer(monkeypatch):
    def failing(data):
        raise np.linalg.LinAlgError

    family = next(f for f in labelled.FAMILIES if f.name == "rank")
    monkeypatch.setattr(labelled, "FAMILIES", (replace(family, floats=failing),))
    section = labelled.run(count=10, seed=0, progress=silent)
    assert section.problems == ()
    assert column(section, "floats wrong") == ["0"]
    assert column(section, "floats without answer") == ["10"]


def test_a_problem_can_be_repeated():
    outcome = labelled.again("rank", 4, 3)
    answer = labelled.drawn("rank", 4, 3).answer
    assert outcome.exact == (answer, answer)
    assert not outcome.reason


def test_what_differs_is_shown_short():
    require_same((1, 2), (1, 2))
    with pytest.raises(OtherInstance, match="states 1, given was 2"):
        require_same(1, 2)
    with pytest.raises(OtherInstance) as caught:
        require_same(list(range(10_000)), 0)
    assert len(str(caught.value)) < 200
