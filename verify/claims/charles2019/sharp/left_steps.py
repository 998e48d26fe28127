"""From which step on every accurate multi-class rule has left a class, at one point.

A rule that gives x the class k leaves its region, which is convex, once and for all along a ray. So
the steps that all rules have left by are those from some step on. Whether one is among them is
decided by two linear programs, of which exactly one has a solution (Motzkin): a combination of gaps
on the data that is one of growths of z_l - z_k, or a rule that is right on the data and keeps the
class.
"""

from collections.abc import Sequence
from fractions import Fraction

from certify import certificates, linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, vector
from verify.claims.charles2019.shared.multiclass import Gap
from verify.claims.charles2019.sharp import accurate_models
from verify.claims.charles2019.sharp.accurate_rules import Answer
from verify.claims.claim import Step, step
from verify.claims.relation import Relations, mixture, named
from verify.objects import MulticlassSet

ONE = Fraction(1)
# Three classes in space: neither other class is ahead of the first one at the end under all rules
# that are right on the six points, and yet one of both always is.
BOTH = MulticlassSet.of(
    [[-1, 0, -1], [1, 0, -2], [-2, 1, 2], [0, 2, -2], [-1, 2, 2], [4, 3, -12]],
    [0, 0, 1, 1, 2, 2],
    3,
)
END = vector([-4, 7, 12])


def multipliers_at(
    data: MulticlassSet, k: int, p: Vector
) -> tuple[tuple[list[Gap], Vector] | None, Certificate]:
    """Look for multipliers that show that no accurate rule gives p the class k; ties are errors.

    They are those of the gaps on the data, and those of z_l - z_k at p for each class l.

    The unknowns are one for each point and other class, and one for each class but k; all add up
    to 1.
    """
    gaps = accurate_models.pairs(data)
    others = [l for l in range(data.classes) if l != k]
    lifted = (*p, ONE)
    columns = [
        *accurate_models.gap_rows(data),
        *(accurate_models.row(data, k, l, lifted) for l in others),  # minus z_l - z_k at p
    ]
    rows = [*zip(*columns, strict=True), [1] * len(columns)]
    answer = linear_program(
        [0] * len(columns), equalities=(rows, [0] * (len(rows) - 1) + [1]), nonnegative=True
    )
    if answer.x is None:
        return None, answer.certificate
    found: list[Gap] = [(i, j, a) for (i, j), a in zip(gaps, answer.x, strict=False) if a]
    shares = dict(zip(others, answer.x[len(gaps) :], strict=True))
    targets = tuple(shares.get(j, Fraction(0)) for j in range(data.classes))
    shares[k] = -sum(targets, Fraction(0))
    form: Rows = tuple(combine((shares[j], lifted)) for j in range(data.classes))
    return (found, targets), certificates.every_model(data, form, found)


def left_at(data: MulticlassSet, k: int, p: Vector) -> tuple[bool, Certificate]:
    """Return whether there are such multipliers, with the certificate of either answer."""
    found, certificate = multipliers_at(data, k, p)
    return found is not None, certificate


def rows_of(
    data: MulticlassSet, k: int, gaps: Sequence[Gap], targets: Vector, end: tuple[str, Vector]
) -> Relations:
    """Return sum a (e_y - e_j) x (x_i, 1) = sum_l t_l (e_l - e_k) x end, row by row.

    The end comes with its name.
    """
    name, vector = end
    return [
        (mixture(rf"\text{{row }}{c + 1}\text{{: }}\sum\pm\alpha_{{ij}}(x_i,1)",
                 *((a if data.labels[i] == c else -a, (*data.points[i], ONE))
                   for i, j, a in gaps if c in (data.labels[i], j))), "=",
         named(rf"-\sum_l\mu_l{name}" if c == k else rf"\mu_{{{c + 1}}}{name}",
               combine((-sum(targets) if c == k else targets[c], vector))))
        for c in range(data.classes)
        if any(c in (data.labels[i], j) for i, j, _ in gaps)
    ]  # fmt: skip


def kept_at(data: MulticlassSet, k: int, p: Vector) -> tuple[bool, Certificate]:
    """Look for a rule that is right on the data and gives p the class k, without ties."""
    more = MulticlassSet((*data.points, p), (*data.labels, k), data.classes)
    rule, none = accurate_models.model(more)
    if rule is None:
        return False, none
    return True, more.certificate([rule], [facts.accurate(0)])


def least_towards(data: MulticlassSet, k: int, l: int, x: Vector, v: Vector) -> Answer:
    """Return the least step along v from x at which z_l > z_k under all accurate rules.

    The unknowns are the step and a multiplier for each point and other class.
    """
    columns = [accurate_models.row(data, k, l, (*v, Fraction(0))), *accurate_models.gap_rows(data)]
    costs = [1] + [0] * (len(columns) - 1)
    rows = list(zip(*columns, strict=True))
    wanted = accurate_models.row(data, l, k, (*x, ONE))
    found = linear_program(costs, equalities=(rows, wanted), nonnegative=True)
    return Answer(found.x, found.certificate)


def decided(data: MulticlassSet, k: int, v: Vector) -> tuple[Step, Step, list[Certificate]]:
    """Try steps from the first point of class k: one, and those that lead ahead of one class."""
    x = data.points[data.members(k)[0]]
    towards = [least_towards(data, k, l, x, v) for l in range(data.classes) if l != k]
    ends = [one.found[0] for one in towards if one.found]
    tried = sorted({ONE, *ends, *(c * Fraction(1023, 1024) for c in ends)})
    points = [combine((1, x), (c, v)) for c in tried]
    left, kept = ([f(data, k, p) for p in points] for f in (left_at, kept_at))
    flags = tuple(Fraction(int(a)) for a, _ in left)
    return (
        step("At each step that is tried either the multipliers exist, or an accurate rule keeps "
             "the class.",
             ([a + int(b) for a, (b, _) in zip(flags, kept, strict=True)], "=", 1)),
        step("What has been left stays left, and from the least step towards one class on it has.",
             (flags, "=", tuple(sorted(flags))),
             ([a for c, a in zip(tried, flags, strict=True) if c in ends], "=", 1)),
        [c for _, c in (*left, *kept)] + [one.certificate for one in towards],
    )  # fmt: skip
