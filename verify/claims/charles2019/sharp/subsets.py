"""Losses on random subsets beside those on independent draws: equal in law, or never worse."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations, product
from random import Random

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, dot
from verify.claims.charles2019.shared.enclosures import Relations

ONE_DRAW, MORE_DRAWS = "one draw", "two draws or more"
ZERO = Fraction(0)


@dataclass(frozen=True)
class Values:
    """A set of points on which some rules have losses, one row a rule, and a size of samples."""

    losses: Rows
    size: int

    @property
    def population(self) -> int:
        """The number N of points."""
        return len(self.losses[0])


def draw_losses(rng: Random, case: str) -> Values:
    """Return two to four points, up to three rules with losses from 0 to 1, and a size."""
    population = rng.randint(2, 4)
    size = 1 if case == ONE_DRAW else rng.randint(2, 3 if population == 3 else 2)
    rows = tuple(
        tuple(Fraction(rng.randint(0, 4), 4) for _ in range(population))
        for _ in range(rng.randint(1, 3))
    )
    return Values(rows, size)


def counts(order: tuple[int, ...], population: int) -> Vector:
    """Return how often each point occurs."""
    return tuple(Fraction(order.count(i)) for i in range(population))


def laws(values: Values) -> tuple[dict[tuple[int, ...], Fraction], dict[tuple[int, ...], Fraction]]:
    """Return the laws of ordered draws without and with replacement."""
    points, n = range(values.population), values.size
    without, repeated = set(permutations(points, n)), list(product(points, repeat=n))
    return (
        {order: Fraction(int(order in without), len(without)) for order in repeated},
        dict.fromkeys(repeated, Fraction(1, len(repeated))),
    )


def largest(values: Values, first: Vector, second: Vector) -> Fraction:
    """Return F = sup over the rules of L' - L, for counts of both samples."""
    change = combine((1, second), (-1, first))
    return max(dot(row, change) for row in values.losses) / values.size


def moment(values: Values, law: dict[tuple[int, ...], Fraction], bend: Fraction) -> Fraction:
    """Return E max(F - bend, 0)^2, a convex function of the two vectors of counts."""
    weighted: dict[Vector, Fraction] = {}
    for order, p in law.items():
        key = counts(order, values.population)
        weighted[key] = weighted.get(key, ZERO) + p
    return sum(
        (p * q * max(largest(values, a, b) - bend, ZERO) ** 2
         for a, p in weighted.items() if p for b, q in weighted.items() if q),
        ZERO,
    )  # fmt: skip


def averages(population: int, size: int) -> list[tuple[Vector, Vector]]:
    """Return each subset with the mean counts of draws with replacement that are built from it."""
    return [(own, combine(*parts)) for own, parts in filled_patterns(population, size)]


def patterns(population: int, size: int) -> dict[tuple[int, ...], Fraction]:
    """Return each pattern of repetitions that draws with replacement have, with its probability.

    A pattern has the places of its points in the order in which they come: 0, 0, 1 for x, x, y.
    """
    chances: dict[tuple[int, ...], Fraction] = {}
    for order in product(range(population), repeat=size):
        first = [order.index(x) for x in order]  # which draws repeat an earlier one
        names = {x: k for k, x in enumerate(sorted(set(first)))}
        key = tuple(names[x] for x in first)
        chances[key] = chances.get(key, ZERO) + Fraction(1, population**size)
    return chances


def filled_patterns(
    population: int, size: int
) -> list[tuple[Vector, list[tuple[Fraction, Vector]]]]:
    """Return each subset with the weight and the counts of every pattern that is filled from it.

    A pattern of repetitions, as draws with replacement have it, is filled with points of the
    subset in random order: that gives draws with replacement from the whole set.
    """
    chances = patterns(population, size)
    found = []
    for subset in combinations(range(population), size):
        orders = list(permutations(subset))
        filled = [
            (p / len(orders), counts(tuple(order[k] for order in orders for k in key), population))
            for key, p in chances.items()
        ]
        found.append((counts(subset, population), filled))
    return found


def mean_certificate(values: Values) -> Certificate:
    """Certify the mean of max(F, 0)^2 for subsets and for independent draws, from the losses."""
    entries: dict[str, Fraction | int] = {"size": values.size}
    for r, row in enumerate(values.losses):
        entries |= {f"loss{r}_{i}": x for i, x in enumerate(row)}

    def mean(orders: list[tuple[int, ...]]) -> list[object]:
        terms = []
        for a, b in product(orders, repeat=2):
            rows = [
                ["+", "0", *(f"loss{r}_{i}" for i in b), *(["-", "0", f"loss{r}_{i}"] for i in a)]
                for r in range(len(values.losses))
            ]
            terms.append(["^", ["max", "0", *rows], "2"])
        return ["/", ["+", *terms], str(len(orders) ** 2)]

    points = range(values.population)
    subsets = list(combinations(points, values.size))
    draws = list(product(points, repeat=values.size))
    relations: Relations = [(mean(subsets), "<=", mean(draws))]
    return facts.arithmetic(entries, relations)
