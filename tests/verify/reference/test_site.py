"""The site: complete, closed in itself, computed again, and never half written."""

from __future__ import annotations

import json
import re
import runpy
import shutil
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import certify
from certify.certificates.certificate import Certificate, sha256
from certify.checking import checker
from certify.errors import InputError
from verify import cli, commands, strategies
from verify.claims.claim import Claim, Paper, Proof, step
from verify.claims.registry import CLAIMS
from verify.claims.relation import named
from verify.reference import api, build
from verify.reference.content import claim_page
from verify.reference.corruption import corrupted
from verify.reference.markdown import render
from verify.reporting.mathematics import to_html

PAPERS = {paper.address for paper in Paper} - {""}
PAGES = ("index", "search", "map", "findings", "experiments", *build.CHAPTERS, *CLAIMS)


class Parsed(HTMLParser):
    """The ids, references and words of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.words: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src", "xlink:href"):
                self.references.append(value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def parsed(site: Path) -> dict[str, Parsed]:
    return {path.name: Parsed(path) for path in site.glob("*.html")}


def test_there_is_a_page_for_everything(parsed: dict[str, Parsed]) -> None:
    expected = {f"{name}.html" for name in PAGES} | {f"code-{name}.html" for name in CLAIMS}
    assert set(parsed) == expected


def test_links_and_anchors_lead_somewhere_on_the_site(
    site: Path, parsed: dict[str, Parsed]
) -> None:
    for name, page in parsed.items():
        assert len(set(page.ids)) == len(page.ids), name
        for reference in set(page.references) - PAPERS:
            file, _, anchor = reference.partition("#")
            assert ":" not in file, (name, reference)
            assert (site / (file or name)).is_file(), (name, reference)
            if anchor and file != "experiments.html":  # the small report has not all of them
                assert anchor in parsed[file or name].ids, (name, reference)


def test_pages_ask_for_nothing_from_outside(site: Path) -> None:
    for path in site.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r'xmlns(:xlink)?="[^"]*"', "", text)
        for address in PAPERS:  # a link, which asks for nothing until somebody follows it
            text = text.replace(f'<a href="{address}" rel="external noreferrer">', "")
        assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?(https?:)?//""", text), path.name
        assert "Content-Security-Policy" in text


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_a_claim_is_on_its_page_in_full(
    claim: Claim[Any], site: Path, parsed: dict[str, Parsed]
) -> None:
    page = parsed[f"{claim.id}.html"]
    words = " ".join("".join(page.words).split())
    for hypothesis in claim.hypotheses:
        assert hypothesis.name in words
    for heading in ("The idea", "The proof", "What if not?", "The sharp form", "Do it again"):
        assert heading in words
    assert f"{claim.printed}: {claim.verdict}" in words
    assert (claim.printed == "Not printed") == (claim.number == "not in the paper")
    assert "accepted" in words
    assert "rejected" in words
    assert {f"{used}.html" for used in claim.uses} <= set(page.references)
    example = next(value for value in claim.prove(claim.example).steps if value.relations)
    text = (site / f"{claim.id}.html").read_text(encoding="utf-8")
    assert to_html(example.formulas[0]) in text


def test_a_counterexample_says_why_it_is_one(site: Path) -> None:
    text = (site / "zou-thm-1.html").read_text(encoding="utf-8")
    for weak in CLAIMS["zou-thm-1"].counterexamples().values():
        refutation = weak.refute(weak.example)
        assert refutation is not None
        assert to_html(refutation.text) in text


@pytest.mark.parametrize(
    ("claim", "badges"),
    [
        ("zou-conj", ("false in one reading", "one reading refuted by an exact counterexample")),
        ("charles-class-C", ("vacuous as printed", "shown by an exact counterexample")),
        ("charles-cor-6-remark", ("false as printed", "shown by an exact counterexample")),
    ],
)
def test_what_is_no_statement_is_not_called_false(
    parsed: dict[str, Parsed], claim: str, badges: tuple[str, str]
) -> None:
    words = parsed[f"{claim}.html"].words
    assert set(badges) <= set(words)
    assert ("false as printed" in words) == ("false as printed" in badges)


def test_a_forged_certificate_names_what_does_not_hold(site: Path) -> None:
    text = (site / "charles-linear-same-label.html").read_text(encoding="utf-8")
    assert "It does not hold that <code>label has changed at the step: fact 0" in text


def test_a_page_that_counts_findings_by_their_names_says_which_they_are(site: Path) -> None:
    told = "F1 to F5 are the five findings of"
    assert told in (site / "charles-thm-4.html").read_text(encoding="utf-8")
    assert told not in (site / "charles-thm-5.html").read_text(encoding="utf-8")


def test_passages_with_several_claims_are_told_apart(parsed: dict[str, Parsed]) -> None:
    words = " ".join("".join(parsed["zou-def-2.html"].words).split())
    assert "Significance and implications: Decision regions are convex" in words


def test_the_certificates_are_those_that_the_checker_accepts(site: Path) -> None:
    found = sorted(site.glob("*.certificate.json"))
    assert len(found) == len(CLAIMS)
    for path in found:
        checker.check(checker.parse(path.read_text(encoding="utf-8")))


