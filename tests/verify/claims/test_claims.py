"""Every claim is registered, complete and certified on instances of all its cases."""

from __future__ import annotations

import importlib
import pkgutil
import re
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest
from support import instance_of

from certify import certificates
from certify.checking import checker
from certify.errors import InputError
from verify.claims import charles2019, registry, zou2018
from verify.claims.charles2019 import lem_13, thm_10
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.claim import Proof
from verify.claims.evaluation import evaluate
from verify.claims.registry import CLAIMS
from verify.claims.zou2018 import thm_1, thm_2
from verify.evidence.grades import Grade
from verify.objects import LabelledSet, LinearRule, SoftmaxHead, TwoLayerNetwork

F = Fraction

# Running the proofs.


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_every_case_of_every_claim_is_certified(claim_id: str) -> None:
    claim = CLAIMS[claim_id]
    assert len(set(claim.cases)) == len(claim.cases) >= 1
    seen = set()
    for index in range(30):
        case, instance = claim.instance(2024, index)
        seen.add(case)
        outcome = evaluate(claim, instance)
        assert outcome.grade is Grade.CERTIFIED, (index, case, outcome.reason)
        assert outcome.reason == ""
        assert outcome.proof is not None
        assert all(step.text for step in outcome.proof.steps)
    assert seen == set(claim.cases[:30])


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_instances_depend_on_the_seed_and_their_number_alone(claim_id: str) -> None:
    claim = CLAIMS[claim_id]
    first = [claim.instance(5, index) for index in range(8)]
    assert [claim.instance(5, index) for index in reversed(range(8))] == first[::-1]
    others = [claim.instance(6, index) for index in range(8)]
    assert [case for case, _ in others] == [case for case, _ in first]
    assert len(claim.cases) == 1 or others != first


# The registry is what lies on disk.


def modules() -> dict[str, ModuleType]:
    """Return every module below the two papers' folders that defines a claim."""
    found = {}
    for package in (zou2018, charles2019):
        for info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            module = importlib.import_module(info.name)
            if "CLAIM" in vars(module):
                found[info.name] = module
    return found


def test_every_claim_on_disk_is_registered_once_and_nothing_else() -> None:
    on_disk = [module.CLAIM.id for module in modules().values()]
    assert sorted(CLAIMS) == sorted(on_disk)


def test_a_claim_has_the_name_of_its_module_and_its_folder() -> None:
    for name, module in modules().items():
        folder, _, short = name.removeprefix("verify.claims.").partition(".")
        claim = module.CLAIM
        assert claim.paper.value == folder
        assert claim.id == f"{re.sub(r'[0-9]', '', folder)}-{short.replace('_', '-')}"


def test_claims_come_in_the_papers_order() -> None:
    papers = [claim.paper.value for claim in CLAIMS.values()]
    assert papers == sorted(papers, reverse=True)  # zou2018 before charles2019


def test_entries_are_complete() -> None:
    for claim in CLAIMS.values():
        for field in ("number", "title", "statement", "verdict_reason", "sharp_form", "quantifier"):
            assert getattr(claim, field), (claim.id, field)
        names = [hypothesis.name for hypothesis in claim.hypotheses]
        assert len(set(names)) == len(names)
        # One rendering takes text and LaTeX apart at the dollar signs.
        for text in (claim.statement, claim.verdict_reason, claim.sharp_form, claim.quantifier):
            assert text.count("$") % 2 == 0, claim.id


def test_find_suggests_the_nearest_ids() -> None:
    assert registry.find("charles-lem-3") is CLAIMS["charles-lem-3"]
    with pytest.raises(InputError) as caught:
        registry.find("charles-lem3")
    assert caught.value.argument == "claim"
    assert "charles-lem-3" in caught.value.expected
    assert caught.value.got == "'charles-lem3'"
    with pytest.raises(InputError) as caught:
        registry.find("§")
    assert caught.value.expected == "an id that `verify claims` lists"


def test_the_paper_may_be_left_out_where_one_claim_has_the_rest_of_the_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert registry.find("lem-3") is CLAIMS["charles-lem-3"]
    more = {**CLAIMS, "zou-lem-3": CLAIMS["zou-thm-1"]}
    monkeypatch.setattr(registry, "CLAIMS", more)
    with pytest.raises(InputError) as caught:
        registry.find("lem-3")
    assert caught.value.expected == "charles-lem-3, zou-lem-3"


# Small cases that can be followed by hand.

S0 = LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1])


def certified(claim_id: str, instance: Any) -> Proof:
    outcome = evaluate(CLAIMS[claim_id], instance)
    assert outcome.grade is Grade.CERTIFIED, outcome.reason
    assert outcome.proof is not None
    return outcome.proof


