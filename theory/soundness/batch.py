# SPDX-License-Identifier: MIT
"""Many configurations of one statement at once in float64: the scores of a generation in few operations.

The same arithmetic as ``theory.soundness.numbers`` and ``points``, with a first axis for the configurations.
Believed by nobody; what looks false is made exact and decided there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Expr, Symbol
from sympy.core.function import AppliedUndef

from theory.expressions import Indicator, Mean, Relation, is_index, sort_of
from theory.soundness.levels import Level
from theory.soundness.numbers import ROUNDING
from theory.soundness.plan import Atom, Polar, Scalar
from theory.soundness.points import Frame, Point
from theory.symbols import C, d

Floats = NDArray[np.float64]
LARGEST = 1e4  # of a parameter: exponentials of more are beyond floats, and a burden to balls


@dataclass
class Batch:
    """Values of expressions at points of the same sizes: the points first, then an axis for each index."""

    frame: Frame
    points: Sequence[Point]
    tables: dict[Any, Floats] = field(default_factory=dict)
    values: dict[Symbol, Floats] = field(default_factory=dict)
    _known: dict[Expr, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.count = len(self.points)
        self.sizes = self.points[0].sizes
        self.axes = axes_of(self.frame)
        self.ones = [1] * len(self.axes)
        for key in self.points[0].floats:
            stacked = np.stack([p.floats[key] for p in self.points])
            if isinstance(key, Symbol):
                self.values[key] = stacked
            elif not isinstance(key, tuple):
                self.tables[key] = stacked
        with np.errstate(all="ignore"):
            for step in self.frame.plan:
                self._carry_out(step)

    def at(self, expr: Expr) -> Any:
        """The value at every point for all values of the indices."""
        if expr not in self._known:
            self._known[expr] = self._at(expr)
        return self._known[expr]

    def _at(self, e: Expr) -> Any:
        if isinstance(e, Mean):
            inner = self.at(e.body)
            axes = tuple(1 + self.axes[i] for i in e.indices)
            return inner.mean(axis=axes, keepdims=True) if isinstance(inner, np.ndarray) else inner
        if isinstance(e, AppliedUndef):
            first = np.arange(self.count).reshape(-1, *self.ones)
            return self.tables[e.func][(first, *(self._range(a) for a in e.args))]
        if isinstance(e, Symbol):
            if e in (C, d):
                return float(self.sizes["class" if e == C else "coordinate"])
            return self.values[e].reshape(-1, *self.ones)
        if e.is_Rational:
            return float(e)
        if isinstance(e, Indicator):
            return np.where(self.at(e.args[0]) >= -ROUNDING, 1.0, 0.0)
        parts = [self.at(a) for a in e.args]
        if isinstance(e, sympy.Add):
            return sum(parts[1:], parts[0])
        if isinstance(e, sympy.Mul):
            total = parts[0]
            for part in parts[1:]:
                total = total * part
            return total
        if isinstance(e, sympy.Pow):
            return np.power(np.asarray(parts[0], dtype=float), parts[1])
        if isinstance(e, sympy.exp | sympy.log | sympy.Abs):
            return {sympy.exp: np.exp, sympy.log: np.log, sympy.Abs: np.abs}[type(e)](parts[0])
        return float(e)

    def _range(self, i: Symbol) -> NDArray[np.int64]:
        shape = [1, *self.ones]
        shape[1 + self.axes[i]] = self.sizes[sort_of(i)]
        return np.arange(self.sizes[sort_of(i)]).reshape(shape)

    def _numbers(self, expr: Expr) -> Floats:
        """A number a point, of an expression without indices."""
        value = np.asarray(self.at(expr), dtype=float)
        return np.broadcast_to(value, (self.count, *self.ones)).reshape(self.count)

    def _laid(self, at: tuple[Symbol, ...], array: Any) -> Floats:
        """An array with the axes of ``at``, in that order, after that of the points."""
        shape = [self.count, *self.ones]
        for i in at:
            shape[1 + self.axes[i]] = self.sizes[sort_of(i)]
        wide = np.broadcast_to(np.asarray(array, dtype=float), shape)
        wide = np.moveaxis(wide, [1 + self.axes[i] for i in at], range(1, 1 + len(at)))
        return wide.reshape([self.count, *(self.sizes[sort_of(i)] for i in at)])

    def _carry_out(self, step: Any) -> None:
        if isinstance(step, Scalar):
            least = 1e-12 if step.symbol.is_positive else 0.0 if step.symbol.is_nonnegative else -np.inf
            found = np.full(self.count, np.nan)
            for root in step.roots:
                x = self._numbers(root)
                found = np.where(np.isnan(found) & np.isfinite(x) & (x >= least), x, found)
            self.values[step.symbol] = found
        elif isinstance(step, Level):
            parts = [self._numbers(e) for e in step.parts.values()]
            self.values[step.symbol] = step.floats(parts, self.count)
        elif isinstance(step, Atom):
            self.tables[step.function] = self._laid(step.at, self.at(step.value))
        elif isinstance(step, Polar):
            self._polar(step)

    def _polar(self, step: Polar) -> None:
        at = step.direction.args
        vector = self._laid(at, self.at(step.vector))
        scale = self._numbers(step.scale)
        axis = 1 + at.index(step.coordinate)
        length = np.sqrt((vector**2).sum(axis=axis)) / scale.reshape(-1, *[1] * (len(at) - 1))
        length = length * np.stack([p.floats["stretch", step.norm.func] for p in self.points])
        wide = np.expand_dims(length, axis) * scale.reshape(-1, *[1] * len(at))
        filler = np.stack([p.floats["filler", step.direction.func] for p in self.points])
        self.tables[step.norm.func] = length
        self.tables[step.direction.func] = np.where(wide == 0, filler, vector / np.where(wide == 0, 1, wide))

    def margin(self, relation: Relation) -> Floats:
        """For each point the least relative margin over the indices; -inf where there is none."""
        with np.errstate(all="ignore"):
            left, right = (np.asarray(self.at(side), dtype=float) for side in (relation.lhs, relation.rhs))
            gap = right - left if relation.op != "==" else -np.abs(right - left)
            relative = gap / (np.abs(left) + np.abs(right) + 1e-300)
            shape = np.broadcast_shapes(relative.shape, (self.count, *self.ones))
            relative = np.broadcast_to(relative, shape)
            least = relative.reshape(self.count, -1).min(axis=1)
        return np.where(np.isfinite(least), least, -np.inf)

    def scores(self) -> tuple[Floats, Floats]:
        """(how much the hypotheses lack, relative slack of the conclusion) of each point."""
        missing = np.zeros(self.count)
        for a in self.frame.hypotheses:
            needed = {"==": -1e-12, "<=": -1e-13, "<": 1e-9}[a.op]
            short = needed - self.margin(a)
            missing += np.where(np.isfinite(short), np.maximum(short, 0.0), 10.0)
        slack = self.margin(self.frame.conclusion)
        slack = np.where(np.isfinite(slack), slack, np.inf)
        large = np.array([max(np.abs(x).max(initial=0.0) for x in p.floats.values()) for p in self.points])
        hopeless = large > LARGEST
        return np.where(hopeless, np.inf, missing), np.where(hopeless, np.inf, slack)


def axes_of(frame: Frame) -> dict[Symbol, int]:
    """An axis for every index that occurs in the frame."""
    if "axes" not in frame.memory:
        expressions = [e for a in (*frame.hypotheses, frame.conclusion) for e in (a.lhs, a.rhs)]
        for step in frame.plan:
            if isinstance(step, Scalar):
                expressions += step.roots
            elif isinstance(step, Level):
                expressions += step.parts.values()
            elif isinstance(step, Atom):
                expressions += [step.value, step.function(*step.at)]
            elif isinstance(step, Polar):
                expressions += [step.vector, step.scale, step.norm, step.direction]
        found = dict.fromkeys(
            s
            for e in expressions
            for node in sympy.preorder_traversal(e)
            for s in (node.indices if isinstance(node, Mean) else [node])
            if isinstance(s, Symbol) and is_index(s)
        )
        frame.memory["axes"] = {s: n for n, s in enumerate(found)}
    return frame.memory["axes"]  # type: ignore[no-any-return]
