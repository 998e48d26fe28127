r"""After Definition 1, and Figure 1: More features than classes in popular networks

Printed: We further assume $l>m$, which is the case in almost all top-performing neural networks on
    ImageNet (Krizhevsky et al., 2012; Simonyan & Zisserman, 2015; Szegedy et al., 2016; He et al.,
    2016) with $l=4096$ (or $l=2048$) and $m=1000$ for the 1000 classes. [Figure 1:] We show that in
    popular architectures, $l>m$ and all decision regions extend to $\infty$.
    Refuted: ResNet-18 and ResNet-34, of the last of the four papers, have $l=512$ and $m=1000$.
Statement: Of the networks of the four papers AlexNet and VGG have $l=4096$, Inception-v3
    $l=320+768+768+192=2048$ and ResNet-50, 101 and 152 have $l=4\cdot512=2048$, all with $m=1000$.
    So $l>m$, and at least $l-m+1\geq1049$ dimensions of adversarial directions.
Verdict: true after repair. It is true of the best networks of each paper, and not of all popular
    architectures in them: ResNet-18 and ResNet-34 have about half as many features as classes.
Reading: The popular architectures are those of the papers cited; $l$ is the width of the layer
    before the softmax layer as these describe it.
Needs best network: The network is one of the widest of its paper.
    Without it: ResNet-18 has 512 features.
Sharp: That a layer of $l$ features and $m$ classes has an adversarial direction follows from $l$
    and $m$ exactly when $l\geq m$. With $l=512$ and $m=1000$ nothing follows: almost every layer of
    that shape has none, and some of its regions may be bounded.
    Rests on: Coq in part thm_1, unbounded_few_features. For $l<m$ the layer
        $e_1,\dots,e_l,0,\dots,0$ has no direction, so the minors of the differences are polynomials
        that are not all 0, and almost every layer has none.
    Overstated: With $l<m$ there may be directions all the same: two features and three classes with
        weights on a line.
Quantifier: the widths are those of the papers, which no certificate can check; that they exceed the
    number of classes is certified, and the shapes are decided on drawn layers
Uses: zou-thm-1, zou-unbounded
The idea: Are there more features than classes in the networks that people use? Mostly.
Why it is true: Count the channels of the last layer before the classes. A bottleneck of ResNet has
    four times as many as a basic block, which is why the deeper ones have 2048 and the others 512.
Before you use it: Count for your own network, before you speak of its directions: language models
    have tens of thousands of classes and a few thousand features. [The
    experiment](experiments.html#softmax-heads) decides for a trained layer how many dimensions
    there are, and `certify.invariant_dimension` does for yours.
"""

from fractions import Fraction
from random import Random

from certify import invariant_directions
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from verify.claims.language import Given, Proof, Refutation, step, theorem
from verify.claims.relation import computed, named, total
from verify.claims.zou2018.shared import regions
from verify.claims.zou2018.sharp.directions import unit_layer
from verify.drawing import layers
from verify.objects import SoftmaxHead

# The channels before the softmax layer, as the papers have them.
ALEXNET, VGG, RESNET_50 = (4096,), (4096,), (512,) * 4
INCEPTION = (320, 768, 768, 192)
RESNET_18 = (512,)
CLASSES = 1000
WIDE = {"AlexNet, VGG": ALEXNET, "Inception-v3": INCEPTION, "ResNet-50, 101, 152": RESNET_50}
FEWER = "one of these for fewer classes"
CASES = (*WIDE, FEWER)


def draw(rng: Random, case: str) -> tuple[tuple[int, ...], int]:
    """Return the channels of a network of the named case and its number of classes."""
    if case in WIDE:
        return WIDE[case], CLASSES
    return rng.choice(list(WIDE.values())), rng.randint(2, CLASSES)


def prove(channels: tuple[int, ...], classes: int) -> Proof:
    """Add the channels up, and compare with the number of classes."""
    l, m = sum(channels), classes
    return Proof.of(
        named("m", m),
        step("The channels before the softmax layer add up to the number of features.",
             (total(r"\text{channels}", channels), "=", named("l", l))),
        step("It is more than the number $m$ of classes.", (named("l", l), ">", named("m", m))),
        step(r"So $D$ has at least $l-m+1\ge2$ dimensions, by the sharp form of Theorem 1.",
             (computed("l-m+1", "l - m + 1", l=l, m=m), ">=", 2)),
        _counted(channels, m),
    )  # fmt: skip


