r"""Conjecture: Exact twins of any other input nearby

Printed: For most multi-layer non-linear mappings $g:\mathcal{X}\mapsto\mathcal{H}$ and
    non-"parallel" softmax layers $(W,b)$, for any data pair $(x,y)$ and $(x',y')$ where $y\neq y'$,
    there exists an imperceptible adversarial example $x^*$ with $\Vert x^*-x\Vert_p\leq\epsilon$
    for an imperceptible $\epsilon$ and $g(x^*)=g(x')+\theta d'$, where $\theta\in\mathbb{R}$ and
    $d'$ is an adversarial direction of class $y'$ in space $\mathcal{H}$.
    Refuted: Read for every network: a threshold on one input, where nothing but the same input
        gives the same output.
Statement: Let $d'$ stand for an adversarial direction or $0$. Some $x^*$ with $\Vert
    x^*-x\Vert_p\le\varepsilon$ and $g(x^*)=g(x')+\theta d'$ exists exactly when some $x^*$ with
    $\Vert x^*-x\Vert_p\le\varepsilon$ has exactly the softmax output of $x'$, that is
    $\varphi(x^*)=\varphi(x')$ for $\varphi=(z_1-z_m,\dots,z_{m-1}-z_m)$. For a ReLU network with
    rational weights on the unit box and rational $x$, $x'$ in it the least $\varepsilon$ in the
    maximum norm is a rational number $\varepsilon^*(x,x')\le|x-x'|_\infty$, the least value of
    finitely many linear programs.
Verdict: not a statement. As printed it is no statement: neither most nor imperceptible is defined.
    Read for all networks and a fixed $\varepsilon<|x-x'|_\infty$ it is false, on an open set of
    weights, since the least $|\varphi(x^*)-\varphi(x')|$ in a closed ball without twins is positive
    and moves continuously with the weights; read without a bound on $\varepsilon$ it is empty,
    since $x^*=x'$ will do.
Reading: An adversarial direction of class $y'$ is one of Definition 1, which depends on no class,
    or $0$. No reading gives most and imperceptible a meaning.
Needs non-parallel softmax layer: No two decision boundaries of the softmax layer are parallel.
    Without it: The exact form never uses it.
Needs different classes: $y\neq y'$.
    Without it: The exact form asks for the whole output of the other input, not for its class.
Sharp: $(u(x')-u(x))/\Lambda\le\varepsilon^*\le|x-x'|_\infty$, where $u=z_{y'}-z_y$ has the
    Lipschitz constant $\Lambda>0$ in the maximum norm. For every $x\neq x'$ a copy of the input,
    with a threshold between the two on the entry that differs most, attains both bounds; where a
    network folds the box, the second need not be attained.
    Rests on: written proof. $u(x')-u(x)=u(x^*)-u(x)\le\Lambda|x^*-x|_\infty$, and $x^*=x'$ is a
        twin. For the copy $u$ has $\Lambda=1$ and moves by $|x'-x|_\infty$; for the fold see below.
    Overstated: $\varepsilon^*=|x-x'|_\infty$ does not hold for every network: a fold.
Quantifier: for each network and pair: that the twin is one, and that a linear program for every
    sign pattern of the hidden units has no smaller value, is certified; that these programs
    describe the cells of the network is computed; no conclusion about most networks
Uses: zou-def-1, zou-thm-1
The idea: A *twin* of $x'$ near $x$ is an input that looks like $x$ and gets exactly the
    probabilities of $x'$. The conjecture hopes that such twins are near for most networks. As
    printed it has no truth value, since neither *most* nor *imperceptible* is defined. Its exact
    core does: for given $x$ and $x'$, how near is the nearest twin?
Why it is true: Equal probabilities mean equal differences of logits, so a twin solves
    $\varphi(x^*)=\varphi(x')$. A ReLU network is affine in each of its activation cells, so in each
    cell the nearest twin is a linear program. There are finitely many cells. The least of the
    optimal values is the answer, and it is rational.
Before you use it: $x'$ is its own twin, so a statement without a bound on the distance says
    nothing. A statement with a bound is false for some networks: if a difference of logits is an
    entry of the input and a constant, twins have that entry in common. What remains is a question
    about *your* network, and [the experiment](experiments.html#twins) answers it pair by pair, and
    radius by radius: a twin, exactly, or a certificate that no input of the ball is one, or neither
    in the time that there was. Such answers are about concrete networks: no number of them says
    anything of most. How near the nearest twin is depends on the norm, which the paper leaves open:
    here it is the maximum norm, and [another page](zou-conj-norms.html) has the norms 1 and 2.
"""

