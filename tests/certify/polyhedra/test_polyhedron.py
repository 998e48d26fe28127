from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.errors import InputError
from certify.polyhedra import double_description
from certify.polyhedra.double_description import Generators, cone_generators
from certify.polyhedra.polyhedron import Polyhedron
from certify.programs.linear_program import linear_program

F = Fraction


def dot(a: Any, b: Any) -> Fraction:
    return sum((p * q for p, q in zip(a, b, strict=True)), F(0))


def accepted(certificate: Certificate) -> bool:
    return checker.check(certificate.to_json())[0] == certificate.kind


def cube(d: int) -> Polyhedron:
    rows = [[s * (i == j) for j in range(d)] for i in range(d) for s in (1, -1)]
    return Polyhedron.of(rows, [1] * (2 * d))


def cross_polytope(d: int) -> Polyhedron:
    return Polyhedron.of(list(itertools.product((1, -1), repeat=d)), [1] * 2**d)


def rank(rows: list[Any], d: int) -> int:
    return sympy.Matrix(len(rows), d, [x for row in rows for x in row]).rank()


def vertices_by_bases(matrix: Any, right_side: Any, d: int) -> set[tuple[Fraction, ...]]:
    """All feasible solutions of d independent rows taken with equality."""
    found = set()
    for rows in itertools.combinations(range(len(matrix)), d):
        square = sympy.Matrix([matrix[i] for i in rows])
        if square.det() != 0:
            solution = square.LUsolve(sympy.Matrix([right_side[i] for i in rows]))
            x = tuple(F(int(v.p), int(v.q)) for v in solution)
            if all(dot(a, x) <= b for a, b in zip(matrix, right_side, strict=True)):
                found.add(x)
    return found


def rays_by_bases(matrix: Any, d: int) -> set[tuple[Fraction, ...]]:
    """All extreme rays of {A x <= 0} without lines: vertices of its slice by sum of rows = -1."""
    total = [sum(column) for column in zip(*matrix, strict=True)]
    slice_rows = [*matrix, total, [-x for x in total]]
    found = vertices_by_bases(slice_rows, [0] * len(matrix) + [-1, 1], d)
    return {tuple(x / scale(v) for x in v) for v in found}


def scale(v: Any) -> Fraction:
    return F(math.gcd(*(x.numerator for x in v)), math.lcm(*(x.denominator for x in v)))


def inside(generators: Generators, polyhedron: Polyhedron) -> bool:
    """Whether conv(V) + cone(R) + span(L) lies in the polyhedron, read off row by row."""
    return all(
        all(dot(a, v) <= b for v in generators.vertices)
        and all(dot(a, r) <= 0 for r in generators.rays)
        and all(dot(a, l) == 0 for l in generators.lines)
        for a, b in zip(polyhedron.matrix, polyhedron.right_side, strict=True)
    )


def included(inner: Polyhedron, outer: Polyhedron) -> bool:
    """Whether every row of ``outer`` holds on ``inner``, by one linear program a row."""
    for a, b in zip(outer.matrix, outer.right_side, strict=True):
        answer = linear_program(a, (inner.matrix, inner.right_side), maximize=True)
        if answer.status == "unbounded" or (answer.status == "optimal" and answer.value > b):
            return False
    return True


def same_set(p: Polyhedron, q: Polyhedron) -> bool:
    return included(p, q) and included(q, p)


@st.composite
def polyhedra(draw: st.DrawFn, dimensions: tuple[int, int] = (1, 3), rows: int = 7) -> Polyhedron:
    # Small entries make empty, flat, degenerate and unbounded sets common.
    d = draw(st.integers(*dimensions))
    small = st.integers(-2, 2)
    n = draw(st.integers(0, rows))
    matrix = draw(st.lists(st.lists(small, min_size=d, max_size=d), min_size=n, max_size=n))
    return Polyhedron.of(matrix, draw(st.lists(st.integers(-1, 3), min_size=n, max_size=n)), d)


EMPTY = Polyhedron.of([[1, 1], [-1, -1], [0, 1]], [0, -1, 5])
PLANE = Polyhedron.of([], [], dimension=2)
SEGMENT = Polyhedron.of([[1, 1], [-1, -1], [1, 0], [-1, 0]], [1, -1, 1, 0])
STRIP = Polyhedron.of([[1, 1], [-1, -1]], [1, 1])
QUADRANT = Polyhedron.of([[-1, 0], [0, -1], [-1, -1]], [0, 0, -1])


