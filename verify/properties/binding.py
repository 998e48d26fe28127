"""Whether a folder of ``verify decide`` is about a model and a property, and says all of it.

That the folder's files belong together, and its certificates close the boxes that it states, is
found as ``certify check`` finds it. Here these boxes, and the network, are compared with what is
read of the property's and the model's files, and a counterexample is evaluated again.
"""

import hashlib
from collections import deque
from pathlib import Path
from typing import Any

from certify.certificates.certificate import canonical_json
from certify.checking.answers import BOXES, DECISION, POINT, Answer
from certify.checking.report_fields import at
from certify.errors import InputError
from certify.numbers.rationals import rational, texts, vector
from verify.models.model import Model
from verify.properties.counterexamples import written
from verify.properties.model_cases import stated
from verify.properties.own_floats import alike, floats_at
from verify.properties.reading import Specification


def differences(folder: Path, model: Model, asked: Specification) -> list[str]:
    """Return a line for each thing that the folder's answer does not say of model and property.

    None at all means: with certificates that the checker accepts, the answer is about these. Raises
    InputError for a folder without an answer, and for one that decided nothing.
    """
    answer = Answer(folder)
    deque(answer.certificates(), maxlen=0)
    answer.compare()
    told, found = answer.told, list(answer.differences)
    if told is None and not (folder / DECISION).is_file():
        raise InputError(str(folder), expected="the answer of verify decide", got="none")
    if told is None:
        return found
    if told["answer"] == "undecided":
        raise InputError(str(folder), expected="an answer that decides", got="undecided")
    layers = canonical_json(model.network.to_json())
    if told["model"]["layers_sha256"] != hashlib.sha256(layers.encode()).hexdigest():
        found.append(f"{DECISION}: model.layers_sha256: that of other layers than the model's")
    if told["property"]["sha256"] != asked.sha256:
        found.append(f"{DECISION}: property.sha256: another file than the one given")
    place = folder / BOXES
    if not place.is_file() or place.read_text(encoding="utf-8") != stated(model, asked):
        found.append(f"{BOXES}: not the boxes and rows of this property")
    if told["word"] == "sat":
        text = folder / POINT
        found += _violation(told, text.read_bytes() if text.is_file() else b"", model, asked)
    return found


def _violation(told: Any, text: bytes, model: Model, asked: Specification) -> list[str]:
    """Return what is wrong with a counterexample's outputs, which are computed exactly, and text.

    Floats are compared where the model's own library is here: they may differ a little by version.
    """
    try:
        point = vector([rational(x) for x in told["counterexample"]])
        (outputs,) = model.network.outputs([point])
    except (InputError, TypeError) as error:
        return [f"{DECISION}: counterexample: not an input of this model: {error}"]
    if at(told, "outputs") != list(texts(outputs)):
        return [f"{DECISION}: outputs: not those of the counterexample"]
    found = []
    if text != written(asked, point, outputs).encode():
        found.append(f"{POINT}: not the counterexample with the names of this property")
    given, own = at(told, "floats"), floats_at(model, point)
    if given is not None and own is not None and not alike(given, own):
        found.append(f"{DECISION}: floats: not those of the model's own library")
    return found
