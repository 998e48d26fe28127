r"""Conjecture, the norm: Nearest twins in the norms 1 and 2

Printed: … there exists an imperceptible adversarial example $x^*$ with
    $\Vert x^*-x\Vert_p\leq\epsilon$ for an imperceptible $\epsilon$ …
    Refuted: Read for every network and each $p$: a threshold on one input, where only the same
        input gives the same output.
Statement: For a ReLU network with rational weights on the unit box $[0,1]^n$, rational inputs and
    $p\in\{1,2,\infty\}$ let $\varepsilon^*_p(x,x')$ be the least $|x^*-x|_p$ over the $x^*$ of the
    box with exactly the softmax output of $x'$. Then $\varepsilon^*_1$ is rational, the least value
    of finitely many linear programs; $(\varepsilon^*_2)^2$ is rational, the least squared distance
    to finitely many polyhedra; and $\varepsilon^*_\infty\le\varepsilon^*_2\le\varepsilon^*_1$,
    $(\varepsilon^*_1)^2\le n(\varepsilon^*_2)^2\le n^2(\varepsilon^*_\infty)^2$.
Verdict: not a statement. The paper leaves $p$ open, and no $p$ helps: most and imperceptible stay
    undefined. Read for all networks and a fixed $\varepsilon<|x-x'|_p$ it is false in the norms 1
    and 2 as well; read without a bound on $\varepsilon$ it is empty. How near the nearest twin is
    depends on $p$, by a factor of $n$ at most.
Reading: $p$ is 1 or 2, the usual norms beside the maximum norm, for which the conjecture has an
    entry of its own; a twin of $x'$ is an input with its softmax output.
Needs input of the box: $x'$ is an input, a point of the unit box.
    Without it: With a copy of the input a point outside of the box has no twin in it.
Needs different classes: $y\neq y'$.
    Without it: The exact form asks for the whole output of the other input, not for its class.
Sharp: $(u(x')-u(x))/\Lambda_p\le\varepsilon^*_p\le|x-x'|_p$, where $u=z_{y'}-z_y$ has the Lipschitz
    constant $\Lambda_p>0$ in the norm $p$. For every $x\neq x'$ a copy of the input $\xi$ with the
    logits $q\cdot\xi$ and a number between $q\cdot x$ and $q\cdot x'$ attains both, in the norm 1
    for $q_k=\mathrm{sign}(x'_k-x_k)$ and in the norm 2 for $q=x'-x$. In the norm 2 only $x'$ is
    then as near. Where a network folds the box, the upper bound need not be attained in any norm.
    Rests on: Coq in part conj_norms, conj_norms_foot. The lower bound is
        $u(x')-u(x)=u(x^*)-u(x)\le\Lambda_p|x^*-x|_p$; for the fold see below.
Quantifier: for each network and pair: that the twins are ones, and that no point of any cell is
    nearer, by a linear program for each cell and each norm; that these programs describe the cells
    of the network is computed; no conclusion about most networks
Uses: zou-conj
The idea: How near a twin is depends on how lengths are measured. Does the conjecture fare better in
    another norm? It does not: the norms differ by a factor, and the counterexamples stay.
Why it is true: In each activation cell the twins form a polyhedron. The nearest point in the norm 1
    is a linear program again, with one more number for each entry. In the norm 2 the polyhedron has
    a nearest point $p$, the foot of a perpendicular on one of its faces, so it is rational. A
    linear program shows that no other is nearer: no twin $z$ of the cell has $(p-x)\cdot
    z<(p-x)\cdot p$, and then $|z-x|^2=|z-p|^2+2(p-x)\cdot(z-p)+|p-x|^2\ge|p-x|^2$. The distance
    itself is the root of a rational number.
Before you use it: Say which norm. One twin may be the nearest in the maximum norm, where all
    entries change a little, and another one in the norm 1, where few change much. Among images with
    784 pixels the same twin can be 784 times as far in the norm 1 as in the maximum norm, so a
    small $\varepsilon$ means little without its norm.
"""

