"""Bounds of networks on boxes: whatever the evidence, no bound is above what a point attains.

Small networks of all operations, at whose end all values of all nodes stand side by side, get
random grids, splits, slopes, ties, weights and refinements, and every bound that the checker
computes is compared with exact values at points. A copy in which one inequality is broken fails.
"""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import accumulate, pairwise
from math import ceil, floor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.certificates.kinds import document, edited
from certify.checking import checker
from certify.networks.cells import cells
from certify.networks.graph import Network, Node
from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Maximum,
    Relu,
    Scale,
    Selection,
    Sum,
)  # fmt: skip
from certify.networks.relu import ReluNetwork
from certify.numbers.rationals import texts
from tests.certify.bounds.random_regions import curve, enclosed
from verify.trust.mutants.mutation import ACCEPTED, REJECTED, checkers
from verify.trust.second import available

F = Fraction
OTHERS = ("convolution", "scale", "selection", "sum", "concatenation")
CASES, POINTS = 200, 16


def number(r: Random) -> Fraction:
    return F(r.randint(-5, 5), r.choice([1, 1, 2, 3, 4]))


def numbers(r: Random, n: int) -> list[Fraction]:
    return [number(r) for _ in range(n)]


def dense(r: Random, rows: int, columns: int) -> Dense:
    return Dense.of([numbers(r, columns) for _ in range(rows)], numbers(r, rows))