from fractions import Fraction
from itertools import pairwise
from random import Random

from certify import certificates
from certify.networks.relu import AffineLayer, ReluNetwork
from certify.numbers.rationals import Vector, combine, vector
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    computed,
    inner,
    least,
    multiples,
    named,
    step,
    theorem,
)
from verify.claims.zou2018.shared import twins
from verify.claims.zou2018.shared.twin_norms import length_infinity, named_phi
from verify.claims.zou2018.shared.twins import Nearest, distance, phi
from verify.drawing import layers, pairs
from verify.drawing.pairs import Pair


def draw_same_class(rng: Random) -> Pair:
    """Return a network and two inputs of the same class, or tied ones."""
    while True:
        pair = pairs.draw(rng, rng.choice(pairs.CASES))
        labels = {twins.label(pair.network, x) for x in (pair.origin, pair.target)}
        if len(labels) == 1:
            return pair


@theorem.not_needed("non-parallel softmax layer", pairs.draw_parallel)
@theorem.not_needed("different classes", draw_same_class)
def prove(pair: Pair) -> Proof:
    """Find the nearest twin cell by cell, and compare features, logits and distances exactly."""
    network, x, target = pair.network, pair.origin, pair.target
    found = nearest(pair)
    there, other = (twins.features(network, one) for one in (found.point, target))
    d = combine((1, there), (-1, other))
    rows = twins.gap_rows(network.layers[-1].weights)
    radius, units = named(r"\varepsilon^*", found.radius), [layer.units for layer in network.layers]
    twin = certificates.twin(network, x, found.point, target)
    return Proof.of(
        Named("x^*", found.point),
        Named("d'=g(x^*)-g(x')", d, multiples((1, there), (-1, other))),
        step(r"$g(x^*)=g(x')+d'$ with $(w_i-w_m)\cdot d'=0$ for every $i$: $d'$ is an adversarial "
             "direction, or $0$.",
             ([inner(rf"(w_{{{i}}}-w_m)\cdot d'", row, d) for i, row in enumerate(rows, 1)],
              "=", 0)),
        step(r"With $\varphi=(z_1-z_m,\dots,z_{m-1}-z_m)$ this says $\varphi(x^*)=\varphi(x')$: "
             "exactly equal softmax outputs.",
             (named_phi(r"\varphi(x^*)", gaps(network, found.point), network, found.point), "=",
              named_phi(r"\varphi(x')", gaps(network, target), network, target))),
        step(r"$x^*$ lies in the unit box, at the distance $\varepsilon^*=|x^*-x|_\infty$.",
             (length_infinity(r"|x^*-x|_\infty", found.point, x), "=", radius),
             (least(r"\min_k\min(x^*_k,1-x^*_k)", [t for c in found.point for t in (c, 1 - c)]),
              ">=", 0)),
        step(r"In each activation cell $\varphi$ is affine, and a linear program gives the least "
             "radius of a twin, or that there is none; the cells of all sign patterns cover the "
             rf"space, and none has a nearer twin: $x(\ldots)$ is the nearest of a cell. "
             rf"{twins.NAMES}",
             (named(r"\text{cells}", len(found.cells)), "=",
              computed(r"2^{\text{hidden units}}", "2**n", n=sum(units[:-1]))),
             *((one, ">=", radius) for one in by_cell(pair, found)),
             (twins.contradictions(network, target, found.cells), "<", 0)),
        step(r"$x'$ is its own twin, so $\varepsilon^*\le|x-x'|_\infty$.",
             (radius, "<=", Named(r"|x-x'|_\infty", reach(pair),
                                  length_infinity("", x, target).numbers))),
        twin, *found.certificates,
    )  # fmt: skip