# Construction


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        (([[1, 2], [3]], [1, 1]), "matrix"),
        (([[1, 2]], [1, 1]), "right_side"),
        (([[1, 2]], [float("nan")]), "right_side"),
        (([[1, 2]], [1], 3), "matrix"),
        (([], []), "dimension"),
        (([], [], 0), "dimension"),
        (([], [], True), "dimension"),
        (([], [], "2"), "dimension"),
        (([[]], [1]), "dimension"),
    ],
)
def test_bad_shapes_are_refused_by_name(arguments: Any, argument: str) -> None:
    with pytest.raises(InputError) as caught:
        Polyhedron.of(*arguments)
    assert caught.value.argument == argument


def test_bad_generators_are_refused_by_name() -> None:
    for arguments, argument in [
        (([], [[1, 0]], [[1]]), "lines"),
        (([], [[1, 0]], [], 3), "rays"),
        (([], [], [[1, 0], [1]]), "lines"),
        (([], [[]]), "dimension"),
        (([[0, 0]], [[1]]), "rays"),
        (([[0, 0]], [], [[1]]), "lines"),
        (([],), "dimension"),
    ]:
        with pytest.raises(InputError) as caught:
            Polyhedron.from_generators(*arguments)
        assert caught.value.argument == argument


def test_floats_are_the_dyadic_numbers_that_they_store() -> None:
    p = Polyhedron.of(np.array([[0.1], [-1.0]]), np.array([0.3, 0.0]), dimension=np.int64(1))
    assert p.vertices_and_rays().vertices == ((F(0),), (F(0.3) / F(0.1),))
    assert F(0.3) / F(0.1) != 3


def test_contains_decides_the_boundary_exactly() -> None:
    p = Polyhedron.of([[3]], [1])
    assert p.contains(["1/3"])
    assert not p.contains([F(1, 3) + F(1, 10**40)])
    with pytest.raises(InputError, match="point"):
        p.contains([1, 2])


# Emptiness, interior, dimension


@given(polyhedra())
@settings(max_examples=60, deadline=None)
def test_emptiness_comes_with_a_point_or_a_contradiction(p: Polyhedron) -> None:
    answer = p.is_empty()
    assert accepted(answer.certificate)
    assert bool(answer) == (answer.point is None) == (answer.multipliers is not None)
    if answer.point is not None:
        assert p.contains(answer.point)
    else:
        y = answer.multipliers
        assert y is not None
        assert min(y) >= 0
        assert all(dot(y, column) == 0 for column in zip(*p.matrix, strict=True))
        assert dot(y, p.right_side) < 0


@given(polyhedra())
@settings(max_examples=60, deadline=None)
def test_dimension_is_that_of_the_generators(p: Polyhedron) -> None:
    vertices, rays, lines = p.vertices_and_rays()
    directions = [[x - y for x, y in zip(v, vertices[0], strict=True)] for v in vertices]
    expected = rank([*directions, *rays, *lines], p.ambient_dimension) if vertices else -1
    assert p.dimension() == expected
    point = p.interior_point()
    assert (point is not None) == (expected == p.ambient_dimension)
    if point is not None:
        proper = [(a, b) for a, b in zip(p.matrix, p.right_side, strict=True) if any(a)]
        assert all(dot(a, point) < b for a, b in proper)


def test_dimension_of_flat_empty_and_full_sets() -> None:
    assert [p.dimension() for p in (EMPTY, PLANE, SEGMENT, STRIP)] == [-1, 2, 1, 2]
    assert EMPTY.interior_point() is None
    assert SEGMENT.interior_point() is None
    assert Polyhedron.of([[0, 0]], [0]).interior_point() == (0, 0)
    # Thinner than any tolerance, yet with interior.
    thin = Polyhedron.of([[1, 0], [-1, 0]], [F(1, 10**60), 0])
    assert thin.dimension() == 2
    assert thin.interior_point() == (F(1, 2 * 10**60), 0)


def test_interior_point_is_the_centre_of_the_largest_cube() -> None:
    assert cube(4).interior_point() == (0, 0, 0, 0)
    assert Polyhedron.of([[1], [-1]], [1, 0]).interior_point() == (F(1, 2),)


# Boundedness


@given(polyhedra())
@settings(max_examples=80, deadline=None)
def test_boundedness_is_that_of_the_generators_and_is_proved(p: Polyhedron) -> None:
    answer = p.bounded()
    generators = p.vertices_and_rays()
    assert bool(answer) == answer.bounded == (not generators.rays and not generators.lines)
    assert accepted(answer.certificate)
    if not generators.vertices:
        assert (answer.point, answer.ray) == (None, None)
        assert answer.combination == p.is_empty().multipliers
        assert answer.certificate.kind == "lp-infeasible"
        return
    assert answer.point is not None
    assert p.contains(answer.point)
    if answer.ray is not None:
        assert answer.combination is None
        assert any(answer.ray)
        assert p.recession_cone().contains(answer.ray)
    else:
        assert answer.combination is not None
        assert min(answer.combination) > 0


