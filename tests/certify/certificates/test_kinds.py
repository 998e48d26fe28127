"""What a new kind, node, rule or fact still lacks: each omission has a test that says where it is.

A kind is written into ``certify/checking/checker.py``, ``certify/certificates/kinds/KIND.json`` and
``certify/checking/second_checker.mjs``, and so are the parts of a kind; what makes them besides.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

import pytest

import certify
from certify.certificates import page
from certify.certificates.kinds import FOLDER, KINDS, Json, Kind, certificate
from certify.certificates.schema import SHAPES
from certify.checking import checker
from certify.errors import InputError
from verify import objects
from verify.trust.second import available, second_checker

PACKAGE = Path(certify.__file__).parent
TREE = ast.parse(Path(checker.__file__).read_text(encoding="utf-8"))
BY = {"nodes": "type", "rules": "type", "facts": "fact"}
PARTS = [
    pytest.param(kind, table, part, id=f"{kind}-{table}-{part}")
    for kind, has in KINDS.items()
    for table, rows in has.parts.items()
    for part in rows
]


def test_every_rule_of_the_checker_has_a_file_and_every_file_a_rule() -> None:
    unwritten = set(checker.RULES) - set(KINDS)
    assert not unwritten, f"write certify/certificates/kinds/NAME.json for {sorted(unwritten)}"
    unruled = set(KINDS) - set(checker.RULES)
    assert not unruled, f"write a rule in certify/checking/checker.py for {sorted(unruled)}"
    assert {path.stem for path in FOLDER.glob("*.json")} == set(KINDS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"honest": None}, "rank.json: expected the fields kind, topic, "),
        ({"honest": None}, "got no honest"),
        ({"honest": []}, "refusals of honest certificates, of which none is, got 'tight'"),
        (
            {"refusals": [{"of": "slack"}]},
            "tight, full, swap, three, composite, largest modulus, got 'slack'",
        ),
    ],
)
def test_a_file_without_a_part_is_named(change: Json, message: str, tmp_path: Path) -> None:
    raw = {**json.loads((FOLDER / "rank.json").read_text(encoding="ascii")), **change}
    raw = {name: value for name, value in raw.items() if value is not None}
    (tmp_path / "rank.json").write_text(json.dumps(raw))
    with pytest.raises(InputError) as caught:
        Kind.read(tmp_path / "rank.json")
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_says_what_the_rule_says(kind: str) -> None:
    first, *rest = inspect.getdoc(checker.RULES[kind]).split("\n\n")  # type: ignore[union-attr]
    wanted = f"`sentence` and `reason` of {kind}.json: the paragraphs about its rule in checker.py"
    assert KINDS[kind].sentence == " ".join(first.split()), wanted
    assert KINDS[kind].reason == " ".join(" ".join(rest).split()), wanted


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_honest_certificates_and_refusals(kind: str) -> None:
    about = KINDS[kind]
    assert about.honest, f"write honest certificates into {kind}.json, the smallest first"
    names = [one.name for one in about.honest]
    assert len(set(names)) == len(names), f"{kind}.json: honest certificates of one name"
    verdicts = {refusal.verdict for refusal in about.refusals}
    for wanted in ("rejected", "malformed"):
        assert wanted in verdicts, f"write refusals that are {wanted} into {kind}.json"
    assert about.required, f"{kind}.json: `required`, the relations in words"


@pytest.mark.parametrize("kind", KINDS)
def test_reasons_of_surviving_changes_are_about_places_that_exist(kind: str) -> None:
    about = KINDS[kind]
    for place in about.surviving:
        assert any(_leads_to(place.split("."), one.parts) for one in about.honest), place
    for entry in about.increased:
        assert entry.startswith(f"{about.honest[0].name} ")


def _leads_to(route: list[str], value: Any) -> bool:
    if not route:
        return True
    if isinstance(value, list):
        return any(_leads_to(route, item) for item in value)
    return isinstance(value, dict) and route[0] in value and _leads_to(route[1:], value[route[0]])


def test_the_page_has_what_the_files_of_the_kinds_say() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    command = "python -m certify.certificates.page"
    assert page.written(text) == text, f"FORMAT.md is not current: run {command}"
    for kind in KINDS.values():
        marker = f"<!-- kinds: {kind.topic} -->"
        assert marker in text, f"{kind.name}.json: `topic` is none that FORMAT.md has ({marker})"
        for table in kind.parts:
            assert f"<!-- {kind.name}: {table} -->" in text


def test_shapes_are_used_and_said_in_words() -> None:
    prose = page.MARKED.sub("", page.PAGE.read_text(encoding="utf-8")).lower()
    unsaid = [name for name in SHAPES if page.words(name) not in prose]
    assert unsaid == [], "say in FORMAT.md what these shapes are"
    texts = [json.dumps(shape) for name, shape in SHAPES.items() if name != "expression"]
    texts += [path.read_text(encoding="ascii") for path in FOLDER.glob("*.json")]
    used = set(re.findall(r'["/]([a-z-]+)[" ]', "".join(texts)))
    assert set(SHAPES) <= used, "shapes.json has shapes that no kind uses"


# Parts of kinds: nodes of networks, rules, facts.


def parts_of(value: Any, by: str, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield the dotted place of every object with such a field, and what the field says."""
    if isinstance(value, dict) and isinstance(value.get(by), str):
        yield place, value[by]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, dict | list):
            yield from parts_of(item, by, f"{place}.{key}" if place else str(key))