def _counted(channels: tuple[int, ...], classes: int) -> Certificate:
    """Certify the width, and on which side of the number of classes it is."""
    width = sum(channels)
    names: dict[str, Fraction | int] = {"width": width, "classes": classes}
    names |= {f"part{i}": n for i, n in enumerate(channels, 1)}
    added = ["+", *(f"part{i}" for i in range(1, len(channels) + 1))]
    low, high = ("classes", "width") if classes < width else ("width", "classes")
    gap = (["-", high, low], "=", str(abs(width - classes)))
    return facts.arithmetic(names, [("width", "=", added), (low, "<", high), gap])


EXAMPLE = (RESNET_50, CLASSES)


def draw_cited(rng: Random) -> tuple[tuple[int, ...], int]:
    """Return any network of the four papers."""
    return rng.choice([*WIDE.values(), RESNET_18]), CLASSES


def refute_narrow(channels: tuple[int, ...], classes: int) -> Refutation | None:
    """Refute for a network with fewer features than classes."""
    if sum(channels) >= classes:
        return None
    return Refutation.of(
        "The network has fewer features than classes.",
        named("l", sum(channels)),
        named("m", classes),
        step("Features and classes.", (total("l", channels), "<", named("m", classes))),
        _counted(channels, classes),
    )


theorem.as_printed((RESNET_18, CLASSES), draw_cited)(refute_narrow)


@theorem.without("best network", (RESNET_18, CLASSES), draw_cited)
def refute_other(channels: tuple[int, ...], classes: int) -> Refutation | None:
    """Refute for a network of one of the papers that is not among its widest."""
    return refute_narrow(channels, classes)


NO_FEWER, JUST, FAR = "as many features or more", "one fewer", "two fewer or more"


def draw_layer(rng: Random, case: str) -> SoftmaxHead:
    """Return a layer whose numbers of features and classes compare as named."""
    m = rng.randint(2, 5)
    if case == FAR:
        m = max(m, 3)
    smallest, largest = {NO_FEWER: (m, m + 2), JUST: (m - 1, m - 1), FAR: (1, m - 2)}[case]
    return layers.small_head(rng, rng.randint(smallest, largest), m)


@theorem.sharp((NO_FEWER, JUST, FAR), draw_layer)
def decide(head: SoftmaxHead) -> Proof:
    """Compare the shape with the directions of a layer of that shape, and of one that has least."""
    l, m = head.features, head.classes
    drawn, fewest = (invariant_directions(one.weights) for one in (head, unit_layer(l, m)))
    return Proof.of(
        step("Some layer of the shape has no direction exactly when $l<m$.",
             (int(fewest.dimension == 0), "=", int(l < m))),
        step("No layer of the shape has fewer dimensions of them.",
             (drawn.dimension, ">=", fewest.dimension)),
        drawn.certificate, fewest.certificate,
    )  # fmt: skip


@theorem.overstated(
    SoftmaxHead.of([[0, 1, 2], [0, 0, 0]], [0, 0, 0]),
    lambda rng: layers.small_head(rng, rng.randint(1, 2), 3),
)
def refute_none(head: SoftmaxHead) -> Refutation | None:
    """Refute that a layer with fewer features than classes has no directions."""
    space = invariant_directions(head.weights)
    if head.features >= head.classes or not space.dimension:
        return None
    return Refutation.of(
        "The layer has fewer features than classes, and directions.",
        named("l", head.features),
        named("m", head.classes),
        step("Features and classes.", (named("l", head.features), "<", named("m", head.classes))),
        step("The dimension of its directions.", (regions.free_dimension(head, space), ">", 0)),
        space.certificate,
    )


def sharpness() -> Proof:
    """Evaluate layers at the edge, and how much ResNet-18 lacks."""
    shapes = [(l, m) for m in (2, 3, 4) for l in (m - 1, m)]
    spaces = [invariant_directions(unit_layer(l, m).weights) for l, m in shapes]
    return Proof.of(
        *(Given(f"$l={l}$, $m={m}$", unit_layer(l, m)) for l, m in shapes),
        step("At $l=m-1$ a layer can have no direction, at $l=m$ it has one.",
             *((named(rf"\dim D_{{l={l},m={m}}}", space.dimension), "=",
                computed("l-m+1", "l - m + 1", l=l, m=m))
               for (l, m), space in zip(shapes, spaces, strict=True))),
        step("ResNet-18 lacks 488 features.",
             (computed("m-l", "m - l", m=CLASSES, l=RESNET_18[0]), "=", 488)),
        *(space.certificate for space in spaces),
        _counted(RESNET_18, CLASSES),
    )  # fmt: skip


CLAIM = theorem(__name__)
