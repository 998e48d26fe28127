"""scikit-learn's transformers that are affine, exactly: what comes before a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, IncrementalPCA, TruncatedSVD
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.random_projection import BaseRandomProjection

from verify.models.builder import Builder
from verify.models.sklearn_own import check_own, exact, refused, table_of, unsupported
from verify.models.values import Value


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a table on the way: entries x of one value, of each of which f x + o is made.

    value             of shape (1, n)
    factors, offsets  Fractions (n,)
    """

    value: Value
    factors: np.ndarray
    offsets: np.ndarray

    @classmethod
    def of(cls, value: Value) -> Columns:
        """Return the numbers of a value as they are."""
        n = value.entries.size
        return cls(value.moved(value.entries.reshape(1, n)), exact([1] * n), exact([0] * n))

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.factors)

    def taken(self, places: Any) -> Columns:
        """Return some of the columns, in an order."""
        few = np.asarray(places, np.int64)
        entries = self.value.entries[:, few]
        return Columns(self.value.moved(entries), self.factors[few], self.offsets[few])

    def times(self, factors: Any, offsets: Any = None) -> Columns:
        """Return f x + o of columns x, each with its own numbers; no offsets are zeros."""
        f = exact(factors)
        added = exact([0] * len(f)) if offsets is None else exact(offsets)
        return Columns(self.value, f * self.factors, f * self.offsets + added)

    def plus(self, offsets: Any) -> Columns:
        """Return the columns, to each of which a number is added."""
        return Columns(self.value, self.factors, self.offsets + exact(offsets))

    def zeros(self, count: int) -> Columns:
        """Return columns that are 0."""
        entries = np.full((1, count), -1)
        return Columns(self.value.moved(entries), exact([1] * count), exact([0] * count))


@dataclass(frozen=True, eq=False)
class Rows:
    """A last layer that is not a node yet: W x + b of all numbers x of a node.

    weights  floats or Fractions (outputs, size)
    biases   Fractions (outputs,)
    """

    node: int
    weights: np.ndarray
    biases: np.ndarray


