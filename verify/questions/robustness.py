"""Which examples keep their label within a radius, whatever is added: decided, not attacked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from time import monotonic
from typing import Any

from certify.bounds.decision import no_counterexample
from certify.certificates.networks import within
from certify.checking.robust_answers import KEPT, LOST, QUESTION
from certify.networks.graph import Network
from certify.numbers.rationals import text
from verify.evidence.decision import Decision, checker_for
from verify.evidence.grades import Grade
from verify.evidence.result import Found, Question, Result, figure, table
from verify.models.agreement import confirm, score_gap
from verify.models.effort import products, proof_products
from verify.questions.attacks import drawn, how_drawn
from verify.questions.least_radius import Decide, Ends
from verify.questions.question import Robust, Stopped, Subject
from verify.questions.units import Units
from verify.reporting.summary import listed, quantity

DIGITS = 4  # of a radius in a table
REFUSED = "the checker did not accept what the search found"


@dataclass(frozen=True)
class Decided(Result):
    """A result with the ends of the radius of each example that was asked about, in order."""

    ends: tuple[Ends, ...] = ()


def robustness(subject: Subject, decide: Decide = no_counterexample) -> Decided | None:
    """Decide for the examples that are attacked, too, whether another label is near.

    Inputs keep to the limits of pixels, as those of attacks do. Altogether it takes as long as all
    examples may take, and the last one.
    """
    robust = subject.robust
    if robust is None:
        return None
    subject = replace(subject, units=robust.units)
    chosen, right = drawn(subject)
    end = monotonic() + robust.seconds * len(chosen)
    done: dict[int, Ends] = {}
    stopped = False
    try:
        # In any order, so that those for which there is time are drawn at random, too.
        for n, i in enumerate(subject.rng(QUESTION).permutation(len(chosen)).tolist(), 1):
            k, _ = chosen[i]
            subject.told(f"{TITLE}: example {n} of {len(chosen)}")
            ends = Ends(int(subject.rows[k]), subject.X[k], subject.model.labels[int(subject.y[k])])
            ends.find(subject, robust, k, decide)
            done[k] = ends
            if monotonic() > end:
                break
    except KeyboardInterrupt:
        stopped = True
    result = _result(subject, robust, done, len(chosen), right) if done else None
    if stopped:
        raise Stopped(result)
    return result


def _result(
    subject: Subject, robust: Robust, done: Mapping[int, Ends], of: int, right: int
) -> Decided:
    places, radii, units = sorted(done), sorted(robust.radii), robust.units
    asked = [done[k] for k in places]
    points = _points(subject, asked, places, radii[-1])
    balls = [_ball(e, subject.model.network) for e in asked if e.proof]
    accepted = {d.subject for d in balls if d.grade is Grade.CERTIFIED}
    ends = [_graded(e, accepted, points.grade is Grade.CERTIFIED) for e in asked]
    undecided = [
        Decision.undecided(
            f"example {e.index}: another label within {text(r)}", e.open.get(r, REFUSED)
        )
        for e in ends
        for r in radii
        if e.undecided(r)
    ]
    counted = [_count(ends, r) for r in radii]
    said = [f"within {units.radius(r)}, {_said(*c)}" for r, c in zip(radii, counted, strict=True)]
    late = f" For {quantity(of - len(ends), 'other')} there was no time." if of > len(ends) else ""
    finding = (
        f"Of {how_drawn(len(ends), right)}, moved in any way, {units.rule}: {'; '.join(said)}."
        f"{late} {_real(subject, ends)}"
    )
    columns: list[tuple[str, str, Grade | None]] = [
        ("radius", units.unit, None), ("asked about", "", None),
        ("no other label", "", Grade.CERTIFIED), ("another label", "", Grade.CERTIFIED),
        ("undecided", "", None),
    ]  # fmt: skip
    rows = [
        [units.number(r), str(len(ends)), *map(str, c)] for r, c in zip(radii, counted, strict=True)
    ]
    return Decided(
        finding, {}, (points, *balls, *undecided), sum(e.attacked is not None for e in ends),
        (table("Another label near the examples", columns, rows), _radii(units, ends)),
        (_curves(units, radii[-1], ends),),
        {
            "seconds for each example": robust.seconds,
            "kept between": "none" if units.top is None else f"0 and {units.top}",
        },
        {
            name + text(r): Found(n, Grade.CERTIFIED)
            for r, (kept, lost, _) in zip(radii, counted, strict=True)
            for name, n in ((KEPT, kept), (LOST, lost))
        },
        tuple(places), units.to_json(), tuple(ends),
    )  # fmt: skip


def _points(
    subject: Subject, asked: Sequence[Ends], places: Sequence[int], radius: Fraction
) -> Decision:
    """Certify labels and distances of the inputs with other labels, and behind them examples.

    An example near which none was found stands in their place.
    """
    n, model = len(asked), subject.model
    index = {label: k for k, label in enumerate(model.labels)}
    facts, points = [], []
    for i, e in enumerate(asked):
        facts.append(model.rule.fact(n + i, int(subject.y[places[i]])))
        facts.append(model.rule.fact(i, index[e.label if e.answer is None else e.answer]))
        facts.append(within(i, n + i, e.upper or radius))
        points.append(e.original if e.point is None else e.point)
    certificate = subject.units.certificate(
        model.network, [*points, *(e.original for e in asked)], facts, range(n)
    )
    return Decision.by_checker(
        "inputs with other labels", certificate, decide=checker_for(2 * n * products(model.network))
    )


def _name(ends: Ends) -> str:
    """Return the name of the result on the lower end, which `certify check` reads."""
    return f"example {ends.index}: no other label within {text(ends.lower)}"


def _ball(ends: Ends, network: Network) -> Decision:
    work = proof_products(ends.proof, ends.parts, network)
    return Decision.by_checker(_name(ends), *ends.proof, decide=checker_for(work))


def _graded(ends: Ends, certified: set[str], upper: bool) -> Ends:
    """Return ends without what no checker accepted."""
    if _name(ends) not in certified:
        ends = replace(ends, lower=Fraction(0), proof=())
    return ends if upper else replace(ends, upper=None, point=None, answer=None)


def _count(ends: Sequence[Ends], radius: Fraction) -> tuple[int, int, int]:
    """Return how many have no other label within a radius, have one, and are undecided."""
    kept = sum(e.lower >= radius for e in ends)
    lost = sum(e.upper is not None and e.upper <= radius for e in ends)
    return kept, lost, len(ends) - kept - lost


def _said(kept: int, lost: int, undecided: int) -> str:
    parts = [f"{kept} keep{'s' * (kept == 1)} the label"]
    parts += [f"{lost} do{'es' * (lost == 1)} not, by an exact counterexample"] * bool(lost)
    parts += [f"{undecided} {'is' if undecided == 1 else 'are'} undecided"] * bool(undecided)
    return listed(parts)


def _real(subject: Subject, ends: Sequence[Ends]) -> str:
    """Say of which arithmetic all this is true, and how far floats are from it at these points."""
    points = [e.point for e in ends if e.point is not None]
    ties = confirm(subject.model, points, "input with another label")
    points += [e.original for e in ends]
    kind, gap = score_gap(subject.model, points)
    words = (
        "This is about the network in real arithmetic, with the weights that are stored, and not "
        "about floats, which round on their way: on these examples and the inputs found, its "
        f"layers in {kind} give scores within {gap:.2g} of the exact ones"
    )
    if subject.model.runtime is None:
        return f"{words}."
    exceptions = f" but for {quantity(ties, 'input')} at a tie" if ties else ""
    return f"{words}, and {subject.model.runtime.name} the same labels{exceptions}."


def _radii(units: Units, ends: Sequence[Ends]) -> dict[str, Any]:
    columns: list[tuple[str, str, Grade | None]] = [
        ("example", "", None), ("label", "", None),
        ("no other label within", f"{units.unit}, rounded down", Grade.CERTIFIED),
        ("another label at", f"{units.unit}, rounded up", Grade.CERTIFIED),
        ("read there as", "", Grade.CERTIFIED),
        ("by the attack alone at", f"{units.unit}, rounded up", Grade.FLOAT),
    ]  # fmt: skip
    rows = [
        [str(e.index), str(e.label), rounded(e.lower, up=False), rounded(e.upper, up=True),
         "none" if e.answer is None else str(e.answer), rounded(e.attacked, up=True)]
        for e in ends
    ]  # fmt: skip
    return table("The distance of the nearest input with another label", columns, rows)


def rounded(radius: Fraction | None, *, up: bool) -> str:
    """Return a radius for reading, to a few digits on its safe side.

    >>> rounded(Fraction(1, 3), up=False), rounded(Fraction(1, 3), up=True)
    ('0.3333', '0.3334')
    """
    if radius is None:
        return "none"
    context = Context(prec=DIGITS, rounding=ROUND_CEILING if up else ROUND_FLOOR)
    return f"{context.divide(Decimal(radius.numerator), Decimal(radius.denominator)).normalize():f}"


def _curves(units: Units, radius: Fraction, ends: Sequence[Ends]) -> dict[str, Any]:
    return figure(
        "robustness",
        "Accuracy within each radius",
        "How many of the examples have no other label within a radius: at least as many as have a "
        "certificate, at most as many as have no exact counterexample. The truth lies between the "
        "two, where the band is hatched; where they meet it is decided.",
        Grade.CERTIFIED,
        {
            "unit": units.unit,
            "radius": float(radius),
            "lower": [float(e.lower) for e in ends],
            "upper": [None if e.upper is None else float(e.upper) for e in ends],
            "attack": [None if e.attacked is None else float(e.attacked) for e in ends],
        },
    )


TITLE = "Labels within a radius, decided"
ROBUSTNESS = Question(
    QUESTION,
    TITLE,
    "How near to each example does this model give another label, and which radii are safe?",
    ("charles-def-adv",),
    robustness,
    examples=True,
)
