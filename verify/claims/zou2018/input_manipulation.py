r"""After Definition 1: From directions of features to manipulated inputs

Printed: Such directions are adversarial in that no output difference could be observed with input
    manipulation to any degree along them, which opens a wide range in $\mathcal{H}$ for potential
    adversarial examples.
Statement: Let $g$ map the inputs onto $\mathbb{R}^l$ and $d$ be an adversarial direction. For every
    input $x$ and every $\theta$ some input $x^*$ has $g(x^*)=g(x)+\theta d$, and with it exactly
    the softmax output of $x$.
Verdict: true after repair. The directions are directions of features, and inputs can follow them
    as far as the features that inputs have reach: if $g$ is onto, to any degree; else perhaps not
    at all.
Reading: An input is manipulated along $d$ to the degree $\theta$ when its features move from $h$ to
    $h+\theta d$.
Needs onto: $g$ maps the inputs onto $\mathbb{R}^l$.
    Without it: With $g(x)=(x,0)$ and logits $h_1$ and $0$ the only directions are the multiples of
        $(0,1)$, and no input but $x$ itself has features on $g(x)+\theta(0,1)$.
Needs adversarial direction: $(w_i-w_m)\cdot d=0$ for all classes.
    Without it: Along another direction the output changes.
Sharp: For $g(x)=Gx+c$ with $n$ entries in $x$ an input follows $d$, to any degree, exactly when $d$
    is in the image of $G$. The perturbations of $x$ that change no output form the space
    $\{\delta:(w_i-w_m)\cdot G\delta=0\ \mathrm{for\ all}\ i\}$ of dimension $n-r\ge n-m+1$, where
    $r$ is the rank of the rows $(w_i-w_m)^\top G$: for $n\ge m$ there are some that are not $0$,
    whatever $G$ and $l$ are.
    Rests on: written proof. $g(x+\delta)-g(x)=G\delta$ is $\theta d$ for some $\delta$ exactly when
        $d$ is in the image of $G$. By Definition 1 the output stays exactly when $(w_i-w_m)\cdot
        G\delta=0$ for $i<m$, and $m-1$ equations leave at least $n-m+1$ dimensions.
    Overstated: $g$ need not be onto: $g(x)=(0,x)$ follows $(0,1)$ and is not.
Quantifier: for all degrees at once, by one solution $\delta$ of $G\delta=d$; on sampled linear maps
    $g(x)=Gx$
Uses: zou-def-1
The idea: The softmax layer cannot see some directions of its features. Whether you can move inputs
    that way is a question about the layers before it.
Why it is true: If every vector of features is that of some input, then so is $g(x)+\theta d$. Its
    logits are those of $x$ plus a constant.
Before you use it: Networks are rarely onto: behind a ReLU no feature is negative, and images fill a
    bounded set. Whether there is an input *near* $x$ with the output of $x'$ is [the
    conjecture](zou-conj.html), and [the experiment](experiments.html#twins) asks it pair by pair,
    and decides it for most. And inputs that are moved without any effect need not use these
    directions: what the layers before do not see, they do not pass on.
"""

from fractions import Fraction
from random import Random

from certify import invariant_directions, null_space, rank, solve
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, dot, rows, vector
from verify.claims.language import (
    Given,
    Proof,
    Refutation,
    Symbolic,
    identity,
    matrices,
    multiples,
    rank_of,
    step,
    theorem,
    told,
)
from verify.claims.relation import Named, computed, inner, mixture, named
from verify.claims.zou2018.shared import regions
from verify.drawing import heads, layers, numbers, small
from verify.objects import SoftmaxHead

MORE, SQUARE = "more inputs than features", "as many inputs as features"
CASES = (MORE, SQUARE)


def draw(rng: Random, case: str) -> tuple[SoftmaxHead, Rows, Vector, Vector, Fraction]:
    """Return a head with a direction, a map onto its features, an input and a degree."""
    head = heads.head_with_directions(rng, rng.choice(heads.CASES))
    space = invariant_directions(head.weights).basis
    l = head.features
    n = l + (rng.randint(1, 3) if case == MORE else 0)
    while True:
        G = numbers.vectors(rng, l, n)
        if rank(G).value == l:
            break
    direction = combine(*((numbers.positive(rng), d) for d in space))
    return head, G, numbers.vector(rng, n), direction, numbers.number(rng)


def image(G: Rows, x: Vector) -> Vector:
    """Return G x for the rows of G."""
    return tuple(dot(row, x) for row in G)


