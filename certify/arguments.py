"""What a command line has too much: words that no option precedes, and options that are none."""

import argparse
import shlex
from collections.abc import Iterable, Sequence

from certify.errors import InputError, shortened, unknown

# Of the options that a command has, the first is likely to be meant by a word without one.
_MEANT = ("--data", "--claims", "--without", "--report")


def left_over(words: Sequence[str], parser: argparse.ArgumentParser) -> InputError:
    """Return the error of the first of the words that the parser of a command does not take.

    >>> parser = argparse.ArgumentParser()
    >>> _ = parser.add_argument("model", metavar="MODEL"), parser.add_argument("--data")
    >>> print(left_over(["d.npz"], parser))
    'd.npz': expected MODEL alone and --data d.npz, got no option before it
    >>> print(left_over(["--dta", "d.npz"], parser))
    option: expected --data, got '--dta'
    """
    actions: Iterable[argparse.Action] = parser._actions
    options = [name for action in actions for name in action.option_strings]
    word = shortened(words[0])
    if word.startswith("-"):
        return unknown("option", word.split("=")[0], options)
    names = [str(action.metavar or action.dest) for action in actions if not action.option_strings]
    expected = [f"{' '.join(names)} alone" if names else "options alone"]
    meant = [name for name in _MEANT if name in options]
    if meant:
        expected = [*expected[: len(names)], f"{meant[0]} {shlex.quote(word)}"]
    return InputError(f"'{word}'", expected=" and ".join(expected), got="no option before it")