def convolution(r: Random, n: int) -> Convolution:
    channels = r.choice([c for c in (1, 2) if n % c == 0])
    height = r.choice([h for h in range(1, n + 1) if n // channels % h == 0])
    groups, window = r.choice([1, channels]), (r.randint(1, 2), r.randint(1, 2))
    kernel = dense(r, groups * r.randint(1, 2), channels // groups * window[0] * window[1])
    shape = channels, height, n // channels // height
    strides, dilations = (tuple(r.choice([(1, 1), (1, 2), (2, 1)])) for _ in range(2))
    padding = 1, r.randint(1, 2), 1, 1
    return Convolution(shape, window, kernel, strides, dilations, padding, groups)


def drawn(r: Random) -> Network:
    """Return a network whose outputs are the values of all its nodes, those of node 0 first."""
    nodes: list[Node] = []
    sizes = [r.randint(1, 3)]
    for k in range(r.randint(2, 5)):
        j = r.choice([k, k, k, r.randint(0, k)])
        n, reads, f = sizes[j], (j,), Relu()  # type: int, tuple[int, ...], Operation
        kind = r.choice(["relu", "maximum"] if k % 2 else [*["dense"] * 6, *OTHERS])
        if kind == "dense":
            f = dense(r, r.randint(2, 4), n)
        elif kind == "convolution":
            f = convolution(r, n)
        elif kind == "maximum":
            f = Maximum([r.sample(range(n), r.randint(1, n)) for _ in range(r.randint(2, 3))])
        elif kind == "scale":
            pairs = r.choice([d for d in range(1, n + 1) if n % d == 0])
            f = Scale(tuple(numbers(r, pairs)), tuple(numbers(r, pairs)))
        elif kind == "selection":
            f = Selection([r.randint(-1, n - 1) for _ in range(r.randint(1, 3))])
        elif kind == "sum":
            alike = [i for i, size in enumerate(sizes) if size == n]
            f, reads = Sum(), (j, r.choice(alike), r.choice(alike))
        elif kind == "concatenation":
            f, reads = Concatenation(), (j, r.randint(0, k))
        nodes.append(Node(f, reads))
        sizes.append(f.outputs(*(sizes[i] for i in reads)))
        if sizes[-1] > 12:
            nodes.pop(), sizes.pop()
            break
    if not nodes:
        return drawn(r)
    return Network((*nodes, Node(Concatenation(), tuple(range(len(sizes))))), sizes[0])


class Case:
    """A network on a box, points of the box with the values of all nodes, and a certificate."""

    def __init__(self, seed: int) -> None:
        r = self.random = Random(seed)
        network = drawn(r)
        self.pairs = [
            (node.reads[0], r.sample(places, 2))
            for node in network.nodes
            if isinstance(node.operation, Maximum)
            for places in node.operation.lists
            if len(places) > 1
        ]
        self.ends = list(pairwise([0, *accumulate(network.sizes)]))
        lower = numbers(r, network.inputs)
        upper = [x + abs(number(r)) for x in lower]
        steps = [[F(r.choice([0, 4, *range(5)]), 4) for _ in lower] for _ in range(POINTS)]
        points = [[a + (b - a) * s for a, b, s in zip(lower, upper, t, strict=True)] for t in steps]
        self.found = [self.of_nodes(z) for z in network.outputs(points)]
        self.grid = r.choice([0, 0, 1, 3, 12])
        self.bits = r.randint(0, self.grid)
        k, m = r.choice([1, 1, 2]), network.sizes[-1]
        begin, end = self.ends[-2] if r.random() < 0.7 else (0, m)
        self.C = [[number(r) * (begin <= i < end) for i in range(m)] for _ in range(k)]
        self.d = [min(self.dot(row, z) for z in self.found) for row in self.C]
        if r.random() < 0.5:  # nothing to fear
            self.d = [x - r.randint(1, 40) for x in self.d]
        elif k > 1:  # a counterexample, surely
            self.d = [self.dot(row, self.found[0]) for row in self.C]
        self.curves = Random(-1 - seed)
        ellipsoid = enclosed(network, self.grid, self.curves)
        self.curved = len(ellipsoid["spreads"]) if ellipsoid else 0
        sizes = network.sizes
        refine = [
            [j, r.choice([None, r.sample(range(n), r.randint(0, n))])]
            for j, n in enumerate(sizes)
            if j and r.random() < 0.5
        ]
        self.document = document(
            "no-counterexample",
            {
                "instance": {
                    "nodes": network.to_json(), "lower": texts(lower), "upper": texts(upper),
                },
                "statement": {
                    "properties": [
                        {"matrix": [texts(row) for row in self.C], "right_side": texts(self.d)}
                    ]
                },
                "evidence": {
                    "grid": self.grid, "bits": self.bits, "refine": refine,
                    "every": r.random() < 0.5, **({"ellipsoid": ellipsoid} if ellipsoid else {}),
                    "trees": [self.tree(k, r.randint(0, 3))],
                },
            },
        )  # fmt: skip

    def of_nodes(self, z: Sequence[Fraction]) -> list[Sequence[Fraction]]:
        """Return the values of each node: they are the outputs, which are the last one's."""
        return [*(z[i:j] for i, j in self.ends[:-1]), z]

    def dot(self, row: Sequence[Fraction], z: list[Sequence[Fraction]]) -> Fraction:
        return sum((a * x for a, x in zip(row, z[-1], strict=True)), F(0))

    def tree(self, rows: int, deep: int, depth: int = 0) -> dict[str, Any]:
        """Return a tree of parts, split near values that occur."""
        r = self.random
        if deep and r.random() < 0.7:
            values = r.choice(self.found)
            node = r.randrange(len(values))
            i, *j = r.sample(range(len(values[node])), r.randint(1, min(2, len(values[node]))))
            if self.pairs and r.random() < 0.5:
                node, (i, *j) = r.choice(self.pairs)
            at = values[node][i] - sum(values[node][e] for e in j) if r.random() < 0.6 else F(0)
            at = F(round(at * 2**self.grid), 2**self.grid)
            parts = [self.tree(rows, deep - 1, depth + 1) for _ in range(2)]
            return {"split": [node, i, *j], "at": texts([at])[0], "parts": parts}
        found: dict[str, Any] = {}
        if r.random() < 0.7:
            found["ties"] = [r.choice([0, r.randint(0, 3 << self.bits)]) for _ in range(depth)]
        if rows and r.random() < 0.7:
            found["weights"] = [r.randint(0, 3 << self.bits) for _ in range(rows)]
        if self.curved and self.curves.random() < 0.8:
            found["curve"] = curve(self.curved, self.bits, self.curves)
        return found


@cache
def case(seed: int) -> Case:
    return Case(seed)


class Wrong(Exception):
    """A bound that some point does not keep."""


def compare(module: Any, seed: int, seen: Counter[str]) -> None:
    """Compare all bounds of a case with what points attain, or raise Wrong."""
    about, slopes = case(seed), Random(seed)
    unit = F(1, 2**about.grid)

    class Watched(module.Part):  # type: ignore[misc, name-defined]
        """A part that knows the points on it."""

        def __init__(self, region: Any, path: Any = (), larger: Any = None) -> None:
            def gap(h: Any, z: Any) -> Fraction:
                more, less = (z[h.node][e] if e >= 0 else F(0) for e in (h.more, h.less))
                return more - less

            self.on = [z for z in about.found if all(gap(h, z) >= h.by * unit for h in path)]
            super().__init__(region, path, larger)
            seen["empty" if self.empty else "parts"] += 1
            if self.empty:
                if self.on:
                    raise Wrong("an empty part has a point")
                return
            for z in self.on:
                for values, bounds in zip(z, self.bounds, strict=True):
                    for x, low, high in zip(values, *bounds, strict=True):
                        if not low * unit <= x <= high * unit:
                            raise Wrong("a value out of its bounds")
            if slopes.random() < 0.7:
                relus = [v for v in region.nodes if v.largest and not v.lists]
                count = sum(len(self.sign(v.reads[0])[1]) for v in relus)
                assert self.chosen([slopes.randint(0, 1 << region.places) for _ in range(count)])

        def least(self, k: int, a: list[int], constant: int = 0, ties: Sequence[int] = ()) -> int:
            bound: int = super().least(k, a, constant, ties)
            seen["curved"] += bool(self.curve)
            for z in self.on:
                seen["compared"] += 1
                value = sum((x * y for x, y in zip(a, z[k], strict=True)), F(0)) * unit
                if (bound - constant) * unit**2 > value:
                    raise Wrong("a bound above a value")
            return bound

    class Around(module.Ellipsoid):  # type: ignore[misc, name-defined]
        """An ellipsoid that is compared with points, and so is what it bounds."""

        def holds(self) -> Any:
            found = super().holds()
            n, bounds, (centers, q) = self.reads, [], self.center
            for x in zip(*(z[n] for z in about.found), strict=True):
                bounds.append((floor(min(x) / unit), ceil(max(x) / unit)))
            for z in about.found if found else ():
                ways = ((x / unit - F(c, q)) ** 2 for x, c in zip(z[n], centers, strict=True))
                if sum(way / s for way, s in zip(ways, self.spreads, strict=True)) > self.size:
                    raise Wrong("a point out of an ellipsoid")
                for _ in range(9):
                    a = [slopes.randint(-99, 99) for _ in centers]
                    curve = [slopes.randint(1, 99), *(slopes.randint(-40, 40) for _ in a)]
                    e, total = self.least(a, curve, tuple(zip(*bounds, strict=True)))
                    gaps = (x * max(y, F(0)) - k * y for x, k, y in zip(a, e, z[n], strict=True))
                    seen["curves"] += 1
                    if total * unit > sum(gaps):
                        raise Wrong("a curve above a value")
            return found

    ball, module.Ellipsoid = module.Ellipsoid, Around
    part, module.Part = module.Part, Watched
    try:
        module.check(about.document)
        seen["accepted"] += 1
        for z in about.found:
            if all(about.dot(row, z) <= b for row, b in zip(about.C, about.d, strict=True)):
                raise Wrong("a counterexample")
    except module.Rejected as error:
        seen[error.step] += 1
    finally:
        module.Part, module.Ellipsoid = part, ball


def test_no_bound_is_above_what_a_point_attains() -> None:
    seen: Counter[str] = Counter()
    for seed in range(CASES):
        compare(checker, seed, seen)
    assert seen["compared"] > 5_000
    assert min(seen["parts"], seen["accepted"], seen["bound is positive"]) > 40
    assert seen["empty"] > 10
    assert min(seen["curved"], seen["curves"]) > 20


FAULTS = {
    "coefficients are rounded down for nothing": ("sum(low for e, low in", "sum(0 for e, low in"),
    "coefficients are rounded up": ("[y // q for y in x]", "[-(-y // q) for y in x]"),
    "constants are rounded up": (
        "* p << self.region.grid) // q",
        "* p << self.region.grid) // q + 1",
    ),
    "values are bounded too closely": (
        "self.region.down(middle - spread), self.region.up(middle + spread)",
        "self.region.up(middle - spread), self.region.down(middle + spread)",
    ),
    "the box is rounded inwards": (
        "self.region.down(self.region.lower), self.region.up(self.region.upper)",
        "self.region.up(self.region.lower), self.region.down(self.region.upper)",
    ),
    "a relu costs nothing": ("(x - found[e]) * u[e]", "0"),
    "a chord is rounded up": ("found[e] = -(-x * u[e] //", "found[e] = -1 - (-x * u[e] //"),
    "a maximum costs nothing": ("(x - e) * u[p]", "(x - e) * u[p] // 2"),
    "a maximum is one that it may not be": ("if l[p] >= most else", "if u[p] >= most else"),
    "a maximum forgets the others": ("max((u[e] for e in places if e != p), default=l[p])", "l[p]"),
    "a maximum is bounded from below by all": ("found[first] += x", "found[first] = found[p] = x"),
    "ties have the other sign": ("constant += tie * by", "constant -= tie * by"),
    "ties are added on one side": ("a[less] += tie", "a[less] += 0"),
    "cuts go too far": ("max(l[more], l[less] + by)", "max(l[more], l[less] + by + 1)"),
    "cuts mistake bounds": ("min(u[less], u[more] - by)", "min(u[less], l[more] - by)"),
    "entries are dropped too early": ("min(more, less, by) >= 0", "min(more, less) >= 0"),
    "the input is at the wrong ends": ("(low if x > 0 else high)", "(low if x < 0 else high)"),
    "refined bounds are rounded inwards": ("ends[0] // one)", "ends[0] // one + 1)"),
    "one part is left out": ("Halfspace(node, j, i, -by)", "Halfspace(node, i, j, by)"),
    "slopes go too far": ("self.slopes[i, e] >> self", "-self.slopes[i, e] >> self"),
    "an ellipsoid is too small": ("sum(-(-x * x * p //", "sum(-(-x * x * p // 4 //"),
    "an ellipsoid costs nothing": ("total = -k * self.size >> grid", "total = 0"),
    "an ellipsoid is elsewhere": (
        "return [x * p for x in c.n], q",
        "return [x * p + q for x in c.n], q",
    ),
    "a curve is bounded at its ends alone": ("if 2 * k * y <= top <= 2 * k * end:", "if False:"),
    "a curve is that of no relu": (
        "(-e, l, min(u, 0)), (x - e, max(l, 0), u)",
        "(x - e, l, u), (x - e, l, u)",
    ),
    "a curve takes the other end": (
        "y = y if top < 2 * k * y else end",
        "y = end if top < 2 * k * y else y",
    ),
    "readers replace each other": ("list(map(add, sums[j], x)) if j in sums else x", "x"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_inequality_is_noticed(fault: str, tmp_path: Path) -> None:
    right, broken = FAULTS[fault]
    source = Path(checker.__file__).read_text(encoding="utf-8")
    assert source.count(right) == 1
    (tmp_path / "broken.py").write_text(source.replace(right, broken), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("broken", tmp_path / "broken.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(Wrong):  # noqa: PT012
        for seed in range(CASES):
            compare(module, seed, Counter())


def halved(deep: int, box: list[tuple[Fraction, Fraction]]) -> dict[str, Any]:
    """Return a tree of parts of the box, each halved along its longest edge."""
    if not deep:
        return {}
    i = max(range(len(box)), key=lambda i: box[i][1] - box[i][0])
    low, high = box[i]
    middle = (low + high) / 2
    ends = ((low, middle), (middle, high))
    parts = [halved(deep - 1, [*box[:i], end, *box[i + 1 :]]) for end in ends]
    return {"split": [0, i], "at": texts([middle])[0], "parts": parts}


@pytest.mark.parametrize("seed", range(12))
def test_the_least_value_of_all_linear_pieces_is_approached_and_not_passed(seed: int) -> None:
    r = Random(seed)
    widths = [2, 3, 2, 1]
    layers = [([numbers(r, n) for _ in range(m)], numbers(r, m)) for n, m in pairwise(widths)]
    network, side = ReluNetwork.of(layers), [F(1)] * 2
    box = ([-x for x in side], side)
    polyhedra = [cell.polyhedron for cell in cells(network, box)]
    corners = [x for polyhedron in polyhedra for x in polyhedron.vertices_and_rays().vertices]
    values = [network.values(x)[0] for x in corners]
    least, spread = min(values), max(values) - min(values)
    maps = [f for layer in network.layers for f in (layer, Relu())][:-1]
    instance = {"nodes": Network.chain(*maps).to_json(), "lower": texts(box[0])}
    evidence = {
        "grid": 16, "bits": 1, "refine": [[3, None]], "every": True,
        "trees": [halved(6, [(-x, x) for x in side])],
    }  # fmt: skip
    for d, wanted in ((least, False), (least - 1 - spread / 2, True)):
        parts = {
            "instance": {**instance, "upper": texts(side)},
            "statement": {"properties": [{"matrix": [["1"]], "right_side": texts([d])}]},
            "evidence": evidence,
        }
        try:
            checker.check(document("no-counterexample", parts))
            accepted = True
        except checker.Rejected:
            accepted = False
        assert accepted == wanted


def sharp(seed: int, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return two certificates, the least bound of which is 0 and one unit: no and yes."""
    about, found = case(seed), list[int]()
    if len(about.d) > 1:
        return []
    far = {"statement.properties.0.right_side": [str(-(10**9))]}
    one = edited(about.document, {**far, "evidence.trees.0": about.tree(0, 3)})
    of_rule = checker.bounds

    def noted(*parts: Any) -> Iterator[tuple[str, checker.Relation, int]]:
        for where, fits, bound in of_rule(*parts):
            found.append(bound)
            yield where, fits, bound

    with monkeypatch.context() as patch:
        patch.setattr(checker, "bounds", noted)
        checker.check(one)
    if not found:
        return []
    least = [F(min(found) - more, 4**about.grid) - 10**9 for more in (0, 1)]
    changes = [{"statement.properties.0.right_side": texts([d])} for d in least]
    return [edited(one, change) for change in changes]


@pytest.mark.skipif(not available(), reason="needs Node.js (node)")
def test_all_checkers_compute_the_same_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last unit, as verdicts on both sides of it show."""
    documents = [one for seed in range(100) for one in sharp(seed, monkeypatch)]
    assert len(documents) > 80
    texts = [json.dumps(one) for one in documents]
    for check in checkers():
        assert [verdict for verdict, _ in check(texts)] == [REJECTED, ACCEPTED] * (len(texts) // 2)


@given(st.data())
def test_sums_of_multiples_of_rows_are_right(data: st.DataObject) -> None:
    columns = data.draw(st.integers(1, 5))
    row, most = st.lists(st.integers(), min_size=columns, max_size=columns), st.integers(1, 4)
    rows = data.draw(most.flatmap(lambda n: st.lists(row, min_size=n, max_size=n)))
    packed = checker.Packed(checker.Matrix(map(checker.Vector, rows), columns))
    for _ in range(2):
        a = data.draw(st.lists(st.integers(), min_size=len(rows), max_size=len(rows)))
        pairs = [list(zip(a, column, strict=True)) for column in zip(*rows, strict=True)]
        assert packed.sums(a) == [sum(x * y for x, y in pair) for pair in pairs]
