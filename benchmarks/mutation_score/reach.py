"""Which certificates can notice a change: those for which the checker runs what is changed."""

import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from types import CodeType, FrameType, ModuleType
from typing import Any

Place = tuple[int, ...]  # of code in other code: the number of a function, of one in that, and on


def _parts(code: CodeType, place: Place = ()) -> Iterator[tuple[Place, CodeType]]:
    yield place, code
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    for number, part in enumerate(inner):
        yield from _parts(part, (*place, number))


def _own(code: CodeType) -> tuple[CodeType, list[str]]:
    """Return what some code does apart from the code in it, on whatever lines it stands."""
    own = code.replace(co_consts=(), co_firstlineno=1, co_linetable=b"")
    constants = [repr(x) for x in code.co_consts if not isinstance(x, CodeType)]
    return own, constants  # as texts, for True equals 1


def _entered(run: Callable[[], Any]) -> set[int]:
    """Return the identities of all code that is entered while something runs."""
    seen: set[int] = set()

    def enter(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen.add(id(frame.f_code))

    sys.setprofile(enter)
    try:
        run()
    finally:
        sys.setprofile(None)
    return seen


class Reach:
    """The texts for which a module, given as compiled pieces, runs each part of its code.

    Where a text does not enter what a change concerns, the change cannot alter what becomes of it:
    the checker keeps nothing from one certificate to the next. What runs when the module is loaded
    (values, decorators, defaults, bodies of classes) concerns every text.
    """

    def __init__(
        self, pieces: Sequence[CodeType], decide: Callable[[Any, str], Any], texts: Sequence[str]
    ) -> None:
        module = ModuleType("unchanged_checker")
        self.pieces, self.every = pieces, range(len(texts))
        self.loaded = _entered(lambda: [exec(piece, module.__dict__) for piece in pieces])
        self.texts: dict[int, set[int]] = defaultdict(set)
        for number, text in enumerate(texts):
            for part in _entered(lambda text=text: decide(module, text)):  # type: ignore[misc]
                self.texts[part].add(number)

    def of(self, piece: int, changed: CodeType) -> Collection[int]:
        """Return the numbers of the texts that can notice a piece's change, in order."""
        before, after = dict(_parts(self.pieces[piece])), dict(_parts(changed))
        if before.keys() != after.keys():
            return self.every
        parts = [before[place] for place in before if _own(before[place]) != _own(after[place])]
        if not self.loaded.isdisjoint(map(id, parts)):
            return self.every
        return sorted(set().union(*(self.texts[id(part)] for part in parts)))
