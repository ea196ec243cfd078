# SPDX-License-Identifier: MIT
"""A vector near 0 by its norm itself: ``near_unit`` speaks of any g > 0 at least ||off||; here g = ||off||.

What is proved for every g > ||off|| and is a polynomial in g holds at g = ||off||, which may be 0.  In the
same way a bound with A/theta + theta for every theta > 0 gives 2 sqrt(A).

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, sqrt

from theory.definitions import mu_global, sq, wbar
from theory.definitions_collapse import length
from theory.expressions import le
from theory.kernel import Theorem, apply
from theory.lemmas.near_unit import centre, off, short, turn
from theory.proving import combine, cut, instantiate
from theory.symbols import alpha, beta, c, nonnegative, positive

far = nonnegative("far_g", "g", "the norm of a vector near 0, in the unit of the other vectors")
more = positive("more_eta", r"\eta", "a positive number that goes to 0")
theta = positive("split_theta", r"\theta", "a positive number")

NEAR = le(sq(lambda x: turn(c, x)), (length(c) + far) ** 2, c)  # ||v_c + off|| <= length(c) + g
FLAT = le(sq(lambda x: off(x)), far**2)
ROW_NORM = sqrt(sq(lambda x: wbar(x) / beta))
MEAN_NORM = sqrt(sq(lambda x: mu_global(x) / alpha))


@lru_cache
def at_norm(theorem: Theorem, size: Expr) -> Theorem:
    """``theorem`` without its hypothesis ``size``^2 <= g^2, at g = ``size`` = sqrt(...)."""
    moved = instantiate(theorem, {centre: size + more}, label="g := ||off|| + eta")
    below = combine(le(size**2, (size + more) ** 2), slack=2 * size * more + more**2)
    return apply("limit", cut(moved, below), symbol=more, label="eta -> 0")


@lru_cache
def near() -> Theorem:
    """POLAR |- ||v_c + off||^2 <= (length(c) + ||off||)^2."""
    return at_norm(short(), sqrt(sq(lambda x: off(x))))


@lru_cache
def without_split(theorem: Theorem, plain: Expr, rate: Expr, size: Expr) -> Theorem:
    """x <= ``plain`` + 2 ``rate`` sqrt(A) from ``theorem``, x <= ``plain`` + ``rate`` (A/theta + theta).

    A = ``size`` is a mean of squares, and no hypothesis names theta.
    """
    root = sqrt(size)
    moved = instantiate(theorem, {theta: root + more}, label="theta := sqrt(A) + eta")
    above = combine(
        le(theorem.relation.lhs, plain + rate * (2 * root + more)),
        {moved: 1},
        slack=rate * root * more / (root + more),
        label="A/theta <= sqrt(A)",
    )
    return apply("limit", above, symbol=more, label="eta -> 0")