from fractions import Fraction
from random import Random

from certify import certificates, linear_program
from certify.networks.relu import ReluNetwork
from certify.numbers.rationals import Vector, combine, dot, vector
from certify.programs.linear_program import LinearProgramResult
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Relations,
    Step,
    Symbolic,
    computed,
    greatest,
    identity,
    inner,
    least,
    matrices,
    named,
    step,
    symmetric,
    theorem,
    total,
)
from verify.claims.zou2018.conj import FOLD, THRESHOLD, draw_same_class, gaps
from verify.claims.zou2018.shared import twin_norms, twins
from verify.claims.zou2018.shared.twin_norms import (
    Near,
    copied,
    functionals,
    length_1,
    length_2,
    length_infinity,
    named_phi,
    near_1,
    near_2,
)
from verify.claims.zou2018.shared.twins import Nearest
from verify.claims.zou2018.sharp.twins import SHARP
from verify.drawing import pairs
from verify.drawing.pairs import Pair


@theorem.not_needed("different classes", draw_same_class)
def prove(pair: Pair) -> Proof:
    """Find the nearest twin of each norm cell by cell, and compare outputs and distances."""
    network, x = pair.network, pair.origin
    one, two = near_1(pair), near_2(pair)
    wanted = named_phi(r"\varphi(x')", gaps(network, pair.target), network, pair.target)
    found = {1: one.point, 2: two.point}
    _, reach = functionals(pair)
    radius = twins.nearest(network, x, pair.target)
    sizes = named(r"\varepsilon^*_1", one.size), named(r"(\varepsilon^*_2)^2", two.size)
    return Proof.of(
        *(Named(f"x^*_{p}", point) for p, point in found.items()),
        Named(r"x^*_\infty", radius.point), *feet(pair, two),
        step(r"Both are twins: $\varphi(x^*_p)=\varphi(x')$, in the unit box.",
             *((named_phi(rf"\varphi(x^*_{p})", gaps(network, point), network, point), "=", wanted)
               for p, point in found.items()),
             *((least(rf"\min_k\min(x^*_{{{p},k}},1-x^*_{{{p},k}})",
                      [t for c in point for t in (c, 1 - c)]), ">=", 0)
               for p, point in found.items())),
        step("Their distances.", (length_1(r"|x^*_1-x|_1", one.point, x), "=", sizes[0]),
             (length_2(r"|x^*_2-x|_2^2", two.point, x), "=", sizes[1])),
        step(r"In the norm 1 no cell has a nearer twin: $\varepsilon_1(\ldots)$ is the value of "
             rf"its linear program. {twins.NAMES}",
             (in_1(pair, one), ">=", sizes[0]),
             (twins.contradictions(network, pair.target, [c.program for c in one.cells]), "<", 0)),
        step(r"In the norm 2 each cell with twins has one, $p(\ldots)$, that no twin $z$ of the "
             r"cell is ahead of on the way to $x$: the least $(p-x)\cdot z$ is $(p-x)\cdot p$.",
             *ahead(pair, two)),
        step(r"So $|z-x|_2^2\ge|p-x|_2^2$ in the cell, and no cell has a smaller one.",
             (in_2(pair, two), ">=", sizes[1])),
        compared(pair, one, two, radius),
        step(r"$x'$ is its own twin.",
             (sizes[0], "<=", total(r"|x'-x|_1", [abs(c) for c in reach])),
             (sizes[1], "<=", inner(r"|x'-x|_2^2", reach, reach))),
        *(certificates.twin(network, x, point, pair.target) for point in found.values()),
        *one.certificates, *two.certificates,
    )  # fmt: skip


def in_1(pair: Pair, near: Near) -> list[Named]:
    """Return the least distance in the norm 1 of each cell with twins, by name, with the twin."""
    return [
        Named(rf"\varepsilon_1({name})", size, twin_norms.length_1("", point, pair.origin).numbers)
        for name, point, size in by_cell(pair, near)
    ]


