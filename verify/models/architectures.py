"""What a state dict is of: a declared architecture, or a module that a file of the user's makes."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from certify.errors import InputError, described
from verify.attack.networks import SIDE, build
from verify.data.memory import Budget
from verify.models.heads import of_head
from verify.models.model import Model
from verify.models.state_dicts import read_tensors
from verify.models.torch_graph import of_module
from verify.models.torch_rules import exact

SHOWN = 8  # entries that are named
TRIES = 10_000  # to continue an order of layers by one
INTEGERS = (torch.int64, torch.int32)
# Whole numbers of training that no layer computes with; others may be what forward adds.
COUNTERS = ("num_batches_tracked", "step", "global_step", "epoch", "iteration")


def read_declared(path: Path, architecture: str, budget: Budget) -> Model:
    """Return the model of a state dict, of a declared architecture.

    ``architecture`` is "mlp" (dense layers with ReLU between) or one of the convolutional networks
    of :mod:`verify.attack.networks`. The names of layers are free. Nothing in such a file says
    what is done between its layers, so the model has no runtime: it says what was declared, and
    which entries were left out.

    Raises InputError for another architecture than the file's, and for numbers that are neither
    weights nor counters of training, with which a module may compute.
    """
    state = read_tensors(path, budget)
    counters = [key for key, value in state.tensors.items() if _counts(key, value)]
    tensors = {key: value for key, value in state.tensors.items() if key not in counters}
    whole = [key for key, value in tensors.items() if not value.is_floating_point()]
    if whole:
        wanted = f"the state of {architecture}: weights that are floats"
        got = f"{str(tensors[whole[0]].dtype).removeprefix('torch.')} numbers"
        raise InputError(str(path), expected=wanted, got=got, where=described(whole[0])[4:])
    layers = _layers(tensors)
    if architecture == "mlp":
        network, said = _mlp(layers, path, ordered=state.ordered), "ReLU between the layers is"
    else:
        network, said = _convolutional(layers, architecture, path)
    network.to(widest(tensors.values()))
    size = network[0].in_features if isinstance(network[0], nn.Linear) else SIDE * SIDE
    found = of_module(network.eval(), np.zeros((2, size)), path.stem)
    alone = f"{said} what --architecture declares."
    if left := [*state.left, *counters]:
        shown = ", ".join(described(name)[4:][:60] for name in left[:SHOWN])
        more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
        alone += f" Left out of the file: {shown}{more}."
    return replace(found, origin=f"state dict {path.name}", runtime=None, alone=alone)


def read_head(path: Path, budget: Budget) -> Model:
    """Return the linear model of the arrays W (features, classes) and b (classes,) of a file."""
    found = read_tensors(path, budget).tensors
    for name in ("W", "b"):
        if name not in found:
            raise InputError(
                f"{path}: {name}", expected="this array (or a state dict, with --architecture or "
                "--module)", got=f"{sorted(found)[:SHOWN]}",
            )  # fmt: skip
    # NumPy lacks the shorter floats, and float64 holds all of them.
    return of_head(path, exact(found["W"]), exact(found["b"]))


def widest(tensors: Iterable[Tensor], least: torch.dtype | None = None) -> torch.dtype:
    """Return the floating-point type that holds all numbers of tensors, and of ``least``."""
    kinds = [value.dtype for value in tensors if value.is_floating_point()]
    kinds += [] if least is None else [least]
    return reduce(torch.promote_types, kinds or [torch.float32])


def _counts(name: str, value: Tensor) -> bool:
    """Tell whether an entry counts what training did."""
    return not value.ndim and value.dtype in INTEGERS and name.rpartition(".")[2] in COUNTERS


def _layers(state: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """Return the parts of each layer by its name, in the order of the file."""
    layers: dict[str, dict[str, Tensor]] = {}
    for name, value in state.items():
        layer, _, part = name.rpartition(".")
        layers.setdefault(layer, {})[part] = value
    return layers


def _mlp(layers: dict[str, dict[str, Tensor]], path: Path, *, ordered: bool) -> nn.Sequential:
    """Return dense layers with ReLU between, from a matrix and maybe a vector for each."""
    for layer, parts in layers.items():
        weight, bias = parts.get("weight"), parts.get("bias")
        if (
            weight is None or weight.ndim != 2 or not weight.numel()
            or set(parts) - {"weight", "bias"}
            or (bias is not None and bias.shape != weight.shape[:1])
        ):  # fmt: skip
            wanted = "the state of mlp: a matrix weight, and maybe a vector bias"
            got = f"{_shapes(parts)}"
            raise InputError(str(path), expected=wanted, got=got, where=described(layer)[4:])
    if not layers:
        raise InputError(str(path), expected="the state of mlp: matrices of weights", got="none")
    made: list[nn.Module] = []
    width = None
    for layer in _in_order(list(layers), path) if ordered else _order(layers, path):
        parts = layers[layer]
        outputs, inputs = parts["weight"].shape
        if width not in (None, inputs):
            wanted, got = f"the state of mlp: a layer of {width} inputs", f"{_shapes(parts)}"
            raise InputError(str(path), expected=wanted, got=got, where=described(layer)[4:])
        width = outputs
        dense = nn.Linear(
            inputs, outputs, "bias" in parts, device="meta", dtype=widest(parts.values())
        ).to_empty(device="cpu")
        dense.load_state_dict(parts)
        made += [dense, nn.ReLU()]
    return nn.Sequential(*made[:-1])


def _in_order(layers: list[str], path: Path) -> list[str]:
    """Return layers as they come; raises InputError where their numbers are not in order."""
    last: dict[str, list[int]] = {}
    for layer in layers:
        kind, numbers = _numbered(layer)
        if last.get(kind, numbers) > numbers:
            wanted = "layers in the order in which they are applied"
            raise InputError(str(path), expected=wanted, got=f"{layers[:SHOWN]}")
        last[kind] = numbers
    return layers


def _order(layers: dict[str, dict[str, Tensor]], path: Path) -> list[str]:
    """Return the only order in which dense layers fit each other, numbered ones by their numbers.

    Raises InputError unless there is just one: the file itself keeps none.
    """
    kinds: dict[str, list[str]] = {}
    for layer in sorted(layers, key=lambda name: _numbered(name)[1]):
        kinds.setdefault(_numbered(layer)[0], []).append(layer)
    found: list[tuple[str, ...]] = []
    begun: list[tuple[str, ...]] = [()]
    for _ in range(TRIES):
        if not begun or len(found) > 1:
            break
        order = begun.pop()
        rest = [[name for name in names if name not in order] for names in kinds.values()]
        if not any(rest):
            found.append(order)
        for name in (names[0] for names in rest if names):
            weight = layers[name]["weight"]
            if not order or weight.shape[1] == len(layers[order[-1]]["weight"]):
                begun.append((*order, name))
    if len(found) != 1 or begun:
        raise InputError(
            str(path),
            expected="layers whose numbers and widths tell in which order they are applied, or a "
            ".pt file, which keeps it",
            got=f"{list(layers)[:SHOWN]}",
        )
    return list(found[0])


def _numbered(layer: str) -> tuple[str, list[int]]:
    """Return a name without its numbers, and those."""
    digits = re.findall(r"[0-9]{1,9}", layer)
    return re.sub(r"[0-9]+", "#", layer), [int(number) for number in digits]


def _convolutional(
    layers: dict[str, dict[str, Tensor]], architecture: str, path: Path
) -> tuple[nn.Sequential, str]:
    """Return a network of :mod:`verify.attack.networks`, whose layers have different shapes.

    Without numbers that normalise images in the file, it takes images that are normalised already,
    as the network of the PyTorch example does.
    """
    network = build(architecture, 0)  # type: ignore[arg-type]
    network.to(widest(value for parts in layers.values() for value in parts.values()))
    said = f"the layers of {architecture} are"
    if not any("factor" in parts for parts in layers.values()):
        network[0] = nn.Identity()
        said = f"the layers of {architecture}, on images that are normalised already, are"
    own = _layers(network.state_dict())
    places = {str(_shapes(parts)): name for name, parts in own.items()}
    state: dict[str, Tensor] = {}
    for layer, parts in layers.items():
        place = places.pop(str(_shapes(parts)), None)
        if place is None:
            wanted = f"the state of {architecture}, each of its layers once"
            got = f"{_shapes(parts)}"
            raise InputError(str(path), expected=wanted, got=got, where=described(layer)[4:])
        state |= {f"{place}.{part}": value for part, value in parts.items()}
    if places:
        wanted = f"the state of {architecture}: a layer {next(iter(places))}"
        raise InputError(str(path), expected=wanted, got="none")
    network.load_state_dict(state)
    return network, said


def _shapes(parts: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {part: tuple(parts[part].shape) for part in sorted(parts, reverse=True)}
