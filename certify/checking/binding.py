"""Whether certificates of an audit speak of a given model and of given data: ``certify bind``.

A certificate proves its statement about the numbers of its own instance. Here these numbers are
compared, exactly, with what the readers of :mod:`verify` read from the user's files; this is the
one part of ``certify`` that needs them. What a certificate proves is for ``certify check`` to say.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from importlib import import_module
from itertools import permutations
from pathlib import Path
from typing import Any

from certify.checking import checker
from certify.checking.folders import REPORT, Folder, sha256_of
from certify.checking.ledger_records import Record
from certify.checking.moved_points import MOVING, TWIN, TWINS
from certify.checking.report_fields import DECIDED, at
from certify.checking.robust_answers import ROBUST, Units, exact, rivals
from certify.errors import InputError

Exact = Fraction | tuple["Exact", ...]


class Other(Exception):
    """What a certificate or a report speaks of is not what was read."""


@dataclass(frozen=True)
class Bound:
    """What came of a comparison.

    ``same`` counts certificates about the model, or the model and the data, by kind; ``unread``
    those about data that were not given; ``other`` has a line for each thing that differs.
    """

    same: Counter[str]
    unread: Counter[str]
    other: list[str]


def bind(
    folder: Path,
    model: Path,
    data: str | None = None,
    *,
    data_folder: Path | None = None,
    architecture: str | None = None,
    module: str | None = None,
    output: str | None = None,
    answer: str = "largest",
) -> Bound:
    """Compare every certificate in the folder of an audit with a model, and with data.

    ``model``, ``data`` and all that is said about them are as for ``verify audit``. Raises
    InputError when they cannot be read or the folder holds no audit, OSError when it cannot be
    read.
    """
    readers, examples = _imported("verify.models.readers", "verify.data.examples")
    report = Folder(folder)
    if report.audit is None:
        raise InputError(
            str(folder / REPORT), expected="the report of an audit", got="none, or another one"
        )
    found = None
    if data is not None:
        scaled = str(at(report.audit, "data", "scale")).startswith("divided by 255")
        found = examples.read_examples(
            data, data_folder, pixels=examples.UNIT if scaled else examples.GIVEN
        )
    read = readers.read_model(
        model, architecture, module=module, output=output, answer=answer,
        shapes=() if found is None else found.shapes,
    )  # fmt: skip
    return _Comparison(report, read, found, sha256_of(model)).run()


def bind_property(
    folder: Path,
    model: Path,
    stated: Path,
    *,
    architecture: str | None = None,
    module: str | None = None,
    output: str | None = None,
) -> list[str]:
    """Return what the answer of ``verify decide`` does not say of a model and a property.

    Raises InputError as :func:`bind` does, and for a folder without an answer that decides.
    """
    readers, reading, binding = _imported(
        "verify.models.readers", "verify.properties.reading", "verify.properties.binding"
    )
    asked = reading.read_property(stated)
    read = readers.read_model(model, architecture, module=module, output=output)
    found: list[str] = binding.differences(folder, read, asked)
    return found


def _imported(*names: str) -> list[Any]:
    """Return modules of the package that reads users' files."""
    try:
        return [import_module(name) for name in names]
    except ImportError as error:
        wanted = "the package verify, which reads models"
        raise InputError("certify bind", expected=wanted, got=str(error)) from None


