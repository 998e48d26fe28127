"""What ``FORMAT.md`` takes from the files of the kinds, between its markers.

``<!-- kinds: TOPIC -->`` begins the table of the kinds of that topic, with their fields and what is
required, and the sentences that they say; ``<!-- KIND: TABLE -->`` begins the rows of a table of
parts of a kind. Both end with ``<!-- end -->``. ``python -m certify.certificates.page`` writes all.
"""

import json
import re
import textwrap
from pathlib import Path
from typing import Any

from certify.certificates.kinds import KINDS, PARTS, Kind
from certify.certificates.schema import keyword

PAGE = Path(__file__).with_name("FORMAT.md")
MARKED = re.compile(r"(<!-- ([a-z -]+): ([a-z -]+) -->\n).*?(<!-- end -->)", re.DOTALL)
SAYS = "An accepted certificate says, with what it holds in place of {...}, and because:"
WIDTH = 108  # of the lines that are not of a table


def written(page: str) -> str:
    """Return the page with everything between its markers as the files of the kinds have it."""

    def block(found: re.Match[str]) -> str:
        begin, of, name, end = found.groups()
        lines = _kinds(name) if of == "kinds" else _parts(KINDS[of], name)
        return begin + "".join(f"{line}\n" for line in lines) + end

    return MARKED.sub(block, page)


def _kinds(topic: str) -> list[str]:
    kinds = [kind for kind in KINDS.values() if kind.topic == topic]
    lines = ["| kind | instance | statement | evidence | required |", "|---|---|---|---|---|"]
    for kind in kinds:
        cells = [words(kind.fields[part]) or "(none)" for part in PARTS]
        lines.append(_row([f"`{kind.name}`", *cells, kind.required]))
    lines += ["", SAYS, ""]
    for kind in kinds:
        text = f"- `{kind.name}`: {kind.sentence}. {kind.reason}"
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    return lines


def _parts(kind: Kind, table: str) -> list[str]:
    lines = []
    for name, row in kind.parts[table].items():
        text = f"- `{name}`: {words(row['fields'])}. {row['means']}"
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    return lines


def _row(cells: list[str]) -> str:
    escaped = [cell.replace("|", r"\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def words(shape: Any) -> str:
    """Return a shape in words.

    >>> words({"first": "two-indices below m", "step?": "numeral"})
    '`first`: two indices below m; `step` (may be absent): numeral'
    """
    form = keyword(shape)
    if form == "name":
        name, _, more = shape.partition(" ")
        return f"{' '.join(name.rsplit('-', 1))} {more}".rstrip()
    if form == "list":
        return _list(shape)
    if form == "integer":
        least, *most = shape["integer"]
        return f"integer from {least} to {most[0]}" if most else f"integer >= {least}"
    if form in ("const", "enum"):
        return " or ".join(f"`{json.dumps(x)}`" for x in shape.get("enum", [shape.get("const")]))
    if form == "one-of":
        return " **or** ".join(words(one) or "(none)" for one in shape["one-of"])
    if form == "part":
        return f"objects with `{shape['by']}`, {_seen(shape)}"
    if isinstance(shape, list):
        return "; ".join(map(words, shape))
    return "; ".join(
        f"`{name.rstrip('?')}`{' (may be absent)' if name.endswith('?') else ''}: {words(inner)}"
        for name, inner in shape.items()
    )


def _seen(shape: Any) -> str:
    return f"as in `{shape['of']}`" if "of" in shape else "see below"


def _list(shape: Any) -> str:
    inner, form = words(shape["list"]), keyword(shape["list"])
    if form == "fields":
        inner = f"objects with {inner}"
    rules = [
        *([f"exactly {shape['length']}"] if "length" in shape else []),
        *([f"at least {shape['least']}"] if "least" in shape else []),
        *(["distinct"] if "distinct" in shape else []),
    ]
    limits = f" ({', '.join(rules)})" if rules else ""
    return f"list{limits} of {inner}"


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
