"""What a claim is: one entry from which commands, tests, report and certificates all come."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, make_dataclass
from enum import StrEnum
from inspect import signature
from random import Random
from typing import Any, Generic, Self, TypeVar

from certify.certificates.certificate import Certificate
from verify.claims.picture import Picture
from verify.claims.relation import Named, Operator, Relation, Side, by_entry

I = TypeVar("I")  # the type of a claim's instances
J = TypeVar("J")  # the type of the instances of a weakened claim

AS_PRINTED = "as printed"
OVERSTATED = "sharp form, overstated"


class Verdict(StrEnum):
    """What is to be said of a statement as printed."""

    TRUE = "true"
    REPAIRED = "true after repair"
    FALSE = "false as stated"
    VACUOUS = "vacuous as stated"
    UNDEFINED = "not a statement"


class Paper(StrEnum):
    """The two papers, by their folder under ``verify/claims``."""

    ZOU = "zou2018"
    CHARLES = "charles2019"

    @property
    def authors(self) -> str:
        """The authors and the year, to be read."""
        return {Paper.ZOU: "Zou et al. (2018)", Paper.CHARLES: "Charles et al. (2019)"}[self]

    @property
    def cited(self) -> str:
        """The paper as one cites it, from its own first page."""
        return {
            Paper.ZOU: "Haosheng Zou, Hang Su, Tianyu Pang, Jun Zhu: Geometric Universality of "
            "Adversarial Examples in Deep Learning.",
            Paper.CHARLES: "Zachary Charles, Harrison Rosenberg, Dimitris Papailiopoulos: A "
            "Geometric Perspective on the Transferability of Adversarial Directions. AISTATS 2019, "
            "PMLR 89.",
        }[self]

    @property
    def address(self) -> str:
        """Where the paper's proceedings are, empty where it names none."""
        return "https://proceedings.mlr.press/v89/" if self is Paper.CHARLES else ""


@dataclass(frozen=True)
class Step:
    """One step of a proof: the words, with the exact relations that it comes to on an instance."""

    text: str
    relations: tuple[Relation, ...]

    @property
    def holds(self) -> bool:
        """Whether every relation of the step is true."""
        return all(relation.holds for relation in self.relations)

    @property
    def formulas(self) -> list[str]:
        """The relations as text with ``$LaTeX$``."""
        return [f"${relation.formula}$" for relation in self.relations]


@dataclass(frozen=True)
class Given:
    """An exact object that steps speak of, a layer for instance, and what it is called."""

    name: str
    value: Any


@dataclass(frozen=True)
class Proof:
    """The numbered steps of a proof on one instance, and the certificates of the conclusion.

    ``objects`` are what the steps speak of beside the instance, with their names.
    """

    steps: tuple[Step, ...]
    certificates: tuple[Certificate, ...]
    objects: tuple[Named | Given, ...] = ()

    @classmethod
    def of(cls, *parts: Step | Certificate | Named | Given) -> Self:
        """Return the proof of these objects, steps and certificates, each in their order."""
        return cls(*_apart(parts))


@dataclass(frozen=True)
class Refutation:
    """An exact counterexample: what it is in words, the relations, and the certificates.

    ``objects`` are what the relations speak of beside the instance, with their names.
    """

    text: str
    steps: tuple[Step, ...]
    certificates: tuple[Certificate, ...]
    objects: tuple[Named | Given, ...] = ()

    @classmethod
    def of(cls, text: str, *parts: Step | Certificate | Named | Given) -> Self:
        """Return the counterexample of these words, objects, steps and certificates."""
        return cls(text, *_apart(parts))


def _apart(
    parts: Iterable[object],
) -> tuple[tuple[Step, ...], tuple[Certificate, ...], tuple[Named | Given, ...]]:
    steps = tuple(part for part in parts if isinstance(part, Step))
    certificates = tuple(part for part in parts if isinstance(part, Certificate))
    return steps, certificates, tuple(part for part in parts if isinstance(part, Named | Given))


@dataclass(frozen=True)
class Counterexample(Generic[J]):
    """How a statement fails, without one of its hypotheses or exactly as printed.

    ``example`` is the smallest instance known. ``refute(instance)`` decides exactly and returns
    None when this instance is no counterexample. ``draw(rng)`` is the space that a search explores:
    it draws small numbers first and does not build the counterexample in.
    """

    text: str
    example: J
    refute: Callable[..., Refutation | None]
    draw: Callable[[Random], Any]

    def __post_init__(self) -> None:
        _take_instances(self, "refute")


@dataclass(frozen=True)
class Dispensable:
    """Why a hypothesis is not needed: instances without it, and the proof that runs on them."""

    text: str
    draw: Callable[[Random], Any]
    prove: Callable[..., Proof]

    def __post_init__(self) -> None:
        _take_instances(self, "prove")


@dataclass(frozen=True)
class SharpForm:
    """How the words "exactly", "no" and "every" of a sharp form are decided on drawn instances.

    ``draw(rng, case)`` returns an instance of one of the named ``cases``; together they lie on both
    sides of the words: where the condition is true and where it is false, where a bound is attained
    and where it is not. ``decide(instance)`` works out both sides by ways that do not depend on
    each other; its relations hold when they agree, as the words say. ``overstated`` is a nearby
    form that says more than is true, and how it fails: a decision that overlooks it is too weak.
    """

    cases: tuple[str, ...]
    draw: Callable[[Random, str], Any]
    decide: Callable[..., Proof]
    overstated: Counterexample[Any]

    def __post_init__(self) -> None:
        _take_instances(self, "decide")


