"""A second checker, on python-flint, for certificates that keep the first one busy for minutes.

:mod:`certify.checking.checker` eliminates a minor of a thousand rows in minutes, with nothing but
the standard library to trust. This one takes seconds and trusts python-flint besides. It
shares no code with that checker or with the producers, so that two independent readings of a
certificate agree when both accept it. It knows the kinds in :data:`RULES`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from math import gcd
from typing import Any

import flint

from certify.checking import fast_layers as networks
from certify.checking import fast_reading as reading
from certify.checking.fast_reading import (
    Read,
    Refused,
    Table,
    malformed_unless,
    require,
    row_text,
    table_text,
)


def check(certificate: Any) -> tuple[str, str]:
    """Check one parsed certificate and return its kind and what it establishes.

    Raises :class:`Refused`.
    """
    limit = sys.get_int_max_str_digits()  # integers of documents have a limit of their own
    sys.set_int_max_str_digits(0)
    try:
        return _check(certificate)
    except RecursionError:
        raise Refused("malformed", "certificate", "nested too deeply") from None
    finally:
        sys.set_int_max_str_digits(limit)


def _check(certificate: Any) -> tuple[str, str]:
    names = ("format", "version", "kind", "instance_sha256", "instance", "statement", "evidence")
    form, version, kind, stated, *parts = reading.fields(
        certificate, "certificate", dict.fromkeys(names)
    )
    if form != "adversarial-geometry/certificate" or type(version) is not int or version != 1:
        raise Refused("malformed", "certificate.format", "another format or version")
    if not isinstance(kind, str) or kind not in RULES:
        raise Refused("malformed", "certificate.kind", f"{reading.shown(kind)} is not checked here")
    text, claim = (json.dumps(x, sort_keys=True, separators=(",", ":")) for x in parts[:2])
    if stated != hashlib.sha256(text.encode("ascii")).hexdigest():
        raise Refused("malformed", "certificate.instance_sha256", "not that of the instance")
    rule, *shapes = RULES[kind]
    read = [
        reading.fields(part, f"certificate.{name}", shape)
        for part, name, shape in zip(parts, names[4:], shapes, strict=True)
    ]
    values = [value for values in read for value in values]
    if rule is networks.network_points_rule:
        values.append(reading.Budget(len(text) + len(claim)))
    return kind, rule(*values)


def lengths(where: str, *pairs: tuple[int, int]) -> None:
    """Refuse numbers of entries that differ."""
    for wanted, got in pairs:
        malformed_unless(wanted == got, where, f"expected {wanted} entries, got {got}")


def integral(rows: Table, columns: int) -> tuple[flint.fmpz_mat, flint.fmpz]:
    """Return the numerators of a table over their common denominator."""
    flat = [x for row in rows for x in row]
    if any(isinstance(x, flint.fmpq) for x in flat):
        return flint.fmpq_mat(len(rows), columns, flat).numer_denom()
    return flint.fmpz_mat(len(rows), columns, flat), flint.fmpz(1)


# Rules. Their arguments are the fields of the instance, the statement and the evidence in turn.


def minor(rows: Table, n: int, prime: int, chosen: list[int], columns: list[int]) -> int:
    """Return the size of a minor of a table with n columns that is nonzero modulo the prime."""
    malformed_unless(2 <= prime < 2**64, "certificate.evidence.prime", "not from 2 to 2^64 - 1")
    for found, bound in ((chosen, len(rows)), (columns, n)):
        malformed_unless(
            all(i < bound for i in found), "certificate.evidence", "index out of range"
        )
    require(len(chosen) == len(columns), "minor is square", f"{len(chosen)} x {len(columns)}")
    step = "minor is nonzero modulo the prime"
    if not chosen:
        return 0
    block, denominator = integral([[rows[i][j] for j in columns] for i in chosen], len(columns))
    require(gcd(int(denominator), prime) == 1, step, "a denominator is not invertible")
    if flint.fmpz(prime).is_prime():
        rank = flint.nmod_mat(block, prime).rank()
        require(rank == len(chosen), step, f"it has rank {rank}")
    else:
        eliminate([[int(x) % prime for x in row] for row in block.tolist()], prime, step)
    return len(chosen)


def eliminate(block: list[list[int]], modulus: int, step: str) -> None:
    """Eliminate modulo a number that is not prime; the first entry that is not 0 has an inverse."""
    while block:
        found = next((i for i, row in enumerate(block) if row[0]), None)
        require(found is not None, step, "a column without a pivot")
        pivot = block.pop(found or 0)
        require(gcd(pivot[0], modulus) == 1, step, f"{modulus} is not prime")
        if found:  # the row that it changes places with
            block.insert(found - 1, block.pop(0))
        inverse = pow(pivot[0], -1, modulus)
        block = [
            [(a - row[0] * inverse * b) % modulus for a, b in zip(row[1:], pivot[1:], strict=True)]
            for row in block
        ]


def null_basis(rows: Table, n: int, basis: Table, free: list[int], rank: int) -> None:
    """Check a complete basis of the null space of a table with n columns."""
    lengths("certificate", *((n, len(v)) for v in basis))
    malformed_unless(all(j < n for j in free), "certificate.evidence.free", "index out of range")
    step = "basis vectors are independent"
    require(len(basis) == len(free), step, f"{len(basis)} vectors, {len(free)} free coordinates")
    for i, v in enumerate(basis):
        require(all(v[j] == (i == k) for k, j in enumerate(free)), step, f"vector {i}")
    if basis and rows:
        images = integral(rows, n)[0] * integral(basis, n)[0].transpose()
        wrong = next((k for k, x in enumerate(images.entries()) if x), None)
        place = "" if wrong is None else f"vector {wrong % len(basis)}, row {wrong // len(basis)}"
        require(wrong is None, "basis vectors are null vectors", place)
    total = len(basis) + rank
    require(total == n, "rank and dimension add up", f"{rank} and {len(basis)} in dimension {n}")


def rank_rule(rows: Table, rank: int, *evidence: Any) -> str:
    """Rank of a matrix, from both sides."""
    n, (*block, basis, free) = len(rows[0]), evidence
    r = minor(rows, n, *block)
    require(rank == r, "minor has the stated size", f"the minor has size {r}")
    null_basis(rows, n, basis, free, r)
    return f"the {len(rows)} x {n} matrix {table_text(rows)} has the rank {r}"


def null_space_rule(rows: Table, basis: Table, *evidence: Any) -> str:
    """Complete basis of a null space."""
    n, (*block, free) = len(rows[0]), evidence
    null_basis(rows, n, basis, free, minor(rows, n, *block))
    return (
        f"the {len(basis)} vectors {table_text(basis)} are a basis of the space of all x with "
        f"M x = 0, M = {table_text(rows)}, {len(rows)} x {n}"
    )


def invariant_space_rule(weights: Table, dimension: int, basis: Table, *evidence: Any) -> str:
    """All directions that leave a softmax layer unchanged."""
    n, (*block, free) = len(weights), evidence
    wide = turned(differences(weights))
    null_basis(wide, n, basis, free, minor(wide, n, *block))
    step = "dimension is the size of the basis"
    require(dimension == len(basis), step, f"{len(basis)} vectors")
    return (
        f"softmax({len(weights[0])} logits) is the same at h + v as at h, {n} features, exactly "
        f"for v in the space of dimension {dimension} with the basis {table_text(basis)}"
    )


def invariant_dimension_rule(weights: Table, rank: int, dimension: int, *evidence: Any) -> str:
    """Dimension of the invariant space without a basis of it."""
    *block, dependencies, free = evidence
    tall, n = differences(weights), len(weights[0]) - 1
    if len(weights) < n:
        tall, n = turned(tall), len(weights)
    r = minor(tall, n, *block)
    null_basis(tall, n, dependencies, free, r)
    require(rank == r, "minor has the stated size", f"the minor has size {r}")
    left = len(weights) - r
    require(dimension == left, "dimension is what the rank leaves", f"it leaves {left}")
    return (
        f"softmax({len(weights[0])} logits) is the same at h + v as at h, {len(weights)} features, "
        f"exactly for v in a space of dimension {left}; the weight differences have rank {r}"
    )


def invariant_direction_rule(weights: Table, direction: list[Any]) -> str:
    """One direction that leaves a softmax layer unchanged."""
    lengths("certificate.statement.direction", (len(weights), len(direction)))
    require(any(direction), "direction is not zero", "every coordinate is zero")
    row = integral([direction], len(weights))[0]
    shifts = (row * integral(weights, len(weights[0]))[0]).entries()
    step = "direction shifts all logits equally"
    require(len(set(shifts)) == 1, step, "the logits move by different amounts")
    return (
        f"softmax({len(weights[0])} logits) is the same at h + c v as at h, for all h and c, with "
        f"v = {row_text(direction)}"
    )


def max_margin_rule(
    points: tuple[Table, Any], labels: list[int], homogeneous: bool,
    normal: list[Any], offset: Any, margin_squared: Any, multipliers: list[Any],
) -> str:  # fmt: skip
    """Maximum-margin separator in the canonical scale, by its KKT conditions."""
    (rows, unit), count, n = points, len(labels), len(normal)
    malformed_unless(count > 0, "certificate.instance.labels", "no points")
    lengths("certificate", (count, len(rows)), (count, len(multipliers)))
    malformed_unless(bool(rows[0]), "certificate.instance.points", "no coordinate")
    lengths("certificate.statement.normal", (len(rows[0]), n))
    require(offset == 0 or not homogeneous, "offset is zero", "homogeneous, with an offset")
    require(all(a >= 0 for a in multipliers), "multipliers are nonnegative", "one is negative")
    matrix, denominator = integral(rows, n)
    unit = unit / flint.fmpq(denominator)
    signed = [a * y for a, y in zip(multipliers, labels, strict=True)]
    weights, scale = integral([signed], count)
    total = [x * unit / scale for x in (weights * matrix).entries()]
    require(total == normal, "multipliers give the normal", "another normal")
    balanced = homogeneous or sum(signed) == 0
    require(balanced, "multipliers balance the classes", "the sum is not zero")
    column, scale = integral([[x] for x in normal], 1)
    values = (matrix * column).entries()
    for i, (value, y) in enumerate(zip(values, labels, strict=True)):
        margin = y * (value * unit / scale + offset)
        good = margin >= 1
        require(good, "separator is accurate in the canonical scale", f"point {i} is too near")
        tight = not multipliers[i] or margin == 1
        require(tight, "multipliers live on support vectors", f"point {i} lies further away")
    unity = margin_squared * sum(x * x for x in normal) == 1
    require(unity, "margin is the reciprocal of the norm", "another margin")
    family = " with b = 0" if homogeneous else ""
    return (
        f"among all (w, b){family} the least of y_i (w.x_i + b) / |w| over the {count} points is "
        f"largest for w = {row_text(normal)}, b = {reading.number_text(offset)}, and its positive "
        f"multiples alone: this margin squared is {reading.number_text(margin_squared)}"
    )


def differences(weights: Table) -> Table:
    """Return the l x (m - 1) table of w_i - w_m."""
    return [[x - row[-1] for x in row[:-1]] for row in weights]


def turned(rows: Table) -> Table:
    """Return the transposed table."""
    return [list(column) for column in zip(*rows, strict=True)]


_MINOR: dict[str, Read] = {
    "prime": reading.natural,
    "rows": reading.indices,
    "columns": reading.indices,
}
_BASIS: dict[str, Read] = {**_MINOR, "free": reading.indices}
RULES: dict[str, Any] = {
    "rank": (
        rank_rule,
        {"matrix": reading.matrix},
        {"rank": reading.natural},
        {**_MINOR, "basis": reading.table, "free": reading.indices},
    ),
    "null-space": (null_space_rule, {"matrix": reading.matrix}, {"basis": reading.table}, _BASIS),
    "invariant-space": (
        invariant_space_rule,
        {"weights": reading.matrix},
        {"dimension": reading.natural, "basis": reading.table},
        _BASIS,
    ),
    "invariant-dimension": (
        invariant_dimension_rule,
        {"weights": reading.head},
        {"rank": reading.natural, "dimension": reading.natural},
        {**_MINOR, "dependencies": reading.table, "free": reading.indices},
    ),
    "invariant-direction": (
        invariant_direction_rule,
        {"weights": reading.head},
        {"direction": reading.vector},
        {},
    ),
    "max-margin": (
        max_margin_rule,
        {"points": reading.scaled, "labels": reading.signs},
        {
            "homogeneous": reading.truth,
            "normal": reading.vector,
            "offset": reading.number,
            "margin_squared": reading.number,
        },
        {"multipliers": reading.vector},
    ),
    "network-points": (
        networks.network_points_rule,
        {"layers": networks.layers, "points": networks.points},
        {"facts": networks.facts},
        {},
    ),
}
