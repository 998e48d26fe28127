"""Who decides robust labels of a network of dense layers and ReLUs: this package beside Marabou.

``python -m benchmarks.decide_peers MODEL... [--images 30] [--sample 60] [--seconds 20]`` asks, for
the first MNIST test images and each of six radii, or a sample of these questions, whether all
pixels in [0, 1] that are at most so far away have the same label. Each goes to each contender in a
process of its own, on one thread, which ends after so many seconds of the processor. Importing
libraries, reading the model and what is made of that once (by a question about one point, before)
are not counted, and of Marabou only the call that solves. Its counterexamples are decided exactly;
ours are, and our certificates are part of our time and checked by the fast checker. ``MNIST`` names
the folder of the images. Exit code 1 when two answers contradict each other, or a certificate is
not accepted.
"""

import argparse
import multiprocessing
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import product
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import geometric_mean
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from benchmarks.measure import OURS
from benchmarks.mnist import test_images
from certify.bounds.decision import decided
from certify.bounds.question import Box, Question, label_properties
from certify.checking import checker, fast
from certify.networks.operations import Dense, Relu
from verify.models.readers import read_model

RADII = ("2/1000", "5/1000", "1/100", "2/100", "5/100", "1/10")
LONG = 10**6  # seconds: the limit is on the processor's
PEER = "Marabou"
SAT, UNSAT = "refuted", "certified"


def ours(question: Question) -> tuple[str, float, str]:
    """Decide with this package; return the answer, seconds of the processor, and a remark."""
    corner = question.box.lower
    decided(Question(question.network, Box(corner, corner), question.properties))  # what is once
    start = time.process_time()
    verdict = decided(question, seconds=LONG)
    spent = time.process_time() - start
    for certificate in verdict.certificates:
        fast.check(checker.parse(certificate.line()), words=False)
    return verdict.answer, spent, f"{verdict.parts} parts"


def marabou(question: Question) -> tuple[str, float, str]:
    """Decide with Marabou, all rivals in one disjunction, and see what its counterexample is."""
    from maraboupy import Marabou, MarabouCore
    from maraboupy.MarabouNetwork import MarabouNetwork
    from maraboupy.MarabouUtils import Equation

    query = MarabouNetwork()

    def variables(count: int) -> list[int]:
        return [query.getNewVariable() for _ in range(count)]

    inputs = read = variables(len(question.box))
    for x, low, high in zip(inputs, question.box.lower, question.box.upper, strict=True):
        query.setLowerBound(x, float(low))
        query.setUpperBound(x, float(high))
    for operation, _ in question.network.nodes:
        given = variables(operation.outputs(len(read)))
        if isinstance(operation, Relu):
            for pair in zip(read, given, strict=True):
                query.addRelu(*pair)
        else:
            assert isinstance(operation, Dense)
            rows = operation.weights
            table = rows if isinstance(rows, tuple) else rows.integers * 2.0**rows.exponent
            for row, bias, z in zip(table, operation.biases, given, strict=True):
                query.addEquality([*read, z], [*map(float, row), -1.0], -float(bias))
        read = given
    query.inputVars, query.outputVars = [np.array(inputs)], [np.array(read)]
    disjuncts = []
    for unwanted in question.properties:
        equations = []
        for row, d in zip(unwanted.matrix, unwanted.right_side, strict=True):
            equation = Equation(MarabouCore.Equation.LE)
            for weight, z in zip(row, read, strict=True):
                if weight:
                    equation.addAddend(float(weight), z)
            equation.setScalar(float(d))
            equations.append(equation)
        disjuncts.append(equations)
    query.addDisjunctionConstraint(disjuncts)
    options = Marabou.createOptions(verbosity=0, numWorkers=1, timeoutInSeconds=LONG)
    start = time.process_time()
    status, values, _ = query.solve(verbose=False, options=options)
    spent = time.process_time() - start
    if status != "sat":
        return {"unsat": UNSAT}.get(status, status), spent, ""
    exact = question.refuted_by([values[x] for x in inputs]) is not None
    return SAT, spent, "" if exact else "its counterexample is none exactly"


CONTENDERS: dict[str, Callable[[Question], tuple[str, float, str]]] = {OURS: ours, PEER: marabou}


def asked(run: Callable[[], Any], seconds: int) -> tuple[str, float, str]:
    """Return what a function returns in a process of its own, or that its seconds are over."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(run, seconds, sender))
    process.start()
    sender.close()
    try:
        found: tuple[str, float, str] = receiver.recv()
    except EOFError:
        found = "undecided", float(seconds), "out of time"
    process.join()
    return found


def _child(run: Callable[[], Any], seconds: int, sender: Connection) -> None:
    before = int(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (before + seconds, before + seconds))
    sender.send(run())


def main() -> int:
    """Ask all questions, print a line for each, and compare."""
    import torch

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    options.add_argument("--images", type=int, default=30)
    options.add_argument("--sample", type=int, help="so many of the questions, drawn with seed 0")
    options.add_argument("--seconds", type=int, default=60, help="for each question")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    networks = {place.stem: read_model(place).network for place in chosen.models}
    images, digits = test_images()

    def about(name: str, radius: str, i: int) -> Question:
        box = Box.around(images[i] / np.float32(255), radius, within=(0, 1))
        return Question(networks[name], box, label_properties(10, int(digits[i])))

    asks = [*product(networks, RADII, range(chosen.images))]
    if chosen.sample:
        asks = sorted(random.Random(0).sample(asks, chosen.sample))
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    counts: Counter[tuple[str, str]] = Counter()
    contradictions = 0
    print("| network | radius | image |", *(f"{name} | seconds | remark |" for name in CONTENDERS))
    print("|---|---|---|" + "---|---|---|" * len(CONTENDERS))
    for ask in asks:
        question = about(*ask)
        found = {
            name: asked(partial(f, question), chosen.seconds) for name, f in CONTENDERS.items()
        }
        cells = (f"{answer} | {spent:.3f} | {word} |" for answer, spent, word in found.values())
        print(*(f"| {part}" for part in ask), "|", *cells, flush=True)
        counts.update((name, answer) for name, (answer, _, _) in found.items())
        answers = {answer for answer, _, _ in found.values()}
        contradictions += {SAT, UNSAT} <= answers
        if answers <= {SAT, UNSAT}:
            for name, (_, spent, _) in found.items():
                times[name].append(spent)
    for name in CONTENDERS:
        words = ", ".join(f"{counts[name, a]} {a}" for a in (UNSAT, SAT, "undecided"))
        print(f"\n{name}: {words}")
    if times[PEER]:
        pairs = zip(times[PEER], times[OURS], strict=True)
        ratio = geometric_mean([theirs / own for theirs, own in pairs])
        print(f"\nOf {len(times[PEER])} that both decide, {PEER} takes {ratio:.1f} times as long")
    print(f"\n{contradictions} contradictions")
    return 1 if contradictions else 0


if __name__ == "__main__":
    raise SystemExit(main())
