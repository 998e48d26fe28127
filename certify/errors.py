"""What the package raises when its input is not what it asked for."""

from __future__ import annotations


class InputError(ValueError):
    """An argument is malformed: names the argument, what was expected, what came, and where.

    >>> raise InputError("points", expected="finite numbers", got="nan", where="row 2, column 0")
    Traceback (most recent call last):
    certify.errors.InputError: points: expected finite numbers, got nan (row 2, column 0)
    """

    def __init__(self, argument: str, *, expected: str, got: str, where: str = "") -> None:
        self.argument, self.expected, self.got, self.where = argument, expected, got, where
        place = f" ({where})" if where else ""
        super().__init__(f"{argument}: expected {expected}, got {got}{place}")

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword-only arguments need help to cross a process boundary.
        return (_rebuild, (self.argument, self.expected, self.got, self.where))


def _rebuild(argument: str, expected: str, got: str, where: str) -> InputError:
    return InputError(argument, expected=expected, got=got, where=where)
