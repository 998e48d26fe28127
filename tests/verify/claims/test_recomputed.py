"""What is shown of each claim can be computed again by hand: no value comes from nowhere.

A relation shows how one of its sides comes about, or what it names stands with its numbers in the
table of objects above it or in a relation before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from verify.claims.claim import Claim, Proof, Refutation, step
from verify.claims.registry import CLAIMS
from verify.claims.relation import Named, inner, least, named, total
from verify.reporting import object_table

Shown = Proof | Refutation


def shown(claim: Claim[Any]) -> Iterator[tuple[Shown, list[object_table.Row]]]:
    """Yield what the page of a claim shows, each with its table of objects."""
    proof = claim.prove(claim.example)
    yield proof, object_table.rows(claim.example, proof.objects)
    for weak in claim.counterexamples().values():
        refutation = weak.refute(weak.example)
        assert refutation is not None
        yield refutation, object_table.rows(weak.example, refutation.objects)
    sharp = claim.sharpness()
    yield sharp, object_table.added(sharp.objects)


def plain(name: str) -> str:
    return re.sub(r"_\{(\w)\}", r"_\1", name)


def in_the_table(rows: list[object_table.Row]) -> set[str]:
    """Return the names for which a table has numbers, as relations have them."""
    names: set[str] = set()
    for name, text in rows:
        names |= {name.strip("$"), rf"\text{{{name}}}", *re.findall(r"\$([^$=]*)=", text)}
        names |= {f"y_{i}" for i in re.findall(r"x_\{(\w)\}=[^;]* in class", text)}
        if "label $1$ where" in text:  # a network has its threshold there
            names |= {"a", "a'"}
    return set(map(plain, names))


def is_known(side: Named, names: set[str]) -> bool:
    """Return whether a name is there, or that of the vector or the list that it is an entry of."""
    name = plain(side.name)
    return bool({name, re.sub(r"_\w$", "", name)} & names) or any(
        other.startswith(f"{name}_") for other in names
    )


def is_of_one(side: Named) -> bool:
    """Return whether a side is the sum, the least or the greatest of one number, which is it."""
    function = getattr(side.numbers, "func", None)
    arguments = getattr(side.numbers, "args", ())
    lone = bool(arguments) and len(arguments[-1]) == 1
    return getattr(function, "__name__", "") in ("_added", "_among") and lone


def unexplained(proof: Shown, rows: list[object_table.Row]) -> list[str]:
    """Return the relations of which no side says how it comes about."""
    names, found = in_the_table(rows), []
    for one in proof.steps:
        for relation in one.relations:
            sides = [side for side in relation.sides if side]
            told = any(len(side.formula) > 2 for side in sides)
            if not told and not all(is_known(s, names) or is_of_one(s) for s in sides):
                found.append(relation.formula)
            names |= {plain(side.name) for side in sides}
    return found


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_no_value_comes_from_nowhere(claim: Claim[Any]) -> None:
    assert [line for proof, rows in shown(claim) for line in unexplained(proof, rows)] == []


ROWS = [("vector", "$v=(1,2)$"), ("own margin", "$3$")]


@pytest.mark.parametrize(
    "side",
    [inner("s", [2], [3]), total("s", [4]), least("s", [4]), named(r"\text{own margin}", 3),
     named("v", (1, 2)), named("v_2", 2)],
)  # fmt: skip
def test_what_is_computed_or_stands_in_the_table_is_explained(side: Named) -> None:
    assert unexplained(Proof.of(step("", (side, "=", side.value))), ROWS) == []


def test_a_value_alone_is_not() -> None:
    proof = Proof.of(step("", (named("s", 4), ">", 0)), step("", (named("s", 4), ">", 1)))
    # What was said once stands there; that it was said is asked of the first.
    assert unexplained(proof, ROWS) == ["s=4 > 0"]
    assert unexplained(Proof.of(step("", (named("w_2", 4), ">", 0))), ROWS) == ["w_2=4 > 0"]


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_a_sharp_form_lists_what_its_steps_speak_of(claim: Claim[Any]) -> None:
    assert object_table.added(claim.sharpness().objects)


# Words in a table that say what their number is, and for which relations have no letter.
SPEAKING = {
    "both", "channels", "classes", "equally likely outcomes", "exceptions", "margin elsewhere",
    "own margin", "rounds through the list", "share",
}  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_a_number_in_a_table_has_a_letter_or_a_word_that_says_what_it_is(claim: Claim[Any]) -> None:
    instances = [claim.example, *(weak.example for weak in claim.counterexamples().values())]
    lone = {
        name
        for instance in instances
        for name, text in object_table.rows(instance)
        if "$" not in name and re.fullmatch(r"\$[^$=]*\$", text)
    }
    assert lone <= SPEAKING
