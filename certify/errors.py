"""What the package raises when its input is not what it asked for."""

import difflib
import reprlib
from collections.abc import Collection

LONGEST = 400  # characters of what came, and of every place
# How guesses in floats fail on honest input: numbers out of range, singular systems, too many
# steps, no memory. Nothing is lost with a guess; any other error there is a mistake, and is seen.
FLOATS_FAIL = (ArithmeticError, ValueError, RuntimeError, MemoryError, Warning)
LISTED = 1_600  # characters of what was expected, which may be one of many names


class InputError(ValueError):
    """An argument is malformed: names the argument, what was expected, what came, and where.

    >>> raise InputError("points", expected="finite numbers", got="nan", where="row 2, column 0")
    Traceback (most recent call last):
    certify.errors.InputError: points: expected finite numbers, got nan (row 2, column 0)
    """

    def __init__(self, argument: str, *, expected: str, got: str, where: str = "") -> None:
        # Names from files may be of any length, and hold what moves a terminal's cursor.
        argument, got, where = map(shortened, (argument, got, where))
        expected = shortened(expected, LISTED)
        self.argument, self.expected, self.got, self.where = argument, expected, got, where
        place = f" ({where})" if where else ""
        super().__init__(f"{argument}: expected {expected}, got {got}{place}")

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword-only arguments need help to cross a process boundary.
        return (_rebuild, (self.argument, self.expected, self.got, self.where))


def _rebuild(argument: str, expected: str, got: str, where: str) -> InputError:
    return InputError(argument, expected=expected, got=got, where=where)


def absent(argument: str, package: str) -> InputError:
    """Return the error of a package that is not there, with what installs it."""
    wanted = f"the package {package} (pip install {package})"
    return InputError(argument, expected=wanted, got="a Python without it")


def unknown(argument: str, got: str, names: Collection[str]) -> InputError:
    """Return the error of a name that is not among those known; it suggests the nearest.

    >>> print(unknown("command", "chek", ["check", "bind"]))
    command: expected check, got 'chek'
    """
    near = difflib.get_close_matches(got, names, n=2) or names
    return InputError(argument, expected=", ".join(near), got=repr(got))


def of_the_system(error: OSError) -> str:
    """Return the file, where there is one, and what is wrong with it.

    >>> of_the_system(FileNotFoundError(2, "No such file or directory", "run"))
    'run: No such file or directory'
    """
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}"


def said(error: Exception) -> str:
    """Return the type of an exception and its message, in one line.

    >>> said(ValueError("bad magic\\n number"))
    'ValueError: bad magic number'
    """
    return " ".join(f"{type(error).__name__}: {error}".split())


def shortened(text: str, longest: int = LONGEST) -> str:
    r"""Return a text that fits on a screen, with what cannot be printed written as in Python.

    >>> shortened("layer\x1b[2J\u202e\n"), len(shortened("x" * 10**6))
    ('layer\\x1b[2J\\u202e\\n', 324)
    """
    size = len(text)
    kept = text if size <= longest else text[: longest * 3 // 4]
    if not kept.isprintable():
        kept = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in kept)
    return kept if size <= longest else f"{kept}... ({size} characters)"


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
