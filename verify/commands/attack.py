"""The command ``verify attack``: training, attacks and transfer at the size of the paper."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from certify.errors import InputError
from verify.commands.jobs import execute
from verify.commands.options import add_job, add_memory, add_reading
from verify.models.readers import STATES, check_file

if TYPE_CHECKING:
    from verify.attack.models import Given
    from verify.data.sources import Source

ROLES = ("source", "target")  # of the user's own models
READING = ("architecture", "module", "output")  # options that say how these are read

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
        "--data",
        metavar="NAME",
        help="digits, mnist or a .npz file with X and y (default: the preset's): X of shape (n, d) "
        "is a table, each column of which is brought to [0, 1] by its range; with more axes, "
        "(n, height, width), images; what lies in [0, 1] stays as it is",
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
                ("cross-entropy", "margin", "hinge", "squared-hinge"),
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
        *(
            choices.add_argument(name, type=kind, metavar=metavar, help=text)
            for name, kind, metavar, text in (
                ("--steps", int, "N", "steps of an attack (default: 40)"),
                ("--step", float, "LENGTH", "of one, as a share of the range (default: 0.01)"),
                ("--subsets", int, "N", "classifiers of each family (default: the preset's)"),
                ("--subset-size", int, "N", "examples for training each (default: the preset's)"),
                ("--examples", int, "N", "examples that are attacked (default: the preset's)"),
            )
        ),
        choices.add_argument(
            "--radius",
            dest="radii",
            type=float,
            action="append",
            metavar="R",
            help="radius as a share of the range; may be repeated (default: 0.01, 0.02, ..., 0.40)",
        ),
        choices.add_argument(
            "--epochs",
            type=int,
            metavar="N",
            help="passes of networks over the data (default: the preset's)",
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
    own = parser.add_argument_group(
        "your own models", "They attack, and are attacked, beside those that are trained here."
    )
    for role, what in zip(ROLES, ("attack", "are attacked"), strict=True):
        own.add_argument(
            f"--{role}",
            dest=f"{role}s",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help=f"a model as verify audit reads it, among those that {what}; may be repeated",
        )
    own.add_argument(
        "--save",
        type=Path,
        metavar="FILE.npz",
        help="write the labels of all adversaries: source x target x radius x example",
    )
    add_reading(parser)
    add_memory(parser)
    add_job(parser, None, instances=20)


def run(options: argparse.Namespace) -> int:
    """Train, attack, decide and write the report; return the exit code."""
    from verify.attack.batches import check_precision
    from verify.attack.experiment import check_fits, own_names
    from verify.attack.models import resolve_device
    from verify.attack.presets import preset
    from verify.attack.tensor import check_save
    from verify.campaigns.job import Configuration, Job
    from verify.claims.registry import CLAIMS
    from verify.data.memory import limit
    from verify.data.sources import load, ranked
    from verify.evidence.places import check_out, printable
    from verify.questions.experiments import paired_with

    _check_reading(options)
    if options.save is not None:
        check_save(options.save)
    if options.out is not None:
        check_out(options.out, overwrite=options.overwrite, resume=options.resume)
    name = options.data or preset(options.preset).data
    source = load(name, options.data_dir, download=options.download, memory=limit(options.memory))
    source = replace(source, data=ranked(source.data))
    chosen = [(option, getattr(options, option.dest)) for option in options.left_open]
    chosen = [
        (option, tuple(sorted(value)) if isinstance(value, list) else value)
        for option, value in chosen
        if value is not None
    ]
    configuration = Configuration(
        options.seed,
        options.instances,
        tuple(claim for claim in CLAIMS if paired_with(claim)),
        options.preset,
        tuple((option.dest, value) for option, value in chosen),
        source.name,
    )
    options.out = options.out or Path(f"reports/{source.name}-{options.preset}")
    check_fits(configuration.models(), source.data, options.seed, source.test)
    count = len(source.data) + (len(source.test) if source.test else 0)
    print(printable(f"{source.name}: {count} examples, {source.data.said}"))
    device = resolve_device(options.device)
    if options.precision is not None:
        check_precision(options.precision, device)
    words = [
        word
        for option, value in chosen
        for one in (value if isinstance(value, tuple) else (value,))
        for word in (option.option_strings[0], *([] if option.nargs == 0 else [str(one)]))
    ]
    for role in ROLES:
        words += [
            word for file in getattr(options, f"{role}s") for word in (f"--{role}", str(file))
        ]
    for option in (*READING, "save"):
        if (value := getattr(options, option)) is not None:
            words += [f"--{option}", str(value)]
    place = ["--data-dir", str(options.data_dir)] if options.data_dir else []
    fetch = ["--download"] if options.download else []
    command = ["--preset", options.preset, "--data", name, *place, *fetch, "--device", str(device)]
    job = Job(configuration, options.out, source, str(device), save=options.save)
    roles = {role: list(dict.fromkeys(getattr(options, f"{role}s"))) for role in ROLES}
    files = list(dict.fromkeys(chain(*roles.values())))
    if files:
        given = _own_models(options, files, source, own_names(configuration.models()))
        job.given_sources, job.given_targets = (
            tuple(given[file] for file in roles[role]) for role in ROLES
        )
        job.given = tuple(
            f"{role} {_fingerprint(options, file)}" for role in ROLES for file in roles[role]
        )
    return execute(job, options, ["verify", "attack", *command, *words])


def _check_reading(options: argparse.Namespace) -> None:
    """Raise InputError where an option says how to read a model, and there is none."""
    unread = [option for option in READING if getattr(options, option) is not None]
    if unread and not (options.sources or options.targets):
        raise InputError(f"--{unread[0]}", expected="--source or --target with it", got="neither")


def _own_models(
    options: argparse.Namespace, files: Collection[Path], source: Source, taken: Collection[str]
) -> dict[Path, Given]:
    """Read the user's models, and say how many examples each reads right."""
    from certify.bounds.threads import one_thread
    from verify.attack.models import count_correct
    from verify.data.memory import limit
    from verify.evidence.places import printable
    from verify.questions.given_models import read_given

    names = [file.stem for file in files]
    if len(set(names)) < len(names):
        raise InputError("--source", expected="files of different names", got=", ".join(names))
    if clash := [name for name in names if name in taken]:
        wanted = "files named otherwise than the models trained here"
        raise InputError("--source", expected=wanted, got=", ".join(clash))
    reading = {file: _reading(options, file) for file in files}
    for option in READING:
        value = getattr(options, option)
        if value is not None and not any(of[option] for of in reading.values()):
            next(iter(reading.values()))[option] = value  # which is then refused with it
    for file, of in reading.items():
        check_file(file, **of)
    data, found = source.test or source.data, {}
    for file, of in reading.items():
        model = read_given(file, data, **of, memory=limit(options.memory))
        with one_thread():
            right = count_correct(model.module(), data.images, data.labels)
        ranks = ", its labels 0, 1, ... standing for the data's in their order" * model.by_rank
        print(f"{printable(file.name)} reads {right} of {len(data)} examples right{ranks}")
        found[file] = model
    return found


def _reading(options: argparse.Namespace, file: Path) -> dict[str, Any]:
    """Return what is said of the files of one kind, for a file of it."""
    onnx, state = file.suffix.lower() == ".onnx", file.suffix.lower() in STATES
    return {
        "architecture": options.architecture if state else None,
        "module": options.module if state else None,
        "output": options.output if onnx else None,
    }


def _fingerprint(options: argparse.Namespace, file: Path) -> str:
    """Return what the labels of a user's model depend on: name, bytes, and how it is read."""
    from certify.checking.folders import sha256_of

    reading = {name: value for name, value in _reading(options, file).items() if value is not None}
    if "module" in reading:
        reading["bytes"] = sha256_of(Path(reading["module"].rpartition(":")[0]))
    return f"{file.stem} {sha256_of(file)} {sorted(reading.items())}"


def _number_or_word(text: str) -> int | str:
    """Return a number as one; what a word means is for the preset to say."""
    try:
        return int(text)
    except ValueError:
        return text
