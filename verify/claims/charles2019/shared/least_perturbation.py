"""The shortest perturbation that every separator's points labelled +1 fall for, exactly.

A vector v serves if every rule that is right on the data labels x - v as -1 for every x labelled
+1. By linearity that asks w.v >= m(x) for the extreme rules (w, b) of the cone of all weak
separators and all those x, so the vectors that serve form a polyhedron. Its point nearest to 0
comes with multipliers, which prove that no other is shorter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from certify import linear_program, max_margin, solve
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers.rationals import Vector, combine, dot
from certify.polyhedra.polyhedron import Polyhedron
from verify.claims.charles2019.shared.steps import universal_step
from verify.objects import LabelledSet, LinearRule


@dataclass(frozen=True)
class LeastPerturbation:
    """The shortest vector, with weak separators and multipliers such that v = sum l_j w_j.

    ``needed`` holds the largest margin of each rule among the points labelled +1; w_j.v equals it.
    """

    data: LabelledSet
    vector: Vector
    rules: tuple[LinearRule, ...]
    needed: Vector
    multipliers: Vector

    @property
    def square(self) -> Fraction:
        """The squared length."""
        return dot(self.vector, self.vector)

    def certificates(self, separator: LinearRule) -> tuple[Certificate, ...]:
        """Certify that the vector serves at every point, and that no vector serving is shorter.

        The bound is a linear program: v.t is at least |v|^2 for all t with w_j.t >= needed_j.
        """
        points = [k for k, y in enumerate(self.data.labels) if y == 1]
        bound = linear_program(
            self.vector,
            ([combine((-1, rule.normal)) for rule in self.rules], [-c for c in self.needed]),
        )
        serves = (universal_step(self.data, self.vector, k) for k in points)
        return (
            *(s.certificate(separator) for s in serves),
            bound.certificate,
            self._weakly_accurate(),
        )

    def _weakly_accurate(self) -> Certificate:
        """Certify the margins of the rules: none is negative, and ``needed`` is one of them."""
        relations: list[tuple[object, str, object]] = []
        numbers: dict[str, Fraction | int] = {}
        for j, (rule, needed) in enumerate(zip(self.rules, self.needed, strict=True)):
            margins = rule.margins(self.data)
            numbers[f"needed{j}"] = needed
            numbers |= {f"w{j}_{k}": c for k, c in enumerate(rule.normal)}
            numbers[f"b{j}"] = rule.offset
            for i, (x, y) in enumerate(self.data.pairs):
                terms = [["*", f"w{j}_{k}", f"x{i}_{k}"] for k in range(len(x))]
                margin = ["*", str(y), ["+", *terms, f"b{j}"]]
                relations.append(("0", "<=", margin))
                if y == 1 and margins[i] == needed:
                    relations.append((f"needed{j}", "=", margin))
        for i, x in enumerate(self.data.points):
            numbers |= {f"x{i}_{k}": c for k, c in enumerate(x)}
        return facts.arithmetic(numbers, relations)


def least_perturbation(data: LabelledSet) -> LeastPerturbation:
    """Return the shortest perturbation for all points labelled +1 and all separators.

    Meant for small sets: the extreme rules are enumerated, and then the active ones among them.
    Raises InputError when the points are not separable.
    """
    if not max_margin(data.points, data.labels).separable:
        raise InputError("data", expected="linearly separable points", got="inseparable ones")
    rows = [tuple(-y * c for c in (*x, Fraction(1))) for x, y in data.pairs]
    cone = Polyhedron.of(rows, [0] * len(rows)).vertices_and_rays()
    extreme = [*cone.rays, *cone.lines, *(combine((-1, line)) for line in cone.lines)]
    rules = [LinearRule(r[:-1], r[-1]) for r in extreme if any(r[:-1])]
    needed = [max(rule.value(x) for x in data.positive) for rule in rules]
    normals = [rule.normal for rule in rules]
    # Some independent set of active rules carries the nearest point, so this search ends there.
    return next(
        LeastPerturbation(
            data, vector, tuple(rules[j] for j in active), tuple(needed[j] for j in active), found
        )
        for size in range(data.dimension + 1)
        for active in combinations(range(len(rules)), size)
        for found in _nearest([normals[j] for j in active], [needed[j] for j in active])
        for vector in [combine((0, data.points[0]), *zip(found, (normals[j] for j in active),
                                                         strict=True))]
        if all(dot(w, vector) >= c for w, c in zip(normals, needed, strict=True))
    )  # fmt: skip


def _nearest(normals: Sequence[Vector], needed: Sequence[Fraction]) -> list[Vector]:
    """Return l >= 0 such that v = sum l_j w_j has w_j.v = needed_j, if there is one."""
    if not normals:
        return [()]
    gram = [[dot(a, b) for b in normals] for a in normals]
    answer = solve(gram, needed).solution
    return [answer] if answer is not None and min(answer) >= 0 else []
