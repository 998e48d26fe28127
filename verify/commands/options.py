"""Options that several commands have."""

import argparse
import os
from pathlib import Path

from certify.errors import InputError


def add_memory(parser: argparse.ArgumentParser) -> None:
    """Add the limit of the commands that read a user's files."""
    parser.add_argument(
        "--memory",
        type=float,
        default=1.0,
        metavar="GIB",
        help="memory that reading the files may take (default: %(default)g)",
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add what is said of a model's file so that it can be read."""
    parser.add_argument(
        "--architecture",
        metavar="NAME",
        help="of a state dict: mlp (dense layers with ReLU between them), or cnn or cnn-2018 (the "
        "network of the PyTorch MNIST example, today's or that of 2018)",
    )
    parser.add_argument(
        "--module",
        metavar="FILE.py:NAME",
        help="of a state dict: a Python file THAT IS RUN, and the class, function or module in it "
        "that makes the network, without arguments",
    )
    parser.add_argument(
        "--output", metavar="NAME", help="of an ONNX file: which of its outputs tells the label"
    )


def add_job(parser: argparse.ArgumentParser, out: Path | None, instances: int) -> None:
    """Add the options of the jobs that write a report."""
    parser.add_argument(
        "--out",
        type=Path,
        default=out,
        metavar="DIR",
        help=f"directory of the report (default: {out or 'reports/DATA-PRESET'})",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of every random choice (default: 0)"
    )
    parser.add_argument(
        "--instances",
        type=int,
        default=instances,
        metavar="N",
        help="instances for each claim (default: %(default)s)",
    )
    where = parser.add_mutually_exclusive_group()
    add_workers(where)
    where.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="use the workers of this Dask scheduler instead, such as tcp://10.0.0.1:8786",
    )
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("--overwrite", action="store_true", help="replace an earlier report")
    existing.add_argument("--resume", action="store_true", help="continue an interrupted run")


def add_workers(parser: argparse._ActionsContainer) -> None:
    """Add the number of processes."""
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes (default: one for each processor, here %(default)s)",
    )


def check_workers(options: argparse.Namespace) -> None:
    """Raise InputError for a number of processes with which nothing is done."""
    if options.workers < 1:
        raise InputError("--workers", expected="at least 1", got=str(options.workers))
