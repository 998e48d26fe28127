"""About how much exact arithmetic it takes to evaluate a network, or to check a proof about one."""

from collections.abc import Container, Sequence

from certify.certificates.certificate import Certificate
from certify.networks.graph import Network
from certify.networks.operations import Convolution, Dense


def products(network: Network, nodes: Container[int] | None = None) -> int:
    """Return how many products of numbers one evaluation takes, of some nodes alone, at least 1."""
    total = 1
    for k, (layer, _) in enumerate(network.nodes, 1):
        if nodes is not None and k not in nodes:
            continue
        if isinstance(layer, Dense):
            total += layer.inputs * len(layer.biases)
        elif isinstance(layer, Convolution):
            total += layer.outputs(layer.inputs) * layer.kernel.inputs
    return total


def proof_products(proof: Sequence[Certificate], parts: int, network: Network) -> int:
    """Return about how many products certificates ``no-counterexample`` of so many parts take.

    A part takes one pass through the network, and another for each bound that is improved.
    """
    evidence = proof[0].evidence
    bounds: int = 2 * sum(network.sizes[node] for node, _ in evidence["refine"])
    passes = parts * (1 + bounds) if evidence["every"] else parts + bounds
    return passes * products(network)