@pytest.mark.parametrize(("kind", "table", "part"), PARTS)
def test_every_part_occurs_in_an_honest_certificate(kind: str, table: str, part: str) -> None:
    found = {name for one in KINDS[kind].honest for _, name in parts_of(one.parts, BY[table])}
    assert part in found, f"write an honest certificate with the part {part!r} into {kind}.json"


@pytest.mark.parametrize(("kind", "table", "part"), PARTS)
def test_every_part_has_a_refusal(kind: str, table: str, part: str) -> None:
    def is_about(edit: Json, document: Json) -> bool:
        return any(
            name == part and (f"{path}.".startswith(f"{place}.") or place.startswith(path))
            for place, name in parts_of(document, BY[table])
            for path in edit
        )

    refusals = KINDS[kind].refusals
    assert any(is_about(refusal.edit, refusal.document()) for refusal in refusals), (
        f"write a refusal that changes a part {part!r} into {kind}.json"
    )


def test_the_checker_reads_the_parts_of_the_files() -> None:
    said = "one of checker.py and `parts` of certify/certificates/kinds/{}.json lacks a part"
    nodes, rules = said.format("network-points"), said.format("rule-facts")
    assert set(checker.NODES) == set(KINDS["network-points"].parts["nodes"]), nodes
    assert set(checker.POINT_FACTS) == set(KINDS["network-points"].parts["facts"]), nodes
    assert set(checker.CLASSIFIERS) == set(KINDS["rule-facts"].parts["rules"]), rules
    assert set(checker.FACTS) == set(KINDS["rule-facts"].parts["facts"]), rules


@pytest.mark.skipif(not available(), reason="needs Node.js (node)")
@pytest.mark.parametrize(
    ("kind", "table", "place"),
    [
        ("network-points", "nodes", "instance.nodes.0.type"),
        ("network-points", "facts", "statement.facts.0.fact"),
        ("rule-facts", "rules", "instance.rules.0.type"),
        ("rule-facts", "facts", "statement.facts.0.fact"),
    ],
)
def test_the_second_checker_knows_the_same_parts(kind: str, table: str, place: str) -> None:
    """Of an unknown word it says which it knows."""
    [(verdict, reason)] = second_checker([json.dumps(certificate(kind, {place: "?"}))])
    assert verdict == "malformed"
    known = reason.partition("not one of ")[2].split(", ")
    wanted = "write the part into certify/checking/second_checker.mjs"
    assert set(known) == set(KINDS[kind].parts[table]), wanted


def test_producers_make_every_part_and_no_other() -> None:
    made: dict[Any, set[str]] = {"type": set(), "fact": set()}
    sources = [*(PACKAGE / "certificates").glob("*.py"), *(PACKAGE / "networks").glob("*.py")]
    for path in set(sources) - {PACKAGE / "certificates" / "schema.py"}:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for key, value in zip(node.keys, node.values, strict=True) if _is_dict(node) else ():
                if isinstance(key, ast.Constant) and key.value in made and _is_word(value):
                    made[key.value].add(value.value)
    nodes = set(KINDS["network-points"].parts["nodes"])
    assert made["type"] == nodes, "write what makes the node into certify/networks/operations.py"
    facts = [set(KINDS[kind].parts["facts"]) for kind in ("network-points", "rule-facts")]
    wanted = "write what makes the fact into networks.py or facts.py of certify/certificates"
    assert made["fact"] == set.union(*facts), wanted
    rules = {rule.rule_type for rule in vars(objects).values() if hasattr(rule, "rule_type")}
    wanted = "write what makes the rule into verify/objects"
    assert rules == set(KINDS["rule-facts"].parts["rules"]), wanted


def _is_dict(node: ast.AST) -> TypeGuard[ast.Dict]:
    return isinstance(node, ast.Dict)


def _is_word(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
