"""How many changes to the code of the checker its tests notice, with the operators of cosmic-ray.

``python -m benchmarks.mutation_score REPORT.md`` makes every change that cosmic-ray knows to the
part of ``certify/checking/checker.py`` that decides (reading files and printing are left out, and
so are type annotations, which are not evaluated), and shows each changed checker the certificates
that it must accept, those that it must refuse, and the mutants of the former, as far as it runs for
them what is changed. A change is noticed when any verdict, sentence, step or place differs, or the
work that is asked for, or when a certificate takes many times as long as any takes the checker: in
time of the processor, of which a busy machine takes none. The order is random, and the report is
written anew after each 200: what is interrupted has a random sample.
"""

import __future__

import json
import multiprocessing
import platform
import random
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

from benchmarks.mutation_score.reach import Reach

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from certify.certificates.kinds import HONEST, REFUSALS  # noqa: E402
from certify.checking import checker  # noqa: E402
from tests.certify.checking.documents import DOCUMENTS  # noqa: E402
from tests.certify.checking.test_large import TEXTS  # noqa: E402
from tests.certify.checking.test_work import ASKED, spent  # noqa: E402
from verify.evidence.commit import commit  # noqa: E402
from verify.trust.mutants.documents import mutants  # noqa: E402

SOURCE = Path(checker.__file__)
LEFT_OUT = ("certificates_in", "printable", "main")
SECONDS = 10  # of the processor, for one certificate: a loop without end is noticed as well
Verdict = tuple[str, str]


class _Overdue(BaseException):
    pass


@dataclass(frozen=True)
class Change:
    """One change of one top-level piece of the source."""

    piece: int
    operator: str
    occurrence: int


@cache
def pieces() -> list[str]:
    """Return the source, divided at its top-level definitions."""
    return [node.get_code() for node in get_ast(SOURCE.read_text(encoding="utf-8")).children]


def _operators() -> Iterator[tuple[str, Any]]:
    for name in sorted(plugins.operator_names()):
        if not plugins.get_operator(name).arguments():
            yield name, plugins.get_operator(name)()


def changes() -> Iterator[Change]:
    """Yield every change, in the order of the source."""
    for number, piece in enumerate(pieces()):
        if any(f"def {name}(" in piece for name in LEFT_OUT) or "__main__" in piece:
            continue
        nodes = list(ast_nodes(get_ast(piece)))
        for name, operator in _operators():
            occurrence = 0
            for node in nodes:
                for _ in operator.mutation_positions(node):
                    if not _annotates(node):
                        yield Change(number, name, occurrence)
                    occurrence += 1


def _annotates(node: Any) -> bool:
    while node.parent is not None:
        above = node.parent
        if above.type in ("annassign", "tfpdef", "param") and ":" in above.get_code():
            return _after(above, node, ":") and not _after(above, node, "=")
        if above.type == "funcdef" and _after(above, node, "->") and node.type != "suite":
            return True
        node = above
    return False


def _after(above: Any, node: Any, sign: str) -> bool:
    seen = False
    for child in above.children:
        if child is node:
            return seen
        seen = seen or child.get_code().strip() == sign
    return False


def _decide(module: Any, text: str) -> Verdict:
    try:
        kind, words = module.check(module.parse(text))
    except module.Rejected as error:
        return "rejected", error.step
    except module.Malformed as error:
        return "malformed", error.where
    return "accepted", f"{kind}: {words}"


@cache
def corpus() -> list[tuple[str, Verdict]]:
    """Return texts of certificates with the verdicts of the checker as it is."""
    sys.set_int_max_str_digits(0)  # some mutants have integers beyond every limit
    honest = [one.document() for one in HONEST.values()]
    texts = [json.dumps(certificate) for certificate in honest]
    texts += [json.dumps(refusal.document()) for refusal in REFUSALS]
    texts += [text for text, *_ in DOCUMENTS] + TEXTS
    texts += [json.dumps(mutant.document) for one in honest for mutant in mutants(one)]
    return [(text, _decide(checker, text)) for text in texts]


@cache
def reach() -> Reach:
    """Return which of these texts run which code of the checker."""
    codes = [_compiled(piece) for piece in pieces()]
    return Reach(codes, _decide, [text for text, _ in corpus()])


