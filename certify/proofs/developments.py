"""Files of formal proofs: what each of them speaks of, and the statements in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# Coq knows more words for a theorem; what is proved under any of them is asked for its assumptions.
THEOREM = re.compile(r"\b(?:Theorem|Corollary|Proposition|Fact|Remark|Property)\s+([^\W\d][\w']*)")
COMMENT = re.compile(r"\A\(\*(.*?)\*\)", re.DOTALL)
ANY_COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)
PROOF = re.compile(r"\n *Proof\..*?\b(?:Qed|Defined)\.", re.DOTALL)
# A step on the way to a theorem, with the comment before it.
STEP = re.compile(
    r"^(?:\(\*(?:(?!\*\)).)*\*\)\n)?(?:Lemma|Add (?:Ring|Field)|Ltac)\b.*?\.(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
IMPORT = re.compile(r"^From (\S+) Require (?:Import|Export) ([^.]*)\.\s", re.MULTILINE)
# Nothing may be assumed: not by these words, not even in comments, so that none can be hidden in
# what only looks like one; nor by what Coq lists as assumptions of a theorem. The second line has
# those by which another statement could take the name of one that was not proved.
ASSUMING = re.compile(
    r"\b(?:Admitted|admit|give_up|Axioms?|Parameters?|Conjectures?|bypass_check"
    r"|Abort|Fail|Succeed|Reset|Redirect|Unset\s+(?:Guard|Positivity|Universe)\w*)\b"
)

# Coq reads no mark of a comment between quotes, wherever they stand.
QUOTED = re.compile(r'"([^"]*)"')
# What gives a name its meaning, and may not stand where it is not shown.
DEFINING = re.compile(
    r"\b(?:Definition|Example|Let|(?:Co)?Fixpoint|(?:Co)?Inductive|Variant|Record|Structure|Class"
    r"|Instance|Notation|Infix|Coercion|Canonical|Arguments|Variables?|Hypothes[ie]s|Context"
    r"|Import|Export|Include|Module|Section|Scope|Theorem)\b"
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
        return tuple(THEOREM.findall(ANY_COMMENT.sub("", self.text)))

    @property
    def statement(self) -> str:
        """All that it defines, assumes and states, without the proofs and the lemmas."""
        without = STEP.sub("", PROOF.sub("", COMMENT.sub("", self.text)) + "\n")
        return re.sub(r"\n\n+", "\n\n", without).strip()

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
        if found := ASSUMING.search(self.text):
            return f"nothing may be assumed, but there is {found[0]}"
        if re.search(r"\(\*|\*\)", ANY_COMMENT.sub("", self.text)):
            return "no comment may stand in another one, nor a part of one elsewhere"
        if any(re.search(r"\(\*|\*\)", quoted) for quoted in QUOTED.findall(self.text)):
            return "no mark of a comment may stand between quotes"
        without = PROOF.sub("", ANY_COMMENT.sub("", self.text)) + "\n"
        for part in (*PROOF.findall(self.text), *STEP.findall(without)):
            if found := DEFINING.search(ANY_COMMENT.sub("", part)):
                return f"what is shown of it leaves out {found[0]}"
        return None

    def lacking(self) -> str | None:
        """Return what a file that speaks of a kind or a claim lacks, or nothing."""
        if not self.comment:
            return "it does not say in words what it proves"
        if self.path.stem not in self.theorems:
            return f"no theorem is named {self.path.stem}"
        strange = [name for name in self.theorems if not name.startswith(self.path.stem)]
        return f"a theorem has another name: {', '.join(strange)}" if strange else None
