"""What reads: how to draw an input for it, and how it refuses one.

A surface decides an input to True or False. False is its documented refusal and nothing else: any
exception that leaves ``decide`` is a defect of the reader.
"""

import contextlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from certify.errors import InputError
from verify.trust.surfaces import hostile

Draw = Callable[[Random], Any]


@dataclass(frozen=True)
class Surface:
    """One way in.

    share   of the inputs of a run, relative to the other surfaces
    draw    an input, a function of the generator's state alone
    decide  True when it is accepted, False when it is refused as documented
    """

    name: str
    share: int
    draw: Draw
    decide: Callable[[Any], bool]


def exit_code(main: Callable[[Sequence[str]], int], arguments: list[str]) -> int:
    """Run a command with its output caught and return its exit code: 0, 1 or 2.

    Standard output takes UTF-8 and nothing else, as that of a process does.
    """
    output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8", mode) for mode in _MODES)
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            code: Any = main(arguments)
        except SystemExit as end:
            code = end.code
            assert code in (0, 2), f"exit code {code!r} of the parser"
    assert type(code) is int, f"exit code {code!r}"
    assert code in (0, 1, 2), f"exit code {code!r}"
    return code


_MODES = ("strict", "backslashreplace")  # of standard output and standard error


def accepted(
    read: Callable[[], Any], refusals: tuple[type[Exception], ...] = (InputError,)
) -> bool:
    """Read; return False for the documented refusal, and True when there is none."""
    try:
        read()
    except refusals as error:
        hostile.readable(error)
        return False
    return True


def text_of(document: Any) -> str:
    """Return a document as JSON."""
    try:
        return json.dumps(document, ensure_ascii=False)
    except (RecursionError, ValueError):
        # Beyond what JSON writers manage; readers meet such depths and lengths as text as well.
        return '{"format":' + "[" * 100_000 + "9" * 100_000