def _compiled(piece: str) -> CodeType:
    flags = __future__.annotations.compiler_flag
    return compile(piece, "checker.py", "exec", flags, dont_inherit=True)


def noticed(change: Change) -> tuple[Change, str]:
    """Return a change and by what it is noticed, nothing if it is not."""
    try:
        return change, _noticed(change)
    except _Overdue:  # the alarm rang while something else was being handled
        return change, "time"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _noticed(change: Change) -> str:
    known, codes = corpus(), list(reach().pieces)  # what fails here is no change's doing
    operator = plugins.get_operator(change.operator)()
    text = mutate_code(pieces()[change.piece], operator, change.occurrence)
    module = types.ModuleType("changed_checker")

    def overdue(*_: Any) -> None:
        raise _Overdue

    signal.signal(signal.SIGPROF, overdue)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        codes[change.piece] = _compiled(text)
        for code in codes:
            exec(code, module.__dict__)
        for name, one in HONEST.items():
            try:
                if spent(module, one.document()) != ASKED[name]:
                    return "work"
            except (module.Rejected, module.Malformed):
                return "verdict"
        for number in reach().of(change.piece, codes[change.piece]):
            text, verdict = known[number]
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            if _decide(module, text) != verdict:
                return "verdict"
    except _Overdue:
        return "time"
    except (Exception, SystemExit):
        return "error"
    return ""


def _line(change: Change) -> str:
    """Return where a change is, and the line before and after it."""
    before = pieces()[change.piece]
    operator = plugins.get_operator(change.operator)()
    after = mutate_code(before, operator, change.occurrence)
    start = sum(piece.count("\n") for piece in pieces()[: change.piece])
    pairs = zip(before.split("\n"), after.split("\n"), strict=False)
    number, old, new = next((k, a, b) for k, (a, b) in enumerate(pairs, 1) if a != b)
    return f"line {start + number}: `{old.strip()}` as `{new.strip()}`"


def _slowest() -> float:
    """Return how long the checker takes at most, far less than changed ones may take."""
    longest = 0.0
    for text, _ in corpus():
        start = time.process_time()
        _decide(checker, text)
        longest = max(longest, time.process_time() - start)
    if longest > SECONDS / 5:
        raise SystemExit(f"a certificate takes {longest:.1f} s; a limit of {SECONDS} s is too near")
    return longest


def written(found: Sequence[tuple[Change, str]], planned: int, about: str) -> str:
    """Return the report of those changes that have been tried."""
    by = Counter(how for _, how in found)
    unnoticed = sorted((c for c, how in found if not how), key=lambda c: (c.piece, c.occurrence))
    caught = len(found) - len(unnoticed)
    ways = f"{planned:,} ways"
    if len(found) < planned:
        ways = f"{len(found):,} ways, drawn at random from {planned:,}"
    words = (
        "# Changes to the code of the checker\n\n"
        f"cosmic-ray changed the deciding part of `certify/checking/checker.py` in {ways}, and its "
        f"tests notice {caught:,} of them: **{caught / len(found):.1%}** "
        f"({by['verdict']:,} by another verdict or place, {by['work']:,} by the work asked for, "
        f"{by['error']:,} by an error, {by['time']:,} by time), against {len(corpus()):,} "
        f"certificates. {about}\n\nNot noticed:\n\n"
    )
    return words + "".join(f"- {_line(change)}\n" for change in unnoticed)


def main(report: Path) -> None:
    """Try all changes in random order; write the report after each some hundred."""
    planned = list(changes())
    random.Random(0).shuffle(planned)
    about = (
        f"By time: more than {SECONDS} s of the processor for a certificate, of which none takes "
        f"the checker itself more than {_slowest():.1f} s. "
        f"Commit {commit()}, Python {platform.python_version()}."
    )
    reach()
    found: list[tuple[Change, str]] = []
    with multiprocessing.get_context("fork").Pool() as pool:
        for result in pool.imap(noticed, planned, 20):
            found.append(result)
            if len(found) % 200 == 0 or len(found) == len(planned):
                report.write_text(written(found, len(planned), about), encoding="utf-8")
                print(f"{len(found)} of {len(planned)}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
