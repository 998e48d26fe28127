"""The certificates of the uniform bound on ramp losses, over signs and over a finite law."""

from fractions import Fraction
from itertools import pairwise

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import text
from verify.claims.charles2019.shared import rademacher
from verify.claims.charles2019.shared.enclosures import Expression, Relations, exponential_relations
from verify.claims.charles2019.shared.rademacher import Instance, Pair


def sign_certificate(instance: Instance) -> Certificate:
    """Certify the replacement of ramps by margins and the bound of the signed sums, on the sample.

    The numbers are the coordinates of the rules and of the vectors y x; margins and ramps are
    expressions in them.
    """
    points, k = instance.signed_points, len(instance.sample)
    named: dict[str, Fraction | int] = {"bound_squared": instance.bound_squared}
    relations: Relations = []
    for r, w in enumerate(instance.rules):
        named |= {f"w{r}_{c}": value for c, value in enumerate(w)}
        squares = [["^", f"w{r}_{c}", "2"] for c in range(len(w))]
        relations.append((["+", *squares], "<=", "bound_squared"))
    for i, x in enumerate(points):
        named |= {f"z{i}_{c}": value for c, value in enumerate(x)}
    for r, row in enumerate(instance.margins):
        for i, x in enumerate(points):
            terms = [["*", f"w{r}_{c}", f"z{i}_{c}"] for c in range(len(x))]
            named |= {f"m{r}_{i}": row[instance.sample[i]]}
            named |= {f"r{r}_{i}": instance.ramps[r][instance.sample[i]]}
            outer = ["max", "0", ["-", "1", ["max", "0", ["-", "1", f"m{r}_{i}"]]]]
            relations.append((f"m{r}_{i}", "=", ["+", *terms]))
            relations.append((f"r{r}_{i}", "=", ["-", "1", outer]))
    means = [
        ["+", *(_supremum(instance, s, replaced) for s in rademacher.signs(k))]
        for replaced in range(k + 1)
    ]
    relations += [(a, "<=", b) for a, b in pairwise(means)]
    for s in rademacher.signs(k):
        square = [
            ["^", ["+", *(_signed(sign, f"z{i}_{c}") for i, sign in enumerate(s))], "2"]
            for c in range(instance.law.atoms.dimension)
        ]
        best = ["^", ["max", "0", _supremum(instance, s, k)], "2"]
        relations.append((best, "<=", ["*", "bound_squared", ["+", *square]]))
    return facts.arithmetic(named, relations)


def _supremum(instance: Instance, s: tuple[int, ...], replaced: int) -> Expression:
    rules = range(len(instance.rules))
    return ["max", *(
        ["+", *(_signed(sign, f"{'m' if i < replaced else 'r'}{r}_{i}")
                for i, sign in enumerate(s))]
        for r in rules
    )]  # fmt: skip


def _signed(sign: int, name: str) -> Expression:
    return name if sign > 0 else ["-", "0", name]


def law_certificate(instance: Instance, pairs: list[Pair], mean: Fraction) -> Certificate:
    """Certify EF <= 2 B R / sqrt(n), squared, and the largest tail, from the values of F.

    The probabilities and the values of all pairs of samples are taken as given.
    """
    weights: dict[Fraction, Fraction] = {}
    for p in pairs:
        weights[p.gap] = weights.get(p.gap, Fraction(0)) + p.probability
    largest, n = max(weights), instance.size
    exponent = -n * (largest - mean) ** 2
    products = [["*", text(p), text(value)] for value, p in sorted(weights.items())]
    return facts.arithmetic(
        {"size": n, "norms": instance.norms, "mean": mean, "largest": largest},
        [
            (["+", *map(text, weights.values())], "=", "1"),
            ("mean", "=", ["+", *products]),
            (["*", "size", ["^", ["max", "0", "mean"], "2"]], "<=", ["*", "4", "norms"]),
            (text(exponent), "=", ["-", "0", ["*", "size", ["^", ["-", "largest", "mean"], "2"]]]),
            *exponential_relations(text(weights[largest]), exponent),
        ],
    )


def bound_certificate(instance: Instance, pairs: list[Pair], confidence: Fraction) -> Certificate:
    """Certify on which values of F the bound holds, and that the others are rare enough."""
    loss = rademacher.allowance(instance, confidence)
    weights: dict[Fraction, Fraction] = {}
    for p in pairs:
        weights[p.gap] = weights.get(p.gap, Fraction(0)) + p.probability
    named: dict[str, Fraction | int] = {"size": instance.size, "norms": instance.norms}
    within, beyond, rare = [], [], ["0"]
    for k, value in enumerate(sorted(weights)):
        named[f"gap{k}"] = value
        if loss.covers(value):
            within.append(f"gap{k}")
        else:
            beyond.append(f"gap{k}")
            rare.append(text(weights[value]))
    relations: Relations = [
        (["*", "root0", "size"], "=", ["*", "4", "norms"]),
        (["*", "deviation0", "size"], "=", "1"),
        (["+", *rare], "<=", ["/", "1", "argument"]),
    ]
    return loss.certificate(named, relations, within, beyond)
