"""Which texts a change of a module can concern."""

import json
from typing import Any

import pytest

from benchmarks.mutation_score.reach import Reach

PIECES = [
    "LIMIT = 3\ndef loaded(): return LIMIT\nWITH = loaded()\n",
    "def even(n):\n    return halved(n)\ndef odd(n, most=9):\n    return sum(x for x in [n, 1])\n",
    "def halved(n):\n    return n == 2 * (n // 2)\n",
    "def decide(n):\n    return even(n) if n < LIMIT else odd(n)\n",
]
TEXTS = ["1", "7", "2", "8"]


def code(text: str) -> Any:
    return compile(text, "pieces.py", "exec")


@pytest.mark.parametrize(
    ("piece", "old", "new", "texts"),
    [
        (0, "LIMIT = 3", "LIMIT = 4", [0, 1, 2, 3]),
        (0, "return LIMIT", "return 0", [0, 1, 2, 3]),  # called when the module is loaded
        (1, "halved(n)", "not halved(n)", [0, 2]),
        (1, "[n, 1]", "[n, True]", [1, 3]),
        (1, "sum(x", "sum(2 * x", [1, 3]),  # in a generator within the function
        (1, "most=9", "most=8", [0, 1, 2, 3]),
        (1, "def odd(n", "f = lambda: 0\ndef odd(n", [0, 1, 2, 3]),
        (2, "n // 2", "n / 2", [0, 2]),  # reached through another function
        (3, "n < LIMIT", "n <= LIMIT", [0, 1, 2, 3]),
        (3, "\n    return", "\n\n\n    return", []),
    ],
)
def test_a_change_concerns_the_texts_that_run_it(
    piece: int, old: str, new: str, texts: list[int]
) -> None:
    reach = Reach(list(map(code, PIECES)), lambda m, text: m.decide(json.loads(text)), TEXTS)
    assert old in PIECES[piece]
    assert list(reach.of(piece, code(PIECES[piece].replace(old, new, 1)))) == texts
