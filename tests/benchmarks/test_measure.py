from __future__ import annotations

import functools
import time
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.__main__ import jobs
from benchmarks.measure import (
    OURS,
    Case,
    Job,
    Measurement,
    NotInstalled,
    disagreements,
    growth,
    measure,
)
from benchmarks.plots import growth_plot
from benchmarks.results import record, rows, write


def case(run: functools.partial[object], contender: str = OURS, parameter: float = 1) -> Case:
    return Case("job", f"size {parameter:g}", parameter, contender, run)


def answering(value: object) -> object:
    return value


def raising(kind: type[Exception], text: str) -> None:
    raise kind(text)


def hungry(mebibytes: int) -> None:
    bytearray(mebibytes * 2**20)


def test_a_case_is_repeated_and_its_memory_is_its_own() -> None:
    small = measure(case(functools.partial(answering, Fraction(1, 3))), 30)
    assert (len(small.seconds), small.answer, small.problem) == (51, Fraction(1, 3), "")
    assert len(small.processor) == 51
    large = measure(case(functools.partial(hungry, 200)), 30)
    assert large.peak_mib - small.peak_mib == pytest.approx(200, abs=30)


def test_failures_are_results() -> None:
    for kind in (NotInstalled, ModuleNotFoundError):
        absent = measure(case(functools.partial(raising, kind, "no such thing")), 30)
        assert (absent.problem, absent.median) == ("not installed", float("inf"))
    wrong = measure(case(functools.partial(raising, ValueError, "seven")), 30)
    assert wrong.problem == "ValueError: seven"
    start = time.monotonic()
    assert measure(case(functools.partial(time.sleep, 60)), 0.5).problem == "> 0.5 s"
    assert time.monotonic() - start < 30


def test_growth_is_the_slope_of_logarithms() -> None:
    run = functools.partial(answering, None)
    measured = [Measurement(case(run, parameter=n), (1e-2 * n**3,)) for n in (1, 2, 4)]
    slowest = Measurement(case(run, parameter=8), problem="> 60 s")
    empty = Measurement(case(run, parameter=0), (1e-2,))  # a size that has no logarithm
    fit = growth([*measured, slowest, empty])
    assert fit is not None
    assert (fit.exponent, fit.sizes) == (pytest.approx(3), 3)
    assert growth([measured[0], slowest]) is None


def test_disagreements_and_ratios() -> None:
    run = functools.partial(answering, None)
    ours = Measurement(case(run), (2.0,), (2.0,), answer="optimal")
    same = Measurement(case(run, "same"), (1.0,), (1.0,), answer="optimal")
    silent = Measurement(case(run, "silent"), (1.0,), (1.0,))
    other = Measurement(case(run, "other"), (1.0,), (1.0,), answer="infeasible")
    assert disagreements([ours, same, silent]) == []
    assert len(disagreements([ours, other, same])) == 1
    pairs = [
        Measurement(case(run, name), (1.0,), (1.0,), answer=answer)
        for name, answer in (
            (OURS, ("optimal", Fraction(1, 3))),
            ("status alone", ("optimal", None)),
            ("another value", ("optimal", Fraction(1, 2))),
            ("another status", ("infeasible", None)),
        )
    ]
    assert disagreements(pairs[:2]) == []
    assert [line.split(": ")[1].split(" answers")[0] for line in disagreements(pairs)] == [
        "another value",
        "another status",
    ]
    assert [row[3] for row in rows([ours, same, silent])] == ["1.00", "0.50", "0.50"]


def test_every_job_is_found_and_explained() -> None:
    found = jobs()
    assert {"main_job", "linear_programs", "hard_linear_programs", "polyhedra"} <= set(found)
    for name, job in found.items():
        assert (job.name, bool(job.question), bool(job.counted)) == (name, True, True)
        assert job.explanation.count(". ") == 1, f"{name}: two sentences"


def test_results_keep_earlier_jobs_and_show_the_growth(tmp_path: Path) -> None:
    run = functools.partial(answering, None)
    for name, sizes in (("first", (1, 2, 4)), ("second", (1,))):
        job = Job(name, f"How long does the {name} take?", "One. Two.", list, "things")
        measured = [Measurement(case(run, parameter=n), (1e-2 * n**2,), (1e-2,)) for n in sizes]
        write(tmp_path, name, record(job, measured), growth_plot(job, measured))
    page = (tmp_path / "index.md").read_text(encoding="utf-8")
    assert "How long does the first take?" in page
    assert "Exponent of growth: certify 2.0 (3 sizes)." in page
    assert "(first.svg)" in page
    assert not (tmp_path / "second.svg").exists()
    picture = ElementTree.parse(tmp_path / "first.svg").getroot()
    texts = [element.text for element in picture.iter() if element.tag.endswith("}text")]
    assert "certify, exponent 2.0" in texts
    assert "things" in texts
    assert "median time (seconds)" in texts
    assert not [text for text in texts if text and "$" in text]
    assert "0.1" in texts
