"""The reference as a folder of pages that need nothing else: no script from outside, no request.

The folder is built beside its place and put there in one step, so a site is whole or not there.
"""

import json
import os
import re
import shutil
import tempfile
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from certify.certificates.kinds import KINDS
from certify.errors import InputError
from verify.claims.claim import Claim, Paper, Verdict
from verify.claims.registry import CLAIMS, module_of
from verify.reference import api, graph, search
from verify.reference.content import ClaimPage, claim_page
from verify.reference.interactive import SCRIPT, STYLE, fragment
from verify.reference.markdown import prose, render
from verify.reporting import document, page, summary
from verify.reporting.figures import draw
from verify.reporting.mathematics import to_html
from verify.reporting.plain_text import plain

MARKER = "site.json"  # says that a folder holds a reference, which may be replaced
CHAPTERS = {
    "notation": "Notation",
    "exactness": "How exactness works here",
    "certificates": "The format of certificates",
    "auditing": "Audit your own model",
    "library": "The library",
    "extending": "How to extend it",
}
NAVIGATION = (
    ("index.html", "Claims"),
    ("map.html", "Map"),
    ("findings.html", "Findings"),
    ("experiments.html", "Experiments"),
)
GUIDE = tuple((f"{name}.html", title) for name, title in CHAPTERS.items())
OPENING = "charles-thm-4"  # the claim whose picture is on the first page
LETTERS = {
    Verdict.TRUE: "T",
    Verdict.REPAIRED: "R",
    Verdict.FALSE: "F",
    Verdict.VACUOUS: "V",
    Verdict.UNDEFINED: "N",
}
_LIGHT, _DARK = "xcode", "zenburn"  # of Pygments: their contrast is enough on our paper


def read_report(folder: Path) -> dict[str, Any]:
    """Return the complete report in a folder; raise InputError when there is none of all claims."""
    path = folder / "report.json"
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise InputError(
            "--report", expected="a report", got="JSON nested too deeply", where=str(path)
        ) from None
    except OSError:
        raise InputError(
            "--report",
            expected="the folder of a report (verify run writes one)",
            got="no report.json",
            where=str(folder),
        ) from None
    except ValueError as error:
        raise InputError("--report", expected="JSON", got=str(error), where=str(path)) from None
    if not isinstance(report, dict):
        raise InputError("--report", expected="a report", got="other JSON", where=str(path))
    document.validate(report)
    if not report["run"]["complete"]:
        raise InputError("--report", expected="a complete run", got="a partial", where=str(path))
    have = {entry["id"] for entry in report["claims"]}
    if missing := [claim_id for claim_id in CLAIMS if claim_id not in have]:
        raise InputError(
            "--report", expected="all claims", got=f"none of {missing[0]}", where=str(path)
        )
    return report


def write_reference(
    report: dict[str, Any],
    directory: Path,
    *,
    source: Path | None = None,
    overwrite: bool = False,
    progress: Callable[[int, int, str], None] = lambda done, total, label: None,
) -> Path:
    """Write the site of a report into ``directory`` and return its first page.

    With ``source``, the folder of the report, the pages lead to it.

    Raises InputError when the place is taken by something else, or when a claim lacks a part; then
    nothing has changed there.
    """
    if directory.exists() and not (overwrite and (directory / MARKER).exists()):
        raise InputError(
            "--out",
            expected="a new folder" if not overwrite else "the folder of an earlier reference",
            got="an existing one" if not overwrite else "another folder",
            where=str(directory),
        )
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".reference-") as temporary:
        site = Path(temporary) / "site"
        site.mkdir()
        there = os.path.relpath(source / "index.html", directory) if source else ""
        for name, text in _files(report, Path(there).as_posix() if there else "", progress):
            (site / name).write_text(text, encoding="utf-8", newline="\n")
        if directory.exists():
            shutil.move(directory, Path(temporary) / "replaced")
        os.replace(site, directory)
    return directory / "index.html"


def _files(
    report: dict[str, Any], report_page: str, progress: Callable[[int, int, str], None]
) -> Iterator[tuple[str, str]]:
    """Yield every file of the site by name, and last the search over the others."""
    written: dict[str, str] = {}
    for name, text in _pages(report, report_page, progress):
        if name.endswith(".html") and not name.startswith("code-"):
            written[name] = text
        yield name, text
    yield "search.html", _Site(report, report_page).search(written)
    marker = {"format": "adversarial-geometry/reference", "version": report["software_version"]}
    yield MARKER, json.dumps(marker) + "\n"


def _pages(
    report: dict[str, Any], report_page: str, progress: Callable[[int, int, str], None]
) -> Iterator[tuple[str, str]]:
    """Yield the pages, the code, the certificates and the proofs."""
    counts = {entry["id"]: entry for entry in report["claims"]}
    site = _Site(report, report_page)
    claims = list(CLAIMS.values())
    pages: list[ClaimPage] = []
    for number, claim in enumerate(claims):
        progress(number, len(claims), claim.id)
        pages.append(claim_page(claim))
        yield from site.claim(pages[-1], counts[claim.id], _neighbours(claims, number))
    yield "map.html", site.map(counts)
    yield "findings.html", site.findings(pages)
    yield "experiments.html", site.experiments()
    yield "index.html", site.index(counts, pages)
    for name, heading in CHAPTERS.items():
        kinds = list(KINDS.values()) if name == "certificates" else []
        text = render(api.reference() if name == "library" else prose(f"{name}.md"))
        yield (
            f"{name}.html",
            site.page("chapter", f"{name}.html", heading=heading, text=text, kinds=kinds),
        )
    progress(len(claims), len(claims), "done")


