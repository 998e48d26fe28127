"""Values and units of two-layer rules, under the names that they have in proofs."""

from fractions import Fraction
from functools import partial

from certify.numbers.rationals import Vector
from verify.claims.relation import Named, products
from verify.objects import TwoLayerNetwork


def activities(network: TwoLayerNetwork, x: Vector) -> Vector:
    """Return relu(w_i.x + b_i) for every unit."""
    return tuple(max(a, Fraction(0)) for a in network.preactivations(x))


def value(name: str, network: TwoLayerNetwork, x: Vector) -> Named:
    """Return f(x) by name, with the terms v_i relu(w_i.x + b_i)."""
    return Named(name, network.value(x), products(network.output, activities(network, x)))


def unit(name: str, network: TwoLayerNetwork, i: int, x: Vector) -> Named:
    """Return w_i.x + b_i by name, with its terms."""
    terms = products(network.weights[i], x, network.biases[i])
    return Named(name, network.preactivations(x)[i], terms)


def active(name: str, network: TwoLayerNetwork, i: int, x: Vector) -> Named:
    """Return relu(w_i.x + b_i) by name, with its terms."""
    return Named(name, activities(network, x)[i], partial(_active, network, i, x))


def _active(network: TwoLayerNetwork, i: int, x: Vector) -> str:
    return rf"\max(0,{products(network.weights[i], x, network.biases[i])()})"


def highest(name: str, network: TwoLayerNetwork, x: Vector) -> Named:
    """Return the largest w_i.x + b_i by name, with the terms of each unit."""
    return Named(name, max(network.preactivations(x)), partial(_highest, network, x))


def _highest(network: TwoLayerNetwork, x: Vector) -> str:
    units = zip(network.weights, network.biases, strict=True)
    terms = [products(w, x, b)() for w, b in units]
    return rf"\max({','.join(terms)})" if len(terms) > 1 else terms[0]