def test_spoilt_proofs_of_boundedness_are_rejected() -> None:
    square, strip = cube(2).bounded().certificate, STRIP.bounded().certificate
    for certificate, part, change, step in [
        (square, "evidence", {"combination": ["1", "2", "1", "1"]}, "cancels"),
        (square, "evidence", {"combination": ["-1", "-1", "1", "1"]}, "nonnegative"),
        (square, "evidence", {"combination": ["0", "0", "1", "1"]}, "minor"),
        (square, "evidence", {"rows": [0, 1]}, "minor"),
        (square, "evidence", {"rows": [0], "columns": [0]}, "span"),
        (strip, "statement", {"ray": ["0", "0"]}, "ray is not zero"),
        (strip, "statement", {"ray": ["1", "0"]}, "ray stays inside"),
        (strip, "statement", {"point": ["2", "0"]}, "point lies inside"),
    ]:
        assert accepted(certificate)
        spoilt = replace(certificate, **{part: {**getattr(certificate, part), **change}})
        with pytest.raises(checker.Rejected, match=step):
            checker.check(spoilt.to_json())


def test_directions_of_recession() -> None:
    assert PLANE.bounded().ray == (1, 0)
    assert QUADRANT.recession_cone().vertices_and_rays() == (((0, 0),), ((0, 1), (1, 0)), ())
    assert STRIP.lineality() == ((-1, 1),)
    assert cube(3).lineality() == ()
    assert len(PLANE.lineality()) == 2


def test_a_softmax_region_is_bounded_from_l_plus_2_classes_on() -> None:
    # Zou et al.: l features, weights 0, e_1, ..., e_l and, from l + 2 classes, -(1, ..., 1).
    for l in (1, 2, 4):
        rows = [[int(i == j) for j in range(l)] for i in range(l)]
        assert not Polyhedron.of(rows, [1] * l).bounded()
        closed = Polyhedron.of([*rows, [-1] * l], [1] * (l + 1))
        assert closed.bounded()
        assert closed.interior_point() is not None


# Redundancy


@given(polyhedra())
@settings(max_examples=60, deadline=None)
def test_irredundant_rows_describe_the_set_and_none_can_go(p: Polyhedron) -> None:
    result = p.irredundant()
    assert result.polyhedron.matrix == tuple(p.matrix[i] for i in result.rows)
    assert same_set(p, result.polyhedron)
    assert all(accepted(c) for c in result.certificates.values())
    for i in result.rows:
        rest = [k for k in result.rows if k != i]
        smaller = Polyhedron.of(
            [p.matrix[k] for k in rest], [p.right_side[k] for k in rest], p.ambient_dimension
        )
        assert not included(smaller, p)


def test_multiples_of_a_row_are_merged() -> None:
    p = Polyhedron.of([[1, 0], [2, 0], ["1/2", 0], [-1, 0], [0, 0]], [2, 2, "1/2", 0, 7])
    result = p.irredundant()
    assert result.rows == (1, 3)
    assert set(result.certificates) == {1, 3, 4}


def test_redundancy_of_contradictions_and_of_everything() -> None:
    assert EMPTY.irredundant().rows == (0, 1)
    assert Polyhedron.of([[0], [1]], [-1, 3]).irredundant().rows == (0,)
    assert Polyhedron.of([[0], [0]], [0, 3]).irredundant().rows == ()
    assert PLANE.irredundant().rows == ()


# Generators


@given(polyhedra())
@settings(max_examples=80, deadline=None)
def test_generators_agree_with_all_bases(p: Polyhedron) -> None:
    d = p.ambient_dimension
    vertices, rays, lines = p.vertices_and_rays()
    if not vertices:
        assert p.is_empty()
        assert (rays, lines) == ((), ())
        return
    assert len(lines) == d - rank(list(p.matrix), d)
    assert all(dot(a, l) == 0 for a in p.matrix for l in lines)
    # Where there are lines, the other generators are those of a slice without lines.
    pivots = [next(j for j, x in enumerate(l) if x) for l in lines]
    cuts = [[s * (j == k) for j in range(d)] for k in pivots for s in (1, -1)]
    matrix = [*p.matrix, *cuts]
    assert set(vertices) == vertices_by_bases(matrix, [*p.right_side, *([0] * len(cuts))], d)
    assert set(rays) == rays_by_bases(matrix, d)
    assert len(set(vertices)) == len(vertices)
    assert len(set(rays)) == len(rays)


