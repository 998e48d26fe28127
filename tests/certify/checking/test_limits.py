"""No document takes the checker much time or memory, and no number is too long for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from certify.certificates.kinds import REFUSALS, certificate
from certify.checking import checker

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


WIDE_WINDOWS = next(r.edit for r in REFUSALS if "windows hold more" in r.reason)
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
    program = MEMORY.format(path=str(path), root=str(Path(checker.__file__).parents[2]))
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
