"""Files of formal proofs: what each of them speaks of, and the statements in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

THEOREM = re.compile(r"^Theorem (\w+)", re.MULTILINE)
COMMENT = re.compile(r"\A\(\*(.*?)\*\)", re.DOTALL)
ANY_COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)
PROOF = re.compile(r"\n *Proof\..*?\b(?:Qed|Defined)\.", re.DOTALL)
IMPORT = re.compile(r"^From (\S+) Require (?:Import|Export) ([^.]*)\.\s", re.MULTILINE)
# Nothing may be assumed: not by these words, nor by what Coq lists as assumptions of a theorem.
ASSUMING = re.compile(
    r"\b(?:Admitted|admit|give_up|Axioms?|Parameters?|Conjecture|bypass_check|Unset Guard\w*"
    r"|Unset Positivity\w*|Unset Universe\w*)\b"
)


@dataclass(frozen=True)
class Development:
    """A file of proofs at ``path`` with its ``text``."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Development:
        """Read a file. Raises OSError."""
        return cls(path, path.read_text(encoding="ascii"))

    @property
    def subject(self) -> str:
        """The kind or the claim, by its id, that a file beside it speaks of.

        >>> Development(Path("kinds/every_separator.v"), "").subject
        'every-separator'
        >>> Development(Path("charles2019/thm_4.v"), "").subject
        'charles-thm-4'
        """
        name, folder = self.path.stem.replace("_", "-"), self.path.parent.name
        return name if folder == "kinds" else f"{folder.rstrip('0123456789')}-{name}"

    @property
    def comment(self) -> str:
        """What the file says of itself, in words."""
        found = COMMENT.search(self.text)
        return " ".join(found[1].split()) if found else ""

    @cached_property
    def theorems(self) -> tuple[str, ...]:
        """The names of its theorems; lemmas are steps on the way to them."""
        return tuple(THEOREM.findall(self.text))

    @property
    def statement(self) -> str:
        """All that it defines, assumes and states, without the proofs and the lemmas."""
        parts = re.split(r"\n\n+", PROOF.sub("", COMMENT.sub("", self.text)).strip())
        return "\n\n".join(
            p for p in parts if not re.search(r"^(?:Lemma|Add Ring|Ltac)\b", p, re.M)
        )

    @property
    def needs(self) -> set[str]:
        """The files that it builds on, by their dotted names."""
        return {
            f"{place}.{name}"
            for place, names in IMPORT.findall(self.text)
            for name in names.split()
        }

    def assumed(self) -> str | None:
        """Return what the text assumes, or nothing."""
        found = ASSUMING.search(ANY_COMMENT.sub("", self.text))
        return f"nothing may be assumed, but there is {found[0]}" if found else None

    def lacking(self) -> str | None:
        """Return what a file that speaks of a kind or a claim lacks, or nothing."""
        if not self.comment:
            return "it does not say in words what it proves"
        if self.path.stem not in self.theorems:
            return f"no theorem is named {self.path.stem}"
        strange = [name for name in self.theorems if not name.startswith(self.path.stem)]
        return f"a theorem has another name: {', '.join(strange)}" if strange else None
