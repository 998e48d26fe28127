"""Whether a folder of ``verify decide`` is about a model and a property, and says all of it.

A certificate is about the network, the box and the properties of its own instance. Here these are
compared with what is read of the model's and the property's files: that the layers are the model's,
and that the boxes cover those of the property. What is accepted is for ``certify check`` to say.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from certify.bounds.question import Property
from certify.certificates.certificate import canonical_json
from certify.checking import checker
from certify.checking.report_fields import at
from certify.checking.robust_answers import Box, box_of, covered
from certify.errors import InputError
from certify.numbers.rationals import rational, rows, texts, vector
from verify.evidence.places import DECISION
from verify.models.model import Model
from verify.properties.cases import Case
from verify.properties.decision import check_outputs
from verify.properties.reading import Specification

MEANT = {"unsat": "holds", "sat": "violated"}


def differences(folder: Path, model: Model, asked: Specification) -> list[str]:
    """Return a line for each thing that the folder's answer does not say of model and property.

    None at all means: with certificates that the checker accepts, the answer is about these. Raises
    InputError for a folder without an answer, and for one that decided nothing.
    """
    told = _told(folder)
    network = model.network
    cases = asked.cases(network.sizes[0], network.sizes[-1], model.shape)
    check_outputs(model, asked, cases)
    layers = canonical_json(network.to_json())
    found = _inconsistent(folder, told, layers)
    if at(told, "property", "sha256") != asked.sha256:
        found.append("decision.json: property.sha256: another file than the one given")
    if told["word"] == "sat":
        return found + _violation(told, model, cases)
    closed: dict[Property, list[Box]] = {}
    place = folder / "certificates.jsonl"
    lines = checker.certificates_in(place) if place.is_file() else ()
    for where, text in lines:
        try:
            certificate = checker.parse(text)
            instance, statement = certificate["instance"], certificate["statement"]
            if canonical_json(instance["nodes"]) != layers:
                found.append(f"{where}: layers of another model")
                continue
            box = box_of(instance)
            for stated in statement["properties"]:
                own = Property(rows(stated["matrix"]), vector(stated["right_side"]))
                closed.setdefault(own, []).append(box)
        except (checker.Malformed, InputError, KeyError, TypeError) as error:
            found.append(f"{where}: not a certificate of this command: {error!r}")
    for k, case in enumerate(cases):
        if not covered((case.box.lower, case.box.upper), closed.get(case.property, [])):
            found.append(f"case {k} of the property: no certificates for all of its box")
    return found


def _told(folder: Path) -> Any:
    place = folder / "decision.json"
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        told = None
    if at(told, "format") != DECISION:
        wanted = "the answer of verify decide"
        raise InputError(str(place), expected=wanted, got="none, or another file")
    if at(told, "word") not in list(MEANT):  # it may be anything
        raise InputError(str(place), expected="an answer that decides", got="undecided")
    return told


def _inconsistent(folder: Path, told: Any, layers: str) -> list[str]:
    """Return what is said of the answer in other words, or of another model's layers."""
    word, result = told["word"], folder / "result.txt"
    found = []
    if (answer := at(told, "answer")) != MEANT[word]:
        found.append(f"decision.json: answer: {answer!r}, but the word is {word}")
    if at(told, "model", "layers_sha256") != hashlib.sha256(layers.encode()).hexdigest():
        found.append("decision.json: model.layers_sha256: that of other layers than the model's")
    if result.is_file():
        first, *_ = result.read_text(encoding="utf-8", errors="replace").split("\n")
        if first != word:
            found.append(f"result.txt: {first[:40]!r}, but the word is {word}")
    return found


def _violation(told: Any, model: Model, cases: Sequence[Case]) -> list[str]:
    """Return what is wrong with a counterexample, which is evaluated again exactly."""
    try:
        point = vector([rational(x) for x in told["counterexample"]])
        (outputs,) = model.network.outputs([point])
    except (InputError, KeyError, TypeError) as error:
        return [f"decision.json: counterexample: not an input of this model: {error}"]
    found = []
    if at(told, "outputs") != list(texts(outputs)):
        found.append("decision.json: outputs: not those of the counterexample")
    if not any(case.holds(point, outputs) for case in cases):
        found.append("decision.json: counterexample: none of this model and this property")
    return found
