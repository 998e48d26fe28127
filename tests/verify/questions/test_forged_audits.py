"""Folders of audits whose examples, units or limits were forged, hashes and all, are refused."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify import cli, max_margin
from certify.checking.robust_answers import exact
from tests.verify.questions.forgeries import Entry, forged
from verify import cli as verify_cli

# Labels tell whether the first number is above 1/4: example 1 is nearer to it than example 0.
SHARES = [[0.0, 8.0], [0.125, 8.0], [0.375, 2.0], [3.0, 0.0]]  # of ranges 3 and 8
PIXELS = [[0.0, 0.5], [0.125, 0.25], [0.375, 0.5], [1.0, 0.5]]
PLAIN = [*PIXELS, [3.0, 0.5]]  # the last, which the model reads wrong, has no place in [0, 1]
DATA = {"shares": (SHARES, "5%"), "pixels": (PIXELS, "0.1875"), "plain": (PLAIN, "0.1875")}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, three sets of data, and an audit of each."""
    folder = tmp_path_factory.mktemp("files")
    W, b = np.array([[-1.0, 1.0], [0.0, 0.0]]), np.array([0.25, -0.25])
    np.savez(folder / "model.npz", W=W, b=b)
    for name, (X, radius) in DATA.items():
        y = (np.array(X) @ W + b).argmax(axis=1)
        y[4:] = 0
        np.savez(folder / f"{name}.npz", X=np.array(X), y=y)
        words = ["--data", folder / f"{name}.npz", "--robust", radius, "--twin", "0:1"]
        out = ["--out", folder / f"audit-{name}"]
        assert verify_cli.main(["audit", *map(str, [folder / "model.npz", *words, *out])]) == 0
    return folder


