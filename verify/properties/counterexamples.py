"""Counterexamples as files of VNN-COMP have them, in short decimals that are exactly one."""

from collections.abc import Callable
from fractions import Fraction
from math import prod

from certify.bounds.question import Box
from certify.numbers.rationals import Vector
from verify.properties.reading import Specification

DIGITS = (2, 4, 6, 9, 12, 17)  # behind the point that are tried
LONGEST = 60  # decimals of a number that are written
SHOWN = 17  # digits of one that has more, or none that are all of it


def shortest(point: Vector, box: Box, holds: Callable[[Vector], bool]) -> Vector:
    """Return a point near another one, in the box, with as few decimals as are tried.

    It is the point itself where ``holds`` says of none that it is a counterexample.
    """
    for digits in DIGITS:
        near = tuple(Fraction(round(x * 10**digits), 10**digits) for x in point)
        sides = zip(box.lower, near, box.upper, strict=True)
        found = tuple(max(low, min(x, high)) for low, x, high in sides)
        if holds(found):
            return found
    return point


def decimal(x: Fraction) -> tuple[str, bool]:
    """Return a number in decimals, and whether they are all of it.

    >>> decimal(Fraction(-3, 8)), decimal(Fraction(1, 3))
    (('-0.375', True), ('0.33333333333333333', False))
    """
    rest, digits = x.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        digits = max(digits, power)
    exact = rest == 1 and digits <= LONGEST
    small = len(str(x.denominator // abs(x.numerator))) - 1 if x else 0
    places = max(1, digits) if exact else SHOWN + small
    whole = round(abs(x) * 10**places)
    text = f"{whole // 10**places}.{whole % 10**places:0{places}d}"
    return ("-" if x < 0 and whole else "") + text, exact


def written(specification: Specification, point: Vector, outputs: Vector) -> str:
    """Return an assignment as the file's version has it.

    In version 1 that is ``((X_0 v) ... (Y_0 v) ...)``; in version 2 the name, type and shape of
    each variable, with its numbers below, one a line.
    """
    inputs, given = ([decimal(x)[0] for x in values] for values in (point, outputs))
    if specification.version == 1:
        pairs = [(f"X_{k}", text) for k, text in enumerate(inputs)]
        pairs += [(f"Y_{k}", text) for k, text in enumerate(given)]
        return "(" + "\n".join(f"({name} {text})" for name, text in pairs) + ")\n"
    lines: list[str] = []
    for tensors, numbers in ((specification.inputs, inputs), (specification.outputs, given)):
        rest = numbers
        for tensor in tensors:
            size = prod(tensor.shape)
            lines.append(f"{tensor.name} {tensor.kind} [{','.join(map(str, tensor.shape))}]")
            lines += rest[:size]
            rest = rest[size:]
    return "".join(f"{line}\n" for line in lines)
