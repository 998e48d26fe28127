"""Estimators in ``.skops`` files, changed after they were saved."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import skops.io
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from benchmarks.hostile_files import (
    NESTED,
    Content,
    Hostile,
    later,
    models,
    nothing_of_the_kind,
    packed,
    unpacked,
)
from benchmarks.hostile_files.arrays import headed, stored

SCHEMA = "schema.json"
LONG = "\x1b[2J\u202e\n" * 10_000
X, Y = np.array([[0.0, 1], [1, 0], [1, 1], [0, 0]]), np.array([0, 1, 1, 0])


def files() -> list[Hostile]:
    """Return the files of this format."""
    made = {**nothing_of_the_kind(saved()), **_archives(), **_schemas(), **_estimators()}
    return models("skops", "m.skops", made)


@cache
def saved() -> bytes:
    """Return logistic regression, saved by skops."""
    return bytes(skops.io.dumps(LogisticRegression().fit(X, Y)))


def _schema() -> Any:
    return json.loads(unpacked(saved())[SCHEMA])


def _with(schema: Any, **members: bytes) -> bytes:
    text = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    return packed({**unpacked(saved()), SCHEMA: text, **members})


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield all dicts of a schema."""
    if isinstance(schema, dict):
        yield schema
    for part in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(part, dict | list):
            yield from nodes(part)


def _weights(schema: Any) -> dict[str, Any]:
    """Return the node of the coefficients."""
    found: dict[str, Any] = schema["content"]["content"]["coef_"]
    return found


def _archives() -> dict[str, Content]:
    @later
    def weights(content: bytes, **changed: Any) -> bytes:
        return packed({**unpacked(saved()), _weights(_schema())["file"]: content}, **changed)

    @later
    def referred(member: str, content: Content) -> bytes:
        """Return the archive whose coefficients are in a member of another name."""
        schema = _schema()
        _weights(schema)["file"] = member
        members = {**unpacked(saved()), SCHEMA: json.dumps(schema).encode()}
        return packed({**members, member: content()}, compressed=True)

    def often() -> bytes:
        """Return the archive in which 2,000 arrays are one of 8 MB."""
        schema = _schema()
        one = {**_weights(schema), "file": "x.npy"}
        content = schema["content"]["content"]
        content["coef_"] = {
            "__class__": "list", "__module__": "builtins", "__loader__": "ListNode",
            "content": [{**one, "__id__": k} for k in range(2000)],
        }  # fmt: skip
        members = {**unpacked(saved()), SCHEMA: json.dumps(schema).encode()}
        return packed({**members, "x.npy": stored(np.zeros(10**6))}, compressed=True)

    return {
        "no schema": lambda: packed({k: v for k, v in unpacked(saved()).items() if k != SCHEMA}),
        "a schema twice": lambda: packed([*unpacked(saved()).items(), (SCHEMA, b"{}")]),
        "coefficients that are not there": referred("absent/../x", lambda: b""),
        "coefficients of 10^9 numbers": weights(headed("(1, 1000000000)")),
        "coefficients of 10^9 numbers, by another name": referred(
            "x", lambda: headed("(1, 1000000000)")
        ),
        "coefficients of 100 MB of zeros": referred(
            "x", lambda: headed("(1, 12500000)", data=bytes(10**8))
        ),
        "an archive of 100 MB in an archive": referred(
            "x", lambda: packed({"x.npy": headed("(12500000,)", data=bytes(10**8))},
                                compressed=True),
        ),
        "one array of 8 MB, 2,000 times": often,
        "coefficients of objects": weights(headed("(1, 2)", "'|O'")),
        "coefficients that are text": weights(b"coefficients"),
        "coefficients that are not numbers": weights(stored(np.full((1, 2), np.nan))),
        "coefficients that are words": weights(stored(np.full((1, 2), "\x1b[2J"))),
        "coefficients of three classes": weights(stored(np.zeros((3, 2)))),
        "coefficients of no inputs": weights(stored(np.zeros((1, 0)))),
        "coefficients of three axes": weights(stored(np.zeros((1, 1, 2)))),
        "5,000 members more": lambda: packed(
            {**unpacked(saved()), **{f"x{k}": b"" for k in range(5000)}}
        ),
        "a member with control characters": lambda: packed({**unpacked(saved()), LONG[:50]: b""}),
    }  # fmt: skip


