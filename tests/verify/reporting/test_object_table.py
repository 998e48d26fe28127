"""The table of an instance: what its numbers are called in the relations below it."""

from dataclasses import dataclass
from fractions import Fraction

from certify.networks.relu import ReluNetwork
from certify.numbers.rationals import Rows, Vector, vector
from verify.claims.charles2019.without.assumptions import BadOutcomes
from verify.claims.claim import Given
from verify.claims.relation import Named
from verify.objects import ArgmaxRule, LabelledSet, LinearRule, MulticlassSet, SoftmaxHead
from verify.reporting.object_table import added, rows

HEAD = SoftmaxHead.of([[1, 0], [2, 0]], [0, 1])
DATA = LabelledSet.of([[0], [1]], [-1, 1])


@dataclass(frozen=True)
class Ray:
    head: SoftmaxHead
    region: int
    points: Rows
    thetas: Vector
    direction: Vector


@dataclass(frozen=True)
class Questions:
    data: LabelledSet
    separators: tuple[LinearRule, ...]
    positive: int
    queries: Rows
    direction: Vector


def test_an_instance_of_one_object_is_shown_whole() -> None:
    assert rows(HEAD) == [("layer", "$w_{1}=(1,2)$, $w_{2}=(0,0)$, $b=(0,1)$")]
    assert rows(DATA) == [("data", "$x_{1}=(0)$ with $y_{1}=-1$; $x_{2}=(1)$ with $y_{2}=1$")]


def test_numbers_have_the_symbols_of_the_relations() -> None:
    found = rows(Ray(HEAD, 1, (vector([1, 0]), vector([0, 3])), vector([-1, 2]), vector([2, 0])))
    assert found[1:] == [
        ("$i$", "class $2$"),  # counted from 0 in the field
        ("points", "$h_{1}=(1,0)$; $h_{2}=(0,3)$"),
        ("steps", r"$\theta_{1}=-1$; $\theta_{2}=2$"),
        ("direction", "$d=(2,0)$"),  # of a layer; elsewhere it is v
    ]


@dataclass(frozen=True)
class Sizes:
    totals: tuple[int, int]
    deviation: Fraction
    share: Fraction
    u: Vector


def test_each_of_several_counts_has_its_place_and_a_letter_is_a_formula() -> None:
    assert rows(Sizes((17, 7), Fraction(2, 5), Fraction(1), vector([1]))) == [
        ("totals", "$N_{1}=17$; $N_{2}=7$"),
        ("deviation", r"$\varepsilon=\frac{2}{5}$"),
        ("share", "$q=1$"),  # beside a deviation
        ("$u$", "$(1)$"),
    ]


def test_points_that_are_asked_about_are_counted_after_the_data() -> None:
    rules = (LinearRule.of([2], -1), LinearRule.of([1], 0, 1))
    found = rows(Questions(DATA, rules, 1, (vector([5]),), vector([1])))
    assert found[1:] == [
        (
            "separators",
            "$w_{1}=(2)$, $b_{1}=-1$; $w_{2}=(1)$, $b_{2}=0$, label $1$ on the boundary",
        ),
        ("$x_+$", "$x_{2}$"),
        ("other points", "$x_{3}=(5)$"),
        ("direction", "$v=(1)$"),
    ]


def test_what_a_proof_names_is_not_said_twice_and_nothing_is_no_row() -> None:
    instance = Questions(DATA, (), 1, (), vector([1]))
    found = rows(instance, [Named("x_+", vector([1])), Named("v=x_+-x_-", vector([1]))])
    assert [name for name, _ in found] == ["data", "$x_+$", "$v=x_+-x_-$"]


def test_classes_are_counted_from_1() -> None:
    data = MulticlassSet.of([[0], [1]], [0, 1], 2)
    assert rows(data) == [("data", "$x_{1}=(0)$ in class $1$; $x_{2}=(1)$ in class $2$")]
    rule = ArgmaxRule.of([[1], [0]], [0, 0])
    assert rows(rule) == [("rule", "$w_{1}=(1)$, $w_{2}=(0)$, $b=(0,0)$")]


def test_outcomes_are_counted_from_1_and_apart_for_each_class() -> None:
    assert rows(BadOutcomes(3, ((0,), (1, 2)))) == [
        ("equally likely outcomes", "$3$"),
        ("bad for the classes in turn", r"$\{1\}$; $\{2,3\}$"),
    ]


def test_objects_of_a_proof_are_numbers_or_whole_objects() -> None:
    half = Named("c", Fraction(1, 2))
    assert added([half, Given("the layer", HEAD)]) == [
        ("$c$", r"$\frac{1}{2}$"),
        ("the layer", "$w_{1}=(1,2)$, $w_{2}=(0,0)$, $b=(0,1)$"),
    ]


def test_a_network_is_written_layer_by_layer() -> None:
    fold = ReluNetwork.of([([[1], [-1]], [0, 0]), ([[1, 1]], [2])])
    ((_, text),) = added([Given("fold", fold)])
    assert text == (
        r"$g_{1}=\mathrm{relu}(W_{1}x+b_{1})$, $W_{1}$ with the rows $(1)$, $(-1)$, $b_{1}=(0,0)$; "
        r"$z=W_{2}g_{1}+b_{2}$, $W_{2}$ with the rows $(1,1)$, $b_{2}=(2)$"
    )