class Steps:
    """What transformers make of columns, as nodes of a network on the way.

    Factors and offsets are joined with those of the columns; only what mixes columns, or clips
    them, adds nodes. Each ``where`` names the place in the model, for messages.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder

    def made(self, step: Any, columns: Columns, where: str) -> Columns:
        """Return what a fitted transformer makes of columns.

        Raises InputError for one that is not affine, or is not read.
        """
        if step is None or step == "passthrough":
            return columns
        check_own(step)
        if isinstance(step, Pipeline):
            return self.behind(step.steps, columns, where)
        if isinstance(step, ColumnTransformer):
            return self._of_columns(step, columns, where)
        if isinstance(step, FeatureUnion):
            weights = step.transformer_weights or {}
            parts = []
            for name, part in step.transformer_list:
                if part != "drop":
                    found = self.made(part, columns, f"{where}, {name}")
                    parts.append(found.times([weights.get(name, 1)] * len(found)))
            return self._joined(parts, where)
        if isinstance(step, StandardScaler):
            moved = columns.plus(-step.mean_) if step.with_mean else columns
            return moved.times(_inverse(step.scale_)) if step.with_std else moved
        if isinstance(step, RobustScaler):
            moved = columns.plus(-step.center_) if step.with_centering else columns
            return moved.times(_inverse(step.scale_)) if step.with_scaling else moved
        if isinstance(step, MinMaxScaler):
            moved = columns.times(step.scale_, step.min_)
            return self._clipped(moved, step.feature_range, where) if step.clip else moved
        if isinstance(step, MaxAbsScaler):
            moved = columns.times(_inverse(step.scale_))
            return self._clipped(moved, (-1, 1), where) if getattr(step, "clip", False) else moved
        if isinstance(step, PCA | IncrementalPCA):
            return self._of_components(step, columns, where)
        if isinstance(step, TruncatedSVD | BaseRandomProjection):
            components = table_of(step.components_, self.builder.budget)
            return Columns.of(self.dense(columns, components, None, where))
        if isinstance(step, SelectorMixin):
            return columns.taken(np.flatnonzero(step.get_support()))
        if isinstance(step, SimpleImputer):
            return self._imputed(step, columns, where)
        if isinstance(step, FunctionTransformer) and step.func is None:
            return columns
        if isinstance(step, FunctionTransformer):
            raise unsupported("FunctionTransformer of a function, whose code is not read", where)
        raise refused(step, where)

    def behind(self, steps: Sequence[tuple[str, Any]], columns: Columns, where: str) -> Columns:
        """Return what transformers one after the other make of columns."""
        for name, step in steps:
            columns = self.made(step, columns, f"{where}{', ' * bool(where)}{name}")
        return columns

    def dense(self, columns: Columns, weights: Any, biases: Any, where: str) -> Value:
        """Return W x + b of columns x, W of shape (outputs, n), b (outputs,) or None."""
        return self.builder.dense(self.value(columns, where), weights, biases, where)

    def rows(self, columns: Columns, weights: Any, biases: Any, where: str) -> Rows:
        """Return W x + b of columns x for a last layer, of which scaling becomes part."""
        table = np.asarray(weights)
        shift = exact([0] * len(table) if biases is None else np.asarray(biases).reshape(-1))
        entries, size = columns.value.entries.reshape(-1), self.builder.sizes[columns.value.node]
        plain = all(columns.factors == 1) and not any(columns.offsets)
        if plain and np.array_equal(entries, np.arange(size)):
            return Rows(columns.value.node, table, shift)
        self.builder.budget.take(len(table) * (size + len(columns)), where)
        exactly = np.array([exact(row) for row in table])
        spread = np.full((len(table), size), Fraction(0))
        for column, entry in enumerate(entries.tolist()):
            if entry >= 0:
                spread[:, entry] += exactly[:, column] * columns.factors[column]
        return Rows(columns.value.node, spread, shift + exactly @ columns.offsets)

    def made_of(self, rows: Value | Rows, where: str) -> Value:
        """Return rows of a last layer as a value of shape (1, outputs)."""
        if isinstance(rows, Value):
            return rows
        size = self.builder.sizes[rows.node]
        read = Value(rows.node, np.arange(size).reshape(1, size))
        return self.builder.dense(read, rows.weights, rows.biases, where)

    def together(self, parts: Sequence[Value | Rows], where: str) -> Value | Rows:
        """Return values one behind the other, as one last layer where all are of the same node."""
        rows = [part for part in parts if isinstance(part, Rows)]
        if len(rows) == len(parts) and len({part.node for part in rows}) == 1:
            weights = np.vstack([part.weights for part in rows])
            return Rows(rows[0].node, weights, np.concatenate([part.biases for part in rows]))
        values = [self.made_of(part, where) for part in parts]
        return self.builder.concatenate(values, 1, where)

    def value(self, columns: Columns, where: str) -> Value:
        """Return columns as a value, with their factors and offsets applied."""
        if all(columns.factors == 1) and not any(columns.offsets):
            return columns.value
        return self.builder.affine(columns.value, columns.factors, columns.offsets, where)

    def _joined(self, parts: Sequence[Columns], where: str) -> Columns:
        if not parts:
            raise unsupported("no columns at all", where)
        value = self.builder.concatenate([part.value for part in parts], 1, where)
        factors, offsets = ([getattr(p, name) for p in parts] for name in ("factors", "offsets"))
        return Columns(value, np.concatenate(factors), np.concatenate(offsets))

    def _of_columns(self, step: ColumnTransformer, columns: Columns, where: str) -> Columns:
        """Return the columns of each part in the order of the list; those of none are dropped."""
        parts = []
        for name, part, _ in step.transformers_:
            places = step._transformer_to_input_indices.get(name, [])
            if (isinstance(part, str) and part == "drop") or not len(places):
                continue
            weight = (step.transformer_weights or {}).get(name, 1)
            found = self.made(part, columns.taken(places), f"{where}, {name}")
            parts.append(found.times([weight] * len(found)))
        return self._joined(parts, where)

    def _clipped(self, columns: Columns, bounds: Sequence[float], where: str) -> Columns:
        low, high = bounds
        value = self.builder.at_least(self.value(columns, where), low, where)
        return Columns.of(self.builder.at_most(value, high, where))

    def _of_components(self, step: Any, columns: Columns, where: str) -> Columns:
        """Return principal components; where they are whitened, divided by the roots in floats."""
        centred = columns.plus(-step.mean_)
        found = Columns.of(self.dense(centred, step.components_, None, where))
        if not step.whiten:
            return found
        roots = np.sqrt(step.explained_variance_)  # scikit-learn divides by these floats
        return found.times(_inverse(np.maximum(roots, np.finfo(roots.dtype).eps)))

    def _imputed(self, step: SimpleImputer, columns: Columns, where: str) -> Columns:
        """Return all columns: a number that is not missing stays what it is."""
        missing = step.missing_values
        if isinstance(missing, int | float | np.number) and missing == missing:
            raise unsupported(f"SimpleImputer, which replaces each {missing}", where)
        if step.strategy != "constant" and not step.keep_empty_features:
            columns = columns.taken(np.flatnonzero(step.statistics_ == step.statistics_))
        if not step.add_indicator:
            return columns
        return self._joined([columns, columns.zeros(len(step.indicator_.features_))], where)


def _inverse(numbers: Any) -> np.ndarray:
    """Return 1 / x of floats x, exactly."""
    return np.array([1 / x for x in exact(numbers)], dtype=object)
