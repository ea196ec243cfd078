# SPDX-License-Identifier: MIT
"""phi(T/2) >= phi(T) + k T q(T) holds from one T on: the threshold T_b(C) of centred cosines is one number.

Let m = C - 1 be any positive real.  (phi(T/2) - phi(T))/(T q(T)) never decreases, because

    phi(T - y) - phi(T) = log(1 + q(T) (e^y - 1)) is concave in q(T) and zero at 0, and q decreases;
    it is convex in y and zero at 0.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, Symbol, exp, log

from theory.expressions import Relation, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.thresholds import edge, m, wrong, x
from theory.proving import assume, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, nonnegative, positive, real

less = positive("y_less", "y", "how much a margin is below T")
more = nonnegative("x_half", "x'", "how much more a margin is below T")
one = real("t_one", "t", "a margin")
two = real("t_two", "t'", "another margin")


def loss_at(at: Any, weight: Any = m) -> Expr:
    """phi at margin ``at``, with ``weight`` for C - 1."""
    return log(1 + weight * exp(-at))


def rise(at: Any, weight: Any = m) -> Expr:
    """phi(T/2) - phi(T) at T = ``at``."""
    return loss_at(at / 2, weight) - loss_at(at, weight)


def excess(at: Any, k: Any, weight: Any = m) -> Expr:
    """phi(T/2) - phi(T) - k T q(T) at T = ``at``."""
    return rise(at, weight) - k * at * wrong(at, weight)


def condition(at: Any, k: Any, weight: Any = m) -> Relation:
    """The excess at ``at`` is nonnegative."""
    return le(0, excess(at, k, weight))


@lru_cache
def _tangent() -> Theorem:
    """phi(t) - q(t) (t' - t) <= phi(t')."""
    right = log_tangent(exp(loss_at(one) - loss_at(two)), label="the true class")
    false = log_tangent(exp(one - two + loss_at(one) - loss_at(two)), label="a wrong class")
    return combine(
        le(loss_at(one) - wrong(one) * (two - one), loss_at(two)),
        {right: 1 - wrong(one), false: wrong(one)},
        facts=[combine(le(0, 1 - wrong(one)), slack=exp(one) / (m + exp(one)), label="q <= 1")],
        label="phi lies above its tangents",
    )


@lru_cache
def _shorter() -> Theorem:
    """(1 + x/y) (phi(T - y) - phi(T)) <= phi(T - y - x) - phi(T): convex in y, zero at 0."""
    ahead = instantiate(_tangent(), {one: T - less, two: T - less - more}, label="the tangent at T - y")
    back = instantiate(_tangent(), {one: T - less, two: T}, label="the same at T")
    return combine(
        le((1 + more / less) * (loss_at(T - less) - loss_at(T)), loss_at(T - less - more) - loss_at(T)),
        {ahead: 1, back: more / less},
        label="convexity",
    )


@lru_cache
def _farther() -> Theorem:
    """(q(T+x)/q(T)) (phi(T - y) - phi(T)) <= phi(T + x - y) - phi(T + x): concave in q, zero at 0."""
    there = 1 + wrong(T) * (exp(less) - 1)
    here = 1 + wrong(T + x) * (exp(less) - 1)
    share = wrong(T + x) / wrong(T)
    grows = log_tangent(exp(x), label="x <= e^x - 1")
    fewer = combine(
        le(0, 1 - share),
        {grows: exp(T) / (m + exp(T + x))},
        slack=x * exp(T) / (m + exp(T + x)),
        label="q decreases",
    )
    return combine(
        le(share * (loss_at(T - less) - loss_at(T)), loss_at(T + x - less) - loss_at(T + x)),
        {
            log_tangent(there / here, label="log at q(T)"): share,
            log_tangent(1 / here, label="log at 0"): 1 - share,
        },
        facts=[fewer],
        label="log is concave",
    )


@lru_cache
def increasing() -> Theorem:
    """(phi(T/2) - phi(T))/(T q(T)) <= the same at T + x."""
    farther = instantiate(_farther(), {less: (T + x) / 2}, label="y := (T + x)/2")
    shorter = instantiate(_shorter(), {less: T / 2, more: x / 2}, label="y := T/2, x := x/2")
    rate = 1 / ((T + x) * wrong(T + x))
    return combine(
        le(rise(T) / (T * wrong(T)), rise(T + x) / ((T + x) * wrong(T + x))),
        {farther: rate, shorter: 1 / ((T + x) * wrong(T))},
        label="the ratio never decreases",
    )


@lru_cache
def for_all_larger() -> Theorem:
    """The same with C classes."""
    return instantiate(increasing(), {m: C - 1}, label="m := C - 1")


K = Rational(5, 2)


@lru_cache
def fails_below() -> Theorem:
    """0 <= D(T), D(T_0) < 0 |- T_0 <= T, with D the excess at k = 5/2."""
    side, end = le(T, edge), assume(lt(excess(edge, K), 0))
    rises = instantiate(increasing(), {x: edge - T}, facts=[assume(side)], label="from T to T_0")
    size = edge * wrong(edge)
    rate = (edge - T) / (-excess(edge, K))
    case = combine(
        le(edge, T),
        {rises: rate * size, assume(condition(T, K)): rate * size / (T * wrong(T))},
        facts=[assume(side), end],
        label="or else T_0 would meet the condition",
    )
    return cases(case, assume(le(edge, T)), split=side)


@lru_cache
def holds_above() -> Theorem:
    """D(T) <= 0, 0 < D(T_0) |- T <= T_0."""
    side, end = le(edge, T), assume(lt(0, excess(edge, K)))
    rises = instantiate(increasing(), {T: edge, x: T - edge}, facts=[assume(side)], label="from T_0 to T")
    size = edge * wrong(edge)
    rate = (T - edge) / excess(edge, K)
    case = combine(
        le(T, edge),
        {rises: rate * size, assume(le(excess(T, K), 0)): rate * size / (T * wrong(T))},
        facts=[assume(side), end],
        label="or else T would meet the condition",
    )
    return cases(case, assume(le(T, edge)), split=side)


def at_least(root: Symbol, weight: int, low: Rational, label: str = "") -> Theorem:
    """0 <= D(root) |- low <= root, where D(low) < 0 is certified."""
    end = lt(excess(edge, K, weight), 0)
    fails = apply("box", goal=end, box={edge: (low, low)}, label=f"{label}: the lower end fails")
    reached = cut(instantiate(fails_below(), {T: root, m: weight}), fails)
    placed = combine(le(low, root), {reached: 1, assume(le(low, edge)): 1})
    return instantiate(placed, {edge: low}, label=f"{label}: T >= {low}")


def at_most(root: Symbol, weight: int, high: Rational, label: str = "") -> Theorem:
    """D(root) <= 0 |- root <= high, where D(high) > 0 is certified."""
    end = lt(0, excess(edge, K, weight))
    meets = apply("box", goal=end, box={edge: (high, high)}, label=f"{label}: the upper end meets it")
    reached = cut(instantiate(holds_above(), {T: root, m: weight}), meets)
    placed = combine(le(root, high), {reached: 1, assume(le(edge, high)): 1})
    return instantiate(placed, {edge: high}, label=f"{label}: T <= {high}")
