"""Trained classifiers as exact networks: what is measured in floats is decided again there."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from certify.errors import InputError
from certify.networks.graph import Network
from certify.networks.operations import Convolution, Dense, MaxPool, Operation, Relu, Scale
from verify.attack.models import Classifier, LinearScores
from verify.attack.networks import Dropout, Normalise


def exact_network(classifier: Classifier, image_shape: tuple[int, ...]) -> Network:
    """Return the classifier as an exact network on flat images of a shape (rows, columns).

    Every weight is the dyadic rational that its float is. Normalisation, dense, convolution, ReLU
    and max-pooling layers are read; dropout does nothing outside training. Raises InputError for
    any other layer, naming it.
    """
    layers: list[Operation] = []
    rows, columns = (1, *image_shape)[-2:]
    shape = (1, rows, columns)
    for name, module in classifier.module().named_modules():
        if next(module.children(), None) is not None:
            continue
        found, shape = _layer(name, module, shape)
        layers += found
    return Network.chain(*layers)


def _layer(
    name: str, module: nn.Module, shape: tuple[int, int, int]
) -> tuple[list[Operation], tuple[int, int, int]]:
    """Return the exact layers of one torch layer and the shape of the images behind it."""
    if isinstance(module, LinearScores):
        return [Dense.of(_array(module.weights).T, _array(module.bias))], shape
    if isinstance(module, nn.Linear):
        return [Dense.of(_array(module.weight), _array(module.bias))], shape
    if isinstance(module, nn.ReLU):
        return [Relu()], shape
    if isinstance(module, nn.Flatten | nn.Unflatten | Dropout):
        return [], shape
    channels, rows, columns = shape
    if isinstance(module, nn.Conv2d) and (module.stride, module.padding) == ((1, 1), (0, 0)):
        kernel = _array(module.weight)
        made, _, height, width = kernel.shape
        layer = Convolution(
            shape, (height, width), Dense.of(kernel.reshape(made, -1), _array(module.bias))
        )
        return [layer], (made, rows - height + 1, columns - width + 1)
    if isinstance(module, nn.MaxPool2d) and isinstance(module.kernel_size, int):
        side = module.kernel_size
        return [MaxPool(shape, (side, side))], (channels, rows // side, columns // side)
    if isinstance(module, Normalise):
        return [Scale.of(float(module.factor), float(module.offset))], shape
    raise InputError(
        "classifier", expected="layers that can be decided exactly", got=repr(module), where=name
    )


def _array(parameter: torch.Tensor | None) -> np.ndarray:
    assert parameter is not None, "every layer here has a bias"
    return np.asarray(parameter.detach().cpu().numpy())
