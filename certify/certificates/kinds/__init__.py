"""What is known of each kind of certificate, in one language-neutral file a kind.

``NAME.json`` beside this module says of the kind NAME:

topic             the part of the page that has it
sentence, reason  what an accepted certificate establishes, and why its checks suffice
required          the relations that have to hold, in words
fields            of instance, statement and evidence, by the names of shapes (``shapes.json``)
parts             where it has nodes, rules or facts: the fields of each of them
honest            certificates that are accepted, with the sentence that they establish; the first
                  is so small that almost every number matters
refusals          edits of them by dotted path, each with the step that is rejected, or the place
                  that is malformed, and a part of the reason. The hash of an edited instance is
                  computed again, so that the rule itself has to notice. ``{"delete": true}`` stands
                  for no field, ``{"repeat": x, "times": n}`` for a list of n times x
surviving         changes that are accepted, and why what is said is true: of any certificate, at
                  places that begin like this; or of one, where a number was increased by 1

Tests, mutants and other programs that check certificates (``certify conformance``) read them here.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certify.certificates.certificate import FORMAT, VERSION
from certify.errors import InputError

FOLDER = Path(__file__).parent
PARTS = ("instance", "statement", "evidence")
DELETE = {"delete": True}
# Of a file, beside ``parts``.
FIELDS = (
    "kind", "topic", "sentence", "reason", "required", "fields", "honest", "refusals", "surviving",
)  # fmt: skip

Json = dict[str, Any]


def document(kind: str, parts: Mapping[str, Any]) -> Json:
    """Return a certificate as JSON; the hash is computed here, not as producers do."""
    text = json.dumps(parts["instance"], sort_keys=True, separators=(",", ":"))
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "instance_sha256": hashlib.sha256(text.encode()).hexdigest(),
        **copy.deepcopy({name: parts[name] for name in PARTS}),
    }


def edited(parts: Mapping[str, Any], edit: Mapping[str, Any]) -> Json:
    """Return a deep copy with the values at some dotted paths replaced or removed."""
    result = copy.deepcopy(dict(parts))
    for path, value in edit.items():
        *route, last = path.split(".")
        node: Any = result
        for key in route:
            node = node[int(key)] if isinstance(node, list) else node[key]
        place = int(last) if isinstance(node, list) else last
        if value == DELETE:
            del node[place]
        else:
            node[place] = _written_out(value)
    return result


def _written_out(value: Any) -> Any:
    """Return a value with its repetitions written out."""
    if isinstance(value, dict) and set(value) == {"repeat", "times"}:
        return [_written_out(value["repeat"]) for _ in range(value["times"])]
    if isinstance(value, dict):
        return {name: _written_out(item) for name, item in value.items()}
    return [_written_out(item) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Honest:
    """A certificate that is accepted, and the sentence that it establishes."""

    kind: str
    name: str
    parts: Json
    says: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    def document(self, edit: Mapping[str, Any] | None = None) -> Json:
        """Return the certificate as JSON, edited or as it is."""
        return document(self.kind, edited(self.parts, edit or {}))


@dataclass(frozen=True)
class Refusal:
    """An edit of an honest certificate that is rejected at a step or malformed at a place."""

    of: Honest
    edit: Json
    verdict: str
    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.of}-{self.place}"

    @property
    def kind(self) -> str:
        """The kind of the certificate."""
        return self.of.kind

    def document(self) -> Json:
        """Return the edited certificate as JSON."""
        return self.of.document(self.edit)


@dataclass(frozen=True)
class Kind:
    """One kind of certificate: what its file says."""

    name: str
    topic: str
    sentence: str
    reason: str
    required: str
    fields: Json
    parts: Json
    honest: tuple[Honest, ...]
    refusals: tuple[Refusal, ...]
    surviving: dict[str, str]
    increased: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Kind:
        """Read the file of a kind."""
        raw = json.loads(path.read_text(encoding="ascii"))
        missing = [field for field in FIELDS if field not in raw]
        if missing:
            wanted = f"the fields {', '.join(FIELDS)}"
            raise InputError(path.name, expected=wanted, got=f"no {', '.join(missing)}")
        name = raw["kind"]
        honest = {
            h["name"]: Honest(name, h["name"], {part: h[part] for part in PARTS}, h["says"])
            for h in raw["honest"]
        }
        refusals = []
        for row in raw["refusals"]:
            if row["of"] not in honest:
                wanted = (
                    f"refusals of honest certificates, {', '.join(honest) or 'of which none is'}"
                )
                raise InputError(path.name, expected=wanted, got=repr(row["of"]))
            of, edit = honest[row["of"]], row["edit"]
            verdict = "rejected" if "rejected" in row else "malformed"
            refusals.append(Refusal(of, edit, verdict, row[verdict], row["reason"]))
        surviving, increased = {}, {}
        for row in raw["surviving"]:
            if "place" in row:
                surviving[row["place"]] = row["why"]
            for place in row.get("increased", []):
                increased[f"{row['of']} {place}"] = row["why"]
        return cls(
            name, raw["topic"], raw["sentence"], raw["reason"], raw["required"],
            raw["fields"], raw.get("parts", {}), tuple(honest.values()), tuple(refusals),
            surviving, increased,
        )  # fmt: skip


KINDS: dict[str, Kind] = {kind.name: kind for kind in map(Kind.read, sorted(FOLDER.glob("*.json")))}
HONEST: dict[str, Honest] = {str(one): one for kind in KINDS.values() for one in kind.honest}
SMALLEST: dict[str, Honest] = {name: kind.honest[0] for name, kind in KINDS.items() if kind.honest}
REFUSALS: tuple[Refusal, ...] = tuple(r for kind in KINDS.values() for r in kind.refusals)


def certificate(name: str, edit: Mapping[str, Any] | None = None) -> Json:
    """Return an honest certificate, KIND or KIND/NAME, as JSON, edited or as it is."""
    one = SMALLEST[name] if name in SMALLEST else HONEST[name]
    return one.document(edit)
