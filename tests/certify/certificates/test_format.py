"""The specification of the format: it names what there is, and its schema has the same shapes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from certify import certificates
from certify.certificates.kinds import HONEST, certificate
from certify.certificates.schema import schema
from certify.checking import checker
from verify.trust.mutants.documents import long_integers, mutants

FOLDER = Path(certificates.__file__).parent
PAGE = (FOLDER / "FORMAT.md").read_text(encoding="utf-8")
SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def test_page_and_schema_name_every_kind() -> None:
    assert set(SCHEMA["properties"]["kind"]["enum"]) == set(checker.RULES)
    assert [kind for kind in checker.RULES if f"`{kind}`" not in PAGE] == []


def test_the_page_states_the_limits_of_the_checker() -> None:
    for limit in (
        checker.MAX_LINE, checker.MAX_DIGITS, checker.MAX_BITS, checker.MAX_VALUES,
        checker.MAX_IN_WINDOWS, checker.MAX_TRIALS - 1, checker.MAX_EXPONENT, checker.MAX_DEPTH,
        checker.MAX_HALFSPACES,
    ):  # fmt: skip
        assert re.search(rf"\b({limit:,}|{limit})\b", PAGE), limit


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", HONEST)
def test_whatever_is_accepted_has_the_shape_of_the_schema(name: str) -> None:
    honest = certificate(name)
    VALIDATOR.validate(honest)
    for mutant in mutants(honest):
        try:
            checker.check(mutant.document)
        except (checker.Rejected, checker.Malformed):
            continue
        with long_integers():  # which the validator writes into messages that nobody reads
            VALIDATOR.validate(mutant.document)


def _set(*path: str | int) -> Callable[[Any, Any], None]:
    def change(node: Any, value: Any) -> None:
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "value", "message"),
    [
        (_set("version"), 99, f"{checker.VERSION} was expected"),
        (_set("kind"), "ranks", "'ranks' is not one of"),
        (_set("more"), 1, "'more' was unexpected"),
        (_set("instance_sha256"), "00", "does not match"),
        (_set("instance", "matrix", 0, 0), 1, "1 is not of type 'string'"),
        (_set("instance", "matrix", 0, 0), "1.5", "'1.5' does not match"),
        (_set("instance", "matrix", 0, 0), "-0", "'-0' does not match"),
        (_set("instance", "matrix", 0, 0), "3/1", "'3/1' does not match"),
        (_set("instance", "matrix", 0, 0), "0/3", "'0/3' does not match"),
        (_set("instance", "matrix", 0, 0), "1\n", "'1\\n' should not be valid under"),
        (_set("instance_sha256"), "0" * 64 + "\n", "is too long"),
        (_set("evidence", "prime"), 2**64, "is greater than the maximum"),
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
    changed = certificate("rank")
    change(changed, value)
    assert any(message in error.message for error in VALIDATOR.iter_errors(changed))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("rule-facts", "facts"),
        ("network-points", "facts"),
        ("network-flip", "flips"),
        ("invariant-regions", "regions"),
        ("arithmetic", "relations"),
        ("every-separator/weak", "weak"),
    ],
)
def test_certificates_that_would_state_nothing_have_another_shape(name: str, field: str) -> None:
    empty = certificate(name, {f"statement.{field}": []})
    assert any("should be non-empty" in error.message for error in VALIDATOR.iter_errors(empty))


@pytest.mark.parametrize("text", ["a\n", "\u0435psilon", "a b", "1a", ""])
def test_names_and_words_of_other_letters_have_another_shape(text: str) -> None:
    assert not VALIDATOR.is_valid(certificate("arithmetic", {"instance.numbers.0.name": text}))


def test_the_worked_example_is_accepted_with_the_words_of_the_page() -> None:
    example = json.loads(PAGE.split("```json")[1].split("```")[0])
    kind, sentence = checker.check(example)
    assert kind == "every-separator"
    assert sentence in " ".join(PAGE.split())