def _schemas() -> dict[str, Content]:
    @later
    def changed(change: Callable[[Any], Any]) -> bytes:
        schema = _schema()
        change(schema)
        return _with(schema)

    def root(**fields: Any) -> Content:
        return changed(lambda schema: schema.update(fields))

    def weights(**fields: Any) -> Content:
        return changed(lambda schema: _weights(schema).update(fields))

    def attributes(change: Callable[[Any], Any]) -> Content:
        return changed(lambda schema: change(schema["content"]["content"]))

    def written(content: str) -> Content:
        """Return coefficients of which this is the JSON."""
        return attributes(lambda a: a.update(coef_={**a["solver"], "content": content}))

    return {
        "a schema nested 100,000 deep": lambda: _with(NESTED.encode()),
        "a schema of nodes 5,000 deep": lambda: _with(_deep(5000)),
        "a schema that is a list": lambda: _with([]),
        "a schema that is text": lambda: _with(b"schema"),
        "a schema that is a number of 10^6 digits": lambda: _with(b"9" * 10**6),
        "a schema of 30 MB of lists": lambda: _with(b"[" + b"[]," * 10**7 + b"[]]"),
        "a schema that is not UTF-8": lambda: _with(b'{"\xff": 1}'),
        "an empty schema": lambda: _with({}),
        "no loader": changed(lambda schema: schema.pop("__loader__")),
        "an unknown loader": root(__loader__="AbsentNode"),
        "a loader that is a list": root(__loader__=[]),
        "a loader with control characters": root(__loader__=LONG),
        "a type that nobody has": root(__module__="no_such_module_of_anybody", __class__="Marker"),
        "a type that is not trusted": root(__module__="fractions", __class__="Fraction"),
        "a type with control characters": root(__class__=LONG),
        "a type of 10^6 letters": root(__class__="x" * 10**6),
        "a type that is a list": root(__class__=[]),
        "an unknown protocol": root(protocol=10**30),
        "a protocol below 0": root(protocol=-1),
        "a protocol in words": root(protocol=LONG),
        "an estimator in itself": changed(
            lambda schema: schema["content"]["content"].update(coef_={
                "__class__": "LogisticRegression", "__module__": "sklearn.linear_model._logistic",
                "__loader__": "CachedNode", "cached": True, "__id__": schema["__id__"],
            })
        ),
        "coefficients of an unknown kind": weights(type="pickle"),
        "coefficients in a path above": weights(file="../../x.npy"),
        "coefficients of a name that is a list": weights(file=[LONG]),
        "coefficients that are another type": weights(__class__="matrix"),
        "coefficients as objects": weights(type="json", content=[], shape=[10**9, 10**9]),
        "coefficients that are a word": written(json.dumps(LONG)),
        "coefficients that are nothing": written("null"),
        "coefficients that are a number of 10^6 digits": written("9" * 10**6),
        "coefficients that are nested 100,000 deep": written(NESTED),
        "coefficients as labels": attributes(lambda a: a.update(classes_=a["coef_"])),
        "no labels": attributes(lambda a: a.pop("classes_")),
        "no intercept": attributes(lambda a: a.pop("intercept_")),
        "an attribute with control characters": attributes(lambda a: a.update({LONG: a["C"]})),
        "an attribute that is a method": attributes(lambda a: a.update(predict=a["C"])),
    }  # fmt: skip


def _deep(depth: int) -> bytes:
    """Return a schema of lists in lists; written by hand, for json cannot go so deep."""
    head = b'{"__class__":"list","__module__":"builtins","__loader__":"ListNode","__id__":1,'
    return (head + b'"content":[') * depth + b"]}" * depth


def _estimators() -> dict[str, Content]:
    """Return honest estimators that no audit reads, or that are odd."""

    @later
    def dumped(value: Any) -> bytes:
        return bytes(skops.io.dumps(value))

    @later
    def fitted(estimator: Any, labels: Any = Y) -> bytes:
        return bytes(skops.io.dumps(estimator.fit(X, labels)))

    def sparse_() -> bytes:
        """Return coefficients of 10^9 numbers, of which one is not 0."""
        model = LogisticRegression().fit(X, Y)
        model.coef_ = sparse.csr_matrix(([1.0], ([0], [0])), shape=(1, 10**9))
        return bytes(skops.io.dumps(model))

    @later
    def network(**changed: Any) -> bytes:
        model = MLPClassifier((3,), max_iter=300).fit(X, Y)
        vars(model).update(changed)
        return bytes(skops.io.dumps(model))

    return {
        "a number": dumped(7),
        "words": dumped(LONG),
        "an array of 10^6": dumped(np.zeros(10**6)),
        "a dict": dumped({"coef_": np.eye(2)}),
        "an estimator that is not fitted": dumped(LogisticRegression()),
        "a tree": fitted(DecisionTreeClassifier()),
        "a pipeline": fitted(make_pipeline(LogisticRegression())),
        "sparse coefficients of 10^9": sparse_,
        "words with control characters as labels": fitted(
            LogisticRegression(), np.array(["\x1b[2J", "a\nb"])[Y]
        ),
        "words of 10^5 letters as labels": fitted(
            LogisticRegression(), np.array(["a" * 10**5, "b"])[Y]
        ),
        "an activation that is not known": network(activation=LONG),
        "layers that do not fit": network(coefs_=[np.zeros((2, 3)), np.zeros((9, 1))]),
        "no layers": network(coefs_=[], intercepts_=[]),
        "layers that are words": network(coefs_=[LONG], intercepts_=[LONG]),
        "layers beyond the largest float": network(coefs_=[np.full((2, 3), 1e308)] * 2),
    }
