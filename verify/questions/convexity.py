"""Is a network in one of the papers' convex classes, and which region is convex?"""

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from certify.certificates import facts
from certify.networks.operations import Dense, Relu
from certify.numbers import rationals
from verify.data.tables import float_table
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Found, Question, Result, table
from verify.objects import TwoLayerNetwork
from verify.questions.question import Subject
from verify.reporting.summary import quantity

WRITTEN = 3  # pairs with a convex region whose rules are written down whole


def convex(subject: Subject) -> Result | None:
    """Compare the signs of output weights, pair by pair; None for a model of another shape.

    Between classes i and j the network decides by f = (V_j - V_i).relu(W x + b) + c. When no entry
    of V_j - V_i is negative, f is convex, and i wins in a convex region.
    """
    layers = [layer for layer, _ in subject.model.network.nodes]
    if len(layers) != 3 or not isinstance(layers[1], Relu):
        return None
    inner, outer = layers[0], layers[2]
    if not isinstance(inner, Dense) or not isinstance(outer, Dense):
        return None
    V, labels = float_table(outer), subject.model.labels
    decisions, found = [], []
    numbers: dict[str, Fraction | int] = {}
    relations: list[tuple[Any, str, Any]] = []
    pairs = list(combinations(range(len(V)), 2))
    for i, j in pairs:
        # Comparing floats is exact; their difference in floats would not be.
        more, less = np.flatnonzero(V[j] > V[i]), np.flatnonzero(V[j] < V[i])
        name = f"{labels[i]} vs {labels[j]}"
        if len(more) and len(less):
            for unit in (more[0], less[0]):
                for k in (i, j):
                    numbers[f"v{k}_{unit}"] = Fraction(float(V[k, unit]))
            relations.append((f"v{i}_{more[0]}", "<", f"v{j}_{more[0]}"))
            relations.append((f"v{j}_{less[0]}", "<", f"v{i}_{less[0]}"))
            continue
        low, high = (i, j) if len(more) else (j, i)
        found.append([name, str(labels[low])])
        if len(found) <= WRITTEN:
            rule = TwoLayerNetwork(
                rationals.rows(float_table(inner), "weights"),
                inner.biases,
                tuple(
                    Fraction(a) - Fraction(b)
                    for a, b in zip(V[high].tolist(), V[low].tolist(), strict=True)
                ),
                outer.biases[low] - outer.biases[high],
                strict=True,
            )
            certificate = facts.certificate([rule], [facts.convex(0)])
            decisions.append(Decision.by_checker(f"{name}: convex", certificate))
    if relations:
        decisions.append(
            Decision.by_checker("pairs with both signs", facts.arithmetic(numbers, relations))
        )
    finding = (
        f"For {len(found) or 'none'} of the {quantity(len(pairs), 'pair')} of classes all "
        "differences of output weights have one sign. "
    )
    finding += (
        "Between these the network is in the paper's convex class, and the class of the table wins "
        "in a convex region."
        if found
        else "The paper's theorems on convex regions say nothing about this network."
    )
    if len(found) > WRITTEN:
        finding += f" Certificates show it for the first {WRITTEN}."
    # The signs are compared exactly, but only the first have a certificate.
    parts = (
        ("Pairs with a convex region", found[:WRITTEN], Grade.CERTIFIED),
        ("Further pairs with a convex region, without certificate", found[WRITTEN:], None),
    )
    tables = tuple(
        table(title, [("pair", "", None), ("wins in a convex region", "", grade)], rows)
        for title, rows, grade in parts
        if rows
    )
    return Result(
        finding, {}, tuple(decisions), 0, tables, (),
        found={"convex": Found(len(found[:WRITTEN]), Grade.CERTIFIED)},
    )  # fmt: skip


CONVEXITY = Question(
    "convex-classes",
    "Convex classes of networks",
    "Is the network in one of the classes whose -1 region is convex, and which region is it?",
    ("charles-lem-13", "charles-lem-14", "charles-R-in-Rprime"),
    convex,
)
