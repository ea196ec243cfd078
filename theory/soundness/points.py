# SPDX-License-Identifier: MIT
"""Configurations with free parameters: what no equation defines is chosen, the rest follows by a plan.

A point keeps its parameters twice, exactly and as floats: the search looks at the floats, and what it finds
is made a :class:`theory.statement.Witness` from the exact ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import product
from random import Random
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Integer, Rational, Symbol

from theory.expressions import Relation, sort_of
from theory.soundness.levels import Level, levels
from theory.soundness.numbers import AXES, Numbers, scalars_in, sorts_of
from theory.soundness.plan import Atom, Definition, Polar, Scalar, plan
from theory.statement import Statement, Witness

SMALL = [Rational(n, 2) for n in range(-4, 5)]
FACTORS = [Rational(x) for x in ("1/4", "1/2", "4/5", "19/20", "99/100", "101/100", "21/20", "5/4", "2", "4")]


@dataclass(frozen=True)
class Frame:
    """What a configuration of a statement consists of: atoms with their sorts, symbols, and the plan."""

    hypotheses: tuple[Relation, ...]
    conclusion: Relation
    sorts: Mapping[Any, tuple[str, ...]]
    scalars: tuple[Symbol, ...]
    plan: tuple[Definition, ...]
    memory: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, statement: Statement, *, tight: bool = False) -> Frame:
        """The frame of a statement whose conclusion is a relation; if ``tight``, with levels in its plan."""
        relations = (*statement.hypotheses, statement.conclusion)
        scalars = tuple(scalars_in(relations))  # type: ignore[arg-type]
        steps = plan(statement.hypotheses)
        steps = levels(statement.hypotheses, steps) if tight else steps
        return cls(statement.hypotheses, statement.conclusion, sorts_of(relations), scalars, tuple(steps))  # type: ignore[arg-type]

    @cached_property
    def defined(self) -> set[Any]:
        """Symbols and atoms that the plan gives."""
        return set().union(*(s.targets for s in self.plan)) if self.plan else set()

    @property
    def norms(self) -> dict[Any, tuple[str, ...]]:
        """The norm atoms of polar definitions, whose length may be stretched."""
        return {s.norm.func: self.sorts[s.norm.func] for s in self.plan if isinstance(s, Polar)}

    @property
    def directions(self) -> dict[Any, tuple[str, ...]]:
        """The direction atoms of polar definitions: where the norm is 0, they can be any vector."""
        return {s.direction.func: self.sorts[s.direction.func] for s in self.plan if isinstance(s, Polar)}


@dataclass
class Point:
    """Sizes, and for each parameter an object array of exact numbers.

    A parameter is an atom, a symbol, ("stretch", norm atom) or ("filler", direction atom).
    """

    sizes: dict[str, int]
    exact: dict[Any, Any] = field(default_factory=dict)
    floats: dict[Any, Any] = field(default_factory=dict)

    def set(self, key: Any, table: Any) -> None:
        """Give a parameter its exact value (an object array; a symbol's has no axes)."""
        self.exact[key] = table
        self.floats[key] = np.array([_float(x) for x in table.flat]).reshape(table.shape)

    def copy(self) -> Point:
        """A point whose parameters can be replaced without touching this one's."""
        return Point(self.sizes, dict(self.exact), dict(self.floats))


@lru_cache(maxsize=100_000)
def _float(number: Any) -> float:
    return float(number)


def table_of(sorts: tuple[str, ...], sizes: Mapping[str, int], fill: Callable[..., Any]) -> Any:
    """The object array of ``fill(*indices)`` with one axis a sort."""
    shape = tuple(sizes[s] for s in sorts)
    table = np.empty(shape, dtype=object)
    for at in product(*map(range, shape)):
        table[at] = sympy.sympify(fill(*at))
    return table


def _parameters(frame: Frame) -> dict[Any, tuple[str, ...]]:
    if "parameters" not in frame.memory:
        frame.memory["parameters"] = _free_parameters(frame)
    return frame.memory["parameters"]  # type: ignore[no-any-return]


def _free_parameters(frame: Frame) -> dict[Any, tuple[str, ...]]:
    free = {f: s for f, s in frame.sorts.items() if f not in frame.defined}
    free |= {("stretch", f): s for f, s in frame.norms.items()}
    return free | {("filler", f): s for f, s in frame.directions.items()}


def random_point(frame: Frame, rng: Random) -> Point:
    """Small rationals everywhere, or the simplex pattern with noise where an atom has the indices for it."""
    classes = rng.choice((2, 2, 2, 3, 3, 4))
    samples = rng.choice((1, 2, 2, 3))
    sizes = {
        "class": classes,
        "sample": samples,
        "coordinate": rng.choice((1, 1, 2, classes, classes)),
    }
    point = Point(sizes)
    structured = rng.random() < 0.5
    scale = rng.choice((Rational(1, 2), Integer(1), Integer(2), Integer(4)))
    for key, sorts in _parameters(frame).items():
        if isinstance(key, tuple):
            point.set(key, table_of(sorts, sizes, _first(key, sorts)))
        elif structured:
            noise = rng.choice((Integer(0), Integer(0), Rational(1, 2)))
            point.set(key, table_of(sorts, sizes, _pattern(sorts, classes, scale, noise)))
        else:
            point.set(key, table_of(sorts, sizes, lambda *at: scale * rng.choice(SMALL)))
    for s in frame.scalars:
        if s not in frame.defined:
            size = rng.choice((Rational(1, 20), Rational(1, 4), Rational(3, 4), Integer(1), Integer(3)))
            sign = 1 if s.is_nonnegative else rng.choice((1, -1))
            point.set(s, np.array(sign * size, dtype=object))
    return point


def _first(key: tuple[str, Any], sorts: tuple[str, ...]) -> Callable[..., Any]:
    """No stretching, and the first basis vector where there is no direction."""
    if key[0] == "stretch":
        return lambda *at: Integer(1)
    return lambda *at: Integer(
        1 if all(x == 0 or s != "coordinate" for x, s in zip(at, sorts, strict=True)) else 0
    )


def _pattern(sorts: tuple[str, ...], classes: int, scale: Rational, noise: Rational) -> Callable[..., Any]:
    """scale (1[c = k] - 1/C) on a class and a further class or coordinate; else 1."""
    place = [n for n, s in enumerate(sorts) if s in ("class", "coordinate")]
    sample = next((n for n, s in enumerate(sorts) if s == "sample"), None)

    def at(*indices: int) -> Any:
        if len(place) < 2:
            return Integer(1)
        same = Integer(1) if indices[place[0]] == indices[place[1]] else Integer(0)
        jitter = noise * (-1) ** indices[sample] if sample is not None else 0
        return scale * (same - Rational(1, classes)) + jitter

    return at


def point_of(frame: Frame, witness: Witness, default: Expr | None = None) -> Point | None:
    """The parameters of a witness, or None if it lacks one (a symbol without a value is the ``default``)."""
    sizes = {"class": witness.classes, "sample": witness.samples, "coordinate": witness.dimension}
    point = Point(sizes)
    if any(not isinstance(k, tuple) and k not in witness.functions for k in _parameters(frame)):
        return None
    try:
        for key, sorts in _parameters(frame).items():
            function = _first(key, sorts) if isinstance(key, tuple) else witness.functions[key]
            point.set(key, table_of(sorts, sizes, function))
        for s in frame.scalars:
            if s not in frame.defined:
                value = witness.values[s] if default is None else witness.values.get(s, default)
                point.set(s, np.array(sympy.sympify(value), dtype=object))
    except (KeyError, TypeError, IndexError):
        return None
    return point


def moved(frame: Frame, point: Point, rng: Random, keys: Sequence[Any] | None = None) -> Point:
    """A neighbour of the point: one parameter (of ``keys``) scaled, or one entry of a table changed."""
    new = point.copy()
    if keys is None and rng.random() < 0.05:
        return _without_one_vector(frame, new, rng)
    key = rng.choice(keys or sorted(point.exact, key=str))
    table = point.exact[key]
    factor = rng.choice(FACTORS)
    if not isinstance(key, Symbol) and (table.size > 1 and rng.random() < 0.6):
        changed = table.copy()
        at = tuple(rng.randrange(n) for n in table.shape)
        changed[at] = _tame(table[at] * factor) if rng.random() < 0.5 else rng.choice(SMALL)
        if rng.random() < (0.4 if isinstance(key, tuple) else 0.1):
            changed[at] = -table[at]
    else:
        turned = -1 if isinstance(key, Symbol) and not key.is_nonnegative and rng.random() < 0.2 else 1
        changed = np.empty(table.shape, dtype=object)
        for at in product(*map(range, table.shape)):
            changed[at] = _tame(turned * factor * table[at])
    new.set(key, changed)
    return new


def _without_one_vector(frame: Frame, point: Point, rng: Random) -> Point:
    """The point with one vector of one table set to zero."""
    vectors = [f for f, s in frame.sorts.items() if f in point.exact and s and s[-1] == "coordinate"]
    if vectors:
        key = rng.choice(sorted(vectors, key=str))
        table = point.exact[key].copy()
        table[tuple(rng.randrange(n) for n in table.shape[:-1])] = Integer(0)
        point.set(key, table)
    return point


def _tame(number: Expr) -> Expr:
    """Rationals keep denominators of at most 1000, unless that would make them zero."""
    if not isinstance(number, Rational) or number.q <= 1000:
        return number
    close = number.limit_denominator(1000)
    return close if close else number


# ---- floats


def numbers(frame: Frame, point: Point) -> Numbers:
    """Everything in floats.  Raises ``ArithmeticError`` where a definition has no value in its domain."""
    result = Numbers(point.sizes)
    for key, table in point.floats.items():
        if isinstance(key, Symbol):
            result.values[key] = float(table)
        elif not isinstance(key, tuple):
            result.tables[key] = table
    with np.errstate(all="ignore"):
        for step in frame.plan:
            if isinstance(step, Scalar):
                result.values[step.symbol] = _root(step, [result.at(r) for r in step.roots])
            elif isinstance(step, Level):
                result.values[step.symbol] = float(step.number(result))
            elif isinstance(step, Atom):
                result.tables[step.function] = _laid(result, step.at, result.at(step.value))
            elif isinstance(step, Polar):
                _polar_floats(result, step, point)
    return result


def _root(step: Scalar, roots: list[Any]) -> float:
    for root in roots:
        x = float(np.asarray(root).item())
        least = 1e-12 if step.symbol.is_positive else 0.0 if step.symbol.is_nonnegative else -np.inf
        if np.isfinite(x) and x >= least:
            return x
    raise ArithmeticError(f"{step.symbol} has no value in its domain")


def _laid(result: Numbers, at: tuple[Symbol, ...], array: Any) -> Any:
    """An array with the axes of ``at``, in that order."""
    shape = [1] * AXES
    for i in at:
        shape[result.axis(i)] = result.sizes[sort_of(i)]
    wide = np.broadcast_to(np.asarray(array, dtype=float), shape)
    wide = np.moveaxis(wide, [result.axis(i) for i in at], range(len(at)))
    return wide.reshape([result.sizes[sort_of(i)] for i in at])


def _polar_floats(result: Numbers, step: Polar, point: Point) -> None:
    at = step.direction.args
    vector = _laid(result, at, result.at(step.vector) + np.zeros([1] * AXES))
    scale = float(np.asarray(result.at(step.scale)).item())
    axis = at.index(step.coordinate)
    length = np.sqrt((vector**2).sum(axis=axis)) / scale
    length = length * point.floats["stretch", step.norm.func]
    wide = scale * np.expand_dims(length, axis)
    filler = point.floats["filler", step.direction.func]
    result.tables[step.norm.func] = length
    result.tables[step.direction.func] = np.where(wide == 0, filler, vector / np.where(wide == 0, 1, wide))
