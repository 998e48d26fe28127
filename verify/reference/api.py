"""The public names of the library with their signatures and docstrings, as Markdown."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import certify
import verify
from verify import strategies

# In this order; each name is shown with the module that people import it from.
GROUPS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("certify", certify, tuple(n for n in certify.__all__ if not n.startswith("_"))),
    ("verify", verify, ("audit", "Audit")),
    ("verify.strategies", strategies, tuple(strategies.__all__)),
)
_ROLE = re.compile(r":(?:class|func|meth|mod|data|attr):`~?([^`]+)`")
_CODE = re.compile(r"``([^`]+)``")


def reference() -> str:
    """Return one section for each module, with an entry for each of its public names."""
    return "\n\n".join(_module(name, home, names) for name, home, names in GROUPS)


def _module(name: str, home: Any, names: tuple[str, ...]) -> str:
    entries = [_entry(f"{name}.{own}", getattr(home, own)) for own in names]
    return "\n\n".join([f"## `{name}`", _text(home), *entries])


def _entry(name: str, value: Any) -> str:
    parts = [f"### `{name}`", f"```python\n{name.rpartition('.')[2]}{_signature(value)}\n```"]
    parts.append(_text(value))
    if inspect.isclass(value):
        parts += [_member(own, member) for own, member in _members(value)]
    return "\n\n".join(parts)


def _members(home: type) -> Iterator[tuple[str, Any]]:
    for name, member in vars(home).items():
        if not name.startswith("_") and (
            inspect.isfunction(member) or isinstance(member, property)
        ):
            yield name, member


def _member(name: str, member: Any) -> str:
    called = "" if isinstance(member, property) else _signature(member)
    first = inspect.getdoc(member) or ""
    return f"- `{name}{called}`: {_plain(' '.join(first.partition(chr(10) * 2)[0].split()))}"


def _signature(value: Any) -> str:
    try:
        # Annotations are strings in modules that postpone them, and in full in the others.
        text = re.sub(r"(: |-> )'([^']+)'", r"\1\2", str(inspect.signature(value)))
        text = re.sub(r"\b(?:\w+\.)+(?=[A-Z])", "", text)
        return re.sub(r"<function .*? at 0x[0-9a-f]+>", "...", text)
    except (TypeError, ValueError):
        return ""


def _text(value: Any) -> str:
    """Return a docstring as Markdown: its examples are blocks of code."""
    paragraphs = []
    for paragraph in (inspect.getdoc(value) or "").split("\n\n"):
        if paragraph.lstrip().startswith(">>>"):
            paragraphs.append(f"```pycon\n{paragraph}\n```")
        else:
            paragraphs.append(_plain(paragraph))
    return "\n\n".join(paragraphs)


def _plain(text: str) -> str:
    text = _CODE.sub(r"`\1`", _ROLE.sub(lambda match: f"`{match[1]}`", text))
    # Outside code, what Markdown would take for emphasis or a formula.
    pieces = re.split(r"(`[^`]+`)", text)
    return "".join(p if p.startswith("`") else re.sub(r"([*_$<])", r"\\\1", p) for p in pieces)