class _Comparison:
    """The numbers of one model, and of examples where they were given."""

    def __init__(self, report: Folder, model: Any, data: Any, digest: str) -> None:
        self.audit, self.model, self.data, self.digest = report.audit, model, data, digest
        self.report = report
        self._cache: dict[str, dict[Exact, set[Any]]] = {}  # the examples of each question
        self.same: Counter[str] = Counter()
        self.unread: Counter[str] = Counter()
        self.other: list[str] = []

    def run(self) -> Bound:
        try:
            self._whole()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            self.other.append(f"{REPORT}: audit: not what an audit says: {error}")
            return Bound(self.same, self.unread, self.other)
        for place, text, record in self.report.certificates():
            try:
                certificate = checker.parse(text)
                kind, instance = certificate["kind"], certificate["instance"]
                self.report.accepted(certificate, record)
                complete = self._compare(kind, instance, certificate["statement"], record)
            except (Other, checker.Malformed) as other:
                self.other.append(f"{place}: {other}")
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                self.other.append(f"{place}: not a certificate of an audit: {error!r}")
            else:
                (self.same if complete else self.unread)[kind] += 1
        self.report.compare()
        self.other += self.report.differences
        return Bound(self.same, self.unread, self.other)

    def _whole(self) -> None:
        """Compare what the report says of model and data as a whole."""
        stored = at(self.audit, "model")
        layers = json.dumps(self._own_nodes, sort_keys=True, separators=(",", ":"))
        expected = {
            "model.layers_sha256": hashlib.sha256(layers.encode()).hexdigest(),
            "model.labels": list(self.model.labels),
        }
        for name, value in expected.items():
            if (said := at(stored, name.split(".")[1])) != value:
                self.other.append(f"{REPORT}: audit.{name}: {said!r}, but the model has {value!r}")
        # Of what an audit had in memory there was no file.
        if at(stored, "file") is not None:
            self._file("model", self.digest)
        if self.data is None:
            return
        if at(self.audit, "data", "file") is not None:
            self._file("data", self.data.sha256)
            if (said := at(self.audit, "data", "scale")) != self.data.scale:
                self.other.append(
                    f"{REPORT}: audit.data.scale: {said!r}, but they were read {self.data.scale!r}"
                )
        rows = self._rows
        if rows and max(rows) >= len(self.data):
            self.other.append(f"{REPORT}: audit.data.rows: the data have {len(self.data)} examples")
            return
        drawn = type(self.data)(self.data.X[rows], self.data.y[rows], self.data.rows[rows])
        said = at(self.audit, "data", "arrays_sha256")
        if drawn.arrays_sha256 != said:
            self.other.append(
                f"{REPORT}: audit.data.arrays_sha256: {said}, but the examples of these numbers "
                f"have {drawn.arrays_sha256}"
            )
        self._units(drawn.X)

    def _units(self, X: Any) -> None:
        """Compare units and limits with those that an audit of these examples may have."""
        (module,) = _imported("verify.questions.units")
        possible = [Units.of({"units": units.to_json()}) for units in module.possible(X)]
        for name, question in at(self.audit, "questions").items():
            if name in MOVING and Units.of(question) not in possible:
                where = f"{REPORT}: audit.questions.{name}.units"
                self.other.append(f"{where}: not the ranges or limits of these examples")

    def _file(self, name: str, digest: str | None) -> None:
        """Compare the hash of a file, whose numbers may be the same as those of another."""
        if (said := at(self.audit, name, "sha256")) != digest:
            self.other.append(
                f"{REPORT}: audit.{name}.sha256: {said}, but the file given has {digest}; whether "
                "its numbers are the same, the other lines say"
            )

    @cached_property
    def _own_nodes(self) -> Any:
        return self.model.network.to_json()

    @cached_property
    def _rows(self) -> list[int]:
        return [int(k) for k in at(self.audit, "data", "rows") or ()]

    # Certificates by kind

    def _compare(self, kind: str, instance: Any, statement: Any, record: Record | None) -> bool:
        """Compare one certificate; return whether nothing in it was left out for want of data."""
        if kind == "network-points":
            points = _list(exact(instance["points"]))
            if record is not None and record.claim in MOVING:
                return self._moved(record, instance["nodes"], points, statement["facts"])
            if exact(instance["nodes"]) != exact(self._own_nodes):
                raise Other("layers of another model")
            starts = {fact["from"] for fact in statement["facts"] if fact["fact"] == "segment"}
            # Without these, examples take turns with the points to which they were moved.
            return self._examples(record, [points[k] for k in starts] if starts else points[::2])
        if kind in ("max-margin", "not-separable", "separable", "universal-step"):
            whole = self._labelled(record, instance)
            if whole and kind == "max-margin" and record and record.case.endswith(DECIDED):
                self._pair(record.case.removesuffix(DECIDED), instance)  # fewer have a wider one
            return whole
        if kind == "no-counterexample":
            return self._box(record, instance, statement)
        if kind == "separator-steps":
            self._separator(instance["separator"])
            whole = self._labelled(record, instance)
            return self._labelled(record, instance["queries"]) and whole
        if kind == "rule-facts" and not instance["points"]:
            for rule in instance["rules"]:
                self._two_layers(rule)
            return True
        if kind == "arithmetic":
            for number in instance["numbers"]:
                self._weight(number["name"], exact(number["value"]))
            return True
        if "weights" not in instance:
            raise Other(f"a certificate of kind {kind}, which no audit makes")
        self._head(instance)
        if kind != "invariant-regions":
            return True
        points = [exact(region["point"]) for region in statement["regions"]]
        return self._among(points, self._features(record), "the features of an example")

    def _head(self, instance: Any) -> None:
        if exact(instance["weights"]) != self._weights:
            raise Other("weights of another last layer")
        if "bias" in instance and exact(instance["bias"]) != tuple(self.model.head.bias):
            raise Other("biases of another last layer")

    def _separator(self, separator: Any) -> None:
        given = (exact(separator["normal"]), exact(separator["offset"]))
        if given not in self._between():
            raise Other("a separator that is not the model's between two of its classes")

    def _two_layers(self, rule: Any) -> None:
        first = self._own_nodes[0]
        inner = (exact(first["weights"]), exact(first["biases"]))
        if (exact(rule["weights"]), exact(rule["biases"])) != inner:
            raise Other("a hidden layer of another model")
        if (exact(rule["output"]), -exact(rule["threshold"])) not in self._between():
            raise Other("output weights that are not the model's between two of its classes")

    def _between(self) -> Iterator[tuple[Exact, Exact]]:
        """Yield the rules of the last layer between two classes, each by normal and offset."""
        bias = self.model.head.bias
        for i, j in permutations(range(len(bias)), 2):
            yield tuple(row[j] - row[i] for row in self.model.head.weights), bias[j] - bias[i]

    def _weight(self, name: str, value: Exact) -> None:
        match = re.fullmatch("v([0-9]+)_([0-9]+)", name)
        if match is None or self._weights[int(match[2])][int(match[1])] != value:  # type: ignore[index]
            raise Other(f"{name}, which is not that weight of the model")

    # Data

    def _labelled(self, record: Record | None, labelled: Any) -> bool:
        points = _list(exact(labelled["points"]))
        if not self._examples(record, points):
            return False
        # Of each sign only the examples of one label: the sets of possible labels have one in all.
        for sign in (-1, 1):
            signed = [x for x, y in zip(points, labelled["labels"], strict=True) if y == sign]
            common = [self._known(record)[x] for x in signed]
            if common and not set.intersection(*common):
                raise Other(f"examples of several labels, all labelled {sign}")
        return True

    def _pair(self, name: str, instance: Any) -> None:
        """Compare the points of a margin with all that an audit takes of two classes."""
        (hulls,) = _imported("verify.questions.hulls")
        rows = hulls.members_of(name, self.model, self.data.y[self._rows], self.report.seed)
        flat = self.data.X[self._rows].reshape(len(self._rows), -1)
        if _list(exact(instance["points"])) != [_row(flat[k]) for k in rows]:
            raise Other(f"a margin that is not of the examples of {name}")

    def _box(self, record: Record | None, instance: Any, statement: Any) -> bool:
        """Compare what is said of a label on a box: that of the example that its result names.

        That the boxes cover the ball of this example is for the comparison of the report to say.
        """
        if exact(instance["nodes"]) != exact(self._own_nodes):
            raise Other("layers of another model")
        k, *_ = rivals(statement)
        named = ROBUST.fullmatch("" if record is None else record.case)
        if k is None or named is None:
            raise Other("properties that are not those of the label of an example")
        if self.data is None:
            return False
        row = int(named[1])
        if row >= len(self.data) or self.data.y[row] != self.model.labels[k]:
            label = self.model.labels[k]
            raise Other(f"a box of label {label!r}, which example {row} of the data has not")
        return True

    def _moved(self, record: Record, nodes: Any, points: list[Exact], facts: Iterable[Any]) -> bool:
        """Compare the examples behind moved points, each with the number that the report gives it.

        In front of the model's nodes one multiplies features by their ranges, where points are
        shares of them.
        """
        question = at(self.audit, "questions", record.claim)
        units, own = Units.of(question), self._own_nodes
        if units.factors:
            shifted = [{**node, "reads": _next(node["reads"])} for node in own]
            if not nodes or not units.multiplies(nodes[0]):
                raise Other("points in other units than the report states")
            nodes, own = nodes[1:], shifted
        if exact(nodes) != exact(own):
            raise Other("layers of another model")
        if self.data is None:
            return False
        rows, start = [int(k) for k in question["examples"]], len(question["examples"])
        if record.claim == TWINS:
            named = TWIN.fullmatch(record.case)
            if named is None:
                raise Other("a twin of no two examples")
            rows, start = [int(k) for k in named.groups()], 1
        flat = self.data.X.reshape(len(self.data), -1)
        known = {f["point"]: f["label"] for f in facts if f["fact"] in ("label", "votes")}
        for k, row in enumerate(rows, start):
            if row >= len(flat) or units.inputs(_list(points[k])) != _row(flat[row]):
                raise Other(f"point {k} is not example {row} of the data")
            if k in known and self.model.labels[known[k]] != self.data.y[row]:
                label = self.model.labels[known[k]]
                raise Other(f"label {label!r} of point {k}, which example {row} has not")
        return True

    def _examples(self, record: Record | None, points: Iterable[Exact]) -> bool:
        return self._among(points, self._known(record), "an example of this question")

    def _among(self, points: Iterable[Exact], known: Any, what: str) -> bool:
        if self.data is None:
            return False
        for n, point in enumerate(points):
            if point not in known:
                raise Other(f"point {n} is not {what}")
        return True

    def _known(self, record: Record | None) -> dict[Exact, set[Any]]:
        """Return the examples of a question as exact points, each with its labels."""
        name = record.claim if record else ""
        if self.data is None or name in self._cache:
            return self._cache.get(name, {})
        listed = at(self.audit, "questions", name, "examples") or ()
        flat = self.data.X.reshape(len(self.data), -1)
        found: dict[Exact, set[Any]] = {}
        for k in {int(k) for k in listed} & set(self._rows):
            if k < len(flat):
                found.setdefault(_row(flat[k]), set()).add(self.data.y[k])
        self._cache[name] = found
        return found

    def _features(self, record: Record | None) -> set[Exact]:
        if self.data is None:
            return set()
        points = list(self._known(record))
        return set(self.model.network.body.outputs(points))

    @cached_property
    def _weights(self) -> Exact:
        return tuple(tuple(row) for row in self.model.head.weights)


def _next(reads: Any) -> Any:
    """Return numbers of nodes, one or several, when there is one more in front."""
    return [j + 1 for j in reads] if isinstance(reads, list) else reads + 1


def _row(row: Any) -> Exact:
    return tuple(Fraction(x) for x in row.tolist())


def _list(value: Any) -> list[Exact]:
    return list(value)