@given(polyhedra((1, 4), 8))
@settings(max_examples=60, deadline=None)
def test_there_and_back_is_the_same_set(p: Polyhedron) -> None:
    generators = p.vertices_and_rays()
    back = Polyhedron.from_generators(*generators, dimension=p.ambient_dimension)
    assert inside(generators, p)
    assert same_set(p, back)
    assert back.vertices_and_rays() == generators
    assert len(back.irredundant().rows) == len(back.matrix)


small_vectors = st.lists(st.tuples(*[st.integers(-3, 3)] * 3), max_size=5)


@given(small_vectors.filter(bool), small_vectors, small_vectors)
@settings(max_examples=60, deadline=None)
def test_redundant_generators_are_dropped(vertices: Any, rays: Any, lines: Any) -> None:
    p = Polyhedron.from_generators(vertices, rays, lines)
    assert inside(Generators(vertices, rays, lines), p)
    minimal = p.vertices_and_rays()
    again = Polyhedron.from_generators(*minimal)
    assert again == Polyhedron.from_generators(vertices, rays, lines)
    if not minimal.lines:
        assert set(minimal.vertices) <= set(vertices)
        given_rays = [*rays, *lines, *([-x for x in l] for l in lines)]
        directions = {tuple(F(x) / (math.gcd(*v) or 1) for x in v) for v in given_rays}
        assert set(minimal.rays) <= directions


def test_generators_of_special_sets() -> None:
    assert EMPTY.vertices_and_rays() == ((), (), ())
    assert Polyhedron.from_generators([], dimension=2).is_empty()
    assert PLANE.vertices_and_rays() == (((0, 0),), (), ((0, 1), (1, 0)))
    assert Polyhedron.from_generators(*PLANE.vertices_and_rays()).matrix == ()
    assert SEGMENT.vertices_and_rays() == (((0, 1), (1, 0)), (), ())
    assert STRIP.vertices_and_rays() == (((0, -1), (0, 1)), (), ((1, -1),))
    assert QUADRANT.vertices_and_rays() == (((0, 1), (1, 0)), ((0, 1), (1, 0)), ())
    ray = Polyhedron.of([[1], [-1]], [0, 0])
    assert ray.vertices_and_rays() == (((0,),), (), ())
    halfline = Polyhedron.from_generators([[2]], [[-5]])
    assert (halfline.matrix, halfline.right_side) == (((1,),), (2,))


def cuts(n: int) -> list[list[int]]:
    """Return the cut vectors of the complete graph on n points, one number for each edge."""
    edges = list(itertools.combinations(range(n), 2))
    sides = itertools.product((0, 1), repeat=n - 1)
    return [[int(s[i] != s[j]) for i, j in edges] for s in ((0, *rest) for rest in sides)][1:]


def metrics(n: int) -> set[tuple[int, ...]]:
    """Return the triangle inequalities d_ij - d_ik - d_jk <= 0 on n points."""
    edges = list(itertools.combinations(range(n), 2))
    return {
        tuple(1 if set(e) == set(far) else -(set(e) < set(t)) for e in edges)
        for t in itertools.combinations(range(n), 3)
        for far in itertools.combinations(t, 2)
    }


@pytest.mark.parametrize("n", [3, 4])
def test_the_cut_cone_of_few_points_is_the_metric_cone(n: int) -> None:
    """It is given by rays alone: its apex is 0. From five points on there are further facets."""
    cone = Polyhedron.from_generators([], cuts(n))
    assert set(cone.matrix) == metrics(n)
    assert set(cone.right_side) == {0}
    origin = (0,) * math.comb(n, 2)
    assert cone == Polyhedron.from_generators([origin], cuts(n))
    assert cone.vertices_and_rays() == ((origin,), tuple(sorted(map(tuple, cuts(n)))), ())


def test_the_cut_cone_of_five_points_has_pentagonal_facets() -> None:
    facets = set(Polyhedron.from_generators([], cuts(5)).matrix)
    assert len(facets) == 40
    assert metrics(5) < facets
    assert {sum(map(abs, a)) for a in facets - metrics(5)} == {10}


def test_lines_alone_span_a_subspace() -> None:
    plane = Polyhedron.from_generators([], [], [[1, 0, 0], [0, 1, 1]])
    assert plane.vertices_and_rays() == (((0, 0, 0),), (), ((1, 0, 0), (0, 1, 1))[::-1])
    assert plane.dimension() == 2
    assert not Polyhedron.from_generators([], [[1, 0, 0]], [[0, 1, 1]]).contains([-1, 0, 0])