def by_cell(pair: Pair, found: Nearest) -> list[Named]:
    """Return the least radius in each cell that has a twin, by name, with the twin.

    A cell is named by the signs of its hidden units.
    """
    cells = []
    for signs, cell in zip(twins.names(pair.network), found.cells, strict=False):
        if cell.x is None or cell.value is None:
            continue
        name = rf"\varepsilon({signs})=|x({signs})-x|_\infty"
        away = length_infinity(name, cell.x[:-1], pair.origin)
        cells.append(Named(name, cell.value, away.numbers))
    return cells


def nearest(pair: Pair) -> Nearest:
    """Return the nearest twin of x' around x."""
    return twins.nearest(pair.network, pair.origin, pair.target)


def gaps(network: ReluNetwork, x: Vector) -> Vector:
    """Return phi(x)."""
    return phi(network.values(x))


def reach(pair: Pair) -> Fraction:
    """Return |x - x'|."""
    return distance(pair.origin, pair.target)


# A hidden layer that is the identity on the box, one input, and a threshold at one half.
THRESHOLD = Pair(
    ReluNetwork.of([([[1], [0], [0]], [0, 0, 0]), ([[1, 0, 0], [0, 0, 0]], [0, "1/2"])]),
    vector([1]),
    vector([0]),
)
IDENTITY = Pair(
    ReluNetwork.of(
        [([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 0, 0]), ([[1, 0, 0], [0, 0, 0]], [0, "1/2"])]
    ),
    vector([1, 0, 0]),
    vector([0, 0, 0]),
)
# g(x) = |x - 1/2|: 0 and 1 are twins.
FOLD = Pair(
    ReluNetwork.of([([[1], [-1]], ["-1/2", "1/2"]), ([[1, 1], [0, 0]], [0, "1/4"])]),
    vector(["3/8"]),
    vector([1]),
)


@theorem.as_printed(THRESHOLD, pairs.draw_small)
def refute_every_network(pair: Pair) -> Refutation | None:
    """Refute "for every network": x and x' have different classes and no twin is nearer than x'.

    The softmax layer has two classes and more features, so it is not parallel.
    """
    network = pair.network
    l, m = network.layers[-1].inputs, network.outputs
    labels = [twins.label(network, x) for x in (pair.origin, pair.target)]
    if l <= m or m != 2 or None in labels or labels[0] == labels[1]:
        return None
    found = nearest(pair)
    if found.radius < reach(pair):
        return None
    values = [gaps(network, x)[0] for x in (pair.origin, pair.target)]
    return Refutation.of(
        r"The classes differ, and no input nearer to $x$ than $x'$ itself has the softmax output "
        r"of $x'$: for this network the conjecture fails for every $\varepsilon<|x-x'|_\infty$, "
        "and with it for every network near it, for slightly smaller radii.",
        step("The classes are different: the difference of logits changes sign.",
             (computed(r"(z_1-z_2)(x)\,(z_1-z_2)(x')", "a * b", a=values[0], b=values[1]), "<", 0)),
        step(r"In every activation cell the nearest twin $x(\ldots)$ is at least as far as the "
             rf"other point. {twins.NAMES}",
             *((one, ">=", length_infinity(r"|x-x'|_\infty", pair.origin, pair.target))
               for one in by_cell(pair, found)),
             (twins.contradictions(network, pair.target, found.cells), "<", 0)),
        *found.certificates,
    )  # fmt: skip


