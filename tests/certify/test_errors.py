"""Errors are one line that can be printed anywhere, whatever a file calls its parts."""

from __future__ import annotations

import pickle

import pytest

from certify.errors import LISTED, LONGEST, InputError, shortened

HOSTILE = "layer\x1b[2J\x1b]0;title\x07\r\n\u202e\ud800\x00" + "n" * 10**6


def test_what_comes_from_outside_is_cut_and_escaped_in_every_place() -> None:
    error = InputError(HOSTILE, expected=HOSTILE, got=HOSTILE, where=HOSTILE)
    assert str(error).isprintable()
    assert len(str(error)) < 3 * LONGEST + LISTED + 50
    for part in (error.argument, error.expected, error.got, error.where):
        assert part.startswith("layer\\x1b[2J\\x1b]0;title\\x07\\r\\n\\u202e\\ud800\\x00nnn")
        assert part.endswith("... (1000024 characters)")
    assert str(error).encode()


def test_errors_cross_a_process_boundary_as_they_are() -> None:
    error = InputError("W", expected="floats", got=HOSTILE, where="row 2")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("text", ["", "größer: ∑ αᵢ ≥ 1/3", "x" * LONGEST])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert shortened(text) == text
