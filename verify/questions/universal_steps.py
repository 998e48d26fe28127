"""How far a step has to go in order to flip a point for every separator at once."""

from collections.abc import Sequence

from certify.margins.steps import StepPrograms
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Found, Question, Result, figure, table
from verify.questions.hulls import chosen, drawn, pair, used, which
from verify.questions.question import Subject
from verify.reporting.summary import quantity

SET = 15  # points of each class in the sets whose steps over all separators are decided
ASKED = 4  # of both together that are asked about


def universal(subject: Subject) -> Result | None:
    """Decide for few points how far a step over *all* separators has to go, or that none serves."""
    rows, decisions, groups, kept = [], [], [], []
    never = total = 0
    for classes in chosen(subject):
        p = pair(subject, classes, SET)
        if p.margin is None:
            continue
        kept.append(p)
        direction, normal, offset = p.beside(subject.X)
        programs = StepPrograms(subject.X[p.rows], p.signs, direction)
        answers = [programs.solve(k) for k in _spread(len(p.rows))]
        decisions += [
            Decision.by_checker(
                f"{p.name}: point {a.point}", programs.certificate(a, normal, offset)
            )
            for a in answers
        ]
        finite = [2 * float(a.step) for a in answers if a.step is not None]
        infinite = len(answers) - len(finite)
        never, total = never + infinite, total + len(answers)
        largest = f"{max(finite):.3g}" if finite else "none finite"
        rows.append([p.name, str(len(p.rows)), p.width, str(len(answers)), str(infinite), largest])
        if finite:
            groups.append({"label": p.name, "unit": "multiples of the margin γ*",
                           "values": finite, "bound": None})  # fmt: skip
    if not rows:
        return None
    finding = (
        f"Over all separators of {drawn(subject, SET)}, {never or 'none'} of "
        f"{quantity(total, 'point')} of {which(subject, len(kept))} "
        f"{'has' if never <= 1 else 'have'} no step that flips {'it' if never <= 1 else 'them'} "
        f"whatever the separator{_others(total - never, total)}."
    )
    columns: list[tuple[str, str, Grade | None]] = [
        ("pair", "", None), ("examples", "", None),
        ("their margin $\\gamma^*$", "rounded", Grade.CERTIFIED), ("points asked about", "", None),
        ("no step serves all separators", "", Grade.CERTIFIED),
        ("largest step", "multiples of $\\gamma^*$, rounded", Grade.CERTIFIED),
    ]  # fmt: skip
    caption = (
        "Suprema over all separators of the examples, exact and rounded for drawing. The direction "
        "leads from one hull to the other between points next to the nearest ones, whose weights "
        "are rounded to few bits; every separator grows along it."
    )
    title = "Steps that serve every separator"
    figures = figure("steps", title, caption, Grade.CERTIFIED, {"groups": groups})
    return Result(
        finding, {}, tuple(decisions), 0,
        (table("Steps over all separators", columns, rows),), (figures,) * bool(groups),
        found={"no-step": Found(never, Grade.CERTIFIED)}, examples=used(kept),
    )  # fmt: skip


def _others(count: int, total: int) -> str:
    """Return how many points have a step."""
    if not count:
        return ""
    who = ("it has" if total == 1 else "all have") if count == total else "the others have"
    return f"; {who if count > 1 or count == total else 'the other has'} an exact one"


def _spread(count: int, wanted: int = ASKED) -> Sequence[int]:
    return sorted({k * count // wanted for k in range(wanted)})


UNIVERSAL_STEPS = Question(
    "universal-steps",
    "One step for every separator",
    "How far does a step along the widest margin have to go to flip a point for every separator, "
    "and for which points is there none?",
    ("charles-cor-6-remark",),
    universal,
    examples=True,
)