def sharpness() -> Proof:
    """Attain the bound |x - x'|, a Lipschitz bound, and a twin far nearer than x'."""
    found = {name: nearest(pair) for name, pair in (("id", IDENTITY), ("fold", FOLD))}
    network = IDENTITY.network
    before, after = (gaps(network, x)[0] for x in (IDENTITY.origin, IDENTITY.target))
    # The difference of logits is x_1 - 1/2: it moves by at most 1 times the l_inf distance.
    radius = named(r"\varepsilon^*", found["id"].radius)
    slope = sum(map(abs, twins.gap_rows(network.layers[-1].weights)[0]), Fraction(0))
    return Proof.of(
        Given("the identity", IDENTITY), Given("the fold of step 3", FOLD),
        step(r"For the identity on three features $\varepsilon^*=|x-x'|_\infty=1$: the bound "
             "is attained: equal outputs ask for $x^*_1=x'_1$, which is $1$ away.",
             (radius, "=", length_infinity(r"|x-x'|_\infty", IDENTITY.origin, IDENTITY.target))),
        step(r"There the Lipschitz bound $(u(x')-u(x))/\Lambda\le\varepsilon^*$ for "
             r"$u=z_{y'}-z_y$ is attained too.",
             (computed(r"(u(x')-u(x))/\Lambda", "(b - a) / s", b=-after, a=-before, s=slope),
              "=", radius)),
        step(r"For the fold, $z_1(x)=|x-\frac12|$, with $x=3/8$ and $x'=1$ the twin $0$ has "
             r"$\varepsilon^*=3/8$, and $x'$ is at distance $5/8$.",
             (computed(r"z_1(0)=|0-\frac12|", "0 - (a - 1 / 2)", a=found["fold"].point[0]), "=",
              computed(r"z_1(1)=|1-\frac12|", "a - 1 / 2", a=FOLD.target[0])),
             (computed(r"|x-0|", "x - a", x=FOLD.origin[0], a=found["fold"].point[0]), "=",
              named(r"\varepsilon^*", found["fold"].radius)),
             (computed(r"|x'-x|", "b - x", b=FOLD.target[0], x=FOLD.origin[0]), ">",
              named(r"\varepsilon^*", found["fold"].radius))),
        step(r"With $\varepsilon=|x-x'|_\infty$ allowed there is nothing to show: $x^*=x'$. So for "
             "the identity.",
             (length_infinity(r"|x^*-x|_\infty", IDENTITY.target, IDENTITY.origin), "=",
              named(r"|x'-x|_\infty", reach(IDENTITY)))),
        *(certificates.twin(p.network, p.origin, found[name].point, p.target)
          for name, p in (("id", IDENTITY), ("fold", FOLD))),
        certificates.twin(network, IDENTITY.origin, IDENTITY.target, IDENTITY.target),
        *found["id"].certificates, *found["fold"].certificates,
    )  # fmt: skip


EXAMPLE = FOLD


# The bounds on the distance of a twin, decided for networks on one input by breakpoints.
NEARER, NONE_NEARER = "a twin nearer than x'", "nothing nearer than x'"


def draw_line(rng: Random, case: str) -> Pair:
    """Return a network on one input with up to three hidden units, and two inputs in [0, 1]."""
    while True:
        units, m = rng.randint(2, 3), rng.randint(2, 3)
        slopes = [Fraction(rng.choice((-2, -1, 1, 2))) for _ in range(units)]
        bends = [-w * Fraction(rng.randint(0, 6), 6) for w in slopes]
        last = tuple(layers.small_vector(rng, units) for _ in range(m))
        network = ReluNetwork((
            AffineLayer(tuple((w,) for w in slopes), tuple(bends)),
            AffineLayer(last, layers.small_vector(rng, m)),
        ))  # fmt: skip
        pair = Pair(network, pairs.point(rng, 1), pairs.point(rng, 1))
        if (least_by_pieces(pair) < distance(pair.origin, pair.target)) == (case == NEARER):
            return pair


def breakpoints(network: ReluNetwork) -> list[Fraction]:
    """Return 0, 1, and the inputs between at which a hidden unit turns."""
    first = network.layers[0]
    turns = {-b / w for (w,), b in zip(first.weights, first.biases, strict=True) if w}
    return sorted({Fraction(0), Fraction(1), *(t for t in turns if 0 < t < 1)})


def least_by_pieces(pair: Pair) -> Fraction:
    """Return the distance of the nearest twin: one equation for each difference and each piece."""
    network, (origin,), wanted = pair.network, pair.origin, gaps(pair.network, pair.target)
    found = []
    for a, b in pairwise(breakpoints(network)):
        low, high = a, b
        for start, end, goal in zip(gaps(network, (a,)), gaps(network, (b,)), wanted, strict=True):
            if start != end:
                x = a + (goal - start) / (end - start) * (b - a)
                low, high = max(low, x), min(high, x)
            elif start != goal:
                high = low - 1
        if low <= high:
            found.append(abs(min(max(origin, low), high) - origin))
    return min(found)


