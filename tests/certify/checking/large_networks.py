"""Certificates about networks that are too long to write down, and their exact limits."""

from __future__ import annotations

from typing import Any

from verify.trust.mutants.documents import long_integers

ACCEPTED = "accepted", ""

# No two numbers of this image are the same, so that none can be taken for another.
IMAGE = {
    "type": "convolution", "reads": 0, "shape": [6, 5, 7], "window": [3, 2], "strides": [3, 2],
    "dilations": [2, 3], "padding": [1, 2, 3, 5], "groups": 3,
    "weights": [[str((5 * r + 3 * c) % 7 - 3) for c in range(12)] for r in range(9)],
    "biases": [str(r % 4 - 1) for r in range(9)],
}  # fmt: skip
PIXELS = [k % 5 for k in range(210)]
SHARES = [k % 11 - 5 for k in range(108)]  # of what comes out, in a sum that is -239


def summed(node: int, *rows: tuple[int, str]) -> dict[str, Any]:
    """Return a node with the sums of the shares, times a factor each, plus a bias."""
    weights = [[str(factor * share) for share in SHARES] for factor, _ in rows]
    return {"type": "dense", "reads": node, "weights": weights, "biases": [b for _, b in rows]}


def images(total: int) -> dict[str, Any]:
    """Return the edits of a network that has its first label if a sum is the total."""
    sums = summed(1, (0, "1/9"), (1, str(-total)), (-1, str(total)))
    return {
        "instance": {"points": [list(map(str, PIXELS))], "nodes": [IMAGE, sums]},
        "statement.facts": [{"fact": "label", "point": 0, "label": 0}],
    }


def least_sum(nodes: list[Any], width: int, right_side: str) -> dict[str, Any]:
    """Return the edits of a box of images, and that a sum exceeds the right side there."""
    lower, upper = ([str(x + more) for x in PIXELS] for more in (0, width))
    return {
        "instance": {"nodes": nodes, "lower": lower, "upper": upper},
        "statement.properties": [{"matrix": [["1"]], "right_side": [right_side]}],
    }


LINEAR, BENT = [IMAGE, summed(1, (1, "0"))], [IMAGE, {"type": "relu", "reads": 1}]
BENT.append(summed(2, (1, "0")))


def wide(weight: int, right_side: str) -> dict[str, Any]:
    """Return the edits of sums of three products with a number of 16 bits."""
    rows = [[str(weight), str(-weight)]] * 3
    return {
        "instance": {
            "nodes": [{"type": "dense", "reads": 0, "weights": rows, "biases": ["0"] * 3}],
            "lower": ["1", "1"],
            "upper": ["2", "1"],
        },
        "statement.properties": [{"matrix": [["65535"] * 3], "right_side": [right_side]}],
        "evidence": {"grid": 0, "bits": 0, "refine": [], "every": False, "trees": [{}]},
    }


def splits(depth: int) -> dict[str, Any]:
    """Return the edits of a tree with so many splits inside each other."""
    tree: dict[str, Any] = {}
    for _ in range(depth):
        tree = {"split": [0, 0], "parts": [{}, tree]}
    return {"evidence.trees": [tree]}


def cuts(depth: int) -> dict[str, Any]:
    """Return the edits of a tree with so many lists of cuts inside each other."""
    tree: dict[str, Any] = {}
    for _ in range(depth):
        tree = {"cuts": [{"split": [0, 0], "parts": [{}, None]}], "rest": tree}
    return {"evidence.trees": [tree]}


def tied(multiple: int) -> dict[str, Any]:
    """Return the edits of a tie of a value that is the limit of its part."""
    point = {"instance.lower": ["2"], "instance.upper": ["2"], "evidence.trees.0.at": "2"}
    return {**point, "evidence.trees.0.parts.1.ties": [multiple]}


def ends(digits: int) -> dict[str, Any]:
    """Return the edits of a box with an end of so many bits."""
    with long_integers():
        upper = str(2 ** (digits - 1))
    return {"instance.upper": [upper], "instance.nodes": [], "evidence.grid": 0} | {
        "statement.properties": [{"matrix": [["1"]], "right_side": ["-2"]}]
    }


POSITIVE = "rejected", "bound is positive"
NETWORKS = {
    "one row for all windows": (
        "network-points/longest strides",
        {"instance.nodes.0.weights": [["1"]], "instance.nodes.0.biases": ["0"]}
        | {"statement.facts.0.label": 0},
        ACCEPTED,
    ),
    "an image": ("network-points", images(-239), ACCEPTED),
    "another image": ("network-points", images(-240), ("rejected", "no output is larger")),
    "one image": ("no-counterexample", least_sum(LINEAR, 0, "-3825/16"), ACCEPTED),
    "a larger sum of one image": ("no-counterexample", least_sum(LINEAR, 0, "-239"), POSITIVE),
    "images": ("no-counterexample", least_sum(LINEAR, 1, "-13569/16"), ACCEPTED),
    "a larger sum of images": ("no-counterexample", least_sum(LINEAR, 1, "-848"), POSITIVE),
    "bent images": ("no-counterexample", least_sum(BENT, 1, "-12305/16"), ACCEPTED),
    "a larger sum of bent images": ("no-counterexample", least_sum(BENT, 1, "-769"), POSITIVE),
    "sums as wide as four bytes": ("no-counterexample", wide(8191, "-1"), ACCEPTED),
    "narrower sums that are not positive": ("no-counterexample", wide(8191, "0"), POSITIVE),
    "sums wider than four bytes": ("no-counterexample", wide(16383, "-1"), ACCEPTED),
    "wider sums that are not positive": ("no-counterexample", wide(16383, "0"), POSITIVE),
    "as many splits as there may be": ("no-counterexample", splits(100), ACCEPTED),
    "more splits": (
        "no-counterexample",
        splits(101),
        ("malformed", f"certificate.evidence.trees[0]{'.parts[1]' * 100}.split"),
    ),
    "as many lists of cuts as there may be": ("no-counterexample", cuts(100), ACCEPTED),
    "more lists of cuts": (
        "no-counterexample",
        cuts(101),
        ("malformed", f"certificate.evidence.trees[0]{'.rest' * 100}.cuts"),
    ),
    "as large a weight as there may be": (
        "no-counterexample",
        {"evidence.trees.0.weights": [2**1000 - 1]},
        ACCEPTED,
    ),
    "a larger weight": (
        "no-counterexample",
        {"evidence.trees.0.weights": [2**1000]},
        ("malformed", "certificate.evidence.trees[0].weights[0]"),
    ),
    "as large a tie as there may be": ("no-counterexample/ties", tied(2**1000 - 1), ACCEPTED),
    "a larger tie": (
        "no-counterexample/ties",
        tied(2**1000),
        ("malformed", "certificate.evidence.trees[0].parts[1].ties[0]"),
    ),
    "as long an end as there may be": ("no-counterexample", ends(99_997), ACCEPTED),
    "an end that is too long together with the row": (
        "no-counterexample",
        ends(99_998),
        ("malformed", "certificate.statement.properties"),
    ),
    "a longer end": (
        "no-counterexample",
        ends(100_000),
        ("malformed", "certificate.instance.upper"),
    ),
}
