"""The checker accepts every honest certificate and refuses every corrupted one, with the reason."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from random import Random
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
    guards = (guard, depth, splits)
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


# Long numbers and small documents that ask for large ones.

HUGE = "1" + "0" * 3000


@pytest.mark.parametrize(
    ("name", "edits"),
    [
        pytest.param(
            "max-margin",
            {
                "instance.points": [["0"], ["1" + "0" * 4000]],
                "statement.normal": ["1/5" + "0" * 3999],
                "statement.margin_squared": "25" + "0" * 7998,
                "evidence.multipliers": ["1/5" + "0" * 7999] * 2,
            },
            id="long numerals",
        ),
        # Every numeral is short enough to read; only what a step would say if it failed is not.
        pytest.param(
            "separator-steps",
            {
                "instance.points": [["0"], [HUGE]],
                "instance.separator": {"normal": [HUGE], "offset": f"-{HUGE}"},
                "statement.direction": [HUGE],
                "statement.steps": [f"1/{HUGE}"],
            },
            id="long margins",
        ),
    ],
)
def test_long_numbers_are_no_obstacle(name: str, edits: dict[str, Any]) -> None:
    limit = sys.get_int_max_str_digits()
    assert checker.check(certificate(name, edits))
    assert sys.get_int_max_str_digits() == limit


def test_a_reason_stays_short_whatever_its_numbers() -> None:
    with pytest.raises(checker.Rejected, match="minor has the stated size") as caught:
        checker.check(certificate("rank", {"statement.rank": 10**5000}))
    assert len(str(caught.value)) < 1000


WIDE_WINDOWS = next(r.edit for r in MALFORMED if "windows hold more" in r.reason)
MANY_STEPS = ["0", *(f"{k}/1009" for k in range(1, 1_009)), "1"]
ALL_ALONG = {"fact": "segment", "from": 0, "to": 1, "label": 0, "changes": False}
AFFINE_NODES = [
    {"type": "convolution", "reads": 0, "shape": [1, 1, 1], "window": [1, 1]}
    | {"padding": [450] * 4, "weights": [["1"]], "biases": ["0"]},
    *({"type": "selection", "reads": 1, "entries": [k]} for k in range(8)),
    *({"type": "sum", "reads": [1, 1]} for _ in range(8)),
    *({"type": "selection", "reads": k, "entries": [0]} for k in range(10, 18)),
    {"type": "concatenation", "reads": [*range(2, 10), *range(18, 26)]},
]
WIDE_NODES = [
    {"type": "convolution", "reads": 0, "shape": [1, 2, 2], "window": [1, 1], "groups": 1}
    | {"padding": [100] * 4, "weights": [["1"]], "biases": ["0"]},
    {"type": "relu", "reads": 1},
    {"type": "selection", "reads": 2, "entries": [20_300, 0]},
]
QUOTIENT = ["/", ["^", "3", "99999"], ["^", "7", "99999"]]
MEMORY = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (200_000_000, 200_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (3, 3))
sys.argv = ["checker", {path!r}]
sys.path.insert(0, {root!r})
from certify.checking import checker
raise SystemExit(checker.main([{path!r}]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
@pytest.mark.parametrize(
    ("name", "edits"),
    [
        ("every-model", {"instance.classes": 10**9}),
        (
            "arithmetic",
            {"statement.relations": [[["^", ["^", "10", "99999"], "99999"], "!=", "2"]]},
        ),
        ("arithmetic", {"statement.relations": [["1" + "0" * 150_000, "!=", "2"]]}),
        ("arithmetic", {"statement.relations": [[["^", "2", "1" + "0" * 60], "!=", "2"]]}),
        # Each of these took minutes, hours or gigabytes.
        ("arithmetic", {"statement.relations": [[["^", "7", "1200000"], "=", "2"]]}),
        ("arithmetic", {"statement.relations": [[QUOTIENT, "!=", "2"]] * 9_999}),
        ("arithmetic", {"statement.relations": [["9" * 99_999, "!=", "8" * 99_999]] * 20}),
        ("binomial-tail", {"instance.trials": 200_000, "statement.successes": 100_000}),
        (
            "binomial-tail",
            {"instance": {"trials": 200_000, "probability": "1/" + "7" * 90_000}},
        ),
        ("network-points", WIDE_WINDOWS),
        ("parallel/none", {"instance.weights": [["0"] * 6000]}),
        (
            "network-points",
            {
                "instance": {
                    "points": [{"exponent": 10_000, "integers": [1] * 100_000}],
                    "nodes": [],
                }
            },
        ),
        (
            "network-points",
            {
                "instance": {"points": [{"exponent": 0, "integers": [k] * 20_000} for k in (0, 1)]}
                | {"nodes": []},
                "statement.facts": [
                    {"fact": "within", "point": 0, "of": 1, "radius": str(k)} for k in range(1, 300)
                ],
            },
        ),
        (
            "network-points/segments",
            {"statement.facts": [{**ALL_ALONG, "steps": ["0", "1"]}]}
            | {"instance.points": [["1"], ["2"]], "instance.nodes": AFFINE_NODES},
        ),
        (
            "network-points/segments",
            {"statement.facts": [{**ALL_ALONG, "steps": MANY_STEPS}], "instance.nodes": []}
            | {"instance.points": [["2", *["1"] * 5_000], ["3", *["1"] * 5_000]]},
        ),
        (
            "network-points/segments",
            {
                "instance.nodes": [
                    {**AFFINE_NODES[0], "padding": [10**6] * 4, "strides": [10**3] * 2}
                ]
            }
            | {"instance.points": [["1"], ["2"]], "statement.facts": [ALL_ALONG]},
        ),
        (
            "network-points/segments",
            {"statement.facts.0.steps": MANY_STEPS}
            | {"instance.nodes": WIDE_NODES, "instance.points": [["1"] * 4, ["2"] * 4] * 3},
        ),
        (
            "rule-facts",
            {
                "instance.rules": [
                    {
                        "type": "two-layer",
                        "output": ["1"] * 2000,
                        "weights": [["1"]] * 2000,
                        "biases": [str(k) for k in range(2000)],
                        "threshold": "-1",
                        "strict": True,
                    }
                ],
                "instance.points": [["1"]] * 9_000,
                "instance.labels": [1] * 9_000,
            },
        ),
        # Denominators of one hash, which a table would compare with each other.
        (
            "rule-facts",
            {
                "instance": {
                    "rules": [{"type": "linear", "normal": ["1"], "offset": "0", "zero": 0}],
                    "points": [],
                    "labels": [],
                },
                "statement.facts": [
                    {"fact": "label", "rule": 0, "point": [f"1/{k * (2**61 - 1) + 1}"], "label": 1}
                    for k in range(1, 20_000)
                ]
                + [{"fact": "?"}],
            },
        ),
        (
            "invariant-regions",
            {
                "instance": {"weights": [["0"] * 5_000], "bias": ["0"] * 5_000},
                "statement": {
                    "direction": ["1"],
                    "regions": [{"class": k, "point": ["0"]} for k in range(2_500)],
                },
            },
        ),
        (
            "class-left",
            {
                "instance": {"classes": 5_000, "labels": [0], "points": [["1"] * 5_000]},
                "statement": {"class": 0, "direction": ["1"] * 5_000},
                "evidence": {
                    "gaps": [{"point": 0, "class": k, "multiplier": "1"} for k in range(1, 900)],
                    "targets": ["0"] * 5_000,
                },
            },
        ),
    ],
)
def test_small_documents_cannot_exhaust_the_checker(
    name: str, edits: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "large.certificate.json"
    path.write_text(json.dumps(certificate(name, edits)))
    program = MEMORY.format(path=str(path), root=str(SOURCE.parents[2]))
    # Three seconds of the processor, however busy it is; a hundred if the limit does not work.
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, timeout=100
    )
    assert (run.returncode, run.stderr) == (1, "")
    assert "malformed" in run.stdout


NESTED = '["abs", ' * 700 + '"2"' + "]" * 700


def test_deep_expressions_are_malformed() -> None:
    text = json.dumps(certificate("arithmetic")).replace('"8"', NESTED)
    with pytest.raises(checker.Malformed, match="nested more than 100 deep"):
        checker.check(checker.parse(text))


# What acceptance establishes, in words that the numbers of the certificate fill.


@pytest.mark.parametrize(
    ("name", "edits", "words"),
    [
        ("every-separator/weak", {}, "(>= 0 is enough at the points (1, 2)), if there is one, has"),
        (
            "every-separator",
            {
                "instance.points": [["0"], ["0"]],
                "statement.normal": ["0"],
            },
            "no (w, b) has y_i (w.x_i + b) > 0 at all 2 points",
        ),
        ("separator-steps", {}, "y (w.(x - y c u) + b) is > 0 for c < s, 0 for c = s and < 0 for"),
        ("some-point-flips", {}, "y_i (w.(x_i - y_i s u) + b) is < 0, or 0 at points of both"),
        ("universal-step", {}, "for 0 <= c < s, and for no c >= s: some (w, b) has"),
        ("universal-step/infinite", {}, "for every c > 0: some (w, b) has"),
        ("relu-universal-direction", {}, "so from every x labelled -1"),
        ("convex-direction", {}, "every convex set A, open or closed, that contains the points la"),
        (
            "invariant-regions",
            {"statement.regions": [{"class": 1, "point": ["1", "0"]}] * 3},
            "those of the classes (1) have a point",
        ),
        ("bounded", {"instance.right_side": ["-1", "-1"]}, "is bounded, and possibly empty"),
        ("decision-region/unbounded", {}, "all h with z_1(h) >= z_j(h) for all j of 2 classes"),
        (
            "parallel/none",
            {"instance.weights": [["1", "1"]]},
            "2 classes have 1 pairs: there are no two bisectors that could be parallel",
        ),
        ("parallel", {}, "are parallel, or the same"),
        ("rule-facts", {}, "and at x + c v for every c > 0, v = (0)"),
        ("class-left", {}, "if there is one, and every x: at x + c v the logit of class 0"),
        (
            "every-model",
            {
                "instance": {"classes": 2, "labels": [0, 1], "points": [["1"], ["1"]]},
                "statement.form": [["0", "0"], ["0", "0"]],
                "evidence.gaps": [
                    {"point": i, "class": 1 - i, "multiplier": "1"} for i in range(2)
                ],
            },
            "no (W, b) with the largest logit",
        ),
        (
            "arithmetic",
            {"statement.relations": [["a", "<", str(k)] for k in range(3, 12)]},
            "a < 8; and 3 more, with a = 2",
        ),
        (
            "linear-system-solution",
            {"instance.right_side": ["1" + "0" * 60, "1" + "0" * 60], "statement.solution":
             ["1" + "0" * 60, "0"]},
            "x = ((a number of 200 bits), 0)",
        ),
    ],
)  # fmt: skip
def test_accepted_certificates_say_a_sentence(name: str, edits: dict[str, Any], words: str) -> None:
    assert words in checker.check(certificate(name, edits))[1]


@pytest.mark.parametrize("name", HONEST)
def test_sentences_fit_on_a_screen(name: str) -> None:
    assert len(HONEST[name].says) < 600


def vector_of(*numbers: Fraction) -> checker.Vector:
    return checker.Vector.of(x.as_integer_ratio() for x in numbers)


def scanned(rule: Any, x: list[Fraction], v: list[Fraction]) -> bool:
    """Tell whether a rule keeps its label at many steps: those of all its events, and between."""
    steps = {Fraction(k, 12) for k in range(1, 120)} | {Fraction(10**6)}
    points = (vector_of(*(a + c * b for a, b in zip(x, v, strict=True))) for c in steps)
    return all(rule.label(point) == rule.label(vector_of(*x)) for point in points)


@pytest.mark.parametrize("kind", ["linear", "argmax", "cells", "two-layer"])
def test_labels_along_rays_are_those_of_many_steps(kind: str) -> None:
    """The numbers are so small that labels change at a twelfth or remain changed for long."""
    rng, verdicts = Random(kind), []

    def vector(n: int, few: tuple[str, ...] = ("0", "1", "-1", "2", "-2")) -> list[str]:
        return [rng.choice(few) for _ in range(n)]

    for _ in range(150):
        m = rng.randint(1, 3)
        part: dict[str, Any] = {
            "linear": {"normal": vector(2), "offset": "-1", "zero": rng.choice([-1, 0, 1])},
            "argmax": {"weights": [vector(2) for _ in range(m)], "bias": vector(m), "lowest": True},
            "cells": {
                "cells": [
                    {
                        "matrix": [vector(2) for _ in range(2)],
                        "right_side": vector(2),
                        "strict": [rng.random() < 0.5 for _ in range(2)],
                    }
                    for _ in range(m)
                ],
                "inside": 1,
                "outside": rng.choice([0, 0, 0, 1]),
            },
            "two-layer": {
                "output": vector(m),
                "weights": [vector(2) for _ in range(m)],
                "biases": vector(m),
                "threshold": rng.choice(["0", "1"]),
                "strict": rng.random() < 0.5,
            },
        }[kind]
        rule = checker.CLASSIFIERS[kind](checker.Field(part, "rule"))
        x, v = ([Fraction(c) for c in vector(2, ("0", "1", "-1"))] for _ in range(2))
        kept = rule.keeps(vector_of(*x), vector_of(*v))
        verdicts.append(kept)
        assert kept == scanned(rule, x, v), (part, x, v)
    assert 20 < sum(verdicts) < 140


# Documents.


def dumped(edit: Callable[[dict[str, Any]], None] = lambda _: None) -> str:
    changed = certificate("rank")
    edit(changed)
    return json.dumps(changed)


def replace(field: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda changed: changed.update({field: value})


DOCUMENTS = [
    ("", "document", "not JSON"),
    ("\n", "document", "not JSON"),
    ("{", "document", "not JSON"),
    ('"rank"', "certificate", "expected an object, got str"),
    ("null", "certificate", "expected an object, got null"),
    ("[]", "certificate", "expected an object, got list"),
    (dumped() + "x", "document", "not JSON: Extra data"),
    (dumped() + dumped(), "document", "not JSON: Extra data"),
    ("\ufeff" + dumped(), "document", "not JSON"),
    ("[" * 100_000, "document", "nested too deeply"),
    (dumped().replace('"rank": 1}', '"rank": 1.0}'), "document", "the number 1.0 is not exact"),
    (dumped().replace('"rank": 1}', '"rank": 1e0}'), "document", "the number 1e0 is not exact"),
    (dumped().replace('"rank": 1}', '"rank": NaN}'), "document", "the number NaN is not exact"),
    (
        dumped().replace('"rank": 1}', '"rank": -Infinity}'),
        "document",
        "the number -Infinity is not exact",
    ),
    (dumped().replace('"rank": 1}', '"rank": 2, "rank": 1}'), "document", "a key occurs twice"),
    (dumped(replace("format", "x")), "certificate.format", "got 'x'"),
    (dumped(replace("version", 1)), "certificate.version", "expected 2, got 1"),
    (dumped(replace("version", True)), "certificate.version", "expected 2, got True"),
    (dumped(replace("version", "2")), "certificate.version", "expected 2, got '2'"),
    (dumped(replace("kind", "proof")), "certificate.kind", '"proof" is none of "rank"'),
    (dumped(replace("kind", ["rank"])), "certificate.kind", "list is none of"),
    (dumped(replace("kind", None)), "certificate.kind", "null is none of"),
    (dumped(replace("more", 1)), "certificate", "unknown field 'more'"),
    (dumped(lambda c: c.pop("evidence")), "certificate", "field 'evidence' is missing"),
    (dumped(lambda c: c.pop("version")), "certificate", "field 'version' is missing"),
    (dumped(replace("instance_sha256", "0" * 64)), "certificate.instance_sha256", "does not"),
    (dumped(replace("instance_sha256", None)), "certificate.instance_sha256", "does not bel"),
    (
        dumped(lambda c: c["instance"].update(matrix=[["1", "2"]])),
        "certificate.instance_sha256",
        "the hash does not belong to the instance",
    ),
    (dumped(replace("statement", [])), "certificate.statement", "expected an object, got list"),
]


@pytest.mark.parametrize(("text", "where", "reason"), DOCUMENTS)
def test_documents_that_are_no_certificates(text: str, where: str, reason: str) -> None:
    with pytest.raises(checker.Malformed) as caught:
        checker.check(checker.parse(text))
    assert caught.value.where == where
    assert reason in caught.value.reason


@pytest.mark.parametrize("depth", [*range(900, 1_000, 5), 2_000, 50_000])
@pytest.mark.parametrize("part", ["version", "kind", "instance", "statement"])
def test_deep_nesting_is_malformed(part: str, depth: int) -> None:
    value: Any = []
    for _ in range(depth):
        value = [value]
    with pytest.raises(checker.Malformed):
        checker.check({**certificate("rank"), part: value})
    nested = "[" * depth + "1" + "]" * depth
    text = dumped(replace(part, "here")).replace('"here"', nested)
    with pytest.raises(checker.Malformed):
        checker.check(checker.parse(text))


def test_integers_of_any_length_are_malformed_where_they_are_not_expected() -> None:
    limit = sys.get_int_max_str_digits()
    for part in ("format", "version", "kind", "instance_sha256", "instance"):
        with pytest.raises(checker.Malformed):
            checker.check({**json.loads(dumped()), part: 10**5000})
    with pytest.raises(checker.Malformed):
        checker.check(json.loads(dumped()) | {"instance": {"matrix": [[10**5000]]}})
    assert sys.get_int_max_str_digits() == limit


@pytest.mark.parametrize(("digits", "place"), [(5_000, "evidence.prime"), (100_001, "")])
def test_integers_have_the_length_of_numerals(digits: int, place: str) -> None:
    limit = sys.get_int_max_str_digits()
    text = dumped().replace('"prime": 2', f'"prime": {"1" * digits}')
    where = f"certificate.{place}" if place else "document"
    with pytest.raises(checker.Malformed) as caught:
        checker.check(checker.parse(text))
    assert caught.value.where == where
    assert place or "an integer has more than 100000 digits" in caught.value.reason
    assert sys.get_int_max_str_digits() == limit


def test_a_line_ends_with_a_line_feed_alone(tmp_path: Path) -> None:
    path = tmp_path / "certificates.jsonl"
    spaced = dumped().replace(", ", ",\r")
    path.write_bytes(f"{spaced}\r\n{dumped()}\n".encode())
    assert len(list(checker.certificates_in(path))) == 2
    assert checker.main([str(path)]) == 0
    path.write_bytes(f"{dumped()}\r{dumped()}".encode())
    assert len(list(checker.certificates_in(path))) == 1
    assert checker.main([str(path)]) == 1


def test_names_of_files_that_cannot_be_printed_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", output)
    path = tmp_path / os.fsdecode(b"\xff\xc3\xa9.jsonl")
    path.write_text("{}\n")
    assert checker.main([str(path)]) == 1
    output.flush()
    assert b"\\udcff\\xe9.jsonl:1: malformed" in output.buffer.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_no_more_than_a_certificate_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(checker, "MAX_LINE", len(dumped()))
    monkeypatch.setattr(checker, "BLOCK", 100)
    path = tmp_path / f"long.{suffix}"
    path.write_text(dumped() + " " * 10_000)
    texts = [text for _, text in checker.certificates_in(path)]
    assert all(len(text) <= checker.MAX_LINE + checker.BLOCK for text in texts)
    assert checker.main([str(path)]) == 1
    path.write_text(dumped())
    assert checker.main([str(path)]) == 0


def test_documents_have_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "MAX_LINE", len(dumped()))
    assert checker.parse(dumped())
    with pytest.raises(checker.Malformed, match="document: longer than"):
        checker.parse(dumped() + " ")


def test_numerals_have_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "MAX_DIGITS", 2)
    long = certificate("rank", {"instance.matrix.0.0": "12345"})
    with pytest.raises(
        checker.Malformed, match=r"matrix\[0\]\[0\]: a numeral has more than 2 digits"
    ):
        checker.check(long)


def test_the_order_of_keys_does_not_matter() -> None:
    def backwards(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: backwards(value[key]) for key in reversed(value)}
        return value

    assert checker.check(backwards(certificate("max-margin")))[0] == "max-margin"


def test_a_row_has_a_unit_of_its_own() -> None:
    """Over one unit for all, entries of different denominators would be as long as the table."""
    table = checker.Field([["1/2", "1/3"], ["1/5", "1/7"]], "table").matrix()
    assert [row.unit for row in table.rows] == [Fraction(1, 6), Fraction(1, 35)]
    assert [table[0][1].value, table[1][0].value] == [Fraction(1, 3), Fraction(1, 5)]
    ones = checker.Vector([1, 1])
    assert [x.value for x in table @ ones] == [Fraction(5, 6), Fraction(12, 35)]
    assert [x.value for x in ones @ table] == [Fraction(7, 10), Fraction(10, 21)]
    assert [row.unit for row in table.T.rows] == [Fraction(1, 10), Fraction(1, 21)]
    assert [row.unit for row in table.level.rows] == [Fraction(1, 210)] * 2
    assert [x.value for x in table.beside(ones)[1]] == [Fraction(1, 5), Fraction(1, 7), 1]
    assert (checker.Vector([0, 0]) @ table).n == [0, 0]


def test_long_weights_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the common denominator of a whole layer each of its weights may be as long as all."""
    primes = [p for p in range(2, 9_000) if all(p % q for q in range(2, int(p**0.5) + 1))][:1_024]
    rows = [[f"1/{p}" for p in primes[i : i + 16]] for i in range(0, 1_024, 16)]
    nodes = [{"type": "dense", "reads": 0, "weights": rows, "biases": ["0"] * 64}]
    points = [["0"] * 16]
    label = [{"fact": "label", "point": 0, "label": 0}]
    edit = {"instance.nodes": nodes, "instance.points": points, "statement.facts": label}
    honest = certificate("network-points", edit)
    with pytest.raises(checker.Rejected, match="no output is as large"):
        checker.check(honest)
    monkeypatch.setattr(checker, "FREE_WORK", 0)
    monkeypatch.setattr(checker, "WORK", 1)
    monkeypatch.setattr(checker.Matrix, "level", property(lambda _: pytest.fail("made")))
    with pytest.raises(checker.Malformed, match="more work than a document"):
        checker.check(honest)
