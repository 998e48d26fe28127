"""Rows of equalities have one weight together."""

from math import inf

import torch

from certify.bounds.weights import RowWeights


def test_a_row_and_its_negative_are_found_unless_they_exclude_each_other() -> None:
    rows = [[1.0, 0.0], [0.5, 2.0], [-1.0, -0.0], [-1.0, 0.0], [-0.5, -2.0], [0.0, 0.0]]
    # The first and the third exclude each other; the fourth does not exclude the first.
    right_side = torch.tensor([[1.0, 3.0, -2.0, -1.0, inf, 0.0], [1.0, 3.0, -1.0, 5.0, -3.0, 0.0]])
    found = RowWeights(torch.tensor([rows, rows]), right_side)
    assert found.opposite.tolist() == [[3, -1, -1, 0, -1, -1], [2, 4, 0, 0, 1, -1]]
