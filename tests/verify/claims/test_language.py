"""A claim's docstring and declarations make its entry; what is left out or too much is named."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from types import ModuleType
from typing import Any

import pytest

from certify.certificates.encoding import from_json, to_json
from certify.errors import InputError
from verify.claims.charles2019 import thm_5
from verify.claims.claim import AS_PRINTED, Counterexample, Dispensable, Paper, Verdict, step
from verify.claims.language import (
    Refutation,
    identity,
    matrices,
    read,
    symmetric,
    theorem,
    unknowns,
)

NAME = "verify.claims.charles2019.thm_0_note"
WORDS = """Section 0, note: What is
noted

Printed: Every number
    is small.
    Refuted: 9 is not.
Statement: Every small number is small.
Verdict: false as stated. Numbers grow: 9. Others do too.
Reading: Numbers: as always.
Needs small, that is, below 9: It is small.
    Without it: Then it is
        large.
Needs positive: It is positive.
    Without it: Any sign will do.
Sharp: 8 is small.
    Rests on: written proof. 8 is less than 9.
    Overstated: 8.5 is no number.
Quantifier: all at once
Uses: charles-lem-3, charles-thm-4
The idea: Count
    to 8.
Why it is true: 8 is small.

    So is
    7.
Before you use it: Look for 9.
"""
PARTS = ("draw", "CASES", "EXAMPLE", "prove", "sharpness")


def draw(rng: Random, case: str = "") -> int:
    return rng.randint(0, 9)


def refute(instance: int) -> None:
    return None


@pytest.fixture
def module() -> Iterator[ModuleType]:
    """A module with all parts of a claim, whose declarations are still to come."""
    made = ModuleType(NAME, WORDS)
    vars(made).update({name: name for name in PARTS} | {"draw": draw, "prove": refute})
    sys.modules[NAME] = made
    yield made
    del sys.modules[NAME]
    theorem._declared.pop(NAME, None)


def declare(*left_out: str) -> None:
    def own() -> Any:
        def function(instance: int) -> None:
            return None

        function.__module__ = NAME
        return function

    declarations = {
        "small, that is, below 9": lambda n: theorem.without(n, 10, draw),
        "positive": lambda n: theorem.not_needed(n, draw),
        "as printed": lambda n: theorem.as_printed(9, draw),
        "sharp form": lambda n: theorem.sharp(("one", "two"), draw),
        "overstated": lambda n: theorem.overstated(8, draw),
    }
    for name, declaration in declarations.items():
        if name not in left_out:
            declaration(name)(own())


def test_words_and_declarations_make_the_claim(module: ModuleType) -> None:
    declare()
    claim = theorem(NAME)
    assert (claim.id, claim.paper) == ("charles-thm-0-note", Paper.CHARLES)
    assert (claim.number, claim.title) == ("Section 0, note", "What is noted")
    assert claim.literal == "Every number is small."
    assert (claim.verdict, claim.verdict_reason) == (
        Verdict.FALSE,
        "Numbers grow: 9. Others do too.",
    )
    assert claim.reading == "Numbers: as always."
    assert [(h.name, h.text, h.without.text) for h in claim.hypotheses] == [
        ("small, that is, below 9", "It is small.", "Then it is large."),
        ("positive", "It is positive.", "Any sign will do."),
    ]
    small, positive = (h.without for h in claim.hypotheses)
    assert isinstance(small, Counterexample)
    assert isinstance(positive, Dispensable)
    assert (small.example, small.draw, positive.draw) == (10, draw, draw)
    assert claim.as_printed
    assert (claim.as_printed.text, claim.as_printed.example) == ("9 is not.", 9)
    assert claim.sharp
    assert (claim.sharp.cases, claim.sharp.draw) == (("one", "two"), draw)
    assert claim.sharp.overstated.text == "8.5 is no number."
    assert (claim.idea, claim.caution) == ("Count to 8.", "Look for 9.")
    assert claim.why == "8 is small.\n\n So is 7."
    assert claim.uses == ("charles-lem-3", "charles-thm-4")
    assert (claim.cases, claim.example, claim.draw) == ("CASES", "EXAMPLE", draw)
    assert claim.symbolic() == claim.pictures() == ()


def test_what_other_modules_have_is_given_to_the_call(module: ModuleType) -> None:
    declare("small, that is, below 9", AS_PRINTED)
    printed = Counterexample("Its own words.", 9, refute, draw)
    module.__doc__ = WORDS.replace("    Refuted: 9 is not.\n", "")
    given = {"small, that is, below 9": (10, refute, draw), AS_PRINTED: printed}
    claim = theorem(NAME, without=given, cases=("all",))
    assert claim.cases == ("all",)
    assert claim.as_printed is printed
    assert claim.hypotheses[0].without == Counterexample("Then it is large.", 10, refute, draw)


def test_several_objects_are_the_fields_of_an_instance() -> None:
    """With their types, so that instances can be read from JSON."""

    def refute_smaller(bound: int, numbers: tuple[int, ...]) -> Refutation | None:
        return Refutation("", (step("", (list(numbers), "<", bound)),), ())

    weak = Counterexample("", (9, (1, 2)), refute_smaller, lambda rng: (rng.randint(3, 3), (4,)))
    assert (weak.example.bound, weak.example.numbers) == (9, (1, 2))
    drawn = weak.draw(Random(0))
    assert to_json(drawn) == {"bound": 3, "numbers": [4]}
    assert from_json(type(weak.example), to_json(drawn)) == drawn
    found = [weak.refute(instance) for instance in (weak.example, drawn)]
    assert [one and one.steps[0].holds for one in found] == [True, False]
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'numbers'"):
        Counterexample("", (9,), refute_smaller, draw)


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        ("Printed: Every number\n    is small.\n    Refuted: 9 is not.\n", "words of 'Printed'"),
        ("    Refuted: 9 is not.\n", "words of 'Printed/Refuted'"),
        ("Statement: Every small number is small.\n", "words of 'Statement'"),
        ("Verdict: false as stated. Numbers grow: 9. Others do too.\n", "words of 'Verdict'"),
        (" Numbers grow: 9. Others do too.", "a verdict: true, "),
        ("Reading: Numbers: as always.\n", "words of 'Reading'"),
        ("    Without it: Any sign will do.\n", "words of 'Needs positive/Without it'"),
        ("It is positive.", "words of 'Needs positive'"),
        ("    Overstated: 8.5 is no number.\n", "words of 'Sharp/Overstated'"),
        ("    Rests on: written proof. 8 is less than 9.\n", "words of 'Sharp/Rests on'"),
        ("Quantifier: all at once\n", "words of 'Quantifier'"),
        ("The idea: Count\n    to 8.\n", "words of 'The idea'"),
        ("Why it is true: 8 is small.\n\n    So is\n    7.\n", "words of 'Why it is true'"),
        ("Before you use it: Look for 9.\n", "words of 'Before you use it'"),
        ("Section 0, note: ", "a docstring 'NUMBER: TITLE'"),
    ],
)
def test_words_that_are_missing_are_named(module: ModuleType, left_out: str, expected: str) -> None:
    declare()
    module.__doc__ = WORDS.replace(left_out, "")
    assert module.__doc__ != WORDS
    with pytest.raises(InputError) as caught:
        theorem(NAME)
    assert caught.value.argument == NAME
    assert expected in caught.value.expected


@pytest.mark.parametrize("part", PARTS)
def test_a_function_that_is_missing_is_named(module: ModuleType, part: str) -> None:
    declare()
    delattr(module, part)
    expected = f"{NAME}: expected {part.lower()} or {part.upper()}, got none"
    with pytest.raises(InputError, match=expected):
        theorem(NAME)


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("small, that is, below 9", "expected what happens without 'small, that is, below 9'"),
        ("positive", "expected what happens without 'positive'"),
        ("as printed", "expected nothing more, got 'Printed/Refuted'"),
        ("overstated", "expected what is overstated, got none"),
        ("sharp form", "expected what decides the sharp form, got none"),
    ],
)
def test_a_declaration_that_is_missing_is_named(
    module: ModuleType, left_out: str, message: str
) -> None:
    declare(left_out)
    with pytest.raises(InputError, match=message):
        theorem(NAME)


def test_what_is_too_much_is_named(module: ModuleType) -> None:
    declare()
    with pytest.raises(InputError, match="expected nothing more, got 'negative'"):
        theorem(NAME, without={"negative": (1, refute, draw)})
    declare()
    with pytest.raises(InputError, match="expected 'small, that is, below 9' once, got two"):
        declare()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Sharp: Again.", "expected 'Sharp' once, got two of them"),
        ("Statment: Misspelt.", "expected an entry: Printed, .* got 'Statment: Misspelt.'"),
    ],
)
def test_a_line_that_is_no_entry_is_refused(line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(f"{WORDS}{line}\nUses: nothing", NAME)


def test_a_verdict_is_one_of_five(module: ModuleType) -> None:
    declare()
    module.__doc__ = WORDS.replace("false as stated", "perhaps")
    with pytest.raises(InputError, match=r"expected a verdict: true, .* got perhaps"):
        theorem(NAME)


def test_a_list_in_a_step_is_one_relation_an_entry() -> None:
    assert [str(r) for r in step("", ([1, 2], "<", 3)).relations] == ["1 < 3", "2 < 3"]
    assert [str(r) for r in step("", (0, "<", [1, 2])).relations] == ["0 < 1", "0 < 2"]
    assert [str(r) for r in step("", ([1, 2], "=", [1, 3])).relations] == ["1 = 1", "2 = 3"]
    assert not step("", ([1, 2], "=", [1, 3])).holds
    assert not step("", ([], ">", 0)).relations
    assert [str(r) for r in step("", ([(1, 2)], "=", (1, 2))).relations] == ["(1, 2) = (1, 2)"]
    with pytest.raises(ValueError, match="shorter"):
        step("", ([1, 2], "=", [1]))


def test_a_false_identity_does_not_hold() -> None:
    w, x, b = unknowns("w x", 3, "b")
    assert identity("", "", "", (w + b * x).dot(w), w.dot(w) + b * w.dot(x)).holds
    assert not identity("", "", "", w.dot(x) + b, w.dot(x)).holds


def test_an_identity_in_matrices_is_one_for_all_sizes() -> None:
    (a,), (w, u) = matrices("A", "n", "d"), matrices("w u", "d")
    assert identity("", "", "", (a * (w + u)).T * a * w, (a * w + a * u).T * a * w).holds
    assert not identity("", "", "", a * w, a * u).holds
    assert not identity("", "", "", w.T * u, u.T * w).holds
    square = w.T * w + 2 * symmetric(w, u) + u.T * u
    assert identity("", "", "", (w + u).T * (w + u), square).holds
    assert not identity("", "", "", (w + u).T * (w + u), square + symmetric(w, u)).holds


def test_claims_are_entries_like_any_other() -> None:
    assert replace(thm_5.CLAIM, number="6").number == "6"
    assert thm_5.CLAIM.symbolic() == thm_5.CLAIM.symbolic()
