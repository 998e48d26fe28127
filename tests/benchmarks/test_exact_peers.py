"""Every contender that is installed has to give the exact answers that this package gives."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest

from benchmarks import (
    degenerate_programs,
    hard_linear_programs,
    linear_programs,
    lp_peers,
    mps_files,
    polyhedra,
)
from benchmarks.lp_instances import Kind, Program, drawn, hard
from benchmarks.measure import OURS, NotInstalled
from certify.checking import checker
from certify.programs.linear_program import linear_program
from certify.programs.mps import read_mps

PEERS = [name for name in lp_peers.CONTENDERS if name != OURS]


def answer_or_skip(run: Callable[[], object], peer: str) -> object:
    try:
        return run()
    except (ImportError, NotInstalled):
        pytest.skip(f"{peer} is not installed")


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("numbers", ["integers", "float32"])
def test_drawn_programs(peer: str, kind: Kind, numbers: str) -> None:
    ours = linear_programs.solve(OURS, kind, 5, 5, numbers)
    theirs = answer_or_skip(lambda: linear_programs.solve(peer, kind, 5, 5, numbers), peer)
    assert theirs == (ours if peer != "GLPK exact" else (kind, None))


# glpsol reads doubles, which do not hold these fractions.
@pytest.mark.parametrize("peer", [peer for peer in PEERS if peer != "GLPK exact"])
@pytest.mark.parametrize("name", ["Beale", "Kuhn", "Marshall and Suurballe"])
def test_cycling_programs(peer: str, name: str) -> None:
    ours = hard_linear_programs.solve(OURS, name)
    assert answer_or_skip(lambda: hard_linear_programs.solve(peer, name), peer) == ours


@pytest.mark.parametrize("peer", ["pycddlib", "pplpy", "lrs"])
@pytest.mark.parametrize("size", [(2, 20), (4, 30)])
def test_vertices(peer: str, size: tuple[int, int]) -> None:
    ours = polyhedra.vertices(OURS, *size)
    assert answer_or_skip(lambda: polyhedra.vertices(peer, *size), peer) == ours


EXPECTED = {"infeasible by 2^-38, 41 x 20": "infeasible"}


@pytest.mark.parametrize(("name", "program"), [(n, p) for n, p in hard() if "200 x 64" not in n])
def test_the_hard_set_is_decided_with_certificates(name: str, program: Program) -> None:
    equalities = None
    if program.equal_matrix is not None:
        equalities = (program.equal_matrix, program.equal_right_side)
    result = linear_program(
        program.objective,
        (program.matrix, program.right_side),
        equalities,
        nonnegative=program.nonnegative,
    )
    assert result.status == EXPECTED.get(name.split(", seed")[0], "optimal")
    assert checker.check(result.certificate.to_json())[0] == f"lp-{result.status}"


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("numbers", ["integers", "float32"])
@pytest.mark.parametrize("size", [(5, 5), (10, 10), (20, 20), (40, 60)])
@pytest.mark.parametrize("seed", [1, 2])
def test_drawn_outcomes_are_certified(
    kind: Kind, numbers: str, size: tuple[int, int], seed: int
) -> None:
    program = drawn(kind, *size, numbers, seed)
    result = linear_program(
        program.objective, (program.matrix, program.right_side), nonnegative=True
    )
    assert checker.check(result.certificate.to_json())[0] == f"lp-{kind}"


@pytest.mark.parametrize("peer", degenerate_programs.PEERS)
def test_degenerate_programs(peer: str) -> None:
    found = [(a, b) for _, name, a, b in degenerate_programs.answers(range(8)) if name == peer]
    if found[0][1] == "not installed":
        pytest.skip(f"{peer} is not installed")
    assert [theirs for _, theirs in found] == [ours for ours, _ in found]


def test_a_cut_is_one_row_more(tmp_path: Path) -> None:
    text = "ROWS\n N c\n G r\nCOLUMNS\n x c -1/2 r 0.1\n y c 1 r 1\n"
    text += "RHS\n b r 1\nBOUNDS\n UP x 3\nENDATA\n"
    path = tmp_path / "p.mps"
    for bound, status in ((Fraction(-8, 10), "optimal"), (Fraction(-81, 100), "infeasible")):
        path.write_text(mps_files.with_cut(text, bound))
        assert linear_program(**read_mps(path).arguments).status == status
    path.write_text(mps_files.with_cut(text.replace("RHS\n b r 1\n", ""), Fraction(-2)))
    assert linear_program(**read_mps(path).arguments).status == "infeasible"
