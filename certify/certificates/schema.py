"""The JSON Schema of certificates, built from the files of the kinds.

A *shape* says what a value looks like. It is one of

- the name of a shape in ``shapes.json``, and perhaps words for readers after a space;
- ``{"list": shape}``, with ``least`` entries, exactly ``length`` or ``distinct`` ones;
- ``{"integer": [least]}`` or ``{"integer": [least, most]}``;
- ``{"const": value}`` or ``{"enum": [values]}``;
- ``{"one-of": [shapes]}``;
- ``{"part": table, "by": field}``: an object whose field names a row of that table of the kind,
  or, with ``of``, of another kind;
- ``{"schema": ...}``, a JSON Schema, in ``shapes.json`` alone;
- any other object: exactly these fields, those with ``?`` where they are asked for;
- a list of such objects: the fields of all of them.
"""

import json
from pathlib import Path
from typing import Any

from certify.certificates.certificate import FORMAT, VERSION
from certify.certificates.kinds import KINDS, PARTS, Json

SHAPES: Json = json.loads(Path(__file__).with_name("shapes.json").read_text(encoding="ascii"))
KEYWORDS = ("list", "integer", "const", "enum", "one-of", "part", "schema")


def schema() -> Json:
    """Return the JSON Schema of certificates of all kinds."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Certificate of version {VERSION}",
        "description": "The shapes of a certificate. FORMAT.md says what they mean and what has to "
        "hold; lengths that have to agree, lowest terms, limits and the hash are said there alone.",
        "type": "object",
        "properties": {
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "kind": {"enum": list(KINDS)},
            "instance_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$", "maxLength": 64},
            **{part: {"type": "object"} for part in PARTS},
        },
        "required": ["format", "version", "kind", *PARTS, "instance_sha256"],
        "additionalProperties": False,
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": name}}},
                "then": {"properties": {p: _of(kind.fields[p], kind.parts) for p in PARTS}},
            }
            for name, kind in KINDS.items()
        ],
        "$defs": {name: _of(shape, {}) for name, shape in SHAPES.items()},
    }


def keyword(shape: Any) -> str:
    """Return which of the forms of a shape this is: "name", "fields" or a keyword."""
    if isinstance(shape, str):
        return "name"
    return next((word for word in KEYWORDS if word in shape), "fields")


def fields_of(shape: Any) -> Json:
    """Return the fields of an object by name: of a shape by name, of fields or of a list of them.

    >>> fields_of(["linear-rule", {"zero?": "truth"}])
    {'normal': 'vector', 'offset': 'numeral', 'zero?': 'truth'}
    """
    if isinstance(shape, str):
        return fields_of(SHAPES[shape.partition(" ")[0]])
    if isinstance(shape, list):
        return {name: inner for part in shape for name, inner in fields_of(part).items()}
    return dict(shape)


def _of(shape: Any, parts: Json) -> Json:
    """Return the JSON Schema of a shape."""
    form = keyword(shape)
    if form == "name":
        return {"$ref": f"#/$defs/{shape.partition(' ')[0]}"}
    if form == "list":
        low = shape.get("length", shape.get("least", 0))
        return {
            "type": "array",
            "items": _of(shape["list"], parts),
            **({"minItems": low} if low else {}),
            **({"maxItems": low} if "length" in shape else {}),
            **({"uniqueItems": True} if "distinct" in shape else {}),
        }
    if form == "integer":
        limits = zip(("minimum", "maximum"), shape["integer"], strict=False)
        return {"type": "integer", **dict(limits)}
    if form == "one-of":
        return {"anyOf": [_of(one, parts) for one in shape["one-of"]]}
    if form == "part":
        parts = KINDS[shape["of"]].parts if "of" in shape else parts
        rows, by = parts[shape["part"]], shape["by"]
        variants = [_of([{by: {"const": n}}, row["fields"]], parts) for n, row in rows.items()]
        return {"anyOf": variants}
    if form != "fields":
        return dict(shape["schema"] if form == "schema" else shape)
    fields = fields_of(shape)
    return {
        "type": "object",
        "properties": {name.rstrip("?"): _of(inner, parts) for name, inner in fields.items()},
        "required": [name for name in fields if not name.endswith("?")],
        "additionalProperties": False,
    }
