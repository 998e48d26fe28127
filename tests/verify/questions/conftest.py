"""An audit of digits, and files to be audited."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.svm import LinearSVC

import verify
from tests.verify.questions.models import IMAGES, LABELS
from verify.attack.networks import build
from verify.questions import Audit


@pytest.fixture(scope="module")
def of_digits() -> Audit:
    return verify.audit(LinearSVC(random_state=0).fit(IMAGES, LABELS), IMAGES, LABELS)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit")
    svc = LinearSVC(random_state=0).fit(IMAGES, LABELS)
    np.savez(folder / "head.npz", W=svc.coef_.T, b=svc.intercept_)
    np.savez(folder / "data.npz", X=IMAGES, y=LABELS)
    np.savez(folder / "wrong.npz", X=IMAGES, y=LABELS + 3)
    torch.save(build("mlp", 0, (64, 8, 10)).state_dict(), folder / "net.pt")
    return folder
