"""The cases of a property about the numbers that were read of a model."""

from collections.abc import Iterable
from itertools import groupby

from certify.certificates.certificate import canonical_json
from certify.errors import InputError
from certify.numbers.rationals import texts
from verify.models.model import Model
from verify.properties.cases import Case
from verify.properties.reading import Specification


def cases_of(model: Model, asked: Specification) -> tuple[Case, ...]:
    """Return the cases of a property for a model.

    Raises InputError for a property that is not about the numbers that were read.
    """
    scores = model.network.sizes[-1]
    if model.behind != "nothing" and asked.count != scores:
        wanted = "a model whose outputs are those of its last layer"
        got = f"{asked.count} of its own, where {scores} scores are read and others made of them"
        raise InputError(asked.name, expected=wanted, got=got, where=model.origin)
    cases = asked.cases(model.network.sizes[0], scores, model.shape)
    _check_outputs(model, asked, cases)
    return cases


def stated(model: Model, asked: Specification) -> str:
    """Return a property in numbers: a line for each box, with what outputs shall never be on it."""
    lines = (
        {
            "lower": texts(box.lower), "upper": texts(box.upper),
            "properties": [case.to_json() for case in own],
        }
        for box, own in groupby(cases_of(model, asked), key=lambda case: case.box)
    )  # fmt: skip
    return "".join(f"{canonical_json(line)}\n" for line in lines)


def _check_outputs(model: Model, asked: Specification, cases: Iterable[Case]) -> None:
    rows = [
        (row, d)
        for case in cases
        for row, d in zip(case.property.matrix, case.property.right_side, strict=True)
    ]
    if model.behind == "nothing":
        return
    # Another number in the same order keeps which of two is larger, and nothing else.
    compared = all(
        d == 0 and sum(row) == 0 and len([*filter(None, row)]) in (0, 2) for row, d in rows
    )
    if model.behind == "labels" or model.voting or not compared:
        wanted = "a model whose outputs are those of its last layer"
        if model.behind == "order" and not model.voting:
            wanted = "comparisons of outputs with each other, whose order alone is read"
        raise InputError(
            asked.name, expected=wanted, got="other numbers or labels behind it", where=model.origin
        )
