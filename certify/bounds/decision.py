"""Whether no input of a box has outputs with some properties: the question, searched and decided.

Floats search, for counterexamples and for proofs; a counterexample is decided exactly, and a part
of the box is closed when its bound has been computed again exactly.
"""

import math
import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from numbers import Integral, Real
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import torch

from certify.bounds.checkpoints import Checkpoint
from certify.bounds.input_search import FEW, InputSearch
from certify.bounds.pool import Local, Pool
from certify.bounds.question import Box, Property, Question
from certify.bounds.search import Search
from certify.bounds.shaving import Shaving, equalities
from certify.bounds.telling import Progress, Telling
from certify.certificates.certificate import Certificate
from certify.errors import InputError, described
from certify.networks.graph import Network
from certify.numbers.rationals import Vector
from certify.shown import Shown

UNSHAVED = 64  # parts into which a search splits before cuts are sought
WORKERS = 1024  # processes at most
BOXES = 100  # parts at most of few inputs, where there are as few ReLUs and maxima

Answer = Literal["certified", "refuted", "undecided"]


@dataclass(frozen=True, repr=False)
class Verdict(Shown):
    """What came of a question.

    answer          "certified", "refuted" or "undecided"
    certificates    of kind ``no-counterexample``, where the answer is "certified": one, or several
                    whose boxes are all of the box, where one would be too much for the checker
    counterexample  a point of the box, exactly, and ``refuted`` the property that its outputs have
    bound           the least of the bounds of open parts, in floats: above 0 they would be closed
    open_parts      how many there are
    parts           into how many the box was split, for all properties together
    """

    answer: Answer
    certificates: tuple[Certificate, ...] = field(default=(), repr=False)
    counterexample: Vector | None = None
    refuted: int | None = None
    bound: float | None = None
    open_parts: int = 0
    parts: int = 0

    @property
    def certificate(self) -> Certificate | None:
        """The certificate, where there is one for all of the box."""
        return self.certificates[0] if len(self.certificates) == 1 else None


