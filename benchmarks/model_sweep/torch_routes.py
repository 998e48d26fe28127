"""Six ways in which torch networks come into an audit, and what torch says of them."""

import contextlib
import io
import itertools
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.model_sweep import POINTS, Case, NotMade, Route, Truth
from benchmarks.model_sweep.onnx_files import answers
from benchmarks.model_sweep.torch_networks import Network, networks
from verify.models.model import Model
from verify.models.readers import of_object, read_model


def cases() -> list[Case]:
    """Return all networks as cases of the sweep."""
    rng = np.random.default_rng(0)
    found = []
    for network in networks():
        kind = _kind(network.module)
        # Rounded as the network rounds them, so that both sides see the same points.
        drawn = torch.tensor(rng.normal(size=(POINTS, *network.shape))).to(kind)
        wide = torch.float64 if kind == torch.float64 else torch.float32
        truth = _truth(network) if network.single else None
        found.append(Case(network.name, network, drawn.to(wide).numpy(), truth))
    return found


def _kind(module: nn.Module) -> torch.dtype:
    """Return the type in which a module takes its examples."""
    own = itertools.chain(module.parameters(), module.buffers())
    kinds = (t.dtype for t in own if t.is_floating_point() and t.dtype.itemsize > 1)
    return next(kinds, torch.float32)


def _truth(network: Network) -> Callable[[np.ndarray], Truth]:
    def answers(points: np.ndarray) -> Truth:
        kind = _kind(network.module)
        with torch.no_grad():
            given = torch.tensor(points).to(kind)
            (found, *_) = torch.utils._pytree.tree_leaves(network.module(given))
        if not found.is_floating_point():
            return Truth(found.numpy())
        scores = found.double().reshape(len(points), -1).numpy()
        if scores.shape[1] == 1:  # the probability of label 1
            scores = np.hstack([np.full_like(scores, 0.5), scores])
        return Truth(scores.argmax(1), scores, torch.finfo(kind).eps)

    return answers


# Routes


def _exported(case: Case, batch: int = 2) -> tuple[nn.Module, Tensor]:
    network: Network = case.model
    return network.module, torch.zeros(batch, *network.shape, dtype=_kind(network.module))


def _memory(case: Case, folder: Path) -> Model:
    return of_object(case.model.module, case.points)


def _pt2(case: Case, folder: Path) -> Model:
    module, examples = _exported(case)
    problem = ""
    for shapes in (({0: torch.export.Dim("n")},), None):  # any number of examples, or two
        with _quiet():
            try:
                program = torch.export.export(module, (examples,), dynamic_shapes=shapes)
                torch.export.save(program, folder / "m.pt2")
            except Exception as error:
                problem = type(error).__name__
            else:
                return read_model(folder / "m.pt2")
    raise NotMade(problem)


def _state(case: Case, folder: Path) -> Model:
    torch.save(case.model.module.state_dict(), folder / "m.pt")
    return read_model(folder / "m.pt", "mlp")


def _onnx(batch: int, *tries: dict[str, Any]) -> Callable[[Case, Path], Model]:
    """Return the route of ONNX files, made with the first options with which one can be."""

    def read(case: Case, folder: Path) -> Model:
        module, examples = _exported(case, batch)
        problem = ""
        for options in tries:
            with _quiet():
                try:
                    torch.onnx.export(module, (examples,), str(folder / "m.onnx"), **options)
                except Exception as error:
                    problem = type(error).__name__
                else:
                    break
        else:
            raise NotMade(problem)
        return read_model(folder / "m.onnx")

    return read


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what exporters say to themselves."""
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):  # fmt: skip
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def _kept(case: Case) -> bool:
    return bool(case.model.kept)


def _of_file(case: Case, folder: Path, points: np.ndarray) -> Truth:
    return answers(folder / "m.onnx", points)


_ANY = {"dynamo": True, "dynamic_shapes": ({0: "n"},)}
_SCRIPT = {"dynamo": False, "input_names": ["x"]}
_NAMED = {**_SCRIPT, "dynamic_axes": {"x": {0: "n"}}}
_ONE = {**_SCRIPT, "opset_version": 13}
ROUTES = (
    Route("in memory", _memory),
    Route(".pt2", _pt2),
    Route("state dict", _state, takes=lambda case: bool(case.model.dense)),
    Route("ONNX, dynamo", _onnx(2, _ANY, {"dynamo": True}), ("onnx", "onnxscript"), _kept),
    Route("ONNX, script", _onnx(2, _NAMED), ("onnx",), _kept),
    # A file that takes one example at a time gives it one label, whatever becomes of several.
    Route("ONNX 13, one", _onnx(1, _ONE), ("onnx", "onnxruntime"), _kept, _of_file),
)
