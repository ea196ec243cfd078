# SPDX-License-Identifier: MIT
"""How a loss forces cosines: one scalar inequality, averaged.

The scalar function t -> phi(T v^{5/2}) is first concave, then convex, so above the threshold
phi(T) + (5/2) T q(T) <= log C its tangent at v = 1 lies below it.  With v = (s x)^{2/5}, weighted means and
two squares this gives, per sample with relative norm s >= 0 and cosine x, for every g > 0,

    phi(T s x) - phi(T) + T q(T) (s^2/(2 g^4) + g (1 + x) - 5/2) >= 0,

from which C and T have otherwise disappeared; averaging with g^4 = the root mean square of s over the
class gives a bound on the class's mean cosine.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Integer, Rational, exp, log, sqrt

from theory.definitions import phi, q
from theory.expressions import Mean, Relation, le
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


def _excess(cosine):  # type: ignore[no-untyped-def]
    return phi(T * s * cosine) - phi(T) + T * q(T) * (s**2 / (2 * g**4) + g * (1 + cosine) - HALF5)


@lru_cache
def _nonnegative_cosine() -> Theorem:
    root = s ** Rational(2, 5) * x_plus ** Rational(2, 5)
    m = s ** Rational(2, 5) * g ** Rational(-4, 5)
    n = g ** Rational(1, 5) * x_plus ** Rational(1, 10)
    means = (m - n) ** 2 * (m**3 + 2 * m**2 * n + 3 * m * n**2 + 4 * n**3) / 2
    return combine(
        le(0, _excess(x_plus)),
        {instantiate(tangent(), {v: root}, label="v := (s x)^(2/5)"): 1},
        slack=T * q(T) * (means + g * (1 - sqrt(x_plus)) ** 2),
        label="weighted means of s^2/g^4 and g sqrt(x), and 2 sqrt(x) <= 1 + x",
    )


@lru_cache
def _nonpositive_cosine() -> Theorem:
    return combine(
        le(0, _excess(-x_minus)),
        {wrong_side(): 1, assume(THRESHOLD): 1, assume(le(x_minus, 1)): T * q(T) * g},
        slack=T * q(T) * s**2 / (2 * g**4),
        label="a sample at a wrong angle costs log C",
    )


@lru_cache
def sample_bound() -> Theorem:
    """T >= T_{5/2}, -1 <= x |- 0 <= phi(T s x) - phi(T) + T q(T)(s^2/(2 g^4) + g (1+x) - 5/2)."""
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


@lru_cache
def class_bound() -> Theorem:
    """The sample bound averaged: 0 <= E phi(T s x) - phi(T) + T q(T)(E r^2 - 3/2 + E V/2).

    Hypotheses, for all samples and classes: T >= T_{5/2}, 0 <= s, -1 <= x, E_i s^2 <= r^4, (E_i x)^2 <= V.
    """
    scale = (R(c) ** 2 + slack_) ** Rational(1, 4)
    positive_norm = assume(le(0, S(c, i), c, i))
    sample = instantiate(
        sample_bound(), {s: S(c, i), x: X(c, i), g: scale}, facts=[positive_norm], label="one sample"
    )
    sample = cut(sample, assume(le(-1, X(c, i), c, i)))
    centre = Mean(X(c, i), i)
    rate = T * q(T)
    one_class = combine(
        le(
            0,
            Mean(phi(T * S(c, i) * X(c, i)), i)
            - phi(T)
            + rate * (R(c) ** 2 + slack_ - Rational(3, 2) + V(c) / 2),
        ),
        {
            average(sample, i, label="mean over the class"): 1,
            assume(le(Mean(S(c, i) ** 2, i), R(c) ** 4, c)): rate / (2 * (R(c) ** 2 + slack_)),
            assume(le(centre**2, V(c), c)): rate / 2,
        },
        slack=rate
        * (
            (2 * R(c) ** 2 * slack_ + slack_**2) / (2 * (R(c) ** 2 + slack_))
            + (centre - scale) ** 2 / 2
            + (scale - 1) ** 2 * (scale**2 + 2 * scale + 2) / 2
        ),
        label="g^4 = r^2 + eta; two squares",
    )
    total = apply("limit", average(one_class, c, label="mean over classes"), symbol=slack_, label="eta -> 0")
    goal = le(
        0,
        Mean(phi(T * S(c, i) * X(c, i)), c, i)
        - phi(T)
        + rate * (Mean(R(c) ** 2, c) - Rational(3, 2) + Mean(V(c), c) / 2),
    )
    return combine(goal, {total: 1}, label="collect")