def no_counterexample(
    network: Network,
    lower: Any,
    upper: Any,
    properties: Iterable[Property | tuple[Any, Iterable[Any]]],
    *,
    seconds: float = 60.0,
    parts: float = math.inf,
    device: str = "cpu",
    seed: int = 0,
    workers: int = 1,
    checkpoint: Path | str | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Decide whether no x between two points has outputs with any of some properties.

    A property is a pair (C, d), of outputs z with C z <= d in all rows; those of "another label
    than y" are :func:`certify.bounds.question.label_properties`. Numbers are read exactly: floats
    as what they store. The search ends after some ``seconds``, or when the box is split into as
    many ``parts``. It looks at the clock between steps; the least that it does is to bound the
    whole box once exactly, as a certificate would have it, and to decide again what a checkpoint
    calls closed. The bound is the best that was proved in time. Within the time the answer is the
    same for the same seed, at any number of ``workers``: processes, to which open parts are handed
    out once there are many. With a ``checkpoint``, the path of a file, a search that ended
    undecided or was interrupted goes on from there; what is decided leaves none. ``progress`` is
    told twice a second how many parts are closed, how many there are, and the least bound of an
    open one. Raises :class:`InputError` for arguments that are none, sizes that do not fit, a box
    without points, a file that is another question's, and one that cannot be written.
    """
    _check_limits(seconds, parts)
    _check_setting(device, seed, workers)
    if not isinstance(checkpoint, str | PathLike | None):
        raise InputError("checkpoint", expected="the path of a file", got=described(checkpoint))
    if progress is not None and not callable(progress):
        wanted = "a function of three numbers"
        raise InputError("progress", expected=wanted, got=described(progress))
    if not isinstance(properties, Iterable):
        raise InputError("properties", expected="several", got=described(properties))
    asked = tuple(_property(i, given) for i, given in enumerate(properties))
    question, seed = Question(network, Box.of(lower, upper), asked), int(seed)
    kept = None if checkpoint is None else Checkpoint(Path(checkpoint), question, seed)
    found = decided(
        question, seconds=seconds, parts=parts, device=device, seed=seed,
        workers=int(workers), checkpoint=kept, progress=progress,
    )  # fmt: skip
    if kept and found.answer != "undecided":
        kept.remove()
    return found


def _check_limits(seconds: float, parts: float) -> None:
    for name, number in (("seconds", seconds), ("parts", parts)):
        # Written so that NaN, for which every comparison is false, counts as bad.
        if isinstance(number, bool) or not isinstance(number, Real) or not -math.inf <= number:
            raise InputError(name, expected="a number", got=described(number))
    try:
        float(seconds)
    except OverflowError:
        wanted = "a number in the range of floats"
        raise InputError("seconds", expected=wanted, got=described(seconds)) from None


def _check_setting(device: str, seed: int, workers: int) -> None:
    for name, number, least, most, end in (
        ("seed", seed, 0, 2**63 - 1, "2^63 - 1"), ("workers", workers, 1, WORKERS, f"{WORKERS}"),
    ):  # fmt: skip
        whole = isinstance(number, Integral) and not isinstance(number, bool)
        if not whole or not least <= number <= most:
            wanted = f"an integer from {least} to {end}"
            raise InputError(name, expected=wanted, got=described(number))
    try:
        # Of "meta" there are no values, and a few devices have no float64.
        torch.zeros(1, dtype=torch.float64, device=torch.device(device)).item()
    except (RuntimeError, AssertionError, TypeError, ValueError, OverflowError):
        wanted = "a device that torch finds here"
        raise InputError("device", expected=wanted, got=described(device)) from None


def _property(i: int, given: Any) -> Property:
    if isinstance(given, Property):
        return given
    try:
        matrix, right_side = given
    except (TypeError, ValueError):
        wanted, got = "pairs of a matrix and a right side", type(given).__name__
        raise InputError("properties", expected=wanted, got=got, where=f"property {i}") from None
    return Property.of(matrix, right_side)


def decided(
    question: Question,
    *,
    seconds: float = 60.0,
    parts: float = math.inf,
    device: str = "cpu",
    seed: int = 0,
    workers: int = 1,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Decide a question, as :func:`no_counterexample` does.

    Of few inputs these are split, and of many the ReLUs and maxima: also of few, where boxes become
    too small, or many though there are few ReLUs and maxima. The checkpoint holds, in the end, all
    that was found, unless that is a counterexample; also where the search is interrupted.
    """
    with checkpoint.interruptible() if checkpoint else nullcontext():
        return _searched(
            question, seconds, parts, device, seed, workers, checkpoint, Telling(progress)
        )


def _searched(
    question: Question,
    seconds: float,
    parts: float,
    device: str,
    seed: int,
    workers: int,
    checkpoint: Checkpoint | None,
    tell: Telling,
) -> Verdict:
    end = time.monotonic() + seconds
    pool = Pool(question, device, workers)
    witness = pool.local.witness
    state = checkpoint.read() if checkpoint else None
    search: InputSearch | Search
    try:
        with torch.no_grad():
            if question.box.lower == question.box.upper and not witness(question.box.lower):
                at_point = InputSearch(pool, seconds, parts)
                if at_point.at_point():
                    return _proved(at_point.certificates(), len(question.properties))
            few = len(question.box) <= FEW and (state is None or state["split"] == "inputs")
            over: object = False
            if few and witness.found is None:
                relaxation = pool.local.floats.relaxation
                maxima = sum(question.network.sizes[k] for k in relaxation.maxima)
                boxes = min(parts, BOXES) if maxima <= FEW else parts
                search = InputSearch(pool, seconds, boxes, checkpoint)
                search.run(tell, state)
                over = search.stuck or (search.left() and boxes < parts and time.monotonic() < end)
            if witness.found is None and (over or not few):
                # Equalities narrow what values can be. Checkpoints hold no cuts.
                shaved = checkpoint is None and equalities(question)
                most = min(parts, UNSHAVED) if shaved else parts
                rest = end - time.monotonic()
                search = Search(question, witness, rest, most, device, seed, checkpoint)
                pool.local.signs = search
                with pool:
                    share = partial(pool.map, Local.further)
                    search.run(share, tell, None if few else state)
                in_time = time.monotonic() < end
                if shaved and in_time and witness.found is None and search.left():
                    shaving = Shaving(search.floats, search.proof, end, parts - len(search.trees))
                    tree = shaving.tree()
                    made = len(search.trees) + shaving.leaves
                    if tree is not None:
                        return _proved([search.proof.certificate(tree)], made)
    except OverflowError:  # Numbers are beyond all floats, which then say nothing.
        count = len(question.properties)
        return Verdict("undecided", bound=-math.inf, open_parts=count, parts=count)
    if point := witness.found:
        return Verdict("refuted", counterexample=point, refuted=question.refuted_by(point))
    made = len(search.trees)
    if checkpoint:
        checkpoint.write(search.state())
    if left := search.left():
        return Verdict("undecided", bound=min(left), open_parts=len(left), parts=made)
    return _proved(search.certificates(), made)


def _proved(proofs: Iterable[Certificate], parts: int) -> Verdict:
    proofs = tuple(proofs)
    # A proof that the checker would not read to its end is none.
    return Verdict("certified" if proofs else "undecided", proofs, parts=parts)
