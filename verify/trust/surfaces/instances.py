"""The JSON of instances."""

import json
from pathlib import Path
from random import Random
from typing import Any

from verify.claims.registry import CLAIMS
from verify.objects import (
    ArgmaxRule,
    Cell,
    CellRule,
    LabelledSet,
    LinearRule,
    SoftmaxHead,
    TwoLayerNetwork,
    from_json,
    to_json,
)  # fmt: skip
from verify.trust.surfaces import hostile
from verify.trust.surfaces.surface import Surface, accepted


def instances(folder: Path) -> list[Surface]:
    """Return the surfaces of the readers of instances, which write into a folder."""
    rule = LinearRule.of([1, "-1/2"], 3, 1)
    objects: list[Any] = [
        rule,
        SoftmaxHead.of([[1, 0, "1/3"], [0, 2, 1]], [0, 1, 2]),
        LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]),
        ArgmaxRule.of([[1, 0], [0, 1]], [0, "1/7"], True),
        TwoLayerNetwork.sum_of_units([[1, 2], [-1, 0]], [0, 1]),
        CellRule((Cell.of([[1, 0]], [1]), Cell.of([[0, 1], [1, 1]], [0, 2], (True, False))), 1, -1),
        *(claim.example for claim in CLAIMS.values()),
    ]
    valid = [(type(x), json.dumps(to_json(x))) for x in objects]
    donors = [json.loads(text) for _, text in valid]

    def draw(rng: Random) -> tuple[type, Any]:
        kind, text = rng.choice(valid)
        data = json.loads(text)
        return kind, data if rng.random() < 0.02 else hostile.changed(rng, data, donors)

    def decide(given: tuple[type, Any]) -> bool:
        def read() -> None:
            found: Any = from_json(*given)
            assert from_json(given[0], to_json(found)) == found, "another object when read again"

        return accepted(read)

    return [Surface("instance, from_json", 10, draw, decide)]