def prove(
    head: SoftmaxHead, mapping: Rows, point: Vector, direction: Vector, degree: Fraction
) -> Proof:
    """Solve for the change of the input, and compare features and logits."""
    regions.require_two_classes(head)
    G, x, d = mapping, point, direction
    answer = solve(G, d)
    delta = answer.solution or (Fraction(0),) * len(x)
    moved = combine((1, x), (degree, delta))
    shift = [dot(head.class_weights(i), d) for i in range(head.classes)]
    kappa = named(r"\kappa", shift[-1])
    before, after = head.logits(image(G, x)), head.logits(image(G, moved))
    return Proof.of(
        Named(r"\delta", delta), Named("x^*=x+\\theta\\delta", moved), Named("g(x)", image(G, x)),
        step(r"$d$ is an adversarial direction: $w_i\cdot d=\kappa$ for every class.",
             ([inner(f"w_{i}\\cdot d", head.class_weights(i - 1), d)
               for i in range(1, head.classes + 1)], "=", kappa)),
        step(r"$G$ is onto, so $G\delta=d$ has a solution.",
             (Named(r"G\delta", image(G, delta),
                    multiples(*zip(delta, zip(*G, strict=True), strict=True))), "=",
              named("d", d))),
        step(r"So the features of $x^*$ are $g(x)+\theta d$.",
             (named("g(x^*)", image(G, moved)), "=",
              mixture(r"g(x)+\theta d", (1, image(G, x)), (degree, d)))),
        step(r"Its logits are those of $x$ plus $\theta\kappa$: the same softmax output.",
             (named("z(x^*)", after), "=",
              mixture(r"z(x)+\theta\kappa\mathbf{1}", (1, before),
                      (degree * shift[-1], (Fraction(1),) * head.classes)))),
        answer.certificate, _arithmetic(before, after, degree * shift[-1]),
    )  # fmt: skip


def _arithmetic(before: Vector, after: Vector, shift: Fraction) -> Certificate:
    names: dict[str, Fraction | int] = {"shift": shift}
    for i, (z, t) in enumerate(zip(before, after, strict=True), 1):
        names |= {f"before{i}": z, f"after{i}": t}
    return facts.arithmetic(
        names, [(f"after{i}", "=", ["+", f"before{i}", "shift"]) for i in range(1, len(before) + 1)]
    )


# The logits h_1 and 0: the directions are the multiples of (0, 1).
FIRST = SoftmaxHead.of([[1, 0], [0, 0]], [0, 0])
EXAMPLE = (FIRST, rows([[1, 1], [1, 2]]), vector([1, 0]), vector([0, 1]), Fraction(3))


def draw_small(rng: Random) -> tuple[SoftmaxHead, Rows, Vector, Vector]:
    """Return a small layer of two features, a map from one input, an input and a direction."""
    head = layers.small_head(rng, 2, 2)
    return head, tuple(small.vector(rng, 1, 1) for _ in range(2)), small.vector(rng, 1), (
        small.vector(rng, 2, 1)
    )  # fmt: skip


def _is_direction(head: SoftmaxHead, d: Vector) -> bool:
    return any(d) and not any(dot(row, d) for row in regions.differences(head))


@theorem.without("onto", (FIRST, rows([[1], [0]]), vector([1]), vector([0, 1])), draw_small)
def refute_onto(
    head: SoftmaxHead, mapping: Rows, point: Vector, direction: Vector
) -> Refutation | None:
    """Refute when no input has the features g(x) + d."""
    answer = solve(mapping, direction)
    y = answer.contradiction
    if not _is_direction(head, direction) or y is None:
        return None
    columns = tuple(zip(*mapping, strict=True))
    return Refutation.of(
        r"The direction changes no output, and no input has the features $g(x)+\theta d$ for a "
        r"$\theta\neq0$: a product with $y$ is $\theta$ there and $0$ on features of inputs.",
        Named("y", y),
        step("It is an adversarial direction.",
             ([inner(r"(w_i-w_m)\cdot d", row, direction) for row in regions.differences(head)],
              "=", 0)),
        step(r"Some $y$ vanishes on the image of $G$ and not on $d$.",
             ([inner(r"y\cdot G_#", y, column) for column in columns], "=", 0),
             (inner(r"y\cdot d", y, direction), "=", 1)),
        answer.certificate,
    )  # fmt: skip


def draw_onto(rng: Random) -> tuple[SoftmaxHead, Rows, Vector, Vector]:
    """Return a small layer, a map from as many inputs as features, an input and a direction."""
    l = rng.randint(1, 2)
    mapping = tuple(small.vector(rng, l, 1) for _ in range(l))
    return layers.small_head(rng, l, 2), mapping, small.vector(rng, l), small.vector(rng, l, 1)


@theorem.without(
    "adversarial direction",
    (SoftmaxHead.of([[1, 0]], [0, 0]), rows([[1]]), vector([1]), vector([1])),
    draw_onto,
)
def refute_direction(
    head: SoftmaxHead, mapping: Rows, point: Vector, direction: Vector
) -> Refutation | None:
    """Refute when the map is onto and a difference of logits changes along the direction."""
    answer, r = solve(mapping, direction), rank(mapping)
    gaps = [dot(row, direction) for row in regions.differences(head)]
    if r.value < head.features or not any(gaps):
        return None
    return Refutation.of(
        "The map is onto, so inputs follow the direction, and their outputs change.",
        step("$G$ is onto: its rank is the number of features.",
             (rank_of(r"\mathrm{rank}\,G", r.value, mapping), "=", named("l", head.features))),
        step("A difference of logits changes.",
             (inner(r"(w_1-w_m)\cdot d", regions.differences(head)[0], direction), "!=", 0)),
        r.certificate, answer.certificate,
    )  # fmt: skip


