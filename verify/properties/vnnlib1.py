"""VNN-LIB of version 1: declarations and assertions as SMT-LIB writes them, with X_0, Y_0, ..."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NoReturn, TypeAlias

from certify.errors import InputError
from certify.numbers.rationals import rational
from verify.properties.formulas import (
    ARITHMETIC,
    COMPARISONS,
    CONNECTIVES,
    And,
    Formula,
    Linear,
    combined,
    compared,
    constant,
    variable,
)

DEPTH = 200  # of brackets in brackets
# Commands of SMT-LIB to its solvers, which say nothing of the counterexamples.
SILENT = (
    "set-logic", "set-info", "set-option", "check-sat", "get-model", "get-value", "get-info",
    "echo",
)  # fmt: skip
_TOKENS = re.compile(r';[^\n]*|\s+|[()]|"[^"]*"|\|[^|]*\||[^\s();]+', re.ASCII)
_NAME = re.compile(r"([XY])_(0|[1-9]\d{0,8})", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Word:
    """A word of the file, at an offset of its characters."""

    text: str
    start: int


@dataclass(frozen=True)
class List:
    """What stands between brackets, the first of which has an offset."""

    parts: tuple[Expression, ...]
    start: int


Expression: TypeAlias = Word | List


@dataclass
class Assertions:
    """What a text of version 1 declares, and its assertions, which describe counterexamples.

    ``name`` is that of the file, for messages.
    """

    text: str
    name: str
    inputs: int = 0
    outputs: int = 0
    parts: list[Formula] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, text: str, name: str) -> Assertions:
        """Return what a text says.

        Raises InputError naming line and column for what is no linear property over reals.
        """
        found = cls(text, name)
        ended = False
        for expression in found._expressions():
            if ended:
                found._fail("nothing behind (exit)", found._shown(expression), expression.start)
            ended = found._command(expression)
        for letter in "XY":
            own = sorted(int(n[2:]) for n in found.declared if n[0] == letter)
            if own != list(range(len(own))) or not own:
                wanted = f"variables {letter}_0, {letter}_1, ... without a gap"
                missing = next(
                    k for k in range(len(own) + 1) if f"{letter}_{k}" not in found.declared
                )
                raise InputError(name, expected=wanted, got=f"no {letter}_{missing}")
        if not found.parts:
            raise InputError(name, expected="at least one assert", got="none")
        found.inputs = sum(n[0] == "X" for n in found.declared)
        found.outputs = len(found.declared) - found.inputs
        return found

    @property
    def formula(self) -> Formula:
        """All assertions together."""
        return And(tuple(self.parts))

    def _expressions(self) -> Iterator[List]:
        """Yield what stands between outermost brackets."""
        open_: list[tuple[int, list[Expression]]] = []
        for token in _TOKENS.finditer(self.text):
            word, start = token.group(), token.start()
            if word == "(":
                if len(open_) == DEPTH:
                    self._fail(f"at most {DEPTH} brackets in brackets", "more", start)
                open_.append((start, []))
            elif word == ")":
                if not open_:
                    self._fail("a bracket that opens before", "one that closes", start)
                first, parts = open_.pop()
                done = List(tuple(parts), first)
                if open_:
                    open_[-1][1].append(done)
                else:
                    yield done
            elif word[0] != ";" and not word.isspace():
                if not open_:
                    self._fail("commands between brackets", repr(word), start)
                open_[-1][1].append(Word(word, start))
        if open_:
            self._fail("a bracket that closes this one", "the end of the file", open_[-1][0])

    def _command(self, command: List) -> bool:
        """Take a command in; return whether it is the last one."""
        head, *rest = command.parts or (command,)
        words = [part.text if isinstance(part, Word) else "" for part in rest]
        match head:
            case Word("declare-const"):
                if len(words) != 2 or words[1] != "Real":
                    self._fail("(declare-const X_0 Real)", self._shown(command), command.start)
                self._declare(words[0], rest[0].start)
            case Word("declare-fun"):
                if len(words) != 3 or words[2] != "Real" or rest[1] != List((), rest[1].start):
                    self._fail("(declare-fun X_0 () Real)", self._shown(command), command.start)
                self._declare(words[0], rest[0].start)
            case Word("assert"):
                if len(rest) != 1:
                    self._fail("one formula in an assert", f"{len(rest)}", command.start)
                self.parts.append(self._formula(rest[0]))
            case Word("exit"):
                return True
            case Word(name) if name in SILENT:
                pass
            case _:
                self._fail("declare-const or assert", self._shown(head), command.start)
        return False

    def _declare(self, name: str, start: int) -> None:
        if not _NAME.fullmatch(name):
            self._fail("an input X_0, X_1, ... or an output Y_0, Y_1, ...", repr(name), start)
        if name in self.declared:
            self._fail("each variable declared once", f"{name} twice", start)
        self.declared.add(name)

    def _formula(self, expression: Expression) -> Formula:
        parts = expression.parts if isinstance(expression, List) else ()
        head = parts[0].text if parts and isinstance(parts[0], Word) else ""
        place = self._place(expression.start)
        if head in CONNECTIVES and len(parts) > 1:
            return CONNECTIVES[head](tuple(map(self._formula, parts[1:])))
        if head in COMPARISONS and len(parts) > 2:
            if head in ("!=", "==") and len(parts) > 3:
                self._fail(f"two sides of {head}", f"{len(parts) - 1}", expression.start)
            return compared(head, [self._linear(part) for part in parts[1:]], place)
        self._fail(
            "and, or, or a comparison of two expressions", self._shown(expression), expression.start
        )

    def _linear(self, expression: Expression) -> Linear:
        if isinstance(expression, Word):
            name = expression.text
            if match := _NAME.fullmatch(name):
                if name not in self.declared:
                    self._fail("a variable that was declared", name, expression.start)
                return variable(match[1] == "Y", int(match[2]))
            if _NUMBER.fullmatch(name):
                return constant(rational(name, self.name, self._place(expression.start)))
        else:
            head, *rest = expression.parts or (expression,)
            if isinstance(head, Word) and head.text in ARITHMETIC and rest:
                values = [self._linear(part) for part in rest]
                return combined(head.text, values, self.name, self._place(expression.start))
        self._fail(
            "a number, a variable, or + - * / of such", self._shown(expression), expression.start
        )

    def _shown(self, expression: Expression) -> str:
        if isinstance(expression, Word):
            return repr(expression.text)
        inner = " ".join(
            part.text if isinstance(part, Word) else "(...)" for part in expression.parts
        )
        return f"({inner})"

    def _place(self, start: int) -> str:
        line = bisect_right(self._lines, start)
        return f"line {line}, column {start - self._lines[line - 1] + 1}"

    @cached_property
    def _lines(self) -> list[int]:
        """Where lines start."""
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def _fail(self, expected: str, got: str, start: int) -> NoReturn:
        raise InputError(self.name, expected=expected, got=got, where=self._place(start))
