"""Pictures of worked examples: what leads from one label to the other, and where it happens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest

from certify.numbers.rationals import vector
from verify.claims.picture import Picture
from verify.claims.registry import CLAIMS
from verify.objects import LabelledSet, LinearRule, TwoLayerNetwork
from verify.reference.drawings import drawn
from verify.reference.interactive.start import STARTS


@dataclass(frozen=True)
class Separated:
    """A set and a rule, as counterexamples have them."""

    data: LabelledSet
    rule: LinearRule


SQUARE = LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1])
DIAGONAL = LinearRule.of([1, 1], "-1/2")
WIDE = TwoLayerNetwork.sum_of_units([[1, 0], [-1, 0]], ["-1/2", "-1/2"])


def picture(instance: Any, boxed: bool = False) -> Picture:
    found = drawn(instance, "A picture", boxed)
    assert found is not None
    return found


def arrows(found: Picture) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    return [(a.name, tuple(map(int, a.start)), tuple(map(int, a.end))) for a in found.arrows]


def test_the_largest_margin_and_its_steps_are_drawn() -> None:
    found = picture(CLAIMS["charles-thm-4"].example)
    assert arrows(found) == [
        ("2γ*w*", (0, 0), (0, 1)), ("", (0, 1), (0, 0)), ("", (1, 1), (1, 0))
    ]  # fmt: skip
    assert "nearest points of the two convex hulls" in found.caption
    wrong = LinearRule.of([-1, 0], 0)  # not right on the set: no margin to speak of
    assert picture(Separated(SQUARE, wrong)).arrows == ()


def test_the_difference_of_two_points_is_drawn() -> None:
    claim = CLAIMS["charles-thm-15"]
    start = claim.example.data.points[claim.example.negative]
    end = claim.example.data.points[claim.example.positive]
    assert [(a.name, a.start, a.end) for a in picture(claim.example).arrows] == [("v", start, end)]


def test_an_only_rule_has_its_side_and_a_box_its_edges() -> None:
    plain, boxed = (picture(Separated(SQUARE, DIAGONAL), boxed) for boxed in (False, True))
    assert [region.name for region in plain.regions] == ["h = +1"]
    assert plain.lines[0].rule
    assert "Hairs" in plain.caption
    assert [region.name for region in boxed.regions] == ["h = +1", "all there is"]
    assert "square" in boxed.caption


def test_points_at_one_place_stay_apart_and_repeated_ones_are_counted() -> None:
    data = LabelledSet.of([[0, 0], [0, 0], [0, 0], [1, 1]], [1, -1, -1, 1])
    found = picture(Separated(data, DIAGONAL))
    here = [(m.label, m.name) for m in found.markers if m.at == (Fraction(0), Fraction(0))]
    assert here == [(1, "x₁"), (-1, "x₂ = x₃")]
    many = LabelledSet.of([[0, 0]] * 7 + [[1, 1]], [-1] * 7 + [1])
    assert "×7" in [m.name for m in picture(Separated(many, DIAGONAL)).markers]


def test_of_several_rules_with_classes_the_first_is_drawn_and_named() -> None:
    models = CLAIMS["charles-thm-9"].example
    found = picture(models)
    assert "under rule 1" in found.caption
    assert sorted(region.name for region in found.regions) == ["class 1", "class 2", "class 3"]
    alone = picture(CLAIMS["charles-thm-8"].example)
    assert "under rule" not in alone.caption
    # Those of the data are diamonds with the number of their class.
    assert "Diamonds without a number are points beside the data." in alone.caption
    samples = picture(CLAIMS["charles-B1-B3"].example)
    assert samples.caption.count("The number at a point is its class.") == 1


def test_points_of_one_label_are_drawn_with_it() -> None:
    two, many = (CLAIMS[f"charles-thm-{n}"].counterexamples() for n in (4, 8))
    assert [marker.label for marker in picture(two["both labels"].example).markers] == [1]
    assert [marker.name for marker in picture(many["another label"].example).markers] == ["1"]


def test_limits_are_no_points_of_their_sequences() -> None:
    found = picture(CLAIMS["charles-thm-4"].counterexamples()["finite"].example)
    assert {(m.label, m.name) for m in found.markers} == {(1, "x₁"), (-1, "x₂"), (0, "limit")}
    assert "the sequences run to their limits" in found.caption


def test_an_input_is_drawn_as_its_features() -> None:
    (marker,) = picture(CLAIMS["zou-input-manipulation"].example).markers
    assert (marker.name, marker.at) == ("g(x)", (1, 1))


def test_a_network_beside_a_linear_rule_has_a_name_of_its_own() -> None:
    found = picture(CLAIMS["charles-cor-17"].example)
    assert [line.name for line in found.lines] == ["h"]
    assert [region.name for region in found.regions] == ["network = −1"]
    assert "Shaded is where the network says −1." in found.caption


def test_the_arrow_of_class_r_second_leads_from_its_positive_points() -> None:
    example = CLAIMS["charles-thm-16"].example
    (arrow,) = picture(example).arrows
    ends = [example.data.points[i] for i in (example.positive, example.negative)]
    assert [arrow.start, arrow.end] == ends
    assert "x_--x_+" in picture(example).caption
    assert [line.name for line in picture(example).lines] == ["unit₁", "unit₂"]
    assert "where it is positive" in picture(example).caption
    assert "x_+-x_-" in picture(CLAIMS["charles-thm-15"].example).caption


def test_every_picture_says_what_it_shows() -> None:
    for claim in CLAIMS.values():
        for instance in (claim.example, *(w.example for w in claim.counterexamples().values())):
            found = drawn(instance, "A picture")
            assert found is None or found.caption.endswith("."), claim.id
            for arrow in found.arrows if found else ():
                left, right, bottom, top = found.view
                assert left <= arrow.end[0] <= right, (claim.id, arrow)
                assert bottom <= arrow.end[1] <= top, (claim.id, arrow)


@pytest.mark.parametrize(("claim", "classes"), [("zou-thm-1", 2), ("zou-unbounded", 4)])
def test_softmax_figures_open_on_what_their_claim_says(claim: str, classes: int) -> None:
    # In the plane all differences of two classes are blind to a direction, those of four to none.
    assert len(STARTS["softmax"](claim)["weights"]) == classes


def test_points_have_the_names_that_they_have_in_the_table() -> None:
    asked = picture(CLAIMS["charles-thm-5"].example)
    assert [m.name for m in asked.markers] == ["x₁", "x₂", "x₃", "x₄"]  # the last one is a query
    features = picture(CLAIMS["zou-boundary-pl"].example)
    assert [m.name for m in features.markers] == ["h₁", "h₂"]


def test_rules_have_their_names_and_probabilities_are_no_direction() -> None:
    found = picture(CLAIMS["charles-rademacher-step"].example)
    assert [arrow.name for arrow in found.arrows] == ["w₁", "w₂", "w₃"]
    law = CLAIMS["charles-thm-1-informal"].example.law
    assert len(law.probabilities) == len(law.atoms.points[0])
    assert drawn(law, "") is None  # points alone say nothing


def test_arrows_are_named_as_in_the_table_and_a_perturbation_has_its_length() -> None:
    weak = CLAIMS["charles-normal-direction"].counterexamples()["Euclidean norm"]
    picture = drawn(weak.example, "t")
    assert picture is not None
    (arrow,) = picture.arrows
    assert (arrow.name, arrow.start, arrow.end) == ("d", vector([1, 1]), vector([0, 0]))
    same = drawn(CLAIMS["charles-relu-same-label"].example, "t")
    assert same is not None
    assert [arrow.name for arrow in same.arrows] == ["u"]
    assert same.caption.endswith("The arrow shows a direction, u, and not its length.")


def test_a_vector_whose_name_says_no_place_is_not_drawn() -> None:
    """The slope of a function that is added to all logits is no direction."""
    picture = drawn(CLAIMS["charles-multiclass-note"].example, "t")
    assert picture is not None
    assert not picture.arrows


def test_a_rule_that_says_minus_on_a_line_alone_has_that_line_and_no_shade() -> None:
    example = CLAIMS["charles-thm-10"].example
    found = picture(example)
    assert [(line.name, line.rule) for line in found.lines] == [("h = −1", False)]
    assert found.regions == ()
    assert "The rule says −1 on the line h = −1 only." in found.caption
    assert "Shaded" not in found.caption
    assert "Hairs" not in found.caption
    # Where 0 counts as +1 the rule says -1 nowhere, and with a bias it does so on a strip.
    for other in (replace(example.network, strict=False), WIDE):
        assert picture(replace(example, network=other)).lines == ()
    assert [r.name for r in picture(replace(example, network=WIDE)).regions] == ["h = −1"]


def test_a_half_plane_with_points_is_drawn_as_its_rule() -> None:
    weak = CLAIMS["charles-sec6-necessity"].counterexamples()["open or closed"]
    picture = drawn(weak.example, "t")
    assert picture is not None
    assert [region.name for region in picture.regions] == ["h = −1"]
    assert [arrow.name for arrow in picture.arrows] == ["w"]