def said(
    files: Path, folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> list[tuple[int, str]]:
    """Return the exit codes and words of `certify check` and `certify bind`."""
    found = []
    for words in (
        ["check", folder],
        ["bind", folder, files / "model.npz", "--data", files / f"{name}.npz"],
    ):
        capsys.readouterr()
        code = cli.main([str(word) for word in words])
        found.append((code, capsys.readouterr().out))
    return found


@pytest.mark.parametrize("name", DATA)
def test_honest_folders_are_accepted(
    files: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for code, words in said(files, files / f"audit-{name}", name, capsys):
        assert code == 0, words


def points(entries: list[Entry], question: str) -> dict[str, Any]:
    """Return the certificate about points of a question, whose points are made a list of texts."""
    found = next(
        certificate for record, own in entries for certificate in own
        if record["claim"] == question and certificate["kind"] == "network-points"
    )  # fmt: skip
    instance = found["instance"]
    instance["points"] = [[str(v) for v in row] for row in exact(instance["points"])]
    return found


def labels(certificate: dict[str, Any]) -> dict[int, Any]:
    return {f["point"]: f for f in certificate["statement"]["facts"] if f["fact"] == "label"}


def another_example(question: str) -> Callable[[list[Entry]], None]:
    """Examples 0 and 1 have one label: with its facts, the first stands for the second."""

    def change(entries: list[Entry]) -> None:
        certificate = points(entries, question)
        rows, known = certificate["instance"]["points"], labels(certificate)
        half = len(rows) // 2
        rows[1], rows[half + 1] = list(rows[0]), list(rows[half])
        for k in (0, half):
            known[k + 1]["label"] = known[k]["label"]
        near = {f["point"]: f for f in certificate["statement"]["facts"] if f["fact"] == "within"}
        near[1]["radius"] = near[0]["radius"]

    return change


def another_proof(entries: list[Entry]) -> None:
    """The proof of example 0 stands for one of example 1, near which there is another label."""
    another_example("robustness")(entries)
    at = [k for k, (r, _) in enumerate(entries) if r["case"].startswith("example 0: ")]
    place = next(k for k, (r, _) in enumerate(entries) if r["case"].startswith("example 1: "))
    entries[place] = (
        {**entries[place][0], "case": entries[at[0]][0]["case"].replace("example 0", "example 1")},
        copy.deepcopy(entries[at[0]][1]),
    )


def another_twin(entries: list[Entry]) -> None:
    """The twin near example 0 is called one near example 2."""
    (record,) = (record for record, _ in entries if record["case"] == "twin 0 to 1")
    record["case"] = "twin 2 to 1"


def smaller_units(entries: list[Entry]) -> None:
    """Ranges are called a thousandth of what they are, so that shares are a thousand times more."""
    certificate = points(entries, "robustness")
    node, instance = certificate["instance"]["nodes"][0], certificate["instance"]
    node["factors"] = [str(f / 1000) for f in exact(node["factors"])]
    instance["points"] = [[str(Fraction(v) * 1000) for v in row] for row in instance["points"]]
    for fact in certificate["statement"]["facts"]:
        if "radius" in fact:
            fact["radius"] = str(Fraction(fact["radius"]) * 1000)


def stated_too(report: dict[str, Any]) -> None:
    units = report["audit"]["questions"]["robustness"]["units"]
    units["factors"] = [str(Fraction(f) / 1000) for f in units["factors"]]


def invented_limit(entries: list[Entry]) -> None:
    certificate = points(entries, "robustness")
    half = len(certificate["instance"]["points"]) // 2
    certificate["statement"]["facts"].append({"fact": "box", "point": half})


def all_in_limits(entries: list[Entry]) -> None:
    """Each moved point is in [0, 1], as it happens."""
    certificate = points(entries, "robustness")
    for k in range(len(certificate["instance"]["points"]) // 2):
        certificate["statement"]["facts"].append({"fact": "box", "point": k})


def no_limit(entries: list[Entry]) -> None:
    facts = points(entries, "robustness")["statement"]["facts"]
    facts.remove(next(fact for fact in facts if fact["fact"] == "box"))


def middle(entries: list[Entry]) -> None:
    """One more point, from which the first example is within a half: limits of 0 and 1 of old."""
    certificate = points(entries, "robustness")
    rows = certificate["instance"]["points"]
    fact = {"fact": "within", "point": len(rows) // 2, "of": len(rows), "radius": "1/2"}
    rows.append(["1/2"] * len(rows[0]))
    certificate["statement"]["facts"].append(fact)


def second(entries: list[Entry]) -> None:
    at, (record, own) = next(
        (k, (r, c)) for k, (r, c) in enumerate(entries) if r["case"] == "inputs with other labels"
    )
    entries[at] = record, [*own, copy.deepcopy(own[0])]


def top(value: int | None) -> Callable[[dict[str, Any]], None]:
    def change(report: dict[str, Any]) -> None:
        report["audit"]["questions"]["robustness"]["units"]["top"] = value
        entry = next(e for e in report["experiments"] if e["id"] == "robustness")
        entry["settings"]["kept between"] = "none" if value is None else f"0 and {value}"

    return change


def counted(question: str, **more: int) -> Callable[[dict[str, Any]], None]:
    def change(report: dict[str, Any]) -> None:
        found = report["audit"]["questions"][question]["found"]
        for name, count in more.items():
            found[name]["count"] += count

    return change


def same(report: dict[str, Any]) -> None:
    """Leave the report as it is, but for its hashes."""


def fewer_points(entries: list[Entry]) -> None:
    """The margin of the two outermost points stands for that of all four, and is wider."""
    (margin,) = (c for _, own in entries for n, c in enumerate(own) if c["kind"] == "max-margin"
                 and len(exact(c["instance"]["points"])) == 4 and n == 0)  # fmt: skip
    wide = max_margin([PIXELS[0], PIXELS[3]], [-1, 1]).certificate
    margin.update(json.loads(wide.line()))


def wider(report: dict[str, Any]) -> None:
    report["audit"]["narrowest"]["margin_squared"] = "1/4"


FORGERIES: dict[str, tuple[str, Any, Any, str, str]] = {
    "the ball of another example": (
        "plain", another_proof,
        counted("robustness", **{"robust within 3/16": 1, "not robust within 3/16": -1}), "",
        "point 5 is not example 1 of the data",
    ),
    "an adversary of another example": (
        "plain", another_example("adversaries"),
        counted("adversaries", **{"fooled within 1/20": -1}), "",
        "point 5 is not example 1 of the data",
    ),
    "a twin of another example": (
        "plain", another_twin, same, "", "point 1 is not example 2 of the data",
    ),
    "smaller ranges": (
        "shares", smaller_units, same, "got points in other units there",
        "points in other units than the report states",
    ),
    "smaller ranges that are stated": (
        "shares", smaller_units, stated_too, "robustness.found: expected {",
        "robustness.units: not the ranges or limits of these examples",
    ),
    "an invented limit": (
        "plain", invented_limit, same, "points [4] said to be in [0, 1]", "said to be in [0, 1]",
    ),
    "invented limits that are stated": (
        "plain", all_in_limits, top(1), "",
        "robustness.units: not the ranges or limits of these examples",
    ),
    "an invented middle": ("plain", middle, same, "9 points instead of 8", "instead of 8"),
    "a moved point without its limit": (
        "pixels", no_limit, same, "said to be in [0, 1] there", "said to be in [0, 1] there",
    ),
    "limits that are not stated": (
        "pixels", lambda entries: None, top(None), "said to be in [0, 1] there",
        "robustness.units: not the ranges or limits of these examples",
    ),
    "a margin of fewer points": (
        "pixels", fewer_points, wider, "", "a margin that is not of the examples of 0 vs 1",
    ),
    "two certificates about points": (
        "plain", second, same, "robustness: expected one certificate about points, got 2",
        "expected one certificate about points, got 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_folders_are_refused(
    files: Path, tmp_path: Path, forgery: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By `certify bind` always, and without the data where certificates and report disagree."""
    name, change, reported, known, bound = FORGERIES[forgery]
    folder = Path(shutil.copytree(files / f"audit-{name}", tmp_path / "audit"))
    forged(folder, change, reported)
    (right, checked), (code, words) = said(files, folder, name, capsys)
    assert (right, code) == (bool(known), 1), checked
    assert known in checked
    assert bound in words, words
    assert " 0 refused" in checked  # each certificate is right by itself
