r"""Section 7, attack: 40 steps of 0.01 and the radius 0.40

Printed: Thus, we move our iterates $x^{(t)}$ in the direction of $\gamma\nabla_{x^{(t)}}(J)$ and
    then project on to $\mathcal{B}(x,\epsilon)$. We perform 40 iterations with $\gamma=.01$ to
    produce adversarial examples in $\mathcal{B}(x,\epsilon)$ for $\epsilon$ in
    $\{0.01,0.02,\ldots,0.40\}$. For each classifier and $\epsilon$, we construct 1000 adversarial
    examples … For each $\epsilon$, this gives us 50000 SVM adversarial examples 50000 neural
    network adversarial examples.
Statement: $T$ projected steps of size $\gamma$ along the *signs* of the gradients move a coordinate
    whose gradient is positive in every step, or negative in every step, by exactly
    $\min(\epsilon,T\gamma)$. Along the gradients themselves no coordinate moves further than
    $T\gamma\max|g|$, with the largest absolute value of all their entries.
Verdict: true after repair. The printed update takes gradient steps, which reach 0.40 only where
    entries of the gradient have an absolute value of 1 or more on average; the numbers fit sign
    steps. The text also calls one procedure both projected gradient ascent and the fast gradient
    sign method.
Reading: The numbers are to fit together: 40 steps with $\gamma=.01$ are meant to be able to reach
    the largest radius, 0.40, and the update is the one that is printed.
Needs sign steps: Each step moves every coordinate whose gradient is not 0 by the full step size.
    Without it: One gradient step along an entry of 1/2 goes half as far.
Needs signs that stay: The gradient of some coordinate is positive in every step, or negative in
    every step.
    Without it: Two sign steps in opposite directions lead back.
Sharp: With a constant gradient of entry $g\neq0$ the reach is $\min(\epsilon,T\gamma|g|)$ instead
    of $\min(\epsilon,T\gamma)$: at least as far exactly when $|g|\ge\min(1,\epsilon/(T\gamma))$,
    and the same exactly when $|g|=1$ or $\epsilon\le T\gamma\min(1,|g|)$. It is 0.20 instead of
    0.40 for $g=1/2$.
    Rests on: Coq in part sec7_steps. Along a constant gradient $T$ steps come to $T\gamma g$, by
        the sum above, cut at $\epsilon$; the rest compares $\min(\epsilon,T\gamma|g|)$ with
        $\min(\epsilon,T\gamma)$.
    Overstated: An entry below 1 can be enough, when the cube is smaller than the reach: one step of
        0.01 along 1/2 fills the radius 0.005.
Quantifier: for the sampled sequences of gradients; the bounds of one step hold for all
The idea: The attack makes 40 steps of size 0.01 and is said to reach a radius of 0.40. That is a
    matter of multiplication, if every step moves every pixel by 0.01.
Why it is true: A step along the *signs* of the gradient moves each pixel whose entry is not 0 by
    exactly 0.01, until the cube stops it; forty of them in the same direction make 0.40. A step
    along the gradient itself moves a pixel by 0.01 times its entry, or less where the cube stops
    it. With a constant entry $g\neq0$ gradient steps get at least as far exactly when $|g|$ is at
    least 1, or at least the radius over 0.40. They end at the same point exactly when $|g|$ is 1 or
    both fill the cube; with a larger entry, in a cube that forty steps of 0.01 do not fill,
    gradient steps get further.
Before you use it: The printed formula has the gradient and the numbers fit the signs. The two
    attacks differ a lot at large radii; the experiment beside this claim measures by how much.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, vector
from verify.claims.charles2019.shared.cube_attacks import signs
from verify.claims.charles2019.shared.enclosures import Expression, Relations
from verify.claims.language import (
    Named,
    Proof,
    Refutation,
    Symbolic,
    computed,
    identity,
    least,
    named,
    step,
    theorem,
    told,
)
from verify.claims.relation import number
from verify.drawing import numbers

# What the section states: iterations, their size, the largest radius, models, examples, the total.
ITERATIONS, STEP, RADIUS = 40, Fraction(1, 100), Fraction(2, 5)
MODELS, EXAMPLES, TOTAL = 50, 1000, 50_000
ONE = Fraction(1)

CONSTANT, CHANGING, WEAK, STEEP = (
    "constant gradient", "changing gradients", "small gradients", "large gradients"
)  # fmt: skip
CASES = (CONSTANT, CHANGING, WEAK, STEEP)


@dataclass(frozen=True)
class Ascent:
    """Gradients met one after the other (the list is repeated), step size, radius of the cube."""

    gradients: Rows
    repeats: int
    step: Fraction
    radius: Fraction

    @property
    def iterations(self) -> int:
        """The number T of steps."""
        return self.repeats * len(self.gradients)

    @property
    def named_iterations(self) -> Named:
        """The number T of steps by name, as so many times the length of the list."""
        return computed("T", "r * m", r=self.repeats, m=len(self.gradients))

    @property
    def reach(self) -> Fraction:
        """The distance T times the step size."""
        return self.iterations * self.step

    @property
    def steepest(self) -> Fraction:
        """The largest absolute value G of an entry of a gradient."""
        return max(abs(g) for gradient in self.gradients for g in gradient)


def path(ascent: Ascent, directions: Rows, k: int) -> list[Fraction]:
    """Return coordinate k after each projected step along the directions, relative to the start."""
    x, positions = Fraction(0), []
    for direction in directions * ascent.repeats:
        x = max(-ascent.radius, min(ascent.radius, x + ascent.step * direction[k]))
        positions.append(x)
    return positions


def displacement(ascent: Ascent, directions: Rows) -> Vector:
    """Return how far projected steps along the directions lead from the start, per coordinate."""
    return tuple(path(ascent, directions, k)[-1] for k in range(len(directions[0])))


def ends(ascent: Ascent) -> tuple[Vector, Vector]:
    """Return where the printed update ends, and where steps along the signs do."""
    rows = tuple(map(signs, ascent.gradients))
    return displacement(ascent, ascent.gradients), displacement(ascent, rows)


def draw(rng: Random, case: str) -> Ascent:
    """Return gradients of the named kind in dimension 1 to 3, and a step size that reaches far."""
    d = rng.randint(1, 3)
    gradients = [numbers.nonzero_vector(rng, d) for _ in range(rng.randint(2, 4))]
    if case == CONSTANT:
        gradients = gradients[:1]
    if case in (WEAK, STEEP):
        factor = Fraction(1, 20) if case == WEAK else Fraction(20)
        gradients = [combine((factor, g)) for g in gradients]
    repeats, size = rng.randint(1, 8), Fraction(rng.randint(1, 5), 100)
    radius = repeats * len(gradients) * size * Fraction(rng.choice((1, 1, 2)), rng.choice((1, 2)))
    return Ascent(tuple(gradients), repeats, size, radius)


def prove(instance: Ascent) -> Proof:
    """Run both updates exactly and compare how far they get."""
    reach, size = instance.reach, instance.step * instance.repeats
    full = least(r"\min(\epsilon,T\gamma)", [instance.radius, reach])
    raw, signed = ends(instance)
    columns = list(zip(*map(signs, instance.gradients), strict=True))
    steady = [k for k, column in enumerate(columns) if len(set(column)) == 1 and column[0]]
    totals = [sum(abs(g[k]) for g in instance.gradients) for k in steady]
    return Proof.of(
        instance.named_iterations,
        step(r"With the printed update every coordinate moves at most $\gamma\max|g|$ at a time, "
             r"so $T$ steps reach at most $T\gamma\max|g|$.",
             (named("|(x_T-x_0)_#|", [abs(c) for c in raw]), "<=",
              computed(r"T\gamma\max|g|", "t * s * g", t=instance.iterations, s=instance.step,
                       g=instance.steepest))),
        step(r"With sign steps it moves at most $\gamma$ at a time: the reach is $T\gamma$, and "
             "no point leaves the cube.",
             (named("|(x_T-x_0)_#|", [abs(c) for c in signed]), "<=", full)),
        step(r"A coordinate whose gradient keeps its sign, and is not $0$, moves the full "
             r"$\min(\epsilon,T\gamma)$ with sign steps.",
             ([named(f"|(x_T-x_0)_{k + 1}|", abs(signed[k])) for k in steady],
              "=", full)),
        step(r"With gradient steps it moves $\min(\epsilon,\gamma\sum|g_t|)$ instead.",
             ([named(f"|(x_T-x_0)_{k + 1}|", abs(raw[k])) for k in steady], "=",
              [least(r"\min(\epsilon,\gamma\sum|g_t|)", [instance.radius, size * total])
               for total in totals])),
        step("The section's numbers fit sign steps: 40 times 0.01 is 0.40; and its counts are "
             "right, 50 times 1000 is 50000.",
             (computed(r"T\gamma", "t * s", t=ITERATIONS, s=STEP), "=", RADIUS),
             (computed(r"\text{models}\cdot\text{examples}", "m * e", m=MODELS, e=EXAMPLES), "=",
              TOTAL)),
        *certificates(instance), _printed_numbers(),
    )  # fmt: skip


def certificates(instance: Ascent) -> tuple[Certificate, Certificate]:
    """Certify where both updates end."""
    rows = tuple(map(signs, instance.gradients))
    return certificate(instance, instance.gradients), certificate(instance, rows)


def certificate(instance: Ascent, directions: Rows) -> Certificate:
    """Certify where the projected steps end, coordinate by coordinate, and how far that is at most.

    The position after each step is an expression: the cube is min and max.
    """
    entries: dict[str, Fraction | int] = {
        "step": instance.step, "radius": instance.radius, "steps": instance.iterations,
        "steepest": max(abs(c) for direction in directions for c in direction),
    }  # fmt: skip
    relations: Relations = []
    lowest = ["-", "0", "radius"]
    for k, end in enumerate(displacement(instance, directions)):
        previous: Expression = "0"
        entries[f"end{k}"] = end
        for t, position in enumerate(path(instance, directions, k)):
            at, move = f"at{k}_{t}", f"move{k}_{t}"
            entries |= {move: directions[t % len(directions)][k], at: position}
            low = ["max", lowest, ["+", previous, ["*", "step", move]]]
            # The smaller of two numbers is minus the larger of their negatives.
            inside = ["-", "0", ["max", lowest, ["-", "0", low]]]
            relations += [(at, "=", inside), (["abs", move], "<=", "steepest")]
            previous = at
        bound = ["*", ["*", "steps", "step"], "steepest"]
        relations += [(f"end{k}", "=", previous), (["abs", f"end{k}"], "<=", bound)]
    return facts.arithmetic(entries, relations)


def _printed_numbers() -> Certificate:
    return facts.arithmetic(
        {"iterations": ITERATIONS, "step": STEP, "radius": RADIUS, "models": MODELS,
         "examples": EXAMPLES, "total": TOTAL},
        [(["*", "iterations", "step"], "=", "radius"), (["*", "models", "examples"], "=", "total")],
    )  # fmt: skip


EXAMPLE = Ascent((vector(["1/2", -2]),), 4, STEP, 4 * STEP)


def draw_ascent(rng: Random) -> Ascent:
    """Return one or two gradients with small entries, and a radius that full steps just reach."""
    d = rng.randint(1, 2)
    gradients = tuple(
        vector([Fraction(rng.randint(-3, 3), rng.randint(1, 2)) for _ in range(d)])
        for _ in range(rng.randint(1, 2))
    )
    repeats = rng.randint(1, 3)
    return Ascent(gradients, repeats, STEP, repeats * len(gradients) * STEP)


@theorem.without("sign steps", Ascent((vector(["1/2"]),), 1, STEP, STEP), draw_ascent)
def refute_gradient_steps(instance: Ascent) -> Refutation | None:
    """Refute that gradient steps reach the radius T times the step size."""
    columns = zip(*map(signs, instance.gradients), strict=True)
    if not all(len(set(column)) == 1 and column[0] for column in columns):
        return None
    return _refutation(instance, instance.gradients, "Gradient steps")


@theorem.without("signs that stay", Ascent(((ONE,), (-ONE,)), 1, STEP, 2 * STEP), draw_ascent)
def refute_changing_signs(instance: Ascent) -> Refutation | None:
    """Refute that sign steps reach the radius when no coordinate keeps its sign."""
    return _refutation(instance, tuple(map(signs, instance.gradients)), "Sign steps")


def _refutation(instance: Ascent, directions: Rows, name: str) -> Refutation | None:
    final = displacement(instance, directions)
    largest = max(abs(c) for c in final)
    if not any(any(g) for g in instance.gradients) or largest >= instance.reach:
        return None
    names = [f"end{k}" for k in range(len(final))]
    return Refutation.of(
        f"{name} of size {instance.step}, {instance.iterations} in number, end at the distance "
        f"{largest}, not {instance.reach}.",
        instance.named_iterations,
        step("No coordinate gets that far.",
             (named("|(x_T-x_0)_#|", [abs(c) for c in final]), "<",
              computed(r"T\gamma", "t * s", t=instance.iterations, s=instance.step))),
        certificate(instance, directions),
        facts.arithmetic(
            {**dict(zip(names, final, strict=True)), "reach": instance.reach},
            [(["abs", name], "<", "reach") for name in names],
        ),
    )  # fmt: skip


INSIDE, JUST, OUTSIDE = "small entries", "just enough", "any entries"
LARGE = "an entry above 1 in a cube beyond reach"


def draw_constant(rng: Random, case: str) -> Ascent:
    """Return one gradient of one entry, not 0, and a cube within the reach of sign steps or not."""
    repeats, size = rng.randint(1, 12), Fraction(rng.randint(1, 5), 100)
    radius = repeats * size * Fraction(rng.randint(1, 12), 8)
    least = min(ONE, radius / (repeats * size))
    g = rng.choice((1, -1)) * numbers.positive(rng) / 2
    if case == LARGE:
        g = rng.choice((1, -1)) * (1 + numbers.positive(rng))
        radius = repeats * size * (1 + numbers.positive(rng))
    if case == JUST:
        g = rng.choice((1, -1)) * least
    if case == INSIDE:
        g = rng.choice((1, -1)) * least * Fraction(rng.randint(1, 99), 100)
    return Ascent(((g,),), repeats, size, radius)


@theorem.sharp((INSIDE, JUST, OUTSIDE, LARGE), draw_constant)
def decide_constant(instance: Ascent) -> Proof:
    """Run both updates and compare where they end; compare the entry with its bound."""
    (g,) = instance.gradients[0]
    (raw,), (signed,) = ends(instance)
    enough = min(ONE, instance.radius / instance.reach)
    return Proof.of(
        step("Gradient steps get at least as far exactly when the entry is large enough.",
             (named(r"[\text{as far}]", int(abs(raw) >= abs(signed))), "=",
              named(r"[|g|\text{ enough}]", int(abs(g) >= enough)))),
        step("Both updates end at the same point exactly when the entry has the absolute value "
             "1, or both fill the cube.",
             (named(r"[\text{same}]", int(raw == signed)), "=", named(
                 r"[|g|=1\text{ or both fill}]",
                 int(abs(g) == 1 or instance.radius <= instance.reach * min(ONE, abs(g)))))),
        step("They end where the formulas say.",
             (named("|x_T-x_0|", abs(raw)), "=",
              least(r"\min(\epsilon,T\gamma|g|)", [instance.radius, instance.reach * abs(g)])),
             (named("|x_T-x_0|", abs(signed)), "=",
              least(r"\min(\epsilon,T\gamma)", [instance.radius, instance.reach]))),
        *certificates(instance),
    )  # fmt: skip


def draw_small_cube(rng: Random) -> Ascent:
    """Return a gradient with one small entry, and a cube that may be within reach."""
    gradient = (Fraction(rng.randint(-3, 3), rng.randint(1, 3)),)
    repeats = rng.randint(1, 2)
    return Ascent((gradient,), repeats, STEP, repeats * STEP / rng.randint(1, 3))


def _last(name: str, end: Vector, ascent: Ascent, entry: Fraction) -> Named:
    """Return the end of the steps on a line by name: T steps, cut off at the edge of the cube."""
    moved = computed("", "t * s * g", t=ascent.iterations, s=ascent.step, g=entry).formula[0]
    r = number(ascent.radius)
    return told(name, end, rf"(\max(-{r},\min({r},{moved})))")


@theorem.overstated(Ascent((vector(["1/2"]),), 1, STEP, STEP / 2), draw_small_cube)
def refute_below_one(instance: Ascent) -> Refutation | None:
    """Refute that gradient steps reach as far as sign steps only if the entry is 1 or larger."""
    (g,) = instance.gradients[0]
    raw, signed = ends(instance)
    if not 0 < abs(g) < 1 or raw != signed:
        return None
    return Refutation.of(
        "The entry is below 1, and gradient steps end where sign steps do, at the edge of the "
        "cube.",
        instance.named_iterations,
        step("The entry is below 1.", (told("|g|", abs(g), f"|{number(g)}|"), "<", 1)),
        step("Both end at the same point.",
             (_last(r"x_T-x_0\text{ by gradients}", raw, instance, g), "=",
              _last(r"x_T-x_0\text{ by signs}", signed, instance, Fraction(g > 0) - (g < 0)))),
        *certificates(instance),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate both updates with the section's numbers and a constant gradient of 1/2."""
    ascent = Ascent((vector(["1/2"]),), ITERATIONS, STEP, RADIUS)
    raw, signed = ends(ascent)
    return Proof.of(
        named("g", ascent.gradients[0][0]), named("T", ITERATIONS), named(r"\gamma", STEP),
        named(r"\epsilon", RADIUS),
        step(r"40 sign steps of 0.01 reach exactly 0.40, and gradient steps along 1/2 reach "
             "0.20.",
             (computed(r"x_T-x_0=T\gamma\,\mathrm{sign}(g)\text{ by signs}", "t * s", t=ITERATIONS,
                       s=STEP), "=", named(r"\epsilon", signed[0])),
             (computed(r"x_T-x_0=T\gamma g\text{ by gradients}", "t * s / 2", t=ITERATIONS,
                       s=STEP), "=", raw[0])),
        *certificates(ascent),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that equal steps add up, before the cube stops them."""
    gamma, g = sympy.symbols("gamma g")
    t, count = sympy.Symbol("t", integer=True), sympy.Symbol("T", integer=True, positive=True)
    yield identity(
        "A constant gradient moves a coordinate by the number of steps times step times entry.",
        r"\sum_{t=1}^{T}\gamma g=T\gamma g",
        "any number of steps", sympy.Sum(gamma * g, (t, 1, count)).doit(), count * gamma * g,
    )  # fmt: skip


CLAIM = theorem(__name__)
