"""What the package raises when its input is not what it asked for."""

from __future__ import annotations

import reprlib

LONGEST = 400  # characters of what came


class InputError(ValueError):
    """An argument is malformed: names the argument, what was expected, what came, and where.

    >>> raise InputError("points", expected="finite numbers", got="nan", where="row 2, column 0")
    Traceback (most recent call last):
    certify.errors.InputError: points: expected finite numbers, got nan (row 2, column 0)
    """

    def __init__(self, argument: str, *, expected: str, got: str, where: str = "") -> None:
        got = shortened(got)  # the rest are our own words
        self.argument, self.expected, self.got, self.where = argument, expected, got, where
        place = f" ({where})" if where else ""
        super().__init__(f"{argument}: expected {expected}, got {got}{place}")

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword-only arguments need help to cross a process boundary.
        return (_rebuild, (self.argument, self.expected, self.got, self.where))


def _rebuild(argument: str, expected: str, got: str, where: str) -> InputError:
    return InputError(argument, expected=expected, got=got, where=where)


def said(error: Exception) -> str:
    """Return the type of an exception and its message, in one line.

    >>> said(ValueError("bad magic\\n number"))
    'ValueError: bad magic number'
    """
    return " ".join(f"{type(error).__name__}: {error}".split())


def shortened(text: str) -> str:
    """Return a text that fits on a screen."""
    return text if len(text) <= LONGEST else f"{text[:300]}... ({len(text)} characters)"


class _Short(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 60

    def repr_int(self, x: int, level: int) -> str:
        """Return an integer, or how long it is: Python converts long ones slowly or not at all."""
        return repr(x) if abs(x) < 10**40 else f"<an integer of {x.bit_length()} bits>"


def described(value: object) -> str:
    """Return the type of a value and how it begins, whatever its size and depth.

    >>> described([1, [2] * 9]), described(10**5000)
    ('list [1, [2, 2, 2, 2, 2, 2, ...]]', 'int <an integer of 16610 bits>')
    """
    return f"{type(value).__name__} {_Short().repr(value)}"
