"""Vertices of polytopes from their inequalities, against other exact programs."""

import functools
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from benchmarks import builds
from benchmarks.measure import OURS, Case, Job, NotInstalled

Vertices: TypeAlias = Sequence[tuple[Fraction, ...]]

_SIZES = ((2, 20), (3, 20), (4, 30), (6, 20), (6, 30), (6, 40), (8, 20), (8, 30))


@functools.cache
def polytope(dimension: int, rows: int) -> tuple[Any, Any]:
    """Draw A (rows x dimension) and b > 0, integers; a bounded set A x <= b around the origin."""
    draw = np.random.default_rng([dimension, rows])
    matrix = draw.integers(-99, 100, (rows, dimension))
    # One row against the sum of some of the others keeps the set bounded.
    matrix[-1] = -matrix[:-1].sum(axis=0)
    return matrix, draw.integers(50, 200, rows)


def vertices(contender: str, dimension: int, rows: int) -> tuple[tuple[Fraction, ...], ...]:
    """Return the vertices in lexicographic order; every contender has to reach Fractions."""
    found = _CONTENDERS[contender](*polytope(dimension, rows))
    return tuple(found) if contender == OURS else tuple(sorted(found))


def count_vertices(contender: str, dimension: int, rows: int) -> int:
    """Return the number of vertices, all of which have been read into Fractions."""
    return len(_CONTENDERS[contender](*polytope(dimension, rows)))


def _certify(build: str, matrix: Any, right_side: Any) -> Vertices:
    builds.load(build)
    from certify.polyhedra.polyhedron import Polyhedron

    return Polyhedron.of(matrix, right_side).vertices_and_rays().vertices


def _pycddlib(matrix: Any, right_side: Any) -> Vertices:
    import cdd
    import cdd.gmp

    table = np.column_stack([right_side, -matrix]).tolist()
    given = cdd.gmp.matrix_from_array(table, rep_type=cdd.RepType.INEQUALITY)
    generators = cdd.gmp.copy_generators(cdd.gmp.polyhedron_from_matrix(given))
    return [tuple(row[1:]) for row in generators.array if row[0] == 1]


def _pplpy(matrix: Any, right_side: Any) -> Vertices:
    import ppl

    system = ppl.Constraint_System()
    for row, bound in zip(matrix.tolist(), right_side.tolist(), strict=True):
        system.insert(ppl.Linear_Expression(row, -bound) <= 0)
    points = [g for g in ppl.C_Polyhedron(system).minimized_generators() if g.is_point()]
    scaled = [(int(g.divisor()), map(int, g.coefficients())) for g in points]
    return [tuple(Fraction(x, scale) for x in point) for scale, point in scaled]


def _lrs(matrix: Any, right_side: Any) -> Vertices:
    if shutil.which("lrs") is None:
        raise NotInstalled("lrs")
    lines = ["H-representation", "begin", f"{len(matrix)} {matrix.shape[1] + 1} integer"]
    lines += [" ".join(map(str, row)) for row in np.column_stack([right_side, -matrix]).tolist()]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "polytope.ine"
        source.write_text("\n".join([*lines, "end", ""]))
        done = subprocess.run(["lrs", str(source)], capture_output=True, text=True, check=True)
    rows = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith(" 1 ")]
    # A vertex that several bases reach is printed once for each.
    return list({tuple(map(Fraction, row)) for row in rows})


_CONTENDERS: dict[str, Callable[[Any, Any], Vertices]] = {
    **{build: functools.partial(_certify, build) for build in builds.FOLDERS},
    "pycddlib": _pycddlib,
    "pplpy": _pplpy,
    "lrs": _lrs,
}


def most_vertices(dimension: int, rows: int) -> int:
    """Return the greatest number of vertices there can be (P. McMullen, 1970)."""
    return comb(rows - -(-dimension // 2), dimension // 2) + comb(
        rows - dimension // 2 - 1, -(-dimension // 2) - 1
    )


def cases() -> list[Case]:
    """Return every contender at every size."""
    return [
        Case(
            "polyhedra",
            f"dimension {dimension}, {rows} inequalities",
            most_vertices(dimension, rows),
            contender,
            functools.partial(count_vertices, contender, dimension, rows),
        )
        for dimension, rows in _SIZES
        for contender in _CONTENDERS
    ]


JOB = Job(
    "polyhedra",
    "How long does it take to list the vertices of {x : A x <= b}, as Fractions?",
    "The size that grows is the greatest number of vertices that so many inequalities allow in "
    "that dimension, some n^(d/2), of which random polytopes have a tenth. Double description "
    "compares pairs of vertices but in vectorised 0/1 products, so that its exponent stays below "
    "one until the pairs dominate; with a dozen of rays loops over integers are faster.",
    cases,
    counted="greatest possible number of vertices",
    by_processor=True,
)