# The sharp form, for affine maps: which directions inputs follow, and how many change nothing.
FOLLOWED, MISSED, ANY = "direction in the image", "image of smaller rank", "any map"


def draw_map(rng: Random, case: str) -> tuple[SoftmaxHead, Rows, Vector]:
    """Return a head, a map from any number of inputs, and a direction of the head."""
    head = heads.head_with_directions(rng, rng.choice((heads.WIDE, heads.DEPENDENT)))
    l, n = head.features, rng.randint(1, 5)
    d = rng.choice(invariant_directions(head.weights).basis)
    if case == MISSED:  # columns that are multiples of one
        u, factors = numbers.nonzero_vector(rng, l), numbers.vector(rng, n)
        return head, tuple(combine((a, factors)) for a in u), d
    G = numbers.vectors(rng, l, n)
    if case == FOLLOWED:
        G = tuple((*row[1:], entry) for row, entry in zip(G, d, strict=True))
    return head, G, d


@theorem.sharp((FOLLOWED, MISSED, ANY), draw_map)
def decide(head: SoftmaxHead, mapping: Rows, direction: Vector) -> Proof:
    """Compare a solution with the ranks, and the perturbations without effect with their number."""
    answer = solve(mapping, direction)
    wider = tuple((*row, entry) for row, entry in zip(mapping, direction, strict=True))
    plain, more = rank(mapping), rank(wider)
    columns = tuple(zip(*mapping, strict=True))
    seen = tuple(image(columns, row) for row in regions.differences(head))
    space, r, n = null_space(seen), rank(seen), len(columns)
    return Proof.of(
        step(r"An input follows $d$ exactly when $d$ adds nothing to the rank of $G$.",
             (int(answer.solution is not None), "=", int(plain.value == more.value))),
        step(r"The perturbations without effect have the dimension "
             r"$n-\mathrm{rank}\ge n-m+1$, and change no difference of logits.",
             (space.dimension, "=", n - r.value), (space.dimension, ">=", n - head.classes + 1),
             *((dot(row, image(mapping, delta)), "=", 0)
               for row in regions.differences(head) for delta in space.basis)),
        answer.certificate, plain.certificate, more.certificate, space.certificate,
    )  # fmt: skip


@theorem.overstated((FIRST, rows([[0], [1]]), vector([0]), vector([0, 1])), draw_small)
def refute_only_onto(
    head: SoftmaxHead, mapping: Rows, point: Vector, direction: Vector
) -> Refutation | None:
    """Refute that only a map onto all features can be followed."""
    answer = solve(mapping, direction)
    r = rank(mapping)
    if not _is_direction(head, direction) or answer.solution is None or r.value == head.features:
        return None
    return Refutation.of(
        "The map is not onto, and inputs follow the direction to any degree.",
        step("Its rank is less than the number of features.",
             (rank_of(r"\mathrm{rank}\,G", r.value, mapping), "<", named("l", head.features))),
        answer.certificate, r.certificate,
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate a map that is not onto and follows, one that does not, and a square one."""
    maps = (rows([[0], [1]]), rows([[1], [0]]))
    d, one = vector([0, 1]), vector([1])
    answers = [solve(G, d) for G in maps]
    head, G = FIRST, rows([[1, 1], [1, 2]])
    seen = tuple(image(tuple(zip(*G, strict=True)), row) for row in regions.differences(head))
    space = null_space(seen)
    return Proof.of(
        Named("d", d), Named("G_1", image(maps[0], one)), Named("G_2", image(maps[1], one)),
        Given("layer of step 2", head), Named(r"\text{first row of }G", G[0]),
        Named(r"\text{second row of }G", G[1]), Named(r"\delta", space.basis[0]),
        step("$(0,1)$ is in the image of $x\\mapsto G_1x=(0,x)$ and not in that of "
             "$x\\mapsto G_2x=(x,0)$, whose second entry is $0$.",
             (mixture(r"1\cdot G_1", (1, image(maps[0], one))), "=", named("d", d)),
             (named(r"d_2", d[1]), "!=", told(r"(xG_2)_2", maps[1][1][0], r"x\cdot 0"))),
        step("With two inputs and two classes a line of perturbations changes no output.",
             (named(r"\dim", space.dimension), "=", computed("n-m+1", "n - m + 1", n=2, m=2)),
             (inner(r"(w_1-w_2)\cdot G\delta", seen[0], space.basis[0]), "=", 0)),
        *(a.certificate for a in answers), space.certificate,
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that the features move as they should, for all affine maps of all sizes."""
    (G,), (x, delta), (theta,) = matrices("G", "l", "n"), matrices("x delta", "n"), matrices("t")
    yield identity(
        "The features move by the degree times the image of the change.",
        r"G(x+\theta\delta)=Gx+\theta\,G\delta",
        "all numbers of inputs and features",
        G * (x + delta * theta), G * x + G * delta * theta,
    )  # fmt: skip


CLAIM = theorem(__name__)
