"""The bounds on the distance of a twin, decided for networks on one input by breakpoints."""

from fractions import Fraction
from itertools import pairwise
from random import Random

from certify import certificates
from certify.networks.relu import AffineLayer, ReluNetwork
from certify.numbers.rationals import Vector, vector
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.zou2018.shared import twins
from verify.claims.zou2018.shared.twins import distance
from verify.drawing import layers, pairs
from verify.drawing.pairs import Pair

NEARER, NONE_NEARER = "a twin nearer than x'", "nothing nearer than x'"

# g(x) = |x - 1/2|: 0 and 1 are twins.
FOLD = Pair(
    ReluNetwork.of([([[1], [-1]], ["-1/2", "1/2"]), ([[1, 1], [0, 0]], [0, "1/4"])]),
    vector(["3/8"]),
    vector([1]),
)


def draw(rng: Random, case: str) -> Pair:
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


def phi(network: ReluNetwork, x: Fraction) -> Vector:
    """Return the differences of logits at x."""
    return twins.phi(network.values((x,)))


def breakpoints(network: ReluNetwork) -> list[Fraction]:
    """Return 0, 1, and the inputs between at which a hidden unit turns."""
    first = network.layers[0]
    turns = {-b / w for (w,), b in zip(first.weights, first.biases, strict=True) if w}
    return sorted({Fraction(0), Fraction(1), *(t for t in turns if 0 < t < 1)})


def least_by_pieces(pair: Pair) -> Fraction:
    """Return the distance of the nearest twin: one equation for each difference and each piece."""
    network, (origin,), wanted = pair.network, pair.origin, phi(pair.network, pair.target[0])
    found = []
    for a, b in pairwise(breakpoints(network)):
        low, high = a, b
        for start, end, goal in zip(phi(network, a), phi(network, b), wanted, strict=True):
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


def decide(pair: Pair) -> Proof:
    """Compare the least radius over all cells with that by breakpoints, and with both bounds."""
    network, reach = pair.network, distance(pair.origin, pair.target)
    plain, plane = copied(pair), in_plane(pair)
    found, straight, wide = (
        twins.nearest(p.network, p.origin, p.target) for p in (pair, plain, plane)
    )
    turn = twins.phi(plane.network.values(plane.target))[0]
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


def refute_nothing_nearer(pair: Pair) -> Refutation | None:
    """Refute that the nearest twin is always x' itself."""
    reach = distance(pair.origin, pair.target)
    found = twins.nearest(pair.network, pair.origin, pair.target)
    if found.radius >= reach:
        return None
    return Refutation.of(
        r"Another input with the output of $x'$ is nearer to $x$ than $x'$.",
        step("The distances.", (found.radius, "<", reach)),
        certificates.twin(pair.network, pair.origin, found.point, pair.target),
    )


BOUNDS = SharpForm((NEARER, NONE_NEARER), draw, decide, Counterexample(
    r"$\varepsilon^*=|x-x'|_\infty$ does not hold for every network: a fold.",
    FOLD, refute_nothing_nearer, pairs.draw_small,
))  # fmt: skip
