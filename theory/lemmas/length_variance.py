# SPDX-License-Identifier: MIT
"""The variance of the norms of rows or centred class means, from a loss gap, with no length left to choose.

``lemmas.equal_lengths`` speaks of any m that is large enough for what all classes together spend, C r.  Here

    m = (1 + Y)^(1/2) - 1,   Y = A k + ((A k)^2 + 2 B k)^(1/2),   k = C r,

is the least, r any number >= 0 that is at least what the classes spend on average, and g = ||off|| is the
norm itself: Var length <= N = (m (t/(T C))^(1/2) + g)^2.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, sqrt

from theory.definitions_collapse import POLAR, length
from theory.expressions import Mean, le, lt, substitute
from theory.kernel import Theorem, apply
from theory.lemmas.class_angles import means, rows
from theory.lemmas.equal_lengths import ROOM, ROWS, VALUES, Vectors, most, near_one
from theory.lemmas.length_costs import FLAT, STEEP, longest
from theory.lemmas.near_unit import centre, ratio, variance
from theory.lemmas.offsets import at_norm, more
from theory.lemmas.pair_angles import norms
from theory.proving import assume, combine, cut, instantiate
from theory.symbols import C, c, nonnegative

spends = nonnegative("spends_r", "r", "at least what the classes spend on average, T/tau - 1 or eps/(T q(T))")
excess = nonnegative("excess_y", "Y", "by how much the squared norm of the longest class exceeds 1")
ALL = C * spends
EXCESS = STEEP * ALL + sqrt((STEEP * ALL) ** 2 + 2 * FLAT * ALL)
SPENT = le(most(), spends)


def spread(norm: Expr) -> Expr:
    """N for any Y, g = ``norm``."""
    return ((sqrt(1 + excess) - 1) / (ratio * sqrt(C)) + norm) ** 2


@lru_cache
def of_excess(of: Vectors) -> Theorem:
    """SPENT, A k <= Y, 2 k (A Y + B) <= Y^2 |- Var length <= ((sqrt(1 + Y) - 1)/(kappa sqrt(C)) + g)^2."""
    root = sqrt(1 + excess)
    some = combine(lt(0, root - 1 + more), slack=excess / (root + 1) + more, label="1 <= sqrt(1 + Y)")
    moved = instantiate(near_one(of), {longest: root - 1 + more}, facts=[some], label="m := sqrt(1 + Y) - 1")
    further = more * (2 * root + more)
    whole = excess + further
    room = combine(
        ROOM.map(lambda side: side.subs(longest, root - 1 + more)),
        {
            assume(le(2 * ALL * (STEEP * excess + FLAT), excess**2)): 1,
            assume(le(STEEP * ALL, excess)): 2 * further,
            assume(SPENT): 2 * C * (STEEP * whole + FLAT),
        },
        slack=further**2,
        label="the cost of length increases",
    )
    moved = apply("limit", cut(moved, room), symbol=more, label="eta -> 0")
    return combine(
        le(variance(), spread(centre)),
        {moved: 1 / ratio**2},
        slack=(Mean(length(c), c) - 1 / ratio) ** 2,
        label="about 1/kappa",
    )


def with_lengths(theorem: Theorem, of: Vectors, norm: Expr) -> Theorem:
    """``theorem`` on vectors whose lengths have variance at most N, for any Y; g = ``norm`` = ||off||."""
    near = cut(at_norm(of_excess(of), norm), assume((rows if of is ROWS else means)(POLAR[0])))
    return cut(instantiate(theorem, {norms: spread(norm)}, label="N"), near)


def least_excess(thing: Any) -> Any:
    """A theorem or an expression in Y, at its least Y."""
    if isinstance(thing, Theorem):
        return instantiate(instantiate(thing, {excess: EXCESS}, label="Y"), VALUES, label="eta, delta, rho")
    return substitute(substitute(thing, {excess: EXCESS}), VALUES)
