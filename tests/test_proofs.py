"""Proofs for all sizes: where they lie, what they assume, and that a false one is noticed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from certify.certificates.kinds import KINDS
from certify.errors import InputError
from certify.proofs.__main__ import SHARED, check, checked, developments, main
from certify.proofs.developments import Development
from verify.claims.claim import Verdict
from verify.claims.general import ON_PAPER, THEOREMS, WHY_NOT, Behind, general, sharp_form
from verify.claims.registry import CLAIMS

ROOT = Path(__file__).parents[1]
FOUND = developments([ROOT / "certify", ROOT / "verify"])
OWN = {name: one for name, one in FOUND.items() if one.path.parent.name != SHARED}
EVERY = "certify.certificates.kinds.every_separator"
needs_coq = pytest.mark.skipif(not shutil.which("coqc"), reason="coqc is not installed")


@pytest.mark.parametrize("name", FOUND)
def test_a_proof_assumes_nothing_and_builds_on_files_that_are_there(name: str) -> None:
    assert FOUND[name].assumed() is None
    places = [need for need in FOUND[name].needs if need.startswith(("certify.", "verify."))]
    assert set(places) <= FOUND.keys()


@pytest.mark.parametrize("name", OWN)
def test_a_theorem_is_named_after_a_kind_or_a_claim(name: str) -> None:
    assert OWN[name].lacking() is None
    assert OWN[name].subject in {**KINDS, **CLAIMS}


@pytest.mark.parametrize("name", [n for n, one in OWN.items() if one.subject in CLAIMS])
def test_only_what_is_not_true_as_printed_is_said_to_be_repaired(name: str) -> None:
    if CLAIMS[OWN[name].subject].verdict is Verdict.TRUE:
        assert "repaired" not in OWN[name].comment


@pytest.mark.parametrize("name", OWN)
def test_a_statement_has_all_that_the_theorem_speaks_of_and_no_proof(name: str) -> None:
    statement = OWN[name].statement
    said = r"^(?:Section|Variable|Hypothes[ie]s|Definition|Let|Inductive|Fixpoint|Theorem)\b.*"
    assert all(line in statement for line in re.findall(said, OWN[name].text, re.MULTILINE))
    assert not re.search(r"^ *(?:Proof|Qed|Lemma|Add)\b", statement, re.MULTILINE)


def test_a_statement_keeps_what_stands_beside_a_step() -> None:
    text = (
        "(* Words. *)\nAdd Ring r : (l R).\nVariable n : nat.\n\n"
        "(* A step. *)\nLemma a : n = n.\nProof. by []. Qed.\n\n"
        "(* Kept. *)\nTheorem b : n = n.\nProof. by []. Qed.\n"
    )
    kept = "Variable n : nat.\n\n(* Kept. *)\nTheorem b : n = n."
    assert Development(Path("kinds/b.v"), text).statement == kept


def test_what_a_general_statement_rests_on() -> None:
    claim = CLAIMS["charles-thm-4"]
    found = general(claim, claim.symbolic())
    assert found.behind is Behind.COQ
    assert str(found) == "proved for all sizes (Coq): theorem thm_4 of thm_4.v"
    claim = CLAIMS["charles-sec7-independence"]
    assert general(claim, ()).behind is Behind.WRITTEN


def test_algebra_alone_proves_no_statement_on_samples() -> None:
    for name in WHY_NOT.keys() - {"zou-conj"}:
        claim = CLAIMS[name]
        said = str(general(claim, claim.symbolic()))
        assert said.startswith("written proof, steps by algebra: ")
        assert ON_PAPER[name] in said


@pytest.mark.parametrize("name", CLAIMS)
def test_each_sharp_form_says_what_it_rests_on(name: str) -> None:
    claim = CLAIMS[name]
    found = sharp_form(claim)
    assert bool(found.theorems) == (found.behind in (Behind.COQ, Behind.COQ_IN_PART))
    # What Coq leaves has an argument, and so has what no file proves.
    assert found.words or found.behind is Behind.COQ
    assert found.behind is not Behind.SYMBOLIC or claim.symbolic()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Coq thm_4_inexact.", "expected a theorem of a claim, got thm_4_inexact"),
        ("proved. So it is.", "expected Coq, Coq in part, algebra, written proof"),
        ("Coq thm_4", "and a full stop, got Coq thm_4"),
    ],
)
def test_a_sharp_form_rests_on_what_there_is(words: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        sharp_form(replace(CLAIMS["charles-thm-4"], rests_on=words))


def test_the_theorems_of_a_statement_are_those_that_prove_it() -> None:
    for name, wanted in THEOREMS.items():
        found = general(CLAIMS[name], ())
        assert found.formal is not None
        assert set(wanted) <= set(found.formal.theorems)
    # That one is about the sharp form.
    assert "conj_norms," not in str(general(CLAIMS["zou-conj-norms"], ()))
    assert "theorems def_2, def_2_independent of def_2.v" in str(general(CLAIMS["zou-def-2"], ()))


def test_what_is_proved_in_part_is_not_said_to_be_proved() -> None:
    for name, wanted in (
        ("zou-unconstrained", "in part proved for all sizes (Coq): theorem unconstrained of"),
        ("charles-lem-3", "in part proved for all sizes (Coq): theorems lem_3, lem_3_unique of"),
        (
            "charles-sec7-link",
            "in part proved for all sizes (Coq): theorems sec7_link, sec7_link_step",
        ),
        ("charles-thm-7", "written proof, steps by algebra: "),
        ("charles-ratio-remark", "written proof, steps by algebra: "),
    ):
        claim = CLAIMS[name]
        said = str(general(claim, claim.symbolic()))
        assert said.startswith(wanted)
        assert ON_PAPER[name] in said
    assert ON_PAPER.keys() <= CLAIMS.keys()


def test_each_kind_has_a_proof() -> None:
    assert KINDS.keys() <= {one.subject for one in OWN.values()}


def test_each_claim_has_a_proof_or_a_line_that_says_why_not() -> None:
    assert CLAIMS.keys() - {one.subject for one in OWN.values()} == WHY_NOT.keys()
    claim = CLAIMS["charles-thm-7"]
    assert WHY_NOT[claim.id] in str(general(claim, claim.symbolic()))


SMALL = "(* One is one. *)\nTheorem small : 1 = 1.\nProof. reflexivity. Qed.\n"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("reflexivity. Qed", "Admitted", "nothing may be assumed, but there is Admitted"),
        ("Theorem", "Axiom one : 1 = 2.\nTheorem", "nothing may be assumed, but there is Axiom"),
        ("Theorem", "Parameter one : 1 = 2.\nTheorem",
         "nothing may be assumed, but there is Parameter"),
        ("Theorem", "Unset  Guard Checking.\nTheorem",
         "nothing may be assumed, but there is Unset  Guard"),
        ("Theorem", "Unset Universe Checking.\nTheorem",
         "nothing may be assumed, but there is Unset Universe"),
        ("Theorem", "#[bypass_check(guard)] Fixpoint f (n : nat) : 1 = 2 := f n.\nTheorem",
         "nothing may be assumed, but there is bypass_check"),
        # Another statement under the name of one that is not proved.
        ("1 = 1.\nProof. reflexivity. Qed", "1 = 2.\nProof. Abort.\nDefinition small := I",
         "nothing may be assumed, but there is Abort"),
        ("Theorem small : 1 = 1.\nProof. reflexivity. Qed",
         "Fail\nTheorem small : one.\nDefinition small := I",
         "nothing may be assumed, but there is Fail"),
        ("Theorem small : 1 = 1.\nProof. reflexivity. Qed",
         "(*\nTheorem small : 1 = 2.\n*)\nDefinition small := I", "no theorem is named small"),
        ("Theorem small : 1 = 1.\nProof. reflexivity. Qed",
         "(* (* *)\nTheorem small : 1 = 2. *)\nDefinition small := I",
         "no comment may stand in another one, nor a part of one elsewhere"),
        ("Theorem small : 1 = 1.\nProof. reflexivity. Qed",
         "Module M.\nLemma small : True.\nProof. exact I. Qed.\nEnd M.\nImport M.\n"
         "Succeed Theorem small : 1 = 2", "nothing may be assumed, but there is Succeed"),
        # For Coq the second one is a single comment.
        ("Theorem small : 1 = 1.\nProof. reflexivity. Qed.",
         'Lemma small : True.\nProof. exact I. Qed.\n(* " *)\nTheorem small : 1 = 2.\n(* " *)',
         "no mark of a comment may stand between quotes"),
        # Another meaning of what is stated, where no page shows it.
        ("Theorem small : 1 = 1.\nProof. reflexivity",
         'Lemma step : True.\nProof. Notation "a < b" := True. exact I. Qed.\n\n'
         "Theorem small : 2 < 1.\nProof. exact I", "what is shown of it leaves out Notation"),
        ("Theorem small : 1 = 1.\nProof. reflexivity",
         "Lemma step : True. Proof. exact I. Qed. Definition lt (a b : nat) := True.\n\n"
         "Theorem small : lt 2 1.\nProof. exact I", "what is shown of it leaves out Definition"),
        ("Theorem small", "Theorem other", "no theorem is named small"),
        ("(* One is one. *)\n", "", "it does not say in words what it proves"),
        ("Theorem small", "Theorem odd : 2 = 2.\nProof. reflexivity. Qed.\nTheorem small",
         "a theorem has another name: odd"),
        ("Theorem small", "  Corollary small' : 2 = 2.\nProof. reflexivity. Qed.\nFact odd : 2 = 2."
         "\nProof. reflexivity. Qed.\nTheorem small", "a theorem has another name: odd"),
    ],
)  # fmt: skip
def test_a_file_that_assumes_or_lacks_something_is_refused(
    old: str, new: str, words: str, tmp_path: Path
) -> None:
    assert old in SMALL
    changed = Development(Path("kinds/small.v"), SMALL.replace(old, new))
    assert checked(changed, "kinds.small", tmp_path) == (False, f"kinds/small.v: {words}")


def test_without_coq_the_program_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert main([]) == 2
    assert "libcoq-mathcomp-algebra" in capsys.readouterr().out


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Write files of a package and return its folder."""

    def package(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / "package" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="ascii")
        return tmp_path / "package"

    return package


