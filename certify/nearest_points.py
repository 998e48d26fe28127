"""Wolfe's algorithm in floats: which vertices carry the shortest vector, most probably."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from certify.point_sets import Vertex

Array: TypeAlias = np.ndarray[Any, Any]

_TOLERANCE = 1e-11  # relative; below it the next vertex would be chosen by rounding errors
_STEPS = 10  # at most, for each coordinate


def propose_vertices(X: Array, y: Array, bias: bool) -> dict[Vertex, float]:
    """Return vertices and weights of a guess of the shortest vector, without any guarantee.

    ``X`` has shape (points, dimension) and ``y`` holds -1 and +1. Meant for few points of few
    coordinates, where a step costs a small part of what it costs in exact arithmetic.
    """
    signed = X * y[:, None]
    sides = [np.flatnonzero(y > 0), np.flatnonzero(y < 0)] if bias else [np.arange(len(y))]

    def lowest(direction: Array) -> tuple[Vertex, Array]:
        values = signed @ direction
        vertex = tuple(int(side[values[side].argmin()]) for side in sides)
        return vertex, signed[list(vertex)].sum(axis=0)

    vertex, first = lowest(sum(signed[side].mean(axis=0) for side in sides))
    corral, rows, weights = [vertex], [first], np.ones(1)
    try:
        for _ in range(_STEPS * X.shape[1]):
            x = weights @ np.array(rows)
            vertex, row = lowest(x)
            if x @ x - row @ x <= _TOLERANCE * (abs(row) @ abs(x)) or vertex in corral:
                break
            corral.append(vertex)
            rows.append(row)
            weights = np.append(weights, 0.0)
            while True:
                target = _shortest_affine(np.array(rows))
                if target.min() > 0:
                    weights = target
                    break
                falling = np.flatnonzero(target <= 0)
                with np.errstate(invalid="ignore"):  # 0/0 ends the search below
                    ratio = np.min(weights[falling] / (weights[falling] - target[falling]))
                weights = weights + ratio * (target - weights)
                weights[falling[weights[falling].argmin()]] = 0.0
                kept = np.flatnonzero(weights > 0)
                corral, rows = [corral[k] for k in kept], [rows[k] for k in kept]
                weights = weights[kept]
    except np.linalg.LinAlgError:
        pass
    return {v: float(w) for v, w in zip(corral, weights, strict=False) if w > 0}


def _shortest_affine(vertices: Array) -> Array:
    k = len(vertices)
    system = np.ones((k + 1, k + 1))
    system[1:, 1:] = vertices @ vertices.T
    system[0, 0] = 0.0
    right_side = np.zeros(k + 1)
    right_side[0] = 1.0
    solution: Array = np.linalg.solve(system, right_side)
    return solution[1:]
