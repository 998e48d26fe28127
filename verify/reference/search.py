"""What the search over all pages knows: for each section its address, its heading and its words."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import TypeAlias

Entry: TypeAlias = list[str]  # address, title of the page, heading of the section, words

WORDS = 900  # characters of a section: enough for what it is about, and for a small index
_SILENT = {"svg", "details", "script", "style", "nav", "header", "pre", "form"}
_VOID = {"br", "wbr", "meta", "link", "input", "hr", "img"}


def entries(pages: Mapping[str, str]) -> list[Entry]:
    """Return the sections of pages, given by file name as HTML, without code, numbers and figures.

    >>> entries({"a.html": "<main><h1>A</h1><p>one</p><h2 id='b'>B</h2>two</main>"})
    [['a.html', 'A', '', 'one'], ['a.html#b', 'A', 'B', 'two']]
    """
    found: list[Entry] = []
    for name, text in pages.items():
        reader = _Sections(name)
        reader.feed(text[text.index("<main") :])
        found += reader.entries()
    return found


class _Sections(HTMLParser):
    """The sections of one page: what follows a heading of the second level that has an id."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._title = name, ""
        # Of each: its address, and the words of its heading, its subheadings and its text.
        self._sections: list[tuple[str, list[str], list[str], list[str]]] = [(name, [], [], [])]
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        self._open.append(tag)
        identity = dict(attrs).get("id")
        if tag == "h2" and not self._silent():
            address = f"{self._name}#{identity}" if identity else self._name
            self._sections.append((address, [], [], []))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if not words or self._silent():
            return
        if "h1" in self._open:
            self._title = f"{self._title} {words}".strip()
        else:
            _, heading, names, text = self._sections[-1]
            (heading if "h2" in self._open else names if "h3" in self._open else text).append(words)

    def _silent(self) -> bool:
        return not _SILENT.isdisjoint(self._open)

    def entries(self) -> list[Entry]:
        return [
            [address, self._title, " ".join(heading), " ".join([" ".join(text)[:WORDS], *names])]
            for address, heading, names, text in self._sections
            if text
        ]