@dataclass(frozen=True)
class Hypothesis:
    """One assumption of a claim, by name, what it says, and what happens without it."""

    name: str
    text: str
    without: Counterexample[Any] | Dispensable


@dataclass(frozen=True)
class SymbolicStep:
    """A proof step shown for all values at once at one size, by computer algebra.

    ``formula`` is the statement in LaTeX and ``size`` says how many unknowns it was proved for.
    """

    text: str
    formula: str
    size: str
    holds: bool


@dataclass(frozen=True)
class Claim(Generic[I]):
    """One assertion of a paper, with everything that is known and checked about it.

    ``statement`` is the precise (where necessary repaired) statement in words and ``$LaTeX$``,
    ``literal`` what is printed, unchanged; ``verdict`` speaks of what is printed in the ``reading``
    named: what a reader of that place of the paper may take as said
    (:mod:`verify.claims.verdicts`). ``as_printed`` refutes it when it is false or vacuous.
    ``draw(rng, case)`` returns an instance of one of the named ``cases``, generic or degenerate,
    ``example`` is a small one to read, and ``prove(instance)`` evaluates the proof. ``quantifier``
    says how "for all" is covered: certified at once, or on sampled objects only. ``rests_on`` says
    by what the sharp form is proved (:func:`verify.claims.general.sharp_form`). ``sharpness()``
    evaluates the sharp form on instances that attain it, ``sharp`` decides it on drawn instances
    where it speaks of all of them, ``symbolic()`` proves steps for all values of given sizes.
    ``uses`` lists the ids of the claims that the proof rests on. ``pictures()`` draws exact
    instances in the plane. ``idea``, ``why`` it is true and ``caution`` are read on the claim's
    page: paragraphs in Markdown with ``$LaTeX$``.
    """

    id: str
    paper: Paper
    number: str
    title: str
    literal: str
    statement: str
    verdict: Verdict
    verdict_reason: str
    hypotheses: tuple[Hypothesis, ...]
    sharp_form: str
    rests_on: str
    quantifier: str
    idea: str
    why: str
    caution: str
    cases: tuple[str, ...]
    draw: Callable[[Random, str], Any]
    example: I
    prove: Callable[..., Proof]
    sharpness: Callable[[], Proof]
    symbolic: Callable[[], tuple[SymbolicStep, ...]] = tuple
    reading: str = ""
    sharp: SharpForm | None = None
    as_printed: Counterexample[Any] | None = None
    uses: tuple[str, ...] = ()
    pictures: Callable[[], tuple[Picture, ...]] = tuple

    def __post_init__(self) -> None:
        _take_instances(self, "prove")

    @property
    def printed(self) -> str:
        """What the words of the paper are called: a statement of ours is not printed there."""
        return "Not printed" if self.literal.startswith("Not printed") else "As printed"

    def instance(self, seed: int, index: int) -> tuple[str, I]:
        """Return instance ``index`` of the campaign ``seed`` and its case; cases take turns."""
        case = self.cases[index % len(self.cases)]
        return case, self.draw(Random(f"{seed}/{self.id}/{index}"), case)

    def sharp_instance(self, seed: int, index: int) -> tuple[str, Any]:
        """Return instance ``index`` on which the sharp form is decided, and its case."""
        assert self.sharp is not None, self.id
        case = self.sharp.cases[index % len(self.sharp.cases)]
        return case, self.sharp.draw(Random(f"{seed}/{self.id}/sharp form/{index}"), case)

    def counterexamples(self) -> dict[str, Counterexample[Any]]:
        """Return the counterexamples by the name of the hypothesis dropped, or of what is too much.

        That is the statement as printed, or the sharp form in words that say more than is true.
        """
        found = {
            h.name: h.without for h in self.hypotheses if isinstance(h.without, Counterexample)
        }
        if self.as_printed:
            found[AS_PRINTED] = self.as_printed
        if self.sharp:
            found[OVERSTATED] = self.sharp.overstated
        return found


def _take_instances(found: Any, name: str) -> None:
    """Let the function of that name take one instance where it was written for several objects.

    They are the fields of the instance, which the tuples of ``draw`` and ``example`` become.
    """
    function, draw = getattr(found, name), found.draw
    if len(signature(function).parameters) == 1:
        return
    parameters = signature(function, eval_str=True).parameters.items()
    kind = make_dataclass("Instance", [(n, p.annotation) for n, p in parameters], frozen=True)
    changed = {
        name: lambda instance: function(**vars(instance)),
        "draw": lambda *given: kind(*draw(*given)),
    }
    if hasattr(found, "example"):
        changed["example"] = kind(*found.example)
    for key, value in changed.items():
        object.__setattr__(found, key, value)


def step(text: str, *relations: tuple[Side, Operator, Side]) -> Step:
    """Make a step from its words and ``(left, operator, right)`` relations.

    A list on a side stands for one relation an entry, with a number or with a list of its length.
    A side may have a name: see :mod:`verify.claims.relation`.

    >>> str(step("", ([1, 2], ">", 0)).relations[1])
    '2 > 0'
    """
    return Step(text, tuple(one for relation in relations for one in by_entry(*relation)))
