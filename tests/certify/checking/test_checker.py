"""The checker accepts every honest certificate and refuses every corrupted one, with the reason."""

from __future__ import annotations

import ast
import json
import re
import traceback
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from certify.certificates.kinds import DELETE, HONEST, KINDS, REFUSALS, Refusal, certificate
from certify.checking import checker

SOURCE = Path(checker.__file__)
TREE = ast.parse(SOURCE.read_text(encoding="utf-8"))


REJECTED = [refusal for refusal in REFUSALS if refusal.verdict == "rejected"]
MALFORMED = [refusal for refusal in REFUSALS if refusal.verdict == "malformed"]


@pytest.mark.parametrize("name", HONEST)
def test_honest_certificates_are_accepted_and_say_their_sentence(name: str) -> None:
    kind, established = checker.check(json.loads(json.dumps(certificate(name))))
    assert kind == HONEST[name].kind
    assert established == HONEST[name].says


@pytest.mark.parametrize("refusal", REJECTED, ids=str)
def test_corruptions_are_rejected_at_their_step(refusal: Refusal) -> None:
    with pytest.raises(checker.Rejected) as caught:
        checker.check(refusal.document())
    assert caught.value.step == refusal.place
    assert refusal.reason in caught.value.reason


@pytest.mark.parametrize("refusal", MALFORMED, ids=str)
def test_malformed_certificates_name_the_place(refusal: Refusal) -> None:
    with pytest.raises(checker.Malformed) as caught:
        checker.check(refusal.document())
    assert caught.value.where == refusal.place
    assert refusal.reason in caught.value.reason


# Nothing in the checker goes untested: its own source says what there is to refuse.


def step_sites() -> dict[int, str]:
    """Return the line of each step that a rule yields, and its name."""
    return {
        node.lineno: node.value.elts[0].value
        for node in ast.walk(TREE)
        if isinstance(node, ast.Yield)
        and isinstance(node.value, ast.Tuple)
        and isinstance(node.value.elts[0], ast.Constant)
    }


def site_of(error: checker.Rejected) -> int:
    """Return the line at which the step that is rejected was yielded."""
    return traceback.extract_tb(error.__traceback__)[-1].lineno or 0


def test_every_step_of_every_rule_is_rejected_somewhere() -> None:
    wanted = step_sites()
    reached = set()
    for refusal in REJECTED:
        try:
            checker.check(refusal.document())
        except checker.Rejected as error:
            reached.add(site_of(error))
    missing = {line: step for line, step in wanted.items() if line not in reached}
    assert not missing, f"no certificate is refused at {missing}"
    assert len(wanted) > 100  # the search for the steps found them


def test_every_malformation_occurs_in_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    raised = {
        node.lineno
        for function in ast.walk(TREE)
        if isinstance(function, ast.FunctionDef)
        and function.name not in {"check", "decided", "parse"}
        for node in ast.walk(function)
        if isinstance(node, ast.Raise) and "Malformed" in ast.unparse(node)
    }
    documents = {  # refused before any rule is asked, and tested by themselves below
        node.lineno
        for function in ast.walk(TREE)
        if isinstance(function, ast.FunctionDef) and function.name == "parse"
        for node in ast.walk(function)
        if isinstance(node, ast.Raise)
    }
    reached = set()
    monkeypatch.setattr(checker, "MAX_DIGITS", 50)  # some rows name longer numbers
    long = certificate("rank", {"instance.matrix.0.0": "1" * 51})
    for refused in [*(refusal.document() for refusal in MALFORMED), long]:
        try:
            checker.check(refused)
        except checker.Malformed as error:
            reached.add(traceback.extract_tb(error.__traceback__)[-1].lineno)
    with pytest.raises(checker.Malformed, match="1 and 2 entries do not match") as guard:
        checker.Vector([1]) @ checker.Vector([1, 1])
    with pytest.raises(checker.Malformed, match="nested more than") as depth:
        checker.Expressions({}).evaluate([], checker.MAX_DEPTH)
    tree: dict[str, Any] = {}
    for _ in range(checker.MAX_DEPTH):
        tree = {"split": [0, 0], "parts": [{}, tree]}
    split = {"split": [0, 0], "parts": [tree, tree]}
    assert checker.check(certificate("no-counterexample", {"evidence.trees": [tree]}))
    with pytest.raises(checker.Malformed, match="split more than 100 times") as splits:
        checker.check(certificate("no-counterexample", {"evidence.trees": [split]}))
    cuts = [{"split": [node, 0], "parts": [None, {}]} for node in (0, 1)]
    below: dict[str, Any] = {"cuts": cuts, "rest": {}}
    for _ in range(checker.MAX_DEPTH):
        below = {"split": [0, 0], "parts": [{}, below]}
    with pytest.raises(checker.Malformed, match="split more than 100 times") as cut:
        checker.check(certificate("no-counterexample", {"evidence.trees": [below]}))
    monkeypatch.setattr(checker, "MAX_DEPTH", 1)
    monkeypatch.setattr(checker, "MAX_HALFSPACES", 0)
    flat = certificate("no-counterexample", {"evidence.trees": [{"cuts": cuts, "rest": {}}]})
    with pytest.raises(checker.Malformed, match="more than 0 halfspaces of long paths") as path:
        checker.check(flat)
    guards = (guard, depth, splits, cut, path)
    reached |= {traceback.extract_tb(e.value.__traceback__)[-1].lineno for e in guards}
    assert sorted(raised - documents - reached) == []


# Tightness: no number of the first certificate of a kind can be increased unnoticed, except as
# its file says.


def nodes(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every dotted path below a JSON value, with what is there."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        place = f"{path}.{key}" if path else str(key)
        yield place, item
        if isinstance(item, dict | list):
            yield from nodes(item, place)


def increased(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?\d+(/\d+)?", value):
        return str(Fraction(value) + 1)
    if isinstance(value, int) and not isinstance(value, bool):
        return value + 1
    return None


def refused(name: str, edits: dict[str, Any]) -> bool:
    try:
        checker.check(certificate(name, edits))
    except (checker.Rejected, checker.Malformed):
        return True
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_can_be_increased_unnoticed(kind: str) -> None:
    first = KINDS[kind].honest[0]
    unnoticed = {
        f"{first.name} {path}"
        for path, value in nodes(first.parts)
        if (more := increased(value)) is not None and not refused(kind, {path: more})
    }
    assert unnoticed == set(KINDS[kind].increased)


JUNK = (None, True, -1, 10**12, "x", "1", [], {}, ["1"], [["1"]], [0, 1, 2], DELETE)


@pytest.mark.parametrize("name", HONEST)
def test_anything_in_any_place_is_accepted_or_refused_but_never_an_error(name: str) -> None:
    for path, _ in nodes(HONEST[name].parts):
        for value in JUNK:
            if "." in path:
                refused(name, {path: value})
