"""Linear programs in MPS."""

from pathlib import Path
from random import Random

from certify import read_mps
from verify.trust.surfaces import hostile
from verify.trust.surfaces.surface import Surface, accepted

_FREE = (
    "* a comment\nNAME small\nOBJSENSE\n MAX\nROWS\n N c\n L r\n G s\n E t\n N spare\nCOLUMNS\n"
    " x c 1 r 0.1\n x s 1 t 2/3\n y c -1e2 r +.5\n z t 1 spare 4\nRHS\n b r 1 c 3\n b s -1 t 2\n"
    "RANGES\n rg r 2.5 s 1\nBOUNDS\n UP bd x 4\n MI bd y\n LO bd z -1\n FX bd z2 0\nENDATA\n"
).replace(" FX bd z2 0\n", "")
_FIXED = (
    "NAME          fixed\nROWS\n N  cost\n L  a row\n E  s\nCOLUMNS\n"
    "    x one     cost               1.0   a row              2.0\n"
    "    y         s                  3.0\n"
    "RHS\n    b         a row              4.0   s                  1\n"
    "BOUNDS\n UP bd        x one              4.0\n FR bd        y\nENDATA\n"
)
_WORDS = (
    "N", "L", "G", "E", "NL", "LGE", "UP", "LO", "FX", "FR", "MI", "PL", "BV", "LI", "UI", "SC",
    "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS", "OBJSENSE", "ENDATA", "NAME", "MAX", "QUADOBJ",
    "x", "y", "c", "r", "t", "'MARKER'", "'INTORG'", "b", "bd", "program", "_in_set", "",
)  # fmt: skip


def programs(folder: Path) -> list[Surface]:
    """Return the surfaces of the reader of linear programs, which write into a folder."""
    # As a square matrix this one would fill gigabytes.
    many = range(12_000)
    columns, bounds = ("".join(map(line.format, many)) for line in (" x{} c 1\n", " UP x{} 1\n"))
    bounded = f"ROWS\n N c\nCOLUMNS\n{columns}BOUNDS\n{bounds}ENDATA\n"

    def draw(rng: Random) -> tuple[bytes, bool]:
        fixed = rng.random() < 0.4
        if rng.random() < 0.004:
            return bounded.encode(), False
        text = rng.choice((_FIXED, _FIXED, _FREE)) if fixed else rng.choice((_FREE, _FREE, _FIXED))
        if rng.random() < 0.02:
            return text.encode(), fixed
        lines = text.splitlines(keepends=True)
        for _ in range(rng.choice((1, 1, 2, 3))):
            i = rng.randrange(len(lines))
            lines[i] = rng.choice((_word, _moved_line))(rng, lines[i], lines)
        contents = hostile.bytes_of("".join(lines))
        if rng.random() < 0.2:
            contents = hostile.changed_bytes(rng, contents)
        return contents, fixed

    def decide(given: tuple[bytes, bool]) -> bool:
        path = folder / "program.mps"
        path.write_bytes(given[0])
        return accepted(lambda: read_mps(path, fixed=given[1]))

    return [Surface("linear program in MPS", 6, draw, decide)]


def _word(rng: Random, line: str, lines: list[str]) -> str:
    words = line.split(" ")
    i = rng.randrange(len(words))
    words[i : i + 1] = rng.choice(
        ([], [rng.choice(_WORDS)], [hostile.numeral(rng)], [words[i], words[i]], ["", words[i]])
    )
    return " ".join(words)


def _moved_line(rng: Random, line: str, lines: list[str]) -> str:
    return rng.choice(("", line * 2, rng.choice(lines), line + rng.choice(lines), "\n", " \n"))
