# SPDX-License-Identifier: MIT
"""Statements at a configuration in float64: fast, and believed by nobody.

A table of floats for each atom, a float for each symbol; every index has an axis of its own, so that one pass
of NumPy evaluates an expression for all values of its indices.  What looks false here is handed to
``theory.witness``, which decides exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Expr, Symbol
from sympy.core.function import AppliedUndef

from theory.expressions import Indicator, Mean, Relation, is_index, sort_of
from theory.symbols import C, d

Floats = NDArray[np.float64]
AXES = 24
ROUNDING = 1e-10


def sorts_of(relations: tuple[Relation, ...]) -> dict[Any, tuple[str, ...]]:
    """The sorts ("class", "sample", "coordinate") of the arguments of every atom in the relations."""
    found: dict[Any, tuple[str, ...]] = {}
    for relation in relations:
        for side in (relation.lhs, relation.rhs):
            for atom in side.atoms(AppliedUndef):
                found[atom.func] = tuple(sort_of(a) for a in atom.args)
    return found


@dataclass
class Numbers:
    """Values of expressions at one configuration.

    Args:
        sizes: "class", "sample", "coordinate" -> how many.
        tables: atom -> array with one axis an argument.
        values: symbol -> number.

    Raises ``KeyError`` for a symbol or an atom without a value.
    """

    sizes: Mapping[str, int]
    tables: dict[Any, Floats] = field(default_factory=dict)
    values: dict[Symbol, float] = field(default_factory=dict)
    _axes: dict[Symbol, int] = field(default_factory=dict)
    _known: dict[Expr, Any] = field(default_factory=dict)

    def axis(self, i: Symbol) -> int:
        """The axis of an index."""
        if i not in self._axes:
            if len(self._axes) == AXES:
                raise KeyError(f"more than {AXES} different indices in one configuration")
            self._axes[i] = len(self._axes)
        return self._axes[i]

    def at(self, expr: Expr) -> Any:
        """The value for all values of the free indices: a number, or an array with ``AXES`` axes."""
        if expr not in self._known:
            with np.errstate(all="ignore"):
                self._known[expr] = self._at(expr)
        return self._known[expr]

    def _at(self, e: Expr) -> Any:
        if isinstance(e, Mean):
            inner = self.at(e.body)
            axes = tuple(self.axis(i) for i in e.indices)
            return inner.mean(axis=axes, keepdims=True) if isinstance(inner, np.ndarray) else inner
        if isinstance(e, AppliedUndef):
            return self.tables[e.func][tuple(self._range(a) for a in e.args)]
        if isinstance(e, Symbol):
            if e in (C, d):
                return float(self.sizes["class" if e == C else "coordinate"])
            return float(self.values[e])
        if isinstance(e, sympy.Rational):
            return float(e)
        if isinstance(e, Indicator):
            return np.where(self.at(e.args[0]) >= -ROUNDING, 1.0, 0.0)
        parts = [self.at(a) for a in e.args]
        if isinstance(e, sympy.Add):
            return sum(parts[1:], parts[0])
        if isinstance(e, sympy.Mul):
            return _product(parts)
        if isinstance(e, sympy.Pow):
            return np.power(np.asarray(parts[0], dtype=float), parts[1])
        if isinstance(e, sympy.exp | sympy.log | sympy.Abs):
            return {sympy.exp: np.exp, sympy.log: np.log, sympy.Abs: np.abs}[type(e)](parts[0])
        return float(e)

    def _range(self, i: Symbol) -> NDArray[np.int64]:
        shape = [1] * AXES
        shape[self.axis(i)] = self.sizes[sort_of(i)]
        return np.arange(self.sizes[sort_of(i)]).reshape(shape)

    def margin(self, relation: Relation) -> float:
        """How well the relation holds: the least of rhs - lhs (for ==, of -|rhs - lhs|) over the indices.

        Relative to the size of the sides; -inf where a side is not a number.
        """
        left, right = (np.asarray(self.at(side), dtype=float) for side in (relation.lhs, relation.rhs))
        with np.errstate(all="ignore"):
            gap = right - left if relation.op != "==" else -np.abs(right - left)
            least = float(np.min(gap / (np.abs(left) + np.abs(right) + 1e-300)))
        return least if np.isfinite(least) else -np.inf

    def holds(self, relation: Relation) -> bool:
        """Whether the relation holds up to rounding."""
        return self.margin(relation) >= -ROUNDING


def _product(parts: list[Any]) -> Any:
    total = parts[0]
    for part in parts[1:]:
        total = total * part
    return total


def scalars_in(relations: tuple[Relation, ...]) -> list[Symbol]:
    """The symbols of the relations that are neither indices nor C nor d, by name."""
    found = {s for r in relations for s in r.instance().free_symbols if not is_index(s) and s not in (C, d)}
    return sorted(found, key=lambda s: s.name)
