"""How alike the perturbations are that different classifiers' attacks find for the same images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import subspace_angles

from certify.errors import InputError
from verify.data.checks import check_whole

SUBSPACE = 10
"""Dimension of the subspaces that are compared: of the directions that explain most."""


@dataclass(frozen=True, eq=False)
class Similarity:
    """Pairwise comparisons of n perturbations each from m sources.

    cosines  float64 (m, m): the mean over the images of the cosine of two sources' perturbations
    angles   float64 (m, m): the mean principal angle, in degrees, between the subspaces of the
             leading singular directions of two sources' perturbations
    """

    cosines: np.ndarray
    angles: np.ndarray


def similarity(perturbations: Sequence[np.ndarray], dimension: int = SUBSPACE) -> Similarity:
    """Compare perturbations, one array (n, d) for each source and row i for image i everywhere.

    The cosine with a zero perturbation counts as 0. Raises InputError when the shapes differ or
    n or d is less than the dimension of the subspaces.
    """
    shapes = {p.shape for p in perturbations}
    if len(shapes) != 1 or min(next(iter(shapes))) < check_whole("dimension", dimension, 1):
        wanted = f"arrays of one shape, with at least {dimension} rows and columns"
        got = ", ".join(map(str, sorted(shapes))) or "none"
        raise InputError("perturbations", expected=wanted, got=got)
    units, bases = [], []
    for p in perturbations:
        p = p.astype(np.float64)
        norms = np.linalg.norm(p, axis=1, keepdims=True)
        units.append(p / np.where(norms > 0.0, norms, 1.0))
        bases.append(np.linalg.svd(p, full_matrices=False)[2][:dimension].T)
    stacked = np.stack(units)
    cosines = np.einsum("ind,jnd->ij", stacked, stacked) / stacked.shape[1]
    angles = np.array([[np.degrees(subspace_angles(a, b)).mean() for b in bases] for a in bases])
    return Similarity(cosines, angles)
