# SPDX-License-Identifier: MIT
"""Vectors near unit length: v_c = length(c) unit(c), off a centre near 0.

With r_c = v_c + off and g >= ||off||: ||r_c|| <= length(c) + g.  Rows: v_c = w_c/beta and off = -wbar/beta,
so that r_c are the rows about their mean.  Class means: v_c = (mu_c - mu_G)/alpha and off = mu_G/alpha, so
that r_c are the class means themselves.

Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sympy import Expr, Symbol, exp

from theory.definitions import (
    mu,
    mu_global,
    phi,
    q,
    sq,
    wbar,
    wt,
)
from theory.definitions_collapse import POLAR, code, length, unit
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate, log_tangent
from theory.symbols import (
    C,
    alpha,
    atom,
    beta,
    c,
    d,
    h,
    i,
    k,
    nonnegative,
    positive,
    real,
    t,
    w,
)

off = atom("off", "o", "off(k): coordinate k of a vector near 0")
centre = positive("centre", "g", "at least the norm of a vector near 0")
reach = positive("reach_a", "a", "a positive number")
t_plus = nonnegative("t_plus", "t_+", "a nonnegative margin")
t_minus = nonnegative("t_minus", "t_-", "minus a nonpositive margin")
ratio = positive("ratio_k", r"\kappa", "sqrt(T/tau), tau the margin at which a tangent touches")
at = real("t_at", "t_0", "margin at which a tangent touches")
OFF = le(sq(lambda x: off(x)), centre**2)


@lru_cache
def phi_tangent() -> Theorem:
    """phi(t_0) - q(t_0) (t - t_0) <= phi(t)."""
    low, high = 1 + (C - 1) * exp(-at), 1 + (C - 1) * exp(-t)
    own = log_tangent(low / high, label="the true class")
    wrong = log_tangent(low / high * exp(at - t), label="the wrong classes")
    return combine(le(phi(at) - q(at) * (t - at), phi(t)), {own: 1 - q(at), wrong: q(at)}, label="Gibbs")


def turn(cc: Symbol, kk: Symbol) -> Expr:
    """r_c = v_c + off, coordinate k."""
    return code(cc, kk) + off(kk)


@lru_cache
def short() -> Theorem:
    """POLAR, OFF |- ||v_c + off||^2 <= (length(c) + g)^2."""
    split, one, positive_ = map(assume, POLAR)
    moved = length(c) * unit(c, k) + off(k)
    square = combine(eq(turn(c, k) ** 2, moved**2), {split: turn(c, k) + moved}, label="one coordinate")
    return combine(
        le(sq(lambda x: turn(c, x)), (length(c) + centre) ** 2),
        [
            (average(square, k), d),
            (one, length(c) * (length(c) + centre)),
            (assume(OFF), length(c) / centre),
            (assume(OFF), 1),
        ],
        facts=[positive_],
        slack=length(c) / centre * sq(lambda x: centre * unit(c, x) - off(x)),
        label="triangle inequality",
    )


@lru_cache
def squared_lengths() -> Theorem:
    """POLAR |- ||v_c||^2 == length(c)^2."""
    split, one, _ = map(assume, POLAR)
    square = combine(
        eq(code(c, k) ** 2, (length(c) * unit(c, k)) ** 2), {split: code(c, k) + length(c) * unit(c, k)}
    )
    return combine(eq(sq(lambda x: code(c, x)), length(c) ** 2), {average(square, k): d, one: length(c) ** 2})


def variance() -> Expr:
    """mean length^2 - (mean length)^2."""
    return Mean(length(c) ** 2, c) - Mean(length(c), c) ** 2


@lru_cache
def of_rows(lemma: Callable[[], Theorem]) -> Theorem:
    """``lemma`` for v_c = w_c/beta, off = -wbar/beta."""
    return instantiate(
        lemma(), functions={code: ((c, k), w(c, k) / beta), off: ((k,), -wbar(k) / beta)}, label="rows"
    )


@lru_cache
def of_means(lemma: Callable[[], Theorem]) -> Theorem:
    """``lemma`` for v_c = (mu_c - mu_G)/alpha, off = mu_G/alpha."""
    return instantiate(
        lemma(),
        functions={code: ((c, k), (mu(c, k) - mu_global(k)) / alpha), off: ((k,), mu_global(k) / alpha)},
        label="centred class means",
    )


def positive_reach() -> Theorem:
    """0 < length(c) + g."""
    return combine(lt(0, length(c) + centre), {assume(POLAR[2]): 1}, slack=centre)


def feature_square() -> Expr:
    """||h_ci||^2/alpha^2."""
    return sq(lambda x: h(c, i, x)) / alpha**2


def row_square() -> Expr:
    """||w~_c||^2/beta^2."""
    return sq(lambda x: wt(c, x)) / beta**2
