"""Relations are read with the names, the numbers and the values of both sides."""

import pickle
from fractions import Fraction as F

import pytest

from certify.numbers.rationals import vector
from verify.claims.claim import step
from verify.claims.relation import (
    Relation,
    computed,
    counted,
    greatest,
    inner,
    least,
    mixture,
    named,
    number,
    rank_of,
    total,
)

W, U = vector([3, 1]), vector([0, -1])


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        (inner(r"w\cdot u", W, U), "<", 0, r"w\cdot u=3\cdot 0-1=-1 < 0"),
        (inner("wu", W, U, F(1, 2)), "<", 0, r"wu=3\cdot 0-1+\frac{1}{2}=-\frac{1}{2} < 0"),
        (total("s", [F(1, 2), -1]), "=", named("r", F(-1, 2)), r"s=\frac{1}{2}-1=-\frac{1}{2}=r"),
        (mixture("v", (2, U), (-1, W)), "=", (F(-3), F(-3)), r"v=2\cdot (0,-1)-(3,1)=(-3,-3)"),
        (least("m", [2, F(1, 2)]), ">=", 0, r"m=\min(2,\frac{1}{2})=\frac{1}{2} \geq 0"),
        (greatest("m", [2]), ">", named("k", 1), "m=2 > 1=k"),
        (inner("wu", [1], [F(1, 2)]), ">", 0, r"wu=1\cdot \frac{1}{2}=\frac{1}{2} > 0"),
        (mixture("v", (-1, U)), "=", (F(0), F(1)), r"v=-1\cdot (0,-1)=(0,1)"),
        (rank_of("r", 1, [W, W]), "<", 2, r"r=\mathrm{rank}((3,1),(3,1))=1 < 2"),
        (counted("k", ["12", 3]), "<", 3, r"k=|\{12,3\}|=2 < 3"),
        (computed("c", "(a - b) / c", a=-1, b=2, c=-3), "=", 1, "c=(-1-2)/(-3)=1"),
        (computed("c", "2 * a**2", a=-1), "!=", 1, r"c=2\cdot (-1)^{2}=2 \neq 1"),
        (0, "=", 0, "0=0"),
        (named("a", 1), "=", 2, "a=1 = 2"),  # which does not hold: both values are there
    ],
)  # fmt: skip
def test_a_relation_is_read_from_name_to_name(
    left: object, operator: str, right: object, expected: str
) -> None:
    (relation,) = step("", (left, operator, right)).relations  # type: ignore[arg-type]
    assert relation.formula == expected


def test_an_index_is_the_place_in_the_list_and_is_left_out_where_there_is_one() -> None:
    assert step("", (named("m_#(x_#)", [1, 2]), ">", 0)).formulas == [
        "$m_{1}(x_{1})=1 > 0$",
        "$m_{2}(x_{2})=2 > 0$",
    ]
    assert step("", (named("m_#(x_#)", [1]), ">", 0)).formulas == ["$m(x)=1 > 0$"]


def test_names_change_no_relation() -> None:
    (relation,) = step("", (inner("wu", W, U), "<", named("s", [F(2)]))).relations
    assert (relation.left, relation.operator, relation.right) == (-1, "<", 2)
    assert relation.holds
    assert not relation.bare
    assert Relation(1, "<", 2).bare


def test_a_long_number_has_its_decimal_beside_and_a_very_long_one_its_decimal_alone() -> None:
    assert number(F(10**6, 3)) == r"\frac{1000000}{3}"
    assert number(F(10**12, 7)) == r"\frac{1000000000000}{7}\approx 1.42857\cdot10^{11}"
    assert number(F(10**40, 7)) == r"\approx 1.42857\cdot10^{39}"
    shown = step("", (named("a", F(10**40, 7)), ">", named("b", F(10**12, 7)))).formulas
    assert shown == [
        r"$a\approx 1.42857\cdot10^{39} > b=\frac{1000000000000}{7}\approx 1.42857\cdot10^{11}$"
    ]


def test_a_decimal_ends_a_chain_and_stands_in_no_formula() -> None:
    third, long = F(10**12, 7), F(10**40, 7)
    (equal,) = step("", (named("a", third), "=", total("b", [third]))).formulas
    assert equal == r"$a=b=\frac{1000000000000}{7}\approx 1.42857\cdot10^{11}$"
    assert inner("s", [third], [2]).formula[1] == r"\frac{1000000000000}{7}\cdot 2"
    written = [
        inner("s", [long], [2]), total("s", [long, 2]), least("s", [long, 2]),
        computed("s", "a + 1", a=long), mixture("s", (2, (F(1), long))),
    ]  # fmt: skip
    assert [len(side.formula) for side in written] == [2, 2, 2, 2, 2]  # a name and a value


def test_what_is_divided_by_what_is_clear_in_one_line() -> None:
    assert computed("c", "m / s", m=F(1, 2), s=3).formula[1] == r"(\frac{1}{2})/3"
    assert computed("c", "m / (g * a)", m=2, g=F(1, 2), a=3).formula[1] == r"2/(\frac{1}{2}\cdot 3)"


def test_nothing_is_taken_away_as_minus_nothing() -> None:
    assert inner("s", [-1, -1], [0, 2]).formula == ["s", "0-2", "-2"]
    assert inner("s", [-1, 2], [-1, 1]).formula == ["s", r"-1\cdot (-1)+2\cdot 1", "3"]


def test_other_processes_hand_relations_back() -> None:
    sides = (
        inner("a", W, U, 1), mixture("b", (2, W)), total("c", [1, 2]), least("d", [1, 2]),
        greatest("e", [1, 2]), computed("f", "x + 1", x=2),
        rank_of("g", 1, [W]), counted("h", [1, 2]),
    )  # fmt: skip
    for side in sides:
        assert pickle.loads(pickle.dumps(side)).formula == side.formula
