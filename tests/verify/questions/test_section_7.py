"""Section 7's findings are put in words that tell where they hold, fail and are not decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from verify.attack.findings import FINDINGS, Holds
from verify.attack.presets import PRESETS, preset
from verify.attack.resampling import resampled_rates
from verify.questions.section_7 import choices_table, confirmed, findings_tables, sentence

from ..attack.test_findings import AS_PRINTED, RADII, transfer

OPPOSITE = {pair: shares[::-1] for pair, shares in AS_PRINTED.items()}


@pytest.mark.parametrize(
    ("wrong", "holds", "fails"), [(AS_PRINTED, "0.1", "0.2"), (OPPOSITE, "0.2", "0.1")]
)
def test_each_finding_has_its_verdict_and_one_sentence(
    wrong: dict[tuple[str, str], tuple[float, float]], holds: str, fails: str
) -> None:
    found = resampled_rates(transfer(wrong), 0, draws=100)
    said = confirmed(found, RADII, 3)
    assert "none holds at all 2 tested radii, 5 at some: F1 at 1," in said
    assert said.endswith("F5 at 1, all at once at 1.")
    alone = " Two classifiers of each family say nothing about others."
    assert confirmed(found, RADII, 2) == said + alone
    findings, parts, _, others = findings_tables(found, RADII, [0], 3)
    assert parts["title"].endswith("intervals over other classifiers and other examples")
    (_, few, _, _) = findings_tables(found, RADII, [0], 2)
    assert few["title"].endswith("two classifiers of each family say nothing about others")
    assert [row[0] for row in findings["rows"]] == ["F1", "F2", "F3", "F4", "F5", "all"]
    for row in findings["rows"]:
        assert row[3].startswith(f"Of the tested radii, it holds at {holds} and fails at {fails}.")
    first = "Unmoved, SVMs read 1.00 and networks 1.00 right; no more can be lost."
    assert [first in row[3] for row in findings["rows"]] == [True, *[False] * 5]
    assert len(parts["rows"]) == sum(len(finding.parts) for finding in FINDINGS)
    assert len(others["rows"]) == 3 * len(parts["rows"])


def test_what_holds_where_nothing_is_lost_or_nobody_is_fooled_says_so() -> None:
    weak = {pair: (0.0, 0.9) if pair[1] != "random" else (0.0, 0.0) for pair in AS_PRINTED}
    findings, *_ = findings_tables(resampled_rates(transfer(weak), 0, draws=20), RADII, [0], 3)
    by_name = {row[0]: row[3] for row in findings["rows"]}
    lost = "It is not shown that there is any accuracy that"
    fooled = " No adversary of an example that both read right fools its own classifier at 0.1."
    assert by_name["F1"].endswith("right; no more can be lost.")
    assert by_name["F5"] == (
        "Of the tested radii, it holds at 0.1 and fails at 0.2. "
        f"{lost} networks lose to SVM attacks more than to noise at 0.1."
    )
    assert [name for name, text in by_name.items() if fooled in text] == ["F2", "F4"]
    assert by_name["F3"] == "Of the tested radii, it holds at 0.2 and fails at 0.1."


def test_what_does_not_apply_to_other_data_says_so() -> None:
    few = replace(preset("quick"), widths=(13, 32, 3), subset_size=62)
    table = choices_table(few, mnist=False)
    assert table["columns"][-1]["name"] == "what it changes"
    rows = {row[0]: row[3:] for row in table["rows"]}
    assert rows["networks"] == [
        "4, dense layers of 13-32-3 with ReLU (the example takes 28 x 28 pixels alone), each on 62"
        "; 30 passes, Adam, in minibatches",
        "not measured on these data",
    ]
    assert rows["machines"][0].endswith(
        "one against rest, C = 1, bias penalised; the primal problem, for there are no fewer "
        "examples than the 13 inputs"
    )
    assert rows["limits of inputs"][1] == "see the table of choices"
    wide = replace(few, widths=(600, 32, 2))
    assert choices_table(wide, mnist=False)["rows"][1][3].endswith(
        "squared hinge loss, C = 1, bias penalised; the dual problem, for there are fewer examples "
        "than the 600 inputs"
    )


def test_a_share_of_none_is_no_interval() -> None:
    none = dict.fromkeys(AS_PRINTED, (0.0, 0.0))
    _, parts, _, _ = findings_tables(resampled_rates(transfer(none), 0, draws=20), RADII, [0], 3)
    shares = {row[-1] for row in parts["rows"] if row[1].startswith("share of the adversaries")}
    others = {row[-1] for row in parts["rows"]} - shares
    assert shares == {"of none"}
    assert all(" to " in interval for interval in others)
    (fifth,) = (row[1] for row in parts["rows"] if row[0] == "F5")
    assert "more than to noise, if at all" in fifth


def test_all_three_answers_are_said() -> None:
    answers = (Holds.OPEN, Holds.YES, Holds.NO, Holds.NO)
    text = "Of the tested radii, it holds at 0.2, fails at 0.3, 0.4 and is not decided at 0.1."
    assert sentence((0.1, 0.2, 0.3, 0.4), answers) == text


def test_what_was_chosen_is_the_presets() -> None:
    for name in PRESETS:
        assert len(choices_table(preset(name))["rows"]) == 9
    paper = str(choices_table(preset("paper"))["rows"])
    for words in ("gradient descent at 0.01 with momentum 0.5", "10 passes", "at most 1,000 passes",
                  "drawn for each source of attacks", "by its sign", "inside [0, 1]"):  # fmt: skip
        assert words in paper
    other = {"step_rule": "gradient", "box": False, "noise": "signs", "draws": "radius",
             "svm_loss": "squared-hinge"}  # fmt: skip
    changed = str(choices_table(preset("paper").with_choices(other))["rows"])
    for words in ("times the gradient, as it is printed", "allowed outside [0, 1]",
                  "either end in each input", "and each radius",
                  "squared-hinge of the scores for machines"):  # fmt: skip
        assert words in changed
        assert words not in paper
