# SPDX-License-Identifier: MIT
"""Parameters that an inequality bounds, put where the inequality just holds.

``L <= eps + phi(T)`` gives the least eps, ``L <= phi(tau)`` the largest tau, ``E||h||^2 <= gamma`` the least
gamma: a search that has to find such a value by chance spends its time on nothing else.  What is found is a
rational number a little on the safe side, so that exact arithmetic agrees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Rational, Symbol
from sympy.core.function import AppliedUndef

from theory.expressions import Mean, Relation, is_index
from theory.soundness.numbers import Numbers
from theory.soundness.plan import Definition, ordered, things
from theory.symbols import C, d

GRID = np.geomspace(1e-9, 1e3, 97)
SAFE = 1e-6


@dataclass(frozen=True)
class Level:
    """``symbol`` is where ``gap`` >= 0 begins to hold, or ceases to: the gap is a function of the symbol and
    of ``parts``, dummy symbols for what does not depend on it."""

    symbol: Symbol
    gap: Expr
    parts: Mapping[Symbol, Expr]

    targets = property(lambda self: {self.symbol})
    needs = property(lambda self: set().union(set(), *(things(e) for e in self.parts.values())))

    def __hash__(self) -> int:
        return hash((self.symbol, self.gap))

    def number(self, found: Numbers) -> Rational:
        """The value, given the others.  Raises ``ArithmeticError`` where no value of the symbol will do."""
        parts = [np.asarray(found.at(e), dtype=float).reshape(1) for e in self.parts.values()]
        value = float(self.floats(parts, 1)[0])
        if not np.isfinite(value):
            raise ArithmeticError(f"no value of {self.symbol} meets the inequality")
        return Rational(f"{value:.12g}")

    def floats(self, parts: Sequence[Any], count: int) -> Any:
        """``count`` values of the symbol, given as many values of each part; nan where none will do."""
        compiled = _compiled(self.gap, (self.symbol, *self.parts))
        rest = [p.reshape(-1, 1) for p in parts]

        def holds(values: Any) -> Any:
            with np.errstate(all="ignore"):
                return np.broadcast_to(np.asarray(compiled(values, *rest)) >= 0, (count, values.shape[-1]))

        grid = np.broadcast_to(GRID, (count, len(GRID)))
        good = holds(grid)
        some, anything, rising = good.any(axis=1), good[:, 0] & good[:, -1], ~good[:, 0]
        for _ in range(4):
            last = grid.shape[1] - 1
            first = np.argmax(good, axis=1)
            final = last - np.argmax(good[:, ::-1], axis=1)
            inside = np.where(rising, first, final)
            outside = np.clip(np.where(rising, first - 1, final + 1), 0, last)
            rows = np.arange(count)
            best, beyond = grid[rows, inside], grid[rows, outside]
            low, high = np.minimum(best, beyond), np.maximum(best, beyond)
            grid = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 33)
            good = holds(grid)
        best = best * np.where(rising, 1 + SAFE, 1 - SAFE)
        return np.where(some, np.where(anything, 1e-3, best), np.nan)


@lru_cache(maxsize=2000)
def _compiled(gap: Expr, symbols: tuple[Symbol, ...]) -> Any:
    return sympy.lambdify(symbols, gap, modules="numpy")


def levels(hypotheses: Sequence[Relation], steps: Sequence[Definition]) -> list[Definition]:
    """The plan ``steps`` with a level for inequalities between measured quantities, one symbol each."""
    chosen = list(steps)
    for relation in sorted((a for a in hypotheses if a.op != "==" and not a.over), key=str):
        if not (relation.lhs - relation.rhs).atoms(AppliedUndef):
            continue
        taken = set().union(set(), *(x.targets for x in chosen))
        for s in _candidates(relation, taken):
            level = level_of(relation, s)
            if level is not None and ordered([*chosen, level]) is not None:
                chosen.append(level)
                break
    return ordered(chosen) or list(steps)


def _candidates(relation: Relation, taken: set[Any]) -> list[Symbol]:
    """Symbols of the relation that nothing defines; a gap or a budget that stands alone comes first."""
    free = [s for s in relation.instance().free_symbols if not is_index(s) and s not in (C, d)]
    terms = {term**2 for side in (relation.lhs, relation.rhs) for term in sympy.Add.make_args(side)}
    return sorted(
        (s for s in free if s not in taken and s.is_nonnegative),
        key=lambda s: (s**2 not in terms and s**4 not in terms, s.name),
    )


def level_of(relation: Relation, s: Symbol) -> Level | None:
    """The relation as a level of ``s``; None where ``s`` stands inside an average or an atom's value."""
    parts: dict[Expr, Symbol] = {}

    def flatten(e: Expr) -> Expr:
        if s not in e.free_symbols:
            if e.is_Number:
                return e
            return parts.setdefault(e, sympy.Dummy(real=True))
        if isinstance(e, Mean):
            raise ValueError("inside an average")
        return e if e == s else e.func(*map(flatten, e.args))

    try:
        gap = flatten(relation.rhs) - flatten(relation.lhs)
    except ValueError:
        return None
    return Level(s, gap, {v: k for k, v in parts.items()})