def in_2(pair: Pair, near: Near) -> list[Named]:
    """Return the square of the least distance of each cell with twins, by name, with the twin."""
    return [
        Named(f"|p({name})-x|_2^2", size, twin_norms.length_2("", point, pair.origin).numbers)
        for name, point, size in by_cell(pair, near)
    ]


def by_cell(pair: Pair, near: Near) -> list[tuple[str, Vector, Fraction]]:
    """Return the name of each cell with twins, the nearest one and its size."""
    return [
        (name, cell.point, cell.size)
        for name, cell in zip(twins.names(pair.network), near.cells, strict=True)
        if cell.point is not None and cell.size is not None
    ]


def feet(pair: Pair, two: Near) -> list[Named]:
    """Return the nearest twin of each cell in the norm 2 by name."""
    return [Named(f"p({name})", point) for name, point, _ in by_cell(pair, two)]


def ahead(pair: Pair, two: Near) -> Relations:
    """Return for each cell with twins that the foot has the least product with the way to it."""
    relations: Relations = []
    for name, cell in zip(twins.names(pair.network), two.cells, strict=True):
        if cell.point is None or cell.program.value is None:
            continue
        way, p = combine((1, cell.point), (-1, pair.origin)), f"p({name})"
        value = named(rf"\min_z({p}-x)\cdot z", cell.program.value)
        relations.append((value, "=", inner(rf"({p}-x)\cdot {p}", way, cell.point)))
    return relations


def compared(pair: Pair, one: Near, two: Near, maximum: Nearest) -> Step:
    """Compare the three least distances with each other."""
    n, radius = pair.network.dimension, maximum.radius
    first, second = one.size, two.size
    return step(
        r"The three least distances differ by a factor of $n$ at most; $\varepsilon^*_\infty$ is "
        "that of the conjecture in the maximum norm.",
        (length_infinity(r"|x^*_\infty-x|_\infty", maximum.point, pair.origin), "=",
         named(r"\varepsilon^*_\infty", radius)),
        (computed(r"(\varepsilon^*_\infty)^2", "r**2", r=radius), "<=",
         named(r"(\varepsilon^*_2)^2", second)),
        (named(r"(\varepsilon^*_2)^2", second), "<=",
         computed(r"(\varepsilon^*_1)^2", "a**2", a=first)),
        (computed(r"(\varepsilon^*_1)^2", "a**2", a=first), "<=",
         computed(r"n(\varepsilon^*_2)^2", "n * s", n=n, s=second)),
        (computed(r"n(\varepsilon^*_2)^2", "n * s", n=n, s=second), "<=",
         computed(r"n^2(\varepsilon^*_\infty)^2", "n**2 * r**2", n=n, r=radius)),
    )  # fmt: skip


@theorem.as_printed(THRESHOLD, pairs.draw_small)
def refute_every_network(pair: Pair) -> Refutation | None:
    """Refute "for every network" in the norms 1 and 2: no twin is nearer than x' in any of them.

    The softmax layer has two classes and more features, so it is not parallel.
    """
    network = pair.network
    labels = [twins.label(network, x) for x in (pair.origin, pair.target)]
    if network.layers[-1].inputs <= network.outputs or network.outputs != 2:
        return None
    if None in labels or labels[0] == labels[1]:
        return None
    one, two = near_1(pair), near_2(pair)
    far_1 = length_1(r"|x'-x|_1", pair.target, pair.origin)
    far_2 = length_2(r"|x'-x|_2^2", pair.target, pair.origin)
    if (one.size, two.size) != (far_1.value, far_2.value):  # x' is a twin, so none is farther
        return None
    before, after = (gaps(network, x)[0] for x in (pair.origin, pair.target))
    return Refutation.of(
        r"The classes differ, and in neither norm has an input nearer to $x$ than $x'$ itself the "
        r"softmax output of $x'$: the conjecture fails for every $\epsilon<|x-x'|_p$.",
        *feet(pair, two),
        step("The classes are different: the difference of logits changes sign.",
             (computed(r"(z_1-z_2)(x)\,(z_1-z_2)(x')", "a * b", a=before, b=after), "<", 0)),
        step("In every activation cell a twin is at least as far as the other point, in both "
             rf"norms: $\varepsilon_1(\ldots)$ is the least distance in the norm 1, and "
             rf"$p(\ldots)$ the nearest twin in the norm 2. {twins.NAMES}",
             (in_1(pair, one), ">=", far_1), (in_2(pair, two), ">=", far_2),
             (twins.contradictions(network, pair.target, [c.program for c in one.cells]), "<", 0)),
        *one.certificates, *two.certificates,
    )  # fmt: skip


