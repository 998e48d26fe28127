"""The command ``verify falsify``: a smallest counterexample to a weakened claim."""

import argparse
from pathlib import Path

from verify.commands import EXIT_PROBLEMS

HELP = "search for a smallest counterexample to a weakened claim"
DESCRIPTION = (
    "Search instances of a claim as printed, without one hypothesis, or of its "
    "sharp form, for an exact counterexample, and shrink it. Prints it in words; --out keeps "
    "its certificates. Exit code 0: found; 1: none found; 2: bad input."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("id", metavar="ID", help="the claim, as verify claims lists it")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--without", metavar="NAME", help="drop this hypothesis, as verify claims ID names it"
    )
    what.add_argument("--literal", action="store_true", help="as printed (default)")
    what.add_argument(
        "--sharp", action="store_true", help="search an instance on which its sharp form fails"
    )
    what.add_argument(
        "--overstated", action="store_true", help="the sharp form, in words that say too much"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the search (default: 0)")
    parser.add_argument(
        "--out", type=Path, metavar="FILE.jsonl", help="write the certificates to this file"
    )


def run(options: argparse.Namespace) -> int:
    """Search, print what was found and return the exit code."""
    from verify.campaigns.falsify import search, search_sharp, weakened
    from verify.claims.claim import AS_PRINTED, OVERSTATED
    from verify.claims.registry import find
    from verify.reporting import terminal

    claim = find(options.id)
    dropped = OVERSTATED if options.overstated else options.without or AS_PRINTED
    if not options.sharp:
        weakened(claim, dropped)
    if options.rehearsal:
        return 0
    if options.sharp:
        outcome = search_sharp(claim, seed=options.seed)
    else:
        outcome = search(claim, dropped, seed=options.seed)
    found = outcome.refutation
    if found is not None and options.out is not None:
        lines = [certificate.line() for certificate in found.certificates]
        options.out.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    terminal.print_search(outcome.subject, outcome.tries, outcome.instance, found, options.out)
    return EXIT_PROBLEMS if found is None else 0
