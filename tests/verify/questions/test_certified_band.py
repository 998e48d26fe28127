"""The band between certificates and attacks: a linear classifier whose radii are known by hand."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from certify.networks.graph import Network
from certify.networks.operations import Dense, Relu
from verify.questions import certified_band
from verify.questions.certified_band import Band, _asked, _ends

# Label 0 where x < 1/2, label 1 where x > 1/2.
HALF = Network.chain(Dense.of([[1]], [0]), Relu(), Dense.of([[0], [1]], ["1/2", 0]))
RADII = (0.1, 0.2, 0.3, 0.4)


def test_the_two_ends_meet_where_a_boundary_is_decided() -> None:
    image = np.array([0.25], np.float32)
    still = np.full((4, 1), 0.25, np.float32)  # an attack that does nothing
    found = _ends(HALF, image, 0, still, RADII, 200, box=True)
    assert (found.kept, found.lost, found.attacked, found.answer) == (2, 2, None, 1)
    assert found.point is not None
    assert Fraction(1, 2) < found.point[0] <= Fraction(55, 100)
    (proof,) = found.proof
    assert proof.to_json()["instance"]["upper"] == ["9/20"]


def test_what_an_attack_found_stands_without_a_search() -> None:
    image = np.array([0.375], np.float32)
    moved = np.array([[0.375], [0.5625], [0.625], [0.75]], np.float32)
    found = _ends(HALF, image, 0, moved, RADII, 200, box=True)
    assert (found.kept, found.lost, found.attacked) == (1, 1, 1)
    assert found.point == (Fraction(9, 16),)


def test_pixels_keep_to_their_limits() -> None:
    image = np.array([0.75], np.float32)
    still = np.full((4, 1), 0.75, np.float32)
    # Above 1/2 there is nothing but label 1, and 3/10 leaves [0, 1] above.
    found = _ends(HALF, image, 1, still, RADII, 200, box=True)
    assert found.kept == 2
    found = _ends(
        HALF, np.array([0.0], np.float32), 0, np.zeros((4, 1), np.float32), RADII, 200, box=True
    )
    assert (found.kept, found.lost) == (4, None)


def test_a_band_counts_what_is_certain_and_what_may_be() -> None:
    band = Band("svm-0", RADII, (4, 2, 0), (None, 2, 1), (None, None, 1), ())
    assert [band.counts(k) for k in range(4)] == [(2, 3), (2, 2), (1, 1), (1, 1)]


def test_the_first_and_the_last_radius_are_among_those_asked_about() -> None:
    for count in (1, 5, 8, 9, 40):
        chosen = _asked(count)
        assert len(chosen) <= 8
        assert (chosen[0], chosen[-1]) == (0, count - 1)


def test_bands_are_of_the_first_of_each_family(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("svm-0", "svm-1", "svm-2", "network-0", "network-1")
    chosen = [SimpleNamespace(name=name, family=name.partition("-")[0]) for name in names]
    models = SimpleNamespace(classifiers=chosen, preset=SimpleNamespace(certified=3, bands=2))
    models.portable = lambda: models
    materials: Any = SimpleNamespace(
        models=models, keep=None, seed_for=lambda *_: 0,
        each=lambda _, task, jobs: [task(job) for job in jobs],
    )  # fmt: skip
    monkeypatch.setattr(certified_band, "_band", lambda job: job[0].name)
    assert certified_band.bands(materials) == ("svm-0", "svm-1", "network-0", "network-1")
    models.preset.certified = 0
    assert certified_band.bands(materials) == ()
