# SPDX-License-Identifier: MIT
"""How a loss forces cosines: one scalar inequality, averaged.

With A = T/tau >= 1, suppose (A'): phi(tau) + q(tau) (T + (3/2) tau) <= log C.  The function v ->
phi(tau v^{5/2}) is first concave, then convex, so its tangent at v = 1 lies below it; with
v = (A s x)^{2/5}, weighted means of s^2/g^4 and g sqrt(A x), and 2 sqrt(A x) <= theta + A x/theta, a sample
with relative norm s >= 0 and cosine x has

    phi(T s x) - phi(tau) + tau q(tau) (s^2/(2 g^4) + g (theta + A x/theta) - 5/2) >= 0

for all g, theta > 0 with A - 1 + g theta - g A/theta >= 0 (that is for x < 0, where the sample costs log C).
C, T and tau have otherwise disappeared.  Averaging over a class with g^4 = the root mean square of s, and
theta = 1 where g <= 1, theta = g where g >= 1, leaves two squares each time.  tau = T is the linear form.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Integer, Rational, exp, log, sqrt

from theory.definitions import phi, q
from theory.expressions import Mean, Relation, le, substitute
from theory.kernel import Theorem, apply
from theory.proving import assume, average, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, atom, c, i, nonnegative, positive, real

HALF5 = Rational(5, 2)
s = nonnegative("s", "s", "norm of a feature times norm of its classifier row, relative to alpha beta")
x_plus = nonnegative("x_plus", "x_+", "a nonnegative cosine")
x_minus = nonnegative("x_minus", "x_-", "minus a nonpositive cosine")
x = real("x", "x", "cosine between a feature and its classifier row")
g = positive("g", "g", "fourth root of a class's norm scale")
v = nonnegative("v", "v", "a nonnegative real")
theta = positive("theta", r"\theta", "a positive real, chosen by the class")
level = positive("tau_", r"\tau", "margin at which equal margins would give the loss, > 0")
slack_ = positive("eta_s", r"\eta_s", "a slack that goes to zero")
S = atom("S", "s", "S(c, i): relative norm product of a sample")
X = atom("X", "x", "X(c, i): cosine of a sample with its classifier row")
R = atom("R", "r", "R(c): R^2 is at least the root mean square of S over class c")
V = atom("V", "V", "V(c): at least the squared mean of X over class c")


def threshold(power: Rational) -> Relation:
    """T >= T_k(C), that is phi(T) + k T q(T) <= log C, for k = ``power``."""
    return le(phi(T) + power * T * q(T), log(C))


THRESHOLD = threshold(HALF5)


@lru_cache
def tangent(power: Rational = HALF5) -> Theorem:
    """T >= T_k |- phi(T) - k T q(T) (v - 1) <= phi(T v^k), for k = ``power``."""
    t = T * v**power
    rising = power * t * exp(t) / (C - 1 + exp(t)) - (power - 1)
    return apply(
        "s_curve",
        assume(threshold(power)),
        f=phi(t),
        v=v,
        contact=1,
        weight=power * q(t) * t / v**2,
        increasing=rising,
        label="tangent at v = 1",
    )


@lru_cache
def wrong_side() -> Theorem:
    """log C <= phi(-T s x): a sample on the wrong side costs at least log C."""
    t = T * s * x_minus
    grows = log_tangent(exp(t), label="t <= e^t - 1")
    ratio = log_tangent(C / (1 + (C - 1) * exp(t)), label="log of phi(0)/phi(-t)")
    rate = (C - 1) / (1 + (C - 1) * exp(t))
    return combine(le(log(C), phi(-t)), {ratio: 1, grows: rate}, slack=rate * t, label="phi(-t) >= log C")


EXCHANGE = le(0, T / level - 1 + g * theta - g * T / (level * theta))
CONDITION = le(phi(level) + q(level) * (T + Rational(3, 2) * level), log(C))
LEVEL = le(level, T)


def _excess(cosine):  # type: ignore[no-untyped-def]
    turned = g * (theta + T * cosine / (level * theta))
    return phi(T * s * cosine) - phi(level) + level * q(level) * (s**2 / (2 * g**4) + turned - HALF5)


@lru_cache
def _nonnegative_cosine() -> Theorem:
    reach = T * x_plus / level
    m = s ** Rational(2, 5) * g ** Rational(-4, 5)
    n = g ** Rational(1, 5) * reach ** Rational(1, 10)
    means = (m - n) ** 2 * (m**3 + 2 * m**2 * n + 3 * m * n**2 + 4 * n**3) / 2
    enough = combine(
        threshold(HALF5).map(lambda side: substitute(side, {T: level})),
        {assume(CONDITION): 1, assume(LEVEL): q(level)},
        label="tau >= T_{5/2}",
    )
    below = cut(instantiate(tangent(), {T: level}, label="T := tau"), enough)
    return combine(
        le(0, _excess(x_plus)),
        {instantiate(below, {v: (s * reach) ** Rational(2, 5)}, label="v := (A s x)^(2/5)"): 1},
        slack=level * q(level) * (means + g * (sqrt(theta) - sqrt(reach / theta)) ** 2),
        label="weighted means of s^2/g^4 and g sqrt(A x), and 2 sqrt(A x) <= theta + A x/theta",
    )


@lru_cache
def _nonpositive_cosine() -> Theorem:
    rate = level * q(level)
    return combine(
        le(0, _excess(-x_minus)),
        {
            wrong_side(): 1,
            assume(CONDITION): 1,
            assume(EXCHANGE): rate,
            assume(le(x_minus, 1)): rate * g * T / (level * theta),
        },
        slack=rate * s**2 / (2 * g**4),
        label="a sample at a wrong angle costs log C",
    )


@lru_cache
def sample_bound() -> Theorem:
    """(A'), tau <= T, -1 <= x and the condition on g, theta |- the inequality at the head of this file."""
    goal = le(0, _excess(x))
    right = combine(goal, {instantiate(_nonnegative_cosine(), {x_plus: x}, facts=[assume(le(0, x))]): 1})
    left = instantiate(_nonpositive_cosine(), {x_minus: -x}, facts=[assume(le(x, 0))])
    left = cut(left, combine(le(-x, 1), {assume(le(-1, x)): 1}))
    return cases(right, combine(goal, {left: 1}), split=le(0, x), label="sign of the cosine")


@lru_cache
def linear_sample_bound() -> Theorem:
    """T >= T_3, -1 <= x |- T q(T) (2 - s - x) <= phi(T s x) - phi(T)."""

    def goal(turn):  # type: ignore[no-untyped-def]
        return le(T * q(T) * (2 - s - turn), phi(T * s * turn) - phi(T))

    three = Integer(3)
    a, b = s ** Rational(1, 3), x_plus ** Rational(1, 3)
    means = (a + b + 1) * ((a - b) ** 2 + (a - 1) ** 2 + (b - 1) ** 2) / 2
    right = combine(
        goal(x_plus),
        {instantiate(tangent(three), {v: a * b}, label="v := (s x)^(1/3)"): 1},
        slack=T * q(T) * means,
        label="3 (s x)^(1/3) <= s + x + 1",
    )
    left = combine(
        goal(-x_minus),
        {wrong_side(): 1, assume(threshold(three)): 1, assume(le(x_minus, 1)): T * q(T)},
        slack=T * q(T) * s,
        label="a sample on the wrong side costs log C",
    )
    right = combine(goal(x), {instantiate(right, {x_plus: x}, facts=[assume(le(0, x))]): 1})
    left = instantiate(left, {x_minus: -x}, facts=[assume(le(x, 0))])
    left = combine(goal(x), {cut(left, combine(le(-x, 1), {assume(le(-1, x)): 1})): 1})
    return cases(right, left, split=le(0, x), label="sign of the cosine")


SCALE = (R(c) ** 2 + slack_) ** Rational(1, 4)


def _one_class(width, exchange, squares, label):  # type: ignore[no-untyped-def]
    """The sample bound averaged over class c with g = SCALE and theta = ``width``."""
    positive_norm = assume(le(0, S(c, i), c, i))
    sample = instantiate(
        sample_bound(),
        {s: S(c, i), x: X(c, i), g: SCALE, theta: width},
        facts=[positive_norm],
        label="one sample",
    )
    sample = cut(sample, exchange, assume(le(-1, X(c, i), c, i)))
    rate, reach = level * q(level), T / level
    goal = le(
        0,
        Mean(phi(T * S(c, i) * X(c, i)), i)
        - phi(level)
        + rate * (R(c) ** 2 + slack_ - Rational(3, 2) + reach**2 * V(c) / 2),
    )
    return combine(
        goal,
        {
            average(sample, i, label="mean over the class"): 1,
            assume(le(Mean(S(c, i) ** 2, i), R(c) ** 4, c)): rate / (2 * (R(c) ** 2 + slack_)),
            assume(le(Mean(X(c, i), i) ** 2, V(c), c)): rate * reach**2 / 2,
        },
        slack=rate * ((2 * R(c) ** 2 * slack_ + slack_**2) / (2 * (R(c) ** 2 + slack_)) + squares),
        label=label,
    )


@lru_cache
def one_class_bound() -> Theorem:
    """For one class: 0 <= E_i phi(T s x) - phi(tau) + tau q(tau)(r^2 - 3/2 + A^2 V/2).

    Hypotheses, for all samples and classes: (A'), tau <= T, 0 <= s, -1 <= x, E_i s^2 <= r^4, (E_i x)^2 <= V.
    """
    reach = T / level
    turned = reach * Mean(X(c, i), i)
    small, large = le(SCALE, 1), le(1, SCALE)
    exchange = EXCHANGE.map(lambda side: substitute(side, {g: SCALE, theta: Integer(1)}))
    narrow = combine(exchange, {assume(small): (T - level) / level}, facts=[assume(LEVEL)], label="g <= 1")
    exchange = EXCHANGE.map(lambda side: substitute(side, {g: SCALE, theta: SCALE}))
    wide = combine(exchange, {assume(large): SCALE + 1}, label="g >= 1")
    few = (turned - SCALE) ** 2 / 2 + (SCALE - 1) ** 2 * (SCALE**2 + 2 * SCALE + 2) / 2
    many = (turned - 1) ** 2 / 2 + (SCALE**2 - 1) ** 2 / 2
    one_class = cases(
        _one_class(Integer(1), narrow, few, "theta = 1; two squares"),
        _one_class(SCALE, wide, many, "theta = g; two squares"),
        split=small,
        label="small or large norms",
    )
    closed = apply("limit", one_class, symbol=slack_, label="eta -> 0")
    goal = le(
        0,
        Mean(phi(T * S(c, i) * X(c, i)), i)
        - phi(level)
        + level * q(level) * (R(c) ** 2 - Rational(3, 2) + reach**2 * V(c) / 2),
    )
    return combine(goal, {closed: 1}, label="collect")


@lru_cache
def sharp_class_bound() -> Theorem:
    """Averaged over classes: 0 <= E phi(T s x) - phi(tau) + tau q(tau)(E r^2 - 3/2 + A^2 E V/2)."""
    goal = le(
        0,
        Mean(phi(T * S(c, i) * X(c, i)), c, i)
        - phi(level)
        + level * q(level) * (Mean(R(c) ** 2, c) - Rational(3, 2) + (T / level) ** 2 * Mean(V(c), c) / 2),
    )
    return combine(goal, {average(one_class_bound(), c, label="mean over classes"): 1}, label="collect")


@lru_cache
def class_bound() -> Theorem:
    """The case tau = T: T >= T_{5/2} |- 0 <= E phi(T s x) - phi(T) + T q(T)(E r^2 - 3/2 + E V/2)."""
    return instantiate(sharp_class_bound(), {level: T}, label="tau := T")