@pytest.mark.parametrize("d", range(1, 9))
def test_cubes_and_cross_polytopes(d: int) -> None:
    corners = set(itertools.product((-1, 1), repeat=d))
    axes = {tuple(s * (i == j) for j in range(d)) for i in range(d) for s in (1, -1)}
    assert set(cube(d).vertices_and_rays().vertices) == corners
    assert set(cross_polytope(d).vertices_and_rays().vertices) == axes
    assert set(Polyhedron.from_generators(axes).matrix) == (corners if d > 1 else axes)
    assert set(Polyhedron.from_generators(corners).matrix) == axes


@pytest.mark.parametrize("d", [3, 4, 5])
def test_a_pyramid_over_a_cross_polytope_is_degenerate(d: int) -> None:
    base = [(*s, 1) for s in itertools.product((1, -1), repeat=d - 1)]
    pyramid = Polyhedron.of([*base, (0,) * (d - 1) + (-1,)], [1] * len(base) + [0])
    vertices = pyramid.vertices_and_rays().vertices
    assert len(vertices) == 2 * (d - 1) + 1
    apex = (0,) * (d - 1) + (1,)
    assert sum(dot(a, apex) == 1 for a in base) == 2 ** (d - 1)
    assert apex in vertices
    assert len(Polyhedron.from_generators(vertices).matrix) == 2 ** (d - 1) + 1


def test_cyclic_polytopes_have_the_most_facets() -> None:
    # Gale's evenness condition counts the facets of n points on the moment curve in R^4.
    for n in (5, 7, 10):
        points = [[t**k for k in range(1, 5)] for t in range(n)]
        hull = Polyhedron.from_generators(points)
        assert len(hull.matrix) == n * (n - 3) // 2
        assert len(hull.vertices_and_rays().vertices) == n


def test_a_simple_polytope_satisfies_the_euler_relation() -> None:
    rng = random.Random(7)
    rows = [[rng.randint(-9, 9) for _ in range(3)] for _ in range(25)]
    p = Polyhedron.of(rows, [rng.randint(50, 60) for _ in rows])
    facets, vertices = len(p.irredundant().rows), len(p.vertices_and_rays().vertices)
    assert p.bounded()
    pairs = list(zip(p.matrix, p.right_side, strict=True))
    tight = [sum(dot(a, v) == b for a, b in pairs) for v in p.vertices_and_rays().vertices]
    assert set(tight) == {3}
    assert vertices == 2 * (facets - 2)


def test_large_numbers_and_many_rows() -> None:
    rng = np.random.default_rng(3)
    p = Polyhedron.of(rng.standard_normal((30, 5)), np.ones(30))
    generators = p.vertices_and_rays()
    assert inside(generators, p)
    tight = [{i for i, a in enumerate(p.matrix) if dot(a, v) == 1} for v in generators.vertices]
    assert all(len(rows) == 5 for rows in tight)
    # Every vertex of a simple polytope has one neighbour across each of its facets.
    edges = [sum(len(rows & other) == 4 for other in tight) for rows in tight]
    assert set(edges) == {5}


def test_the_cone_does_not_depend_on_the_order_or_size_of_its_rows() -> None:
    rng = random.Random(5)
    rows = [[rng.randint(-4, 4) for _ in range(5)] for _ in range(9)]
    expected = cone_generators(rows, 5)
    for _ in range(5):
        rng.shuffle(rows)
        factors = [rng.randint(1, 9) for _ in rows]
        scaled = [[k * x for x in row] for k, row in zip(factors, rows, strict=True)]
        assert cone_generators([*scaled, rows[0], [0] * 5], 5) == expected
    assert cone_generators([], 2) == (((0, 1), (1, 0)), ())
    assert cone_generators([(1,), (-1,)], 1) == ((), ())
    assert cone_generators([(2,)], 1) == ((), ((1,),))
    assert cone_generators([(-3,)], 1) == ((), ((-1,),))


@given(
    st.integers(1, 4).flatmap(lambda d: st.lists(st.tuples(*[st.integers(-2, 2)] * d), min_size=1))
)
@settings(max_examples=80, deadline=None)
def test_few_rays_are_cut_as_many_are(rows: Any) -> None:
    """Small cones take loops and integers of bits, larger ones arrays, and some both in turn."""
    found = []
    for few in (double_description._FEW, 3, -1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(double_description, "_FEW", few)
            found.append(double_description.cone_generators(rows, len(rows[0])))
    assert found[0] == found[1] == found[2]
