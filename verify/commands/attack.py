"""The command ``verify attack``: training, attacks and transfer at the size of the paper."""

import argparse
from dataclasses import replace
from pathlib import Path

from verify.commands.jobs import execute
from verify.commands.options import add_job, add_memory

HELP = "train, attack and transfer at the size of the paper, on MNIST or your own data"
DESCRIPTION = (
    "Train support vector machines and networks, attack each, test all on the "
    "adversaries of all, decide a sample of them and the paired claims exactly, and write a "
    "report. Exit codes as for run."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--preset", default="quick", help="quick, standard or paper (default: %(default)s)"
    )
    parser.add_argument(
        "--data", metavar="NAME", help="digits, mnist or a .npz file (default: the preset's)"
    )
    parser.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="folder of the four files of MNIST"
    )
    parser.add_argument(
        "--download", action="store_true", help="fetch MNIST from openml.org, and keep it"
    )
    parser.add_argument("--device", default="cpu", help="auto, cpu or cuda (default: %(default)s)")
    choices = parser.add_argument_group(
        "choices that the paper leaves open", "The report says which were made."
    )
    left_open = [
        choices.add_argument(name, choices=values, help=text)
        for name, values, text in (
            ("--step-rule", ("sign", "gradient"), "what a step follows (default: sign)"),
            ("--start", ("image", "random"), "where an attack starts (default: image)"),
            (
                "--draws",
                ("once", "source", "radius"),
                "whether attacked images are drawn once, anew for each source of attacks, or for "
                "each radius, too (default: source of paper, else once)",
            ),
            (
                "--training",
                ("ours", "2018"),
                "how models are trained: as suits few passes, or as PyTorch's MNIST example and "
                "scikit-learn's LinearSVC did in 2018 (default: 2018 of paper, else ours)",
            ),
            (
                "--svm-loss",
                ("cross-entropy", "margin", "hinge"),
                "what attacks on SVMs make grow (default: cross-entropy of the scores)",
            ),
            ("--noise", ("uniform", "signs"), "law of random perturbations (default: uniform)"),
            (
                "--precision",
                ("float32", "tf32", "bfloat16"),
                "of the products in gradients; labels are always of float32 (default: float32)",
            ),
        )
    ]
    left_open += [
        choices.add_argument(
            "--epochs", type=int, metavar="N", help="passes of networks over the data"
        ),
        choices.add_argument(
            "--no-box",
            dest="box",
            action="store_const",
            const=False,
            help="let inputs leave [0, 1]",
        ),
        choices.add_argument(
            "--exact",
            type=_number_or_word,
            metavar="N",
            help="adversaries decided again exactly, or all (default: 200)",
        ),
        choices.add_argument(
            "--certified",
            type=int,
            metavar="N",
            help="examples whose labels are certified within radii, of a machine and a network, "
            "or of three of each but with quick (default: 10 of quick, else 0)",
        ),
    ]
    parser.set_defaults(left_open=left_open)
    add_memory(parser)
    add_job(parser, None, instances=20)


def run(options: argparse.Namespace) -> int:
    """Train, attack, decide and write the report; return the exit code."""
    from verify.attack.batches import check_precision
    from verify.attack.experiment import check_fits
    from verify.attack.models import resolve_device
    from verify.attack.presets import preset
    from verify.campaigns.job import Configuration, Job
    from verify.claims.registry import CLAIMS
    from verify.data.memory import limit
    from verify.data.sources import load, ranked
    from verify.evidence.places import check_out
    from verify.questions.experiments import paired_with

    if options.out is not None:
        check_out(options.out, overwrite=options.overwrite, resume=options.resume)
    name = options.data or preset(options.preset).data
    source = load(name, options.data_dir, download=options.download, memory=limit(options.memory))
    source = replace(source, data=ranked(source.data))
    given = [(option, getattr(options, option.dest)) for option in options.left_open]
    given = [(option, value) for option, value in given if value is not None]
    configuration = Configuration(
        options.seed,
        options.instances,
        tuple(claim for claim in CLAIMS if paired_with(claim)),
        options.preset,
        tuple((option.dest, value) for option, value in given),
        source.name,
    )
    options.out = options.out or Path(f"reports/{source.name}-{options.preset}")
    check_fits(configuration.models(), source.data, options.seed, source.test)
    device = resolve_device(options.device)
    if options.precision is not None:
        check_precision(options.precision, device)
    words = [
        word
        for option, value in given
        for word in (option.option_strings[0], *([] if option.nargs == 0 else [str(value)]))
    ]
    place = ["--data-dir", str(options.data_dir)] if options.data_dir else []
    fetch = ["--download"] if options.download else []
    command = ["--preset", options.preset, "--data", name, *place, *fetch, "--device", str(device)]
    job = Job(configuration, options.out, source, str(device))
    return execute(job, options, ["verify", "attack", *command, *words])


def _number_or_word(text: str) -> int | str:
    """Return a number as one; what a word means is for the preset to say."""
    try:
        return int(text)
    except ValueError:
        return text