def draw_outside(rng: Random) -> Pair:
    """Return a small network, an input, and any point with entries from -1 to 2."""
    pair = pairs.draw_small(rng)
    target = tuple(Fraction(rng.randint(-1, 2)) for _ in pair.target)
    return Pair(pair.network, pair.origin, target)


@theorem.without(
    "input of the box", Pair(THRESHOLD.network, vector([1]), vector([2])), draw_outside
)
def refute_outside(pair: Pair) -> Refutation | None:
    """Refute that there is a twin, for two classes: z_1 - z_2 is larger outside than in the box."""
    outside = [c for c in pair.target if not 0 <= c <= 1]
    cells = twin_norms.cells_in_1(pair.network, pair.origin, pair.target)
    if not outside or any(cell.size is not None for cell in cells):
        return None
    if pair.network.outputs != 2:
        return None
    highest, programs = largest_gap(pair)
    wanted = gaps(pair.network, pair.target)
    if gaps(pair.network, highest) >= wanted:
        return None
    return Refutation.of(
        r"No input of the box has the softmax output of $x'$: in no cell has the program a point.",
        Named("x^+", highest),
        step("$x'$ is outside of the box.",
             (computed(r"x'_k(1-x'_k)", "x * (1 - x)", x=outside[0]), "<", 0)),
        step(r"On the box $\varphi=z_1-z_2$ is largest at $x^+$, and there it is smaller than at "
             "$x'$.",
             (named_phi(r"\varphi(x^+)", gaps(pair.network, highest), pair.network, highest), "<",
              named_phi(r"\varphi(x')", wanted, pair.network, pair.target))),
        *(cell.program.certificate for cell in cells), *(p.certificate for p in programs),
    )  # fmt: skip


def largest_gap(pair: Pair) -> tuple[Vector, list[LinearProgramResult]]:
    """Return where z_1 - z_2 of two classes is largest on the box, and a program for each cell."""
    network = pair.network
    systems = twins.twins_by_cell(network, pair.target)
    programs = [
        linear_program(
            twins.gap_rows(network.affine_on(pattern)[0])[0], inequalities, maximize=True
        )
        for pattern, (inequalities, _) in zip(twins.patterns(network), systems, strict=True)
    ]
    points = [program.x for program in programs if program.x is not None]
    return max(points, key=lambda x: gaps(network, x)), programs


# Copies of two inputs with the logits 2 x_1 + x_2 and 1/2: the nearest twins are all different.
EXAMPLE = Pair(
    ReluNetwork.of([([[1, 0], [0, 1]], [0, 0]), ([[2, 1], [0, 0]], [0, "1/2"])]),
    vector([0, 0]),
    vector(["1/2", 1]),
)


