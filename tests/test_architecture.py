"""The rooms of the house: what may import what, read from the syntax of every module."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from verify.claims.registry import CLAIMS, module_of

ROOT = Path(__file__).parents[1]
CHECKER = "certify.checking.checker"
LINES = 400  # of a module, but the checker's, which is one file on purpose
# Each room knows those above it and none below.
ROOMS = (
    "certify",
    "verify.objects",
    "verify.drawing",
    "verify.strategies",
    "verify.evidence",
    "verify.claims",
    "verify.data",
    "verify.attack",
    "verify.models",
    "verify.properties",
    "verify.reporting",
    "verify.questions",
    "verify.campaigns",
    "verify",
    "verify.reference",
    "verify.trust",
    "verify.commands",
    "verify.cli",
    "verify.__main__",
)


def modules() -> dict[str, Path]:
    """Return the file of each module of both packages, by its dotted name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in ("certify", "verify")
        for path in sorted((ROOT / package).rglob("*.py"))
    }


MODULES = modules()


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield what a module imports, anywhere in it and for the type checker as well."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole module"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)


IMPORTS = {
    name: set(imported(ast.parse(path.read_text(encoding="utf-8"))))
    for name, path in MODULES.items()
}
OWN = {name: found & set(MODULES) for name, found in IMPORTS.items()}


def room(module: str) -> str:
    """Return the room of a module: a package or module of ``verify``, or ``certify`` as a whole."""
    first, *rest = module.split(".")
    return ".".join((first, *rest[:1])) if first == "verify" else first


def test_every_module_lies_in_a_room() -> None:
    assert {room(module) for module in MODULES} == set(ROOMS)


@pytest.mark.parametrize("place", ROOMS)
def test_no_room_knows_one_that_comes_later(place: str) -> None:
    later = ROOMS[ROOMS.index(place) + 1 :]
    wrong = [
        f"{module} imports {other}"
        for module in MODULES
        if room(module) == place
        for other in sorted(OWN[module])
        if room(other) in later
    ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter(OWN).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_checker_imports_the_standard_library_alone() -> None:
    assert OWN[CHECKER] == set()
    assert {name.partition(".")[0] for name in IMPORTS[CHECKER]} <= sys.stdlib_module_names


@pytest.mark.parametrize("module", [name for name in MODULES if name != CHECKER])
def test_a_module_can_be_read_at_one_sitting(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= LINES


def test_the_folder_of_a_paper_is_its_table_of_contents() -> None:
    papers = {claim.paper for claim in CLAIMS.values()}
    found = {
        f"verify.claims.{paper}.{path.stem}"
        for paper in papers
        for path in (ROOT / "verify" / "claims" / paper).glob("*.py")
        if path.stem != "__init__"
    }
    claims = {module_of(claim).__name__ for claim in CLAIMS.values()}
    assert not found - claims, "write these into verify/claims/registry.py, or move helpers away"
    assert found == claims
