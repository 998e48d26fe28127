"""Corruptions that every certificate takes, and changes of the numerals in one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flint

from benchmarks.corruptions.corruption import DELETE, Changes, Corruption, malformed


def of_the_form(other_kind: str, weight: Changes) -> list[Corruption]:
    """Return corruptions of the certificate's own fields; ``weight`` changes a number."""
    unnoticed = {"a number of the instance is another, but the hash is the old one": weight}
    fields = {
        ("version", "format"): {"the version of the format is 99": {"version": 99}},
        ("instance", "statement", "evidence"): {f"the kind is {other_kind}": {"kind": other_kind}},
        **{
            part: {f"the {part} has another field": {f"{part}.more": 1}}
            for part in ("evidence", "statement", "instance")
        },
    }
    stale = malformed({"instance_sha256": unnoticed})
    return [*(replace(one, rehashed=False) for one in stale), *malformed(fields)]


def of_the_numbers(name: str, what: str) -> list[Corruption]:
    """Return corruptions of integers with their unit, as weights and points are written."""
    place = f"instance.{name}"
    first, unit = f"{place}.integers.0.0", f"{place}.exponent"
    return malformed({
        place: {
            f"one {what} is a fraction": {first: "1/2"},
            f"one {what} is a float": {first: 0.5},
            f"one {what} is true": {first: True},
            f"one {what} has a leading zero": {first: "01"},
            f"the unit of every {what} is missing": {unit: DELETE},
            "the unit is 2^10001": {unit: 10_001},
            f"every {what} is an integer, without a unit": {place: lambda table: table["integers"]},
        },
        (place, "dimensions"): {
            f"one {what} is missing": {f"{place}.integers.1": lambda row: row[1:]}
        },
    })  # fmt: skip


def one_more(integer: int) -> int:
    """Return the next integer."""
    return integer + 1


def plus_one(numeral: str) -> str:
    """Return the numeral of the number and 1."""
    return str(exact(numeral) + 1)


def exact(numeral: str) -> flint.fmpq:
    """Return the number that a numeral of any length stands for."""
    # Python refuses to read integers of more than 4,300 digits.
    numerator, _, denominator = numeral.partition("/")
    return flint.fmpq(flint.fmpz(numerator), flint.fmpz(denominator or "1"))


def times(factor: flint.fmpq | int) -> Callable[[Any], Any]:
    """Return the function that multiplies a numeral or a list of them."""

    def scale(value: Any) -> Any:
        if isinstance(value, list):
            return [scale(x) for x in value]
        return str(factor * exact(value))

    return scale


def negated(numeral: str) -> str:
    """Return the numeral of the negative."""
    return numeral[1:] if numeral[0] == "-" else f"-{numeral}"


def other_digit(numeral: str) -> str:
    """Return the numeral with another digit, not 0, in its middle."""
    k = len(numeral) // 2
    return f"{numeral[:k]}{int(numeral[k]) % 9 + 1}{numeral[k + 1 :]}"


def rounded(numeral: str) -> str:
    """Return the numeral with the lower half of its digits 0."""
    digits = numeral.removeprefix("-")
    kept = (len(digits) + 1) // 2
    return numeral[: len(numeral) - len(digits) + kept] + "0" * (len(digits) - kept)
