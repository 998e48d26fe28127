"""The specification of the format: it names what there is, and its schema has the same shapes."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from certify import checker
from verify.trust.golden import GOLDEN, document
from verify.trust.mutants import mutants

FOLDER = Path(checker.__file__).parent
PAGE = (FOLDER / "CERTIFICATES.md").read_text(encoding="utf-8")
SCHEMA = json.loads((FOLDER / "certificate.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def test_page_and_schema_name_every_kind() -> None:
    assert set(SCHEMA["properties"]["kind"]["enum"]) == set(checker.RULES)
    assert [kind for kind in checker.RULES if f"`{kind}`" not in PAGE] == []


def test_the_page_states_the_limits_of_the_checker() -> None:
    for limit in (
        checker.MAX_LINE, checker.MAX_DIGITS, checker.MAX_BITS, checker.MAX_VALUES,
        checker.MAX_IN_WINDOWS, checker.MAX_TRIALS - 1, checker.MAX_EXPONENT, checker.MAX_DEPTH,
    ):  # fmt: skip
        assert re.search(rf"\b({limit:,}|{limit})\b", PAGE), limit


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", GOLDEN)
def test_whatever_is_accepted_has_the_shape_of_the_schema(name: str) -> None:
    honest = document(name, GOLDEN[name])
    VALIDATOR.validate(honest)
    for mutant in mutants(honest):
        try:
            checker.check(mutant.document)
        except (checker.Rejected, checker.Malformed):
            continue
        VALIDATOR.validate(mutant.document)


def _set(*path: str | int) -> Callable[[Any, Any], None]:
    def change(certificate: Any, value: Any) -> None:
        for key in path[:-1]:
            certificate = certificate[key]
        certificate[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "value", "message"),
    [
        (_set("version"), 2, "1 was expected"),
        (_set("kind"), "ranks", "'ranks' is not one of"),
        (_set("more"), 1, "'more' was unexpected"),
        (_set("instance_sha256"), "00", "does not match"),
        (_set("instance", "matrix", 0, 0), 1, "1 is not of type 'string'"),
        (_set("instance", "matrix", 0, 0), "1.5", "'1.5' does not match"),
        (_set("instance", "matrix", 0, 0), "-0", "'-0' does not match"),
        (_set("instance", "matrix"), [], "should be non-empty"),
        (_set("instance", "more"), 1, "'more' was unexpected"),
        (_set("statement"), {}, "'rank' is a required property"),
        (_set("statement", "rank"), -1, "-1 is less than the minimum"),
        (_set("evidence", "rows"), [0, 0], "has non-unique elements"),
    ],
)
def test_other_shapes_are_refused_with_the_reason(
    change: Callable[[Any, Any], None], value: Any, message: str
) -> None:
    certificate = copy.deepcopy(document("rank", GOLDEN["rank"]))
    change(certificate, value)
    assert any(message in error.message for error in VALIDATOR.iter_errors(certificate))
