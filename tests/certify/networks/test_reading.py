from fractions import Fraction
from typing import Any

import pytest

from certify.networks import reading
from certify.networks.graph import Network
from certify.networks.operations import Convolution, Dense, MaxPool
from tests.certify.bounds.random_regions import Draw


def again(network: Network) -> Network:
    return reading.network(network.to_json(), network.inputs)


@pytest.mark.parametrize("seed", range(30))
def test_networks_are_read_as_they_are_written(seed: int) -> None:
    network = Draw(seed).network
    assert again(network).to_json() == network.to_json()
    assert again(network).outputs([[1] * network.inputs]) == network.outputs([[1] * network.inputs])


def test_a_pool_is_read_as_the_maximum_of_its_windows() -> None:
    kernel = Dense.of([[1, 2, 3, 4]] * 2, [0, "1/3"])
    network = Network.chain(
        Convolution((1, 4, 4), (2, 2), kernel, (2, 2)), MaxPool((2, 2, 2), (2, 2))
    )
    assert again(network).outputs([range(16)]) == network.outputs([range(16)])


@pytest.mark.parametrize(
    "row", [[3, -4], ["3", "-4"], [2**61, 1], [2**63, -1], [-(2**63), 0], [2**64, 7], [10**30, "5"]]
)
def test_weights_of_any_length_are_read_exactly(row: list[Any]) -> None:
    dense = {"type": "dense", "weights": {"exponent": -1, "integers": [row]}, "biases": ["1/3"]}
    network = reading.network([{**dense, "reads": 0}], 2)
    wanted = sum((Fraction(int(x), 2) for x in row), Fraction(1, 3))
    assert network.outputs([[1, 1]]) == [(wanted,)]
