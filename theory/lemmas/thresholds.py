# SPDX-License-Identifier: MIT
"""log C >= phi(T) + k T q(T) holds from one T on, for every k >= 1: the threshold T_k(C) is one number.

Let V_k(T) = phi(T) + k T q(T), with m = C - 1 any positive real.  If V_k(T) <= log(1+m), then

    k q <= q(0)                    because phi is convex: log(1+m) - phi(T) <= T q(0),
    k (1 - T (1-q)) <= 1           because q(0) (1 - T (1-q)) <= q,
    V_k(T+x) <= V_k(T), x >= 0     because V_k = k (phi + T q) - (k-1) phi, where the tangent of phi and of
                                   log bound both parts: V_k(T+x) - V_k(T) <= -(q(T) - q(T+x)) times a
                                   nonnegative number.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, Symbol, exp, log

from theory.expressions import Relation, le, lt
from theory.kernel import Theorem, apply
from theory.proving import assume, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, nonnegative, positive

m = positive("m_wrong", "m", "C - 1, or any positive real in its place")
x = nonnegative("x_more", "x", "how much T grows")
n = nonnegative("k_less", "k'", "k - 1 of a threshold T_k")
edge = positive("T_edge", "T_0", "one end of an enclosure of T_k(C)")


def wrong(at: Any, weight: Any = m) -> Expr:
    """q at margin ``at``, with ``weight`` for C - 1."""
    return weight / (weight + exp(at))


def value(at: Any, k: Any, weight: Any = m) -> Expr:
    """V_k = phi + k T q at margin ``at``, with ``weight`` for C - 1."""
    return log(1 + weight * exp(-at)) + k * at * wrong(at, weight)


def condition(at: Any, k: Any, weight: Any = m) -> Relation:
    """V_k(at) <= log(1 + weight)."""
    return le(value(at, k, weight), log(1 + weight))


@lru_cache
def beyond_inflection() -> Theorem:
    """V_k(T) <= log(1+m) |- k (1 - T (1 - q)) <= 1."""
    k, q, q0 = 1 + n, wrong(T), m / (1 + m)
    ratio = (1 + m * exp(-T)) / (1 + m)
    convex = combine(
        le(log(1 + m) - log(1 + m * exp(-T)), T * q0),
        {log_tangent(1 / ratio): 1 / (1 + m), log_tangent(exp(-T) / ratio): q0},
        label="phi is convex: its tangent at 0",
    )
    shorter = combine(
        le(q0 * (1 - T * (1 - q)), q),
        {log_tangent(exp(-T)): q0 * exp(T) / (m + exp(T))},
        label="1 - T <= e^-T",
    )
    small = combine(
        le(k * q, q0),
        {assume(condition(T, k)): 1 / T, convex: 1 / T},
        label="the condition against the tangent",
    )
    return combine(
        le(k * (1 - T * (1 - q)), 1),
        {small: (1 + m) / m, shorter: k * (1 + m) / m},
        label="k (1 - T (1-q)) <= 1",
    )


@lru_cache
def decreasing() -> Theorem:
    """V_k(T) <= log(1+m) |- V_k(T+x) <= V_k(T)."""
    k, q, q2 = 1 + n, wrong(T), wrong(T + x)
    ratio = (1 + m * exp(-T)) / (1 + m * exp(-T - x))
    share = m * exp(-T - x) / (1 + m * exp(-T - x))
    tangent = combine(
        le(log(1 + m * exp(-T - x)) + q2 * x, log(1 + m * exp(-T))),
        {log_tangent(1 / ratio): 1 - share, log_tangent(exp(x) / ratio): share},
        facts=[combine(lt(0, 1 - share), slack=1 / (1 + m * exp(-T - x)))],
        label="phi lies above its tangent at T + x",
    )
    right = log_tangent(
        (1 - q2) / (1 - q), facts=[_right(T + x), _right(T)], label="log(1-q) lies below its tangent"
    )
    fewer = combine(
        le(0, q - q2),
        {log_tangent(exp(x)): m * exp(T) / ((m + exp(T)) * (m + exp(T + x)))},
        slack=x * m * exp(T) / ((m + exp(T)) * (m + exp(T + x))),
        label="q decreases",
    )
    return combine(
        le(value(T + x, k), value(T, k)),
        {tangent: k, right: n, beyond_inflection(): (q - q2) * (m + exp(T)) / exp(T)},
        facts=[fewer, _right(T), _right(T + x)],
        label="V_k decreases from there on",
    )


@lru_cache
def for_all_larger() -> Theorem:
    """V_k(T) <= log C |- V_k(T+x) <= V_k(T), with C classes."""
    return instantiate(decreasing(), {m: C - 1}, label="m := C - 1")


@lru_cache
def explicit(k: Rational, factor: int) -> Theorem:
    """log(factor C) <= T |- V_k(T) <= log C, for every C >= 2, if it is so at C <= 20 (by boxes)."""
    start = log(factor * C)
    goal = le(value(start, k, C - 1), log(C))
    few = apply("box", goal=goal, box={C: (2, 20)}, label="at most 20 classes")
    at_least = le(20, C)
    ratio = (1 + (C - 1) / (factor * C)) * Rational(factor, 1 + factor)
    share = 1 / ((1 + factor) * C - 1)
    enough = apply(
        "ball",
        goal=le(
            log(Rational(1 + factor, factor)) + k * log(factor) / (1 + factor),
            log(20) * (1 - Rational(k) / (1 + factor)),
        ),
        label="at C = 20, with the limits of phi and q",
    )
    many = combine(
        goal,
        {
            log_tangent(ratio, label="phi below its limit"): 1,
            log_tangent(20 / C, label="log C >= log 20"): 1 - Rational(k) / (1 + factor),
            assume(at_least): (1 - Rational(k) / (1 + factor)) / C,
            enough: 1,
        },
        slack=(1 - (1 + (C - 1) / (factor * C)) * Rational(factor, 1 + factor))
        + k * start * factor * share / (1 + factor),
        label="more than 20 classes",
    )
    here = cases(few, many, split=le(C, 20), label="few or many classes")
    larger = le(start, T)
    beyond = instantiate(
        for_all_larger(),
        {T: start, n: k - 1, x: T - start},
        facts=[assume(larger)],
        label="from log(factor C) on",
    )
    beyond = cut(beyond, here)
    return combine(le(value(T, k, C - 1), log(C)), {beyond: 1, here: 1}, label="T >= log(factor C)")


@lru_cache
def _right(at: Expr) -> Theorem:
    return combine(lt(0, 1 - wrong(at)), slack=exp(at) / (m + exp(at)), label="1 - q > 0")


@lru_cache
def fails_below() -> Theorem:
    """V_k(T) <= log(1+m), log(1+m) < V_k(T_0) |- T_0 <= T."""
    k = 1 + n
    side, end = le(T, edge), assume(lt(log(1 + m), value(edge, k)))
    falls = instantiate(decreasing(), {x: edge - T}, facts=[assume(side)], label="from T to T_0")
    rate = (edge - T) / (value(edge, k) - log(1 + m))
    case = combine(
        le(edge, T),
        {falls: rate, assume(condition(T, k)): rate},
        facts=[assume(side), end],
        label="or else T_0 would meet the condition",
    )
    return cases(case, assume(le(edge, T)), split=side)


@lru_cache
def holds_above() -> Theorem:
    """log(1+m) <= V_k(T), V_k(T_0) < log(1+m) |- T <= T_0."""
    k = 1 + n
    side, end = le(edge, T), assume(lt(value(edge, k), log(1 + m)))
    falls = instantiate(decreasing(), {T: edge, x: T - edge}, facts=[assume(side)], label="from T_0 to T")
    falls = cut(falls, combine(condition(edge, k), {end: 1}))
    rate = (T - edge) / (log(1 + m) - value(edge, k))
    case = combine(
        le(T, edge),
        {falls: rate, assume(le(log(1 + m), value(T, k))): rate},
        facts=[assume(side), end],
        label="or else the value at T would be below log C",
    )
    return cases(case, assume(le(T, edge)), split=side)


def at_least(root: Symbol, k: Rational, weight: int, low: Rational, label: str = "") -> Theorem:
    """V_k(root) <= log(1 + weight) |- low <= root, where V_k(low) > log(1 + weight) is certified."""
    end = lt(log(1 + weight), value(edge, k, weight))
    fails = apply("box", goal=end, box={edge: (low, low)}, label=f"{label}: the lower end fails")
    reached = cut(instantiate(fails_below(), {T: root, m: weight, n: k - 1}), fails)
    placed = combine(le(low, root), {reached: 1, assume(le(low, edge)): 1})
    return instantiate(placed, {edge: low}, label=f"{label}: T >= {low}")


def at_most(root: Symbol, k: Rational, weight: int, high: Rational, label: str = "") -> Theorem:
    """log(1 + weight) <= V_k(root) |- root <= high, where V_k(high) < log(1 + weight) is certified."""
    end = lt(value(edge, k, weight), log(1 + weight))
    meets = apply("box", goal=end, box={edge: (high, high)}, label=f"{label}: the upper end meets it")
    reached = cut(instantiate(holds_above(), {T: root, m: weight, n: k - 1}), meets)
    placed = combine(le(root, high), {reached: 1, assume(le(edge, high)): 1})
    return instantiate(placed, {edge: high}, label=f"{label}: T <= {high}")