def test_the_running_example_has_margin_one_half() -> None:
    largest = LargestMargin(S0)
    assert largest.direction == (0, 1)
    assert largest.multipliers == (1, 1, 0)
    assert largest.answer.margin_squared == F(1, 4)
    assert largest.nearest_points == ((0, 1), (0, 0))
    instance = separators.Instance(S0, (largest.rule,), ())
    proof = certified("charles-lem-3", instance)
    assert str(proof.steps[4].relations[1]) == "1 = 1"


def test_a_steep_separator_of_the_running_example() -> None:
    steep = LinearRule.of([3, 1], "-1/2")
    instance = separators.Instance(S0, (steep,), ((F(2), F(-1)),))
    for claim_id in ("charles-lem-3", "charles-thm-4", "charles-thm-5", "charles-cor-6"):
        certified(claim_id, instance)
    (certificate,) = certified("charles-thm-5", instance).certificates
    # Value 3x + y - 1/2 at the three points and the query, over the slope w.u = 1.
    assert certificate.statement["steps"] == ["1/2", "1/2", "7/2", "9/2"]


def test_the_bound_of_theorem_5_is_attained_by_the_max_margin_rule() -> None:
    instance = separators.Instance(S0, (LargestMargin(S0).rule,), ())
    bounds = certified("charles-thm-5", instance).steps[1].relations
    assert all(relation.left == relation.right for relation in bounds)


def test_the_step_of_corollary_6_is_the_margin() -> None:
    found = certified("charles-cor-6", separators.Instance(S0, (), ())).certificates
    (certificate,) = (c for c in found if c.kind == "some-point-flips")
    assert certificate.statement == {"direction": ["0", "1"], "step": "1/2"}


def test_the_identities_of_lemma_3_do_not_determine_the_multipliers() -> None:
    data = LabelledSet.of([[-1], [1], [3]], [-1, 1, 1])
    for multipliers in ((F(1, 2), F(1, 2), F(0)), (F(1, 4), F(0), F(1, 4))):
        assert data.signed_sum(multipliers) == (1,)
        certificate = certificates.every_separator(data, (F(1),), F(0), multipliers)
        assert checker.check(certificate.to_json())
    assert LargestMargin(data).multipliers == (1, 1, 0)


@pytest.mark.parametrize(("l", "m"), [(l, m) for l in range(1, 5) for m in range(2, 5)])
def test_the_dimension_of_theorem_1_is_attained(l: int, m: int) -> None:
    weights = [[int(i == k and i < min(m - 1, l)) for i in range(m)] for k in range(l)]
    head = SoftmaxHead.of(weights, [0] * m)
    proof = certified("zou-thm-1", instance_of(thm_1, head, (F(1),) * l, F(2)))
    assert proof.certificates[0].statement["dimension"] == max(0, l - m + 1)


def test_theorem_2_needs_a_direction() -> None:
    head = SoftmaxHead.of([[1, 0]], [0, 0])  # one feature, two different classes
    outcome = evaluate(CLAIMS["zou-thm-2"], instance_of(thm_2, head, ((F(1),),), (F(1),)))
    assert outcome.grade is Grade.UNDECIDED
    assert outcome.reason.startswith("step 1 fails: 0 > 0")


def test_an_instance_whose_parts_do_not_fit_is_malformed() -> None:
    head = SoftmaxHead.of([[1, 0], [0, 0]], [0, 0])
    outcome = evaluate(CLAIMS["zou-thm-1"], instance_of(thm_1, head, (F(1),), F(1)))
    assert outcome.grade is Grade.MALFORMED


def test_the_difference_of_two_points_fools_a_quadrant() -> None:
    data = LabelledSet.of([[1, 0], [0, 0], [0, 1]], [1, -1, -1])
    network = TwoLayerNetwork.sum_of_units([[2, 0]], [-1])
    proof = certified("charles-thm-10", thm_10.Instance(data, network, 0, 1))
    universal, flip = proof.certificates
    assert universal.statement == {"direction": ["1", "0"]}
    assert [entry["point"] for entry in flip.statement["flips"]] == [["0", "0"], ["0", "1"]]


def test_a_difference_of_units_has_no_convex_region() -> None:
    # relu(x + 2) - 2 relu(x) > 1 between -1 and 1: both ends of the segment lie outside.
    network = TwoLayerNetwork(((F(1),), (F(1),)), (F(2), F(0)), (F(1), F(-2)), F(1), True)
    instance = lem_13.Instance(network, (F(-2),), (F(2),), F(1, 2))
    outcome = evaluate(CLAIMS["charles-lem-13"], instance)
    assert outcome.grade is Grade.UNDECIDED
    assert outcome.reason.startswith("step 3 fails: -2 >= 0")