def _neighbours(claims: list[Claim[Any]], number: int) -> tuple[Claim[Any] | None, ...]:
    before = claims[number - 1] if number else None
    return before, claims[number + 1] if number + 1 < len(claims) else None


class _Site:
    """The pages of one report, as text."""

    def __init__(self, report: dict[str, Any], report_page: str) -> None:
        self._report = report
        self._environment = _environment()
        self._environment.globals["report_page"] = report_page
        counts = Counter(claim.verdict for claim in CLAIMS.values())
        self._verdicts = [(verdict, counts[verdict]) for verdict in Verdict if counts[verdict]]

    def page(self, template: str, here: str, **names: Any) -> str:
        """Return one page from its template."""
        return self._environment.get_template(f"{template}.html.j2").render(here=here, **names)

    def claim(
        self, shown: ClaimPage, counts: dict[str, Any], neighbours: tuple[Claim[Any] | None, ...]
    ) -> Iterator[tuple[str, str]]:
        """Yield the page of a claim, its code and its certificate."""
        claim = shown.claim
        module = module_of(claim).__name__
        script = {"script": Markup(SCRIPT)} if shown.interactive else {}
        name = f"{claim.id}.html"
        yield name, self.page(
            "claim", name, page=shown, counts=counts, module=module,
            before=neighbours[0], after=neighbours[1],
            experiments=page.paired(counts, self._report),
            interactive_style=Markup(STYLE), **script,
        )  # fmt: skip
        code = _coloured(shown.source)
        name = f"code-{claim.id}.html"
        yield (
            name,
            self.page(
                "code", name, claim=claim, module=module, code=code, code_style=_code_style()
            ),
        )
        yield f"{claim.id}.certificate.json", shown.certificate.line + "\n"
        if shown.general.formal:
            yield f"{claim.id}.v", shown.general.formal.text

    def map(self, counts: dict[str, Any]) -> str:
        """Return the page of the graph."""
        verdicts = Counter(claim.verdict for claim in CLAIMS.values())
        return self.page(
            "map", "map.html", claims=CLAIMS, counts=counts,
            drawing=graph.layered({claim.id: claim.uses for claim in CLAIMS.values()}),
            lines={claim.id: _lines(claim) for claim in CLAIMS.values()},
            size=(graph.WIDTH, graph.HEIGHT), letters=LETTERS,
            verdicts=[(v, letter, verdicts[v]) for v, letter in LETTERS.items() if verdicts[v]],
        )  # fmt: skip

    def findings(self, pages: list[ClaimPage]) -> str:
        """Return the page with one row for each claim, the worst first."""
        groups: dict[str, list[ClaimPage]] = {"wrong": [], "repaired": [], "sharper": []}
        names = {Verdict.TRUE: "sharper", Verdict.REPAIRED: "repaired"}
        for shown in pages:
            groups[names.get(shown.claim.verdict, "wrong")].append(shown)
        totals = f"{summary.verdicts(self._report)} {summary.counterexamples(self._report)}"
        return self.page(
            "findings", "findings.html", totals=totals, verdicts=self._verdicts, **groups
        )

    def experiments(self) -> str:
        """Return the page of the report's experiments, with their figures and tables."""
        found = self._report["experiments"]
        panels = {
            entry["id"]: [
                draw(figure, f"{entry['id']}-{i}") for i, figure in enumerate(entry["figures"], 1)
            ]
            for entry in found
        }
        return self.page(
            "experiments", "experiments.html", experiments=found, panels=panels, claims=CLAIMS,
            data=self._report["data"], command=self._report["run"]["command"],
        )  # fmt: skip

    def search(self, pages: dict[str, str]) -> str:
        """Return the page that searches all others."""
        told = json.dumps(search.entries(pages), ensure_ascii=False).replace("<", "\\u003c")
        script = Path(__file__).with_name("templates") / "search.js"
        return self.page(
            "search", "search.html", sections=Markup(told),
            script=Markup(script.read_text(encoding="utf-8")),
        )  # fmt: skip

    def index(self, counts: dict[str, Any], pages: list[ClaimPage]) -> str:
        """Return the first page: what this is, and the claims in the papers' order."""
        papers = [
            (paper, [claim for claim in CLAIMS.values() if claim.paper is paper]) for paper in Paper
        ]
        introduction = render(prose("introduction.md"))
        return self.page(
            "index", "index.html", papers=papers, counts=counts, introduction=introduction,
            verdicts=self._verdicts, totals=summary.verdicts(self._report),
            picture=next(((p.claim, p.figures[0]) for p in pages if p.claim.id == OPENING), None),
        )  # fmt: skip


def _lines(claim: Claim[Any]) -> list[str]:
    """Return the title of a claim in lines that fit into a box of the map."""
    return textwrap.wrap(plain(claim.title), 21, max_lines=4, placeholder=" …")


def _coloured(source: str) -> Markup:
    """Return code with its colours; names and spaces, the most of it, have that of text."""
    code = highlight(source, PythonLexer(), HtmlFormatter(cssclass="highlight"))
    return Markup(re.sub(r'<span class="[nw]">(.*?)</span>', r"\1", code))


def _code_style() -> Markup:
    """Return the colours of code, for light and for dark pages."""
    light, dark = (
        HtmlFormatter(style=style).get_style_defs(".highlight") for style in (_LIGHT, _DARK)
    )
    return Markup(f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n")


def _environment() -> Environment:
    own = Path(__file__).with_name("templates")
    environment = Environment(
        loader=FileSystemLoader([own, page.TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(page.FILTERS, markdown=render, mathematics=to_html, plain=plain)
    environment.globals.update(
        navigation=NAVIGATION, guide=GUIDE, summary=summary, fragment=fragment
    )
    return environment