def test_every_verdict_but_true_is_among_the_findings(parsed: dict[str, Parsed]) -> None:
    links = parsed["findings.html"].references
    assert {f"{claim_id}.html" for claim_id in CLAIMS} <= set(links)
    assert set(parsed["map.html"].references) >= {f"{claim_id}.html" for claim_id in CLAIMS}


def test_the_search_knows_the_words_of_all_pages(site: Path) -> None:
    text = (site / "search.html").read_text(encoding="utf-8")
    told = re.search(r'id="search-index">(.*?)</script>', text, re.DOTALL)
    assert told is not None
    sections = json.loads(told[1])
    pages = {address.partition("#")[0] for address, *_ in sections}
    assert pages == {f"{name}.html" for name in PAGES if name != "search"}
    assert any("max_margin" in words for _, _, _, words in sections)


def test_pages_lead_to_the_report_they_were_made_of(
    report: dict[str, Any], tmp_path: Path, few: list[str]
) -> None:
    index = build.write_reference(report, tmp_path / "a" / "site", source=tmp_path / "b")
    assert 'href="../../b/index.html"' in index.read_text(encoding="utf-8")
    page = (index.parent / "zou-thm-1.html").read_text(encoding="utf-8")
    assert 'href="../../b/index.html#zou-thm-1"' in page


def test_the_site_is_small_and_reproducible(
    site: Path, report: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sum(path.stat().st_size for path in site.iterdir()) < 15e6
    few = {name: CLAIMS[name] for name in list(CLAIMS)[:2]}
    monkeypatch.setattr(build, "CLAIMS", few)
    build.write_reference(report, tmp_path / "again")
    for name in few:
        same = [(folder / f"{name}.html").read_text() for folder in (site, tmp_path / "again")]
        # The last of the two has no page after it.
        assert (
            same[0].partition('<nav class="along"')[0] == same[1].partition('<nav class="along"')[0]
        )


# What is missing stops the building.


FALSE = step("One is two.", (1, "=", 2))
NAMELESS = step("One is one.", (1, "=", 1))
TWICE = step("Both are one.", ([named("x", 1), named("x", 1)], "=", 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: replace(c, prove=lambda i: Proof((FALSE,), c.prove(i).certificates)),
            "step 1 of the worked example to hold, got 1 = 2",
        ),
        (
            lambda c: replace(c, prove=lambda i: Proof((NAMELESS,), c.prove(i).certificates)),
            "expected a name in step 1 of the worked example, got 1 = 1",
        ),
        (
            lambda c: replace(c, prove=lambda i: Proof((TWICE,), c.prove(i).certificates)),
            "expected different relations in step 1 of the worked example, got $x=1$",
        ),
        (
            lambda c: replace(c, prove=lambda i: Proof(c.prove(i).steps, ())),
            "expected a certificate of the worked example, got none",
        ),
        (
            lambda c: replace(c, sharpness=lambda: Proof((), ())),
            "expected steps of the sharp form, got none",
        ),
        (
            lambda c: replace(c, sharpness=lambda: Proof((FALSE,), ())),
            "step 1 of the sharp form to hold",
        ),
        (
            lambda c: replace(
                c,
                hypotheses=(
                    replace(
                        c.hypotheses[0],
                        without=replace(c.hypotheses[0].without, refute=lambda i: None),
                    ),
                ),
            ),
            "expected a counterexample, both labels, got none",
        ),
    ],
)
def test_a_claim_that_lacks_a_part_is_refused(
    change: Callable[[Claim[Any]], Claim[Any]], message: str
) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        claim_page(change(CLAIMS["charles-thm-4"]))


def test_a_rejected_certificate_is_refused() -> None:
    claim = CLAIMS["charles-thm-4"]
    proof = claim.prove(claim.example)
    certificate = proof.certificates[0]
    wrong = Certificate(
        certificate.kind, certificate.instance, certificate.statement, {"multipliers": ["1"] * 3}
    )
    with pytest.raises(InputError, match="certificates of the worked example that the checker"):
        claim_page(replace(claim, prove=lambda i: Proof(proof.steps, (wrong,))))


