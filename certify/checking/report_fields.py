"""What a report must be by itself: its fields, by ``report.schema.json``, and what it says of them.

Needs the standard library only. The schema language is the part of JSON Schema that the schema of
reports uses; numbers are finite, and 1.0 is no integer.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from certify.checking import robust_answers
from certify.checking.moved_points import MOVING, PAIRED, Points
from certify.checking.robust_answers import Units

SCHEMA = Path(__file__).with_name("report.schema.json")
DECIDED = ": separability"  # behind the classes of a pair, in the names of results
WITHIN = "fooled within "  # and a radius: how many adversaries there are so near
NEAR = re.compile(f"{WITHIN}[1-9][0-9]*(/[1-9][0-9]*)?")
AUDIT = "audit"  # preset of a report that is about one classifier
MEASURED = ("transfer-curves", "drift")  # kinds of figures that only floats are drawn in
NOTHING = ("", "0", "none")  # cells that say that nothing was found, which needs no certificate
TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,), "boolean": (bool,), "integer": (int,), "null": (type(None),),
    "number": (int, float), "object": (dict,), "string": (str,),
}  # fmt: skip
Difference = tuple[str, str, str]  # where, what was expected, what was found


def read(text: str) -> Any:
    """Return JSON whose keys occur once in each object and whose numbers are finite.

    Raises ValueError for other text, RecursionError for nesting too deep.
    """

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in items}) != len(items):
            raise ValueError("a key occurs twice in one object")
        return dict(items)

    def no_number(literal: str) -> Any:
        raise ValueError(f"{literal} is no number")

    def finite(literal: str) -> float:
        number = float(literal)
        return number if abs(number) < float("inf") else no_number(literal)

    return json.loads(text, object_pairs_hook=pairs, parse_constant=no_number, parse_float=finite)


def misshapen(report: Any) -> Iterator[Difference]:
    """Yield what is not as the schema of reports says, and ids and rows that cannot be right."""
    wrong = list(misshapen_by(report, SCHEMA))
    yield from wrong
    if not wrong:
        yield from _inconsistent(report)


def misshapen_by(value: Any, file: Path) -> Iterator[Difference]:
    """Yield what is not as the schema in a file says."""
    schema = json.loads(file.read_text(encoding="utf-8"))
    yield from _misshapen(value, schema, schema["$defs"], "")


def _misshapen(value: Any, rule: Any, known: Any, where: str) -> Iterator[Difference]:
    if "$ref" in rule:
        rule = known[rule["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in rule:
        tried = [list(_misshapen(value, r, known, where)) for r in rule["anyOf"]]
        if all(tried):
            yield from max(tried, key=lambda found: found[0][0].count("."))
        return
    names = rule.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and type(value) not in {kind for name in names for kind in TYPES[name]}:
        yield where, " or ".join(names), shown(value)
        return
    for wanted, holds in _limits(value, rule):
        if not holds:
            yield where, wanted, shown(value)
    for part in rule.get("allOf", ()):
        if not any(_misshapen(value, part["if"], known, where)):
            yield from _misshapen(value, part["then"], known, where)
    if isinstance(value, dict):
        yield from _fields(value, rule, known, where)
    elif isinstance(value, list) and "items" in rule:
        for n, entry in enumerate(value):
            yield from _misshapen(entry, rule["items"], known, f"{where}[{n}]")


def _fields(value: Mapping[str, Any], rule: Any, known: Any, where: str) -> Iterator[Difference]:
    fields, more = rule.get("properties", {}), rule.get("additionalProperties", True)
    dot = "." if where else ""
    for name in rule.get("required", ()):
        if name not in value:
            yield f"{where}{dot}{name}", "this field", "none"
    for name, entry in value.items():
        inner = fields.get(name, more)
        if inner is False:
            yield f"{where}{dot}{name}", "no other field than those of a report", "one"
        elif inner is not True:
            yield from _misshapen(entry, inner, known, f"{where}{dot}{name}")


def _limits(value: Any, rule: Any) -> Iterator[tuple[str, bool]]:
    """Yield what a rule asks of a single value, and whether it holds."""
    if "const" in rule:
        yield shown(rule["const"]), shown(value) == shown(rule["const"])
    if "enum" in rule:
        yield f"one of {shown(rule['enum'])}", shown(value) in map(shown, rule["enum"])
    if isinstance(value, str | list):
        name = "Length" if isinstance(value, str) else "Items"
        least, most = rule.get(f"min{name}", 0), rule.get(f"max{name}", len(value))
        yield f"a length from {least} to {most}", least <= len(value) <= most
    if isinstance(value, str) and "pattern" in rule:
        yield f"a text like {rule['pattern']}", bool(re.search(rule["pattern"], value))
    if isinstance(value, int | float):
        low, high = rule.get("minimum", value), rule.get("maximum", value)
        yield f"at least {low}", low <= value
        yield f"at most {high}", value <= high
        if "exclusiveMinimum" in rule:
            yield f"more than {rule['exclusiveMinimum']}", value > rule["exclusiveMinimum"]


def _inconsistent(report: Any) -> Iterator[Difference]:
    audit = report["configuration"]["preset"] == AUDIT
    if audit != (AUDIT in report):
        expected = "what the certificates of an audit are about" if audit else "no audit of a run"
        yield AUDIT, expected, "none" if audit else "one"
    for part in ("claims", "experiments"):
        seen: set[str] = set()
        for n, entry in enumerate(report[part]):
            if entry["id"] in seen:
                yield f"{part}[{n}].id", "an id used once", entry["id"]
            seen.add(entry["id"])
    for n, experiment in enumerate(report["experiments"]):
        if experiment["id"] not in report["run"]["stage_seconds"]:
            yield f"experiments[{n}].id", "a stage of this run", experiment["id"]
        yield from _evidence(f"experiments[{n}]", experiment)


def _evidence(where: str, experiment: Any) -> Iterator[Difference]:
    """Yield columns and figures that are called certified, but cannot be."""
    proven = experiment["counts"]["certified"] > 0
    for n, table in enumerate(experiment["tables"]):
        width = len(table["columns"])
        for k, row in enumerate(table["rows"]):
            if len(row) != width:
                yield f"{where}.tables[{n}].rows[{k}]", f"{width} cells", str(len(row))
                return
        for k, column in enumerate(table["columns"]):
            if column.get("grade") != "certified":
                continue
            cells = [row[k] for row in table["rows"]]
            place = f"{where}.tables[{n}].columns[{k}].grade"
            if any(not isinstance(cell, str) for cell in cells):
                yield place, "float, for measured numbers", "certified"
            elif not proven and any(cell not in NOTHING for cell in cells):
                yield place, "no certified column without certified records", "one"
    for n, figure in enumerate(experiment["figures"]):
        place = f"{where}.figures[{n}].grade"
        if figure["kind"] in MEASURED and figure["grade"] != "float":
            yield place, f"float, as every figure of kind {figure['kind']}", figure["grade"]
        elif figure["grade"] == "certified" and not proven:
            yield place, "no certified figure without certified records", "one"


class Answers:
    """What the certificates of an audit say that its report repeats as counts.

    Give it each certificate with ``add``, then ask ``differences``.
    """

    def __init__(self) -> None:
        self._of: dict[str, list[Any]] = {}
        self._widths: set[int] = set()
        self._balls = robust_answers.Balls()
        self._moved: dict[str, list[Points]] = {}

    def add(self, question: str, case: str, certified: bool, certificate: Any) -> None:
        """Note what one certificate of a question says, given its record's case and grade."""
        kind, statement = certificate["kind"], certificate["statement"]
        instance = certificate["instance"]
        if question == robust_answers.QUESTION and certified:
            self._balls.add(case, certificate)
        points = _rows(instance.get("points"))
        if points and kind != "rule-facts":
            self._widths.add(len(points[0]))
        if kind == "network-points":
            if question in MOVING and certified:
                self._moved.setdefault(question, []).append(Points.of(certificate))
            facts = (f for f in statement["facts"] if f["fact"] in ("label", "votes"))
            labels = {f["point"]: f["label"] for f in facts}
            half = len(points) // 2
            near = {
                f["point"]: Fraction(f["radius"])
                for f in statement["facts"]
                if f["fact"] == "within" and f["of"] == f["point"] + half
            }
            about: Any = (half, labels, near)
        elif kind == "rule-facts":
            about = len(instance["rules"])
        elif kind == "invariant-regions":
            about = len(statement["regions"])
        else:
            kept = ("dimension", "region", "parallel", "infinite", "margin_squared")
            about = {name: statement[name] for name in kept if name in statement}
            about["case"] = case
        self._of.setdefault(question, []).append((kind, certified, about))

    def differences(self, report: Any) -> Iterator[Difference]:
        """Yield what a report of the right form says of an audit, but its certificates do not."""
        audit, data = report["audit"], report["data"]
        model, stored = audit["model"], audit["data"]
        examples = [] if stored is None else stored["rows"]
        name = "none" if stored is None else stored["name"]
        settings = {
            "seed": report["configuration"]["seed"], "instances": 0, "claims": [],
            "preset": AUDIT, "choices": {"model": model["origin"]}, "data": name,
        }  # fmt: skip
        wanted: list[tuple[str, Any, Any]] = [
            ("configuration", settings, report["configuration"]),
            ("claims", [], report["claims"]),
            ("audit.questions", sorted(e["id"] for e in report["experiments"]),
             sorted(audit["questions"])),
        ]  # fmt: skip
        about = None
        if stored is not None:
            pixels = self._widths or ({data["pixels"]} if data else {0})
            about = {
                "name": name, "sha256": stored["arrays_sha256"], "examples": len(examples),
                "pixels": max(pixels), "classes": len(model["labels"]),
            }  # fmt: skip
            if stored["file"] is None:
                arrays = stored["arrays_sha256"]
                wanted.append(("audit.data.sha256", arrays, stored["sha256"]))
            wanted.append(("audit.data.rows", sorted(set(examples)), examples))
        wanted.append(("data", about, data))
        accuracy = audit["accuracy"]
        if (accuracy is None) != (stored is None):
            some = "none without data" if stored is None else "one with data"
            yield "audit.accuracy", some, shown(accuracy)
        elif accuracy and not accuracy["right"] <= accuracy["examples"] <= len(examples):
            yield "audit.accuracy", f"at most {len(examples)} examples", shown(accuracy)
        wanted.append(("audit.narrowest", self._narrowest(), audit["narrowest"]))
        if model["file"] is None:
            wanted.append(("audit.model.sha256", model["layers_sha256"], model["sha256"]))
        rows = set(examples)
        for question, answer in sorted(audit["questions"].items()):
            where = f"audit.questions.{question}"
            found = self._found(question, answer)
            yield from self._units(where, question, answer)
            grades = {k: {"count": count, "grade": "certified"} for k, count in found.items()}
            wanted.append((f"{where}.found", grades, answer["found"]))
            used = answer["examples"]
            if not rows.issuperset(used) or len(set(used)) != len(used):
                yield f"{where}.examples", "numbers of audit.data.rows, each once", shown(used)
            count = self._examples(question, len(used))
            wanted.append((f"{where}.examples, how many", count, len(used)))
        for e in report["experiments"]:
            said = e["settings"].get("kept between")
            if said is not None and e["id"] in MOVING:
                top = Units.of(audit["questions"].get(e["id"], {})).top
                limits = "none" if top is None else f"0 and {top}"
                wanted.append((f"experiments: {e['id']}.settings.kept between", limits, said))
        for where, value, said in wanted:
            if shown(value) != shown(said):
                yield where, f"{shown(value)} by the certificates and the rest", shown(said)

    def _units(self, where: str, question: str, answer: Any) -> Iterator[Difference]:
        """Yield what certificates about moved examples say in other units or limits than stated."""
        own = self._moved.get(question, [])
        if question in PAIRED and len(own) > 1:
            yield where, "one certificate about points", str(len(own))
        for points in own:
            if reason := points.unlike(Units.of(answer), question, len(answer["examples"])):
                yield f"{where}.units", "those of the certificates", f"{reason} there"

    def _found(self, question: str, answer: Any) -> dict[str, int]:
        """Return how many there are of what a question looked for, within the radii named, too."""
        names: Iterable[str] = answer["found"]
        own = self._of.get(question, [])
        said = [about for _, _, about in own if isinstance(about, dict)]
        kinds = [kind for kind, *_ in own]
        if question == "invariant-directions":
            return {"dimension": next((s["dimension"] for s in said if "dimension" in s), 0)}
        if question == "class-regions":
            if not own:
                return {}
            empty = sum(s.get("region") == "empty" for s in said)
            return {"empty-class": empty, "parallel": sum(s.get("parallel") is True for s in said)}
        if question == "pairs":
            return {"separable": kinds.count("max-margin")}
        if question == "universal-steps":
            return {"no-step": sum(s.get("infinite") is True for s in said)}
        if question == "convex-classes":
            return {"convex": sum(a for kind, _, a in own if kind == "rule-facts" and a == 1)}
        if question == "exact-twins":
            return {"twin": sum(certified for _, certified, _ in own)}
        if question == "adversaries":
            fooled = self._fooled(self._points(own))
            radii = {n: Fraction(n.removeprefix(WITHIN)) for n in names if NEAR.fullmatch(n)}
            counts = {name: sum(x <= radius for x in fooled) for name, radius in radii.items()}
            return {"fooled": len(fooled), **counts}
        if question == robust_answers.QUESTION:
            points = self._points(own)
            kept = self._balls.kept(answer["examples"], self._truth(points), Units.of(answer))
            return robust_answers.counts(names, kept.values(), self._fooled(points))
        return {}

    def _narrowest(self) -> dict[str, str] | None:
        """Return the pair of classes with the smallest margin, and this margin squared."""
        margins = [
            {"pair": about["case"].partition(DECIDED)[0], "margin_squared": about["margin_squared"]}
            for kind, certified, about in self._of.get("pairs", [])
            if kind == "max-margin" and certified
        ]
        return min(margins, key=lambda pair: Fraction(pair["margin_squared"]), default=None)

    def _points(self, own: Sequence[Any]) -> Sequence[Any]:
        """Return what is about points: a folder may hold a certificate of any kind anywhere."""
        return [entry for entry in own if entry[0] == "network-points"]

    def _fooled(self, own: Sequence[Any]) -> list[Fraction]:
        """Return the radii of the certified adversaries, one for each example that has one.

        A certificate has the moved points, then the examples; that these are read right, and as
        what, stands in the first one.
        """
        truth = self._truth(own)
        found: dict[int, Fraction] = {}
        for _, certified, (half, labels, near) in own:
            for i in range(half):
                known = certified and i in near and i in labels and i in truth
                if known and labels[i] != truth[i]:
                    found[i] = min(found.get(i, near[i]), near[i])
        return list(found.values())

    def _truth(self, own: Sequence[Any]) -> dict[int, int]:
        return {
            i: labels[half + i]
            for _, _, (half, labels, _) in own
            for i in range(half)
            if half + i in labels
        }

    def _examples(self, question: str, said: int) -> int:
        """Return of how many examples the certificates of a question speak, where they tell."""
        own = self._of.get(question, [])
        if question in ("adversaries", robust_answers.QUESTION):
            return len(self._truth(self._points(own)))
        if question == "invariant-directions":
            return sum(about for kind, _, about in own if kind == "invariant-regions")
        return said


def _rows(points: Any) -> list[Any]:
    """Return the rows of a matrix of a certificate, whichever of its forms it has."""
    return [_integers(row) for row in _integers(points)]


def _integers(value: Any) -> list[Any]:
    found = value["integers"] if isinstance(value, dict) else value
    return found if isinstance(found, list) else []


def at(value: Any, *path: str) -> Any:
    """Return a field of a field of objects, None where one is missing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def shown(value: Any) -> str:
    """Return JSON, which tells 1 from true and from 1.0."""
    return json.dumps(value, sort_keys=True)
