"""Sparse programs: the same answers as dense ones, and what floats cannot lead to."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.certify.programs.oracle import oracle, solved, sparse
from tests.certify.programs.test_linear_program import small_programs


@settings(max_examples=300, deadline=None)
@given(small_programs(), st.booleans())
def test_status_and_value_agree_with_elimination(program: tuple[Any, ...], maximize: bool) -> None:
    c, upper, b, equal, d, signed = program
    status, value = oracle([-v for v in c] if maximize else c, upper, b, equal, d, signed)
    n = len(c)
    result = solved(
        c, sparse((upper, b), n), sparse((equal, d), n), nonnegative=signed, maximize=maximize
    )
    assert result.status == status
    if status == "optimal":
        assert result.value == (-value if maximize else value)
