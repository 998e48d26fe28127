"""The objects of an instance as rows to be read: each with its name, its numbers in formulas."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import singledispatch
from typing import Any

from certify.networks.relu import ReluNetwork
from verify.claims.charles2019.shared.independent_samples import Trial
from verify.claims.claim import Given
from verify.claims.relation import Named, number
from verify.drawing.laws import FiniteLaw
from verify.objects import ArgmaxRule, Cell, CellRule, LinearRule, SoftmaxHead, TwoLayerNetwork
from verify.objects.labelled_sets import Labelled
from verify.objects.multiclass_sets import MulticlassSet

Row = tuple[str, str]  # both as text with $LaTeX$

# How relations name what a field holds; "#" is the place in a list, from 1. What is not here is
# called by its field alone. Points and classes are counted from 0 in a field and from 1 on a page.
_SYMBOLS = {
    "added": "a_#", "alpha": r"x_\alpha", "amount": "t", "beta": r"x_\beta", "bound": "B",
    "bound_squared": "B^2", "combination": r"\mu", "constants": "c_#", "counts": "n_#",
    "degree": r"\theta", "delta": r"\delta", "deviation": r"\varepsilon", "direction": "v",
    "directions": "v_#", "end": "z", "factor": "t", "features": "h_#", "inside": "x", "label": "y",
    "length": "|x|", "level": "e", "mapping": "G", "normal": "w", "normals": "w_#",
    "norms": "B^2R^2", "offset": "b", "origin": "x", "parameter": "t", "part": "m^2",
    "perturbation": "d", "point": "x", "points": "x_#", "population": "N", "queries": "x_#",
    "query": "x", "radius": r"\epsilon", "rho": r"\rho", "rules": "w_#", "scale": "s", "size": "n",
    "smaller": "|F|", "start": "x", "starts": "x_#", "step": "c", "support": "M", "target": "x'",
    "theta": r"\theta", "thetas": r"\theta_#", "threshold": "a", "tilt": "z", "total": "N",
    "totals": "N_#", "vector": "v",
}  # fmt: skip
_BESIDE = {  # what a field is called where another one is there
    "a": {"beta": r"\beta"},
    "deviation": {"share": "q"},
    "gradients": {"gradients": "g_#", "step": r"\gamma"},
    "head": {"direction": "d", "end": "y", "points": "h_#", "size": "r"},
    "slope": {"slope": "w_2", "offset": "b_2"},
    "steepness": {
        "across": "p", "up": "q", "steepness": "s", "reach": "r", "depth": "k", "width": "e",
        "first": "v_1", "second": "v_2",
    },
}  # fmt: skip
_WORDS = {
    "added": "added points", "bound_squared": "norm bound", "head": "layer", "known": "own margin",
    "models": "law, samples, rules", "outcomes": "equally likely outcomes",
    "queries": "other points", "region": "region $A$", "repeats": "rounds through the list",
    "theta": "step", "thetas": "steps", "unknown": "margin elsewhere",
}  # fmt: skip
# Of numbers: other numbers in a row are one vector.
_LISTS = ("constants", "counts", "thetas", "totals")
_COUNTED = {  # fields that hold a place in a list, and what is in the list
    "k": ("k", "class"), "l": ("l", "class"), "region": ("i", "class"),
    "positive": ("x_+", "point"), "negative": ("x_-", "point"),
    "point": ("x", "point"), "start": ("x", "point"),
}  # fmt: skip
# Instances that are one object.
_WHOLE = {
    Labelled: "data", LinearRule: "rule", ArgmaxRule: "rule", SoftmaxHead: "layer",
    TwoLayerNetwork: "network",
}  # fmt: skip


def rows(instance: Any, objects: Sequence[Named | Given] = ()) -> list[Row]:
    """Return a row for each field of an instance, and for each object that a proof adds.

    >>> from verify.objects import LabelledSet
    >>> rows(LabelledSet.of([[0], [1]], [-1, 1]))
    [('data', '$x_{1}=(0)$ with $y_{1}=-1$; $x_{2}=(1)$ with $y_{2}=1$')]
    """
    new = added(objects)
    whole = next((name for kind, name in _WHOLE.items() if isinstance(instance, kind)), "")
    if whole or not is_dataclass(instance):
        return [(whole or "instance", said(instance)), *new]
    # A proof that names an object itself says it better.
    names = {name.strip("$").partition("=")[0] for name, _ in new}
    return [(name, text) for name, symbol, text in _parts(instance) if symbol not in names] + new


def added(objects: Sequence[Named | Given]) -> list[Row]:
    """Return a row for each object that a proof adds to its instance."""
    return [
        (one.name, said(one.value))
        if isinstance(one, Given)
        else (f"${one.name}$", f"${'='.join(one.formula[1:])}$")
        for one in objects
    ]


@singledispatch
def said(value: Any) -> str:
    """Return an exact object as text with formulas."""
    if not is_dataclass(value):
        return str(value)
    return "; ".join(f"{name}: {one}" for name, one in _fields(value))


def _fields(value: Any) -> Iterator[Row]:
    for name, _, text in _parts(value):
        yield name, text


def _parts(value: Any) -> Iterator[tuple[str, str, str]]:
    """Yield each field in words, the symbol that relations have for it, and what it holds."""
    parts = {field.name: getattr(value, field.name) for field in fields(value)}
    symbols = dict(_SYMBOLS)
    for other in _BESIDE.keys() & parts.keys():
        symbols |= _BESIDE[other]
    data = parts.get("data")
    # Points that a rule is asked about are counted after those of the data.
    first = 1 + (len(data.points) if isinstance(data, Labelled) else 0)
    for name, part in parts.items():
        words = _WORDS.get(name, name.replace("_", " "))
        if part == ():
            continue
        if name in _COUNTED and isinstance(part, int):
            symbol, what = _COUNTED[name]
            place = f"class ${part + 1}$" if what == "class" else f"$x_{{{part + 1}}}$"
            yield f"${symbol}$", symbol, place
        elif name == "label" and any(isinstance(one, ArgmaxRule) for one in parts.values()):
            yield words, "", f"class ${part + 1}$"
        elif name == "bad":
            yield "bad for the classes in turn", "", "; ".join(map(_places, part))
        elif name == "samples" and _numeric(part):
            yield words, "", _draws(part)
        elif name == "sample" and _numeric(part):
            yield words, "", ", ".join(f"$x_{{{i + 1}}}$" for i in part)
        elif len(name) == 1 and _numeric(part):
            yield f"${name}$", name, said(part)
        elif name in symbols and _numeric(part):
            symbol, many = symbols[name], name in _LISTS or _vectorial(part)
            start = first if symbol == "x_#" else 1
            symbol = symbol if many else symbol.replace("_#", "")
            yield words, symbol.replace("#", f"{{{start}}}"), _named(symbol, part, start)
        else:
            yield words, "", said(part)


def _places(found: Sequence[int]) -> str:
    return f"$\\{{{','.join(str(i + 1) for i in found)}\\}}$"


def _numeric(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_numeric, value))
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def _vectorial(value: Any) -> bool:
    return isinstance(value, tuple) and isinstance(value[0], tuple)


def _named(symbol: str, value: Any, first: int) -> str:
    """Return numbers with the symbol that relations have for them."""
    if "#" in symbol and isinstance(value, tuple):
        places = enumerate(value, first)
        return "; ".join(_named(symbol.replace("#", f"{{{i}}}"), one, 1) for i, one in places)
    if _vectorial(value):
        return f"${symbol}$ with the rows {said(value)}"
    return f"${symbol}={number(value)}$"


@said.register(bool)
def _(value: bool) -> str:
    return "yes" if value else "no"


@said.register(int)
@said.register(Fraction)
def _(value: int | Fraction) -> str:
    return f"${number(value)}$"


@said.register(tuple)
def _(value: tuple[Any, ...]) -> str:
    if not value:
        return "none"
    if all(isinstance(entry, Fraction) for entry in value):
        return f"${number(value)}$"
    if all(isinstance(entry, tuple | int | Fraction) for entry in value):
        return ", ".join(map(said, value))
    if len(value) == 1:
        return said(value[0])
    if all(isinstance(entry, LinearRule) for entry in value):
        return "; ".join(_linear(entry, f"_{{{i}}}") for i, entry in enumerate(value, 1))
    return "; ".join(f"{i}. {said(entry)}" for i, entry in enumerate(value, 1))


@said.register(Labelled)
def _(value: Labelled) -> str:
    return "; ".join(
        f"$x_{{{i}}}={number(x)}$ with $y_{{{i}}}={y}$" for i, (x, y) in enumerate(value.pairs, 1)
    )


@said.register(MulticlassSet)
def _(value: MulticlassSet) -> str:
    return "; ".join(
        f"$x_{{{i}}}={number(x)}$ in class ${y + 1}$" for i, (x, y) in enumerate(value.pairs, 1)
    )


@said.register(LinearRule)
def _(value: LinearRule) -> str:
    return _linear(value, "")


def _linear(rule: LinearRule, place: str) -> str:
    owner = f", label ${rule.zero}$ on the boundary" if rule.zero else ""
    return f"$w{place}={number(rule.normal)}$, $b{place}={number(rule.offset)}${owner}"


@said.register(ArgmaxRule)
def _(value: ArgmaxRule) -> str:
    ties = ", ties to the lowest class" if value.lowest else ""
    return f"{_vectors('w', value.weights, 1)}, $b={number(value.bias)}${ties}"


@said.register(SoftmaxHead)
def _(value: SoftmaxHead) -> str:
    columns = tuple(zip(*value.weights, strict=True))
    return f"{_vectors('w', columns, 1)}, $b={number(value.bias)}$"


@said.register(TwoLayerNetwork)
def _(value: TwoLayerNetwork) -> str:
    sign = ">" if value.strict else r"\geq"
    return (
        f"{_vectors('w', value.weights, 1)}, $b={number(value.biases)}$, output weights "
        f"{_vectors('v', value.output, 1)}; label $1$ where $f(x){sign} {number(value.threshold)}$"
    )


@said.register(ReluNetwork)
def _(value: ReluNetwork) -> str:
    before, found = "x", []
    for k, layer in enumerate(value.layers, 1):
        affine = f"W_{{{k}}}{before}+b_{{{k}}}"
        if layer is value.layers[-1]:
            before, output = "z", affine
        else:
            before, output = f"g_{{{k}}}", rf"\mathrm{{relu}}({affine})"
        rows, b = said(layer.weights), number(layer.biases)
        found.append(f"${before}={output}$, $W_{{{k}}}$ with the rows {rows}, $b_{{{k}}}={b}$")
    return "; ".join(found)


@said.register(FiniteLaw)
def _(value: FiniteLaw) -> str:
    pairs = enumerate(zip(value.atoms.pairs, value.probabilities, strict=True), 1)
    return "; ".join(
        f"$x_{{{i}}}={number(x)}$ with $y_{{{i}}}={y}$, of probability ${number(p)}$"
        for i, ((x, y), p) in pairs
    )


@said.register(Trial)
def _(value: Trial) -> str:
    return f"{_draws(value.samples)}; {_named('w_#', value.normals, 1)}"


def _draws(samples: Sequence[Sequence[int]]) -> str:
    """Return how often each atom of a law was drawn in each sample."""
    return "; ".join(
        f"sample {j}: "
        + ", ".join(
            f"$x_{{{i}}}$ {'once' if n == 1 else f'{n} times'}" for i, n in enumerate(counts, 1)
        )
        for j, counts in enumerate(samples, 1)
    )


@said.register(Cell)
def _(value: Cell) -> str:
    sign = (r"\leq", "<")
    lines = zip(value.matrix, value.right_side, value.strict, strict=True)
    return (
        ", ".join(rf"${number(a)}\cdot x{sign[strict]} {number(c)}$" for a, c, strict in lines)
        or "every $x$"
    )


@said.register(CellRule)
def _(value: CellRule) -> str:
    cells = ", or ".join(map(said, value.cells))
    return f"label ${value.inside}$ where {cells}; ${value.outside}$ elsewhere"


def _vectors(name: str, vectors: Sequence[Any], first: int) -> str:
    return ", ".join(f"${name}_{{{i}}}={number(v)}$" for i, v in enumerate(vectors, first))
