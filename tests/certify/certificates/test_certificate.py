"""Certificates as data: canonical JSON and the hash that binds them to their instance."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.certificates.certificate import FORMAT, VERSION, Certificate, canonical_json, sha256
from certify.certificates.kinds import HONEST
from certify.checking import checker

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_canonical_json_is_one_ascii_line_that_keeps_the_value(value: object) -> None:
    text = canonical_json(value)
    assert text.isascii()
    assert "\n" not in text
    assert json.loads(text) == value


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_change_the_hash(value: dict[str, int]) -> None:
    assert sha256(value) == sha256(dict(reversed(value.items())))


def test_the_hash_is_the_known_one() -> None:
    assert canonical_json({"b": ["1/2"], "a": "ü"}) == '{"a":"\\u00fc","b":["1/2"]}'
    # printf '{"a":"1"}' | sha256sum
    assert sha256({"a": "1"}) == "9afeb0f2b203f254312ec8ded441d0318b7c34c57f8695ede42d2215a30c0960"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_do_not_enter(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json([value])


@pytest.mark.parametrize("name", HONEST)
def test_the_checker_reads_what_is_written(name: str) -> None:
    honest = HONEST[name]
    certificate = Certificate(honest.kind, **honest.parts)
    assert certificate.to_json() == honest.document()
    assert "\n" not in certificate.line()
    assert checker.check(checker.parse(certificate.line()))[0] == honest.kind


def test_writer_and_checker_agree_on_the_format() -> None:
    assert (FORMAT, VERSION) == (checker.FORMAT, checker.VERSION)


def test_certificates_do_not_change() -> None:
    certificate = Certificate("rank", {}, {}, {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        certificate.kind = "null-space"  # type: ignore[misc]


def test_at_the_prompt_a_certificate_is_not_all_of_its_numbers() -> None:
    assert repr(Certificate("rank", {"matrix": [["1"] * 1000]}, {}, {})) == (
        "Certificate(kind='rank')"
    )
