"""The page: self-contained, complete, escaped, the same bytes every time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from verify.reporting.page import paired, render_page

Report = dict[str, Any]


class _Page(HTMLParser):
    """Collects ids, references, elements and the visible text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.elements: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "href", "xlink:href", "srcset", "action", "data"}:
                self.references.append(value or "")
            self.references += re.findall(r"url\(([^)]*)\)", value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def text(unchanged_sample: Report) -> str:
    return render_page(unchanged_sample)


def test_nothing_is_loaded_from_anywhere(text: str) -> None:
    page = _Page(text)
    assert page.references
    beside = {"certificates.jsonl", "ledger.jsonl"}  # followed on a click only
    assert beside <= set(page.references)
    assert all(
        reference.startswith(("#", "data:image/png;"))
        for reference in page.references
        if reference not in beside
    )
    assert not {"script", "link", "iframe", "object"} & set(page.elements)
    assert "@import" not in text
    assert "url(" not in re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[0]


def test_ids_are_unique_and_every_inner_reference_has_its_target(text: str) -> None:
    page = _Page(text)
    assert len(page.ids) == len(set(page.ids))
    targets = {reference[1:] for reference in page.references if reference.startswith("#")}
    assert targets <= set(page.ids)


def test_every_claim_and_experiment_has_its_place(sample: Report, text: str) -> None:
    page = _Page(text)
    for entry in sample["claims"] + sample["experiments"]:
        assert entry["id"] in page.ids
        assert f"#{entry['id']}" in page.references
        assert entry["title"] in page.text


def test_the_same_report_gives_the_same_bytes(sample: Report, text: str) -> None:
    reordered = dict(reversed(sample.items()))
    reordered["claims"] = [dict(reversed(claim.items())) for claim in sample["claims"]]
    assert render_page(reordered) == text


def test_text_is_escaped_wherever_it_comes_from(sample: Report) -> None:
    attack = "<script>alert(1)</script>"
    sample["run"]["machine"] = attack
    for claim in sample["claims"]:
        claim |= dict.fromkeys(("number", "title", "statement", "sharp_form", "quantifier"), attack)
        claim["problems"] = [attack]
        claim["cases"] = {attack: 1}
    for experiment in sample["experiments"]:
        experiment |= {"title": attack, "finding": f"$\\text{{{attack}}}$"}
        for figure in experiment["figures"]:
            figure |= {"title": attack + '" onload="alert(1)', "caption": attack}
    sample["experiments"][0]["figures"][0]["data"]["series"][0]["label"] = attack
    text = render_page(sample)
    page = _Page(text)
    assert "script" not in page.elements
    assert "<script" not in text
    assert ' onload="' not in text
    assert attack in page.text


def test_the_first_screen_states_the_result_by_grade(text: str) -> None:
    words = _Page(text).text
    first = words[words.index("Skip to the result") : words.index("Each claim with its experiment")]
    assert "1,598 of 1,600 instances of 8 claims are certified; none is refuted" in first
    for part in (
        "claimed 8",
        "certified (what is true) 3,604",
        "measured only (float) 674",
        "undecided 5",
    ):
        assert part in first


def test_each_claim_is_paired_with_the_experiment_it_names_and_those_that_name_it(
    sample: Report,
) -> None:
    claims = {claim["id"]: claim for claim in sample["claims"]}
    names = {name: [e["id"] for e in paired(claim, sample)] for name, claim in claims.items()}
    assert names["charles-thm-4"] == ["digit-pairs", "transfer"]
    assert names["charles-cor-6-remark"] == ["digit-pairs"]
    assert names["charles-thm-11"] == []


def test_only_a_partial_report_carries_the_banner(sample: Report, text: str) -> None:
    assert "Partial report." not in text
    sample["run"]["complete"] = False
    del sample["experiments"][1:]
    words = _Page(render_page(sample)).text
    assert "Partial report." in words
    assert "digit-pairs not run yet" in words


def test_a_report_without_claims_experiments_or_data_still_renders(sample: Report) -> None:
    sample |= {"claims": [], "experiments": [], "data": None}
    text = _Page(render_page(sample)).text
    assert "No instance of a claim was checked in this run." in text
    assert "No experiment was run." in text


def test_a_refuted_instance_leads_the_headline(sample: Report) -> None:
    sample["claims"][0]["counts"] |= {"certified": 199, "refuted": 1}
    text = _Page(render_page(sample)).text
    assert "1 instance of 1 claim is refuted; 1,597 of 1,600 instances of 8 claims are" in text