def steepest(network: ReluNetwork, i: int, j: int) -> Fraction:
    """Return the least Lipschitz constant of z_i - z_j on [0, 1]."""

    def u(x: Fraction) -> Fraction:
        z = network.values((x,))
        return z[i] - z[j]

    return max(abs(u(b) - u(a)) / (b - a) for a, b in pairwise(breakpoints(network)))


def copied(pair: Pair) -> Pair:
    """Return the same inputs with the network that copies them, and a threshold between them."""
    middle = (pair.origin[0] + pair.target[0]) / 2
    network = ReluNetwork.of([([[1]], [0]), ([[1], [0]], [0, middle])])
    return Pair(network, pair.origin, pair.target)


def in_plane(pair: Pair) -> Pair:
    """Return the same as :func:`copied` for inputs that differ half as much in a second entry."""
    middle = (pair.origin[0] + pair.target[0]) / 2
    network = ReluNetwork.of([([[1, 0], [0, 1]], [0, 0]), ([[1, 0], [0, 0]], [0, middle])])
    origin, target = ((x, x / 2) for (x,) in (pair.origin, pair.target))
    return Pair(network, origin, target)


def rise(pair: Pair) -> tuple[Fraction, Fraction]:
    """Return u(x') - u(x) for u = z_y' - z_y with the classes of both, and its Lipschitz constant.

    On a tie the lowest class counts.
    """
    before, after = pair.network.values(pair.origin), pair.network.values(pair.target)
    i, j = after.index(max(after)), before.index(max(before))
    return (after[i] - after[j]) - (before[i] - before[j]), steepest(pair.network, i, j)


@theorem.sharp((NEARER, NONE_NEARER), draw_line)
def decide(pair: Pair) -> Proof:
    """Compare the least radius over all cells with that by breakpoints, and with both bounds."""
    network, reach = pair.network, distance(pair.origin, pair.target)
    plain, plane = copied(pair), in_plane(pair)
    found, straight, wide = map(nearest, (pair, plain, plane))
    turn = gaps(plane.network, plane.target)[0]
    (gain, slope), (copied_gain, copied_slope) = rise(pair), rise(plain)
    twin = certificates.twin(network, pair.origin, found.point, pair.target)
    proofs = (*found.certificates, *straight.certificates, *wide.certificates)
    return Proof.of(
        step(r"$\varepsilon^*$ by a linear program for each cell is the one by the breakpoints.",
             (found.radius, "=", least_by_pieces(pair))),
        step(r"$u(x')-u(x)\le\Lambda\varepsilon^*$ and $\varepsilon^*\le|x-x'|_\infty$.",
             (gain, "<=", slope * found.radius), (found.radius, "<=", reach)),
        step("For a copy of the input, with a threshold between the two, both are equations.",
             (straight.radius, "=", reach), (copied_gain, "=", copied_slope * straight.radius)),
        step(r"So they are with two inputs, the threshold on the entry that differs most, where "
             r"$u$ moves from $-u(x')$ to $u(x')$ and $\Lambda=1$.",
             (wide.radius, "=", reach), (2 * abs(turn), "=", wide.radius)),
        twin, *proofs,
    )  # fmt: skip


@theorem.overstated(FOLD, pairs.draw_small)
def refute_nothing_nearer(pair: Pair) -> Refutation | None:
    """Refute that the nearest twin is always x' itself."""
    reach = distance(pair.origin, pair.target)
    found = nearest(pair)
    if found.radius >= reach:
        return None
    return Refutation.of(
        r"Another input with the output of $x'$ is nearer to $x$ than $x'$.",
        Named("x^*", found.point),
        step("Both have one output.",
             (named_phi(r"\varphi(x^*)", gaps(pair.network, found.point), pair.network,
                        found.point), "=",
              named_phi(r"\varphi(x')", gaps(pair.network, pair.target), pair.network,
                        pair.target))),
        step("The distances.",
             (length_infinity(r"|x^*-x|_\infty", found.point, pair.origin), "<",
              length_infinity(r"|x'-x|_\infty", pair.target, pair.origin))),
        certificates.twin(pair.network, pair.origin, found.point, pair.target),
    )  # fmt: skip


CLAIM = theorem(__name__, cases=pairs.CASES, draw=pairs.draw)