def sharpness() -> Proof:
    """Attain both bounds in both norms, and show that the nearest twins differ."""
    x, target = EXAMPLE.origin, EXAMPLE.target
    one, two = near_1(EXAMPLE), near_2(EXAMPLE)
    radius = twins.nearest(EXAMPLE.network, x, target)
    copies = [copied(EXAMPLE, q) for q in functionals(EXAMPLE)]
    first, second = near_1(copies[0]), near_2(copies[1])
    q_1, q_2 = functionals(EXAMPLE)
    fold, folded = near_1(FOLD), gaps(FOLD.network, FOLD.target)
    return Proof.of(
        Named("x", x), Named("x'", target), Named("x^*_1", one.point), Named("x^*_2", two.point),
        Named(r"x^*_\infty", radius.point), Named("p_1", first.point), Named("p_2", second.point),
        Given("the fold", FOLD), Named("p_3", fold.point),
        step("For $2x_1+x_2$, $x=(0,0)$ and $x'=(1/2,1)$ the nearest twins of the three norms "
             "are different.",
             ([inner(rf"2x_1+x_2\text{{ at }}x^*_{{{p}}}", vector([2, 1]), point)
               for p, point in (("1", one.point), ("2", two.point), (r"\infty", radius.point))],
              "=", inner(r"2x'_1+x'_2", vector([2, 1]), target)),
             (length_1("|x^*_1|_1", one.point, x), "<", length_1("|x^*_2|_1", two.point, x)),
             (length_2("|x^*_2|_2^2", two.point, x), "<", length_2("|x^*_1|_2^2", one.point, x)),
             (greatest(r"|x^*_\infty|_\infty", radius.point), "<",
              greatest(r"|x^*_2|_\infty", two.point))),
        step(r"For $q\cdot\xi=\xi_1+\xi_2$, with the signs of $x'-x$ in $q$, a nearest twin $p_1$ "
             r"in the norm 1 is as far as $x'$; and with $u=q\cdot\xi$, up to a constant, and "
             r"$\Lambda_1=1$ that is the lower bound.",
             (Named(r"\varepsilon^*_1=|p_1-x|_1", first.size,
                    length_1("", first.point, x).numbers), "=", length_1("|x'-x|_1", target, x)),
             (computed(r"(u(x')-u(x))/\Lambda_1", "(b - a) / s", b=dot(q_1, target), a=dot(q_1, x),
                       s=max(map(abs, q_1))), "=", named(r"\varepsilon^*_1", first.size))),
        step(r"For $q=x'-x$ nothing is nearer than $x'$ in the norm 2, and that is the lower bound "
             r"with $\Lambda_2=|q|_2$: the squares.",
             (Named(r"(\varepsilon^*_2)^2=|p_2-x|_2^2", second.size,
                    length_2("", second.point, x).numbers), "=",
              length_2("|x'-x|_2^2", target, x)),
             (named("p_2", second.point), "=", named("x'", target)),
             (computed(r"(u(x')-u(x))^2/\Lambda_2^2", "(b - a)**2 / s", b=dot(q_2, target),
                       a=dot(q_2, x), s=dot(q_2, q_2)), "=",
              named(r"(\varepsilon^*_2)^2", second.size))),
        step("For the fold, with one input, where all norms are one, another twin $p_3$ is nearer "
             "than $x'$.",
             (named_phi(r"\varphi(p_3)", gaps(FOLD.network, fold.point), FOLD.network, fold.point),
              "=", named_phi(r"\varphi(x')", folded, FOLD.network, FOLD.target)),
             (length_1("|p_3-x|", fold.point, FOLD.origin), "<",
              length_1("|x'-x|", FOLD.target, FOLD.origin))),
        *one.certificates, *two.certificates, *radius.certificates,
        *first.certificates, *second.certificates, *fold.certificates,
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the identity behind the norm 2 for all numbers of inputs at once."""
    z, p, x = matrices("z p x", "n")
    yield identity(
        "What is not ahead of $p$ on the way to $x$ is no nearer to $x$ than $p$.",
        r"|z-x|^2=|z-p|^2+2(p-x)\cdot(z-p)+|p-x|^2",
        "all numbers of inputs", symmetric(z - x, z - x),
        symmetric(z - p, z - p) + 2 * symmetric(p - x, z - p) + symmetric(p - x, p - x),
    )  # fmt: skip


CLAIM = theorem(__name__, cases=pairs.CASES, draw=pairs.draw, sharp=SHARP)