@needs_coq
def test_the_program_lists_theorems_and_fails_for_what_is_not_proved(
    write: Callable[[Mapping[str, str]], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    two = "(* Also. *)\nFrom package.kinds Require Import small.\nTheorem two : 1 = 1.\n{}\n"
    files = {"kinds/small.v": SMALL, "kinds/two.v": two.format("Proof. exact small. Qed.")}
    assert main([str(write(files))]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "small: small: no assumptions",
        "two: two: no assumptions",
        "2 theorems proved in 2 of 2 files",
    ]
    # A hypothesis outside of a section is an assumption of what uses it.
    assumed = SMALL.replace("Theorem small : 1 = 1", "Variable u : 1 = 2.\nTheorem small : 1 = 2")
    files["kinds/small.v"] = assumed.replace("reflexivity", "exact u")
    assert main([str(write(files))]) == 1
    out = capsys.readouterr().out
    assert "not all of it is proved: Axioms:" in out
    assert "0 theorems proved in 0 of 2 files; 1 fail; 1 need one of these" in out
    # Nor does it help to print that something else assumes nothing.
    fine = "Lemma fine : 1 = 1.\nProof. reflexivity. Qed.\n"
    files["kinds/small.v"] = f"{files['kinds/small.v']}{fine}Print Assumptions fine.\n"
    assert main([str(write(files))]) == 1
    assert "not all of it is proved: Closed under the global context" in capsys.readouterr().out


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which what the kind every-separator builds on is compiled."""
    into, needed = tmp_path_factory.mktemp("proofs"), {EVERY}
    while more := {n for name in needed for n in FOUND[name].needs & FOUND.keys()} - needed:
        needed |= more
    results = list(check({name: FOUND[name] for name in needed}, into))
    assert all(good for good, _ in results), results
    return into


@needs_coq
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  (exists i, ~~ weak i /\\ 0 < a i) ->\n", ""),  # a hypothesis is dropped
        ("0 < dot normal w + offset * b", "0 < dot normal w - offset * b"),  # a wrong sign
        ("(exists i, ~~ weak i /\\ 0 < a i)", "(exists i, ~~ weak i /\\ 0 <= a i)"),  # not strict
    ],
)
def test_a_false_statement_is_not_proved(old: str, new: str, compiled: Path) -> None:
    honest = FOUND[EVERY]
    assert old in honest.text
    false = Development(honest.path, honest.text.replace(old, new))
    good, words = checked(false, EVERY, compiled)
    assert not good
    assert "Error" in words