def test_a_failed_build_leaves_what_was_there(
    site: Path, report: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for name in (build.MARKER, "index.html"):
        shutil.copy(site / name, old / name)

    def fail(claim: Claim[Any]) -> None:
        raise InputError("claim", expected="a part", got="none", where=claim.id)

    monkeypatch.setattr(build, "claim_page", fail)
    with pytest.raises(InputError, match="expected a part"):
        build.write_reference(report, old, overwrite=True)
    assert sorted(path.name for path in old.iterdir()) == ["index.html", build.MARKER]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old"]


# The parts


def test_a_corrupted_copy_differs_in_one_number() -> None:
    instance = {"points": [["0"], ["0"]], "labels": [1, -1]}
    statement, evidence = {"homogeneous": False}, {"multipliers": ["1", "1"]}
    found = corrupted(Certificate("not-separable", instance, statement, evidence))
    assert (found.place, found.before, found.after) == ("evidence.multipliers[0]", "1", "2")
    assert found.reason == "multipliers balance the classes: it is 1, not 0"


def test_a_certificate_without_a_number_that_matters_is_refused() -> None:
    idle = Certificate("arithmetic", {"numbers": []}, {"relations": [["0", "<=", "1/2"]]}, {})
    assert corrupted(idle).reason  # 1 <= 1/2 is false
    compared = Certificate(
        "arithmetic",
        {"numbers": [{"name": "a", "value": "1"}, {"name": "b", "value": "9"}]},
        {"relations": [["a", "<", "b"]]},
        {},
    )
    assert (corrupted(compared).before, corrupted(compared).after) == ("<", "=")
    empty = Certificate("arithmetic", {"numbers": []}, {"relations": []}, {})
    with pytest.raises(InputError, match="a number that matters, got arithmetic"):
        corrupted(empty)


def test_prose_keeps_formulas_and_shows_html_as_text() -> None:
    assert "<math" in render("a $x_1*y*z$ b")
    assert "<em>" not in render("a $x_1*y*z$ b")
    assert render("`$x$`") == "<p><code>$x$</code></p>\n"
    assert "<script>" not in render("<script>alert(1)</script>")


@pytest.mark.parametrize(("chapter", "count"), [("extending", 3), ("auditing", 2)])
def test_the_examples_of_the_chapters_run(
    chapter: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where an example writes its files
    text = files("verify.reference").joinpath(f"prose/{chapter}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) == count
    for number, block in enumerate(blocks):
        path = tmp_path / f"example_{number}.py"
        path.write_text(block, encoding="utf-8")
        place = re.match(r"# (\S+)\.py\n", block)  # a module takes its names from its place
        runpy.run_path(str(path), run_name=place[1].replace("/", ".") if place else path.stem)


def test_the_library_page_has_every_public_name() -> None:
    text = api.reference()
    for module, names in (("certify", certify.__all__), ("verify.strategies", strategies.__all__)):
        public = [name for name in names if not name.startswith("_")]
        assert [name for name in public if f"### `{module}.{name}`" not in text] == []
    assert "max_margin(X: Any, y: Any, bias: bool = True)" in text
    assert "where: str = '') -> None" in text
    assert "progress: Callable[[int, int, str], None] = ...) -> Audit" in text
    assert "collections.abc" not in text
    assert ":func:" not in text
    assert "``X``" not in text
    assert "<em>" not in render(text)


def test_the_certificate_of_the_chapter_is_accepted() -> None:
    text = files("verify.reference").joinpath("prose/certificates.md").read_text(encoding="utf-8")
    block = re.search(r"^```json\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert block is not None
    shown = json.loads(block[1])
    digest = sha256(shown["instance"])
    assert digest.startswith(shown["instance_sha256"].rstrip("…"))
    checker.check({**shown, "instance_sha256": digest})


# The command


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names = ["zou-def-1", "zou-thm-1"]  # what they rest on is among them
    monkeypatch.setattr(build, "CLAIMS", {name: CLAIMS[name] for name in names})
    return names


def written(report: dict[str, Any], folder: Path) -> Path:
    folder.mkdir()
    (folder / "report.json").write_text(json.dumps(report))
    return folder


def test_the_command_writes_and_replaces_a_site(
    report: dict[str, Any], tmp_path: Path, few: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = written(report, tmp_path / "report"), tmp_path / "site"
    command = ["reference", "--report", str(folder), "--out", str(out)]
    assert cli.main(command) == 0
    assert f"Reference: {out / 'index.html'}" in capsys.readouterr().out
    assert all((out / f"{name}.html").is_file() for name in few)
    assert cli.main(command) == commands.EXIT_USAGE
    assert "--out: expected a new folder, got an existing one" in capsys.readouterr().err
    (out / "old.html").touch()
    assert cli.main([*command, "--overwrite"]) == 0
    assert not (out / "old.html").exists()


def test_foreign_folders_and_bad_reports_are_refused(
    report: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, out = written(report, tmp_path / "report"), tmp_path / "site"
    partial = written({**report, "run": {**report["run"], "complete": False}}, tmp_path / "partial")
    short = written({**report, "claims": report["claims"][1:]}, tmp_path / "short")
    other = written({"format": "other"}, tmp_path / "other")
    broken = written({}, tmp_path / "broken")
    (broken / "report.json").write_text("{")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for arguments, message in (
        (["--report", tmp_path / "none"], "--report: expected the folder of a report"),
        (["--report", partial], "--report: expected a complete run, got a partial"),
        (["--report", short], "--report: expected all claims, got none of zou-def-1"),
        (["--report", other], "report: expected"),
        (["--report", broken], "--report: expected JSON"),
        (["--report", good, "--overwrite", "--out", foreign], "got another folder"),
    ):
        code = cli.main(["reference", "--out", str(out), *map(str, arguments)])
        assert code == commands.EXIT_USAGE
        assert message in capsys.readouterr().err
        assert not out.exists()
    assert list(foreign.iterdir()) == []
