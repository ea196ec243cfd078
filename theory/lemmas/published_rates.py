# SPDX-License-Identifier: MIT
"""Our rates below the published ones: scalar inequalities behind Pan & Cao's Theorems 2.1 and 2.2."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, log, sqrt

from theory.definitions import phi, q
from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.lemmas.chosen_pairs import ENOUGH_PAIRS
from theory.lemmas.cosines import threshold
from theory.lemmas.published import MARGIN, SMALL_GAP
from theory.lemmas.weight_decay import DECAY
from theory.proving import assume, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, alpha, beta, delta, eps, nonnegative, positive, real

part = positive("part", "X", "a root of eps/delta")
root_delta = positive("root_delta", "D", "sqrt(delta)")
root_slope = positive("root_slope", "s", "square root of 1/(T q(T))")
power = positive("power", "E", "a power of e that exceeds C")
front = positive("front", "F", "the published factor in front")
exponent = real("exponent", r"\ell", "log(C/lambda)")
NORMS_RATE, DECAY_RATE = (Integer(9), Integer(4)), (Integer(18), Integer(6))  # of r and of sqrt(r)
NOT_TINY = le(1, C * T)
THRESHOLD = threshold(Rational(3, 2))


@lru_cache
def linear_rate() -> Theorem:
    """2/(T q(T)) <= 2 e^{C alpha beta}/(alpha beta), because T <= C alpha beta and 1 <= e^T."""
    E = exp(MARGIN)
    grows = log_tangent(E, label="T <= e^T - 1")
    rest = C * alpha * beta * (C - 2) / (C - 1)  # C alpha beta - T
    y = nonnegative("y_rest", "y", "a nonnegative real")
    product = combine(le(exp(T) * (1 + y), exp(T + y)), {log_tangent(exp(y)): exp(T)}, label="e^y >= 1 + y")
    further = instantiate(product, {T: MARGIN, y: rest}, label="T + y = C alpha beta")
    factor = 2 / (alpha * beta)
    return combine(
        le(2 * (C - 1 + E) / (MARGIN * (C - 1)), factor * exp(C * alpha * beta)),
        {grows: factor * (C - 1) / C, further: factor},
        slack=factor * ((C - 1) / C * MARGIN + E * rest),
        label="the constants of the published form",
    )


def _multiplier() -> Expr:
    """What turns k T q(T) <= T (C-1)/C into k C <= C - 1 + e^T."""
    return C * (C - 1 + exp(T)) / ((C - 1) * T)


@lru_cache
def exponential_above_classes() -> Theorem:
    """T >= T_{3/2} |- C/2 + 1 <= e^T: the threshold forces q(T) <= (2/3)(C-1)/C."""
    A = 1 + (C - 1) * exp(-T)
    own = log_tangent(C / A, label="log x <= x - 1 at the true class")
    wrong = log_tangent(C * exp(-T) / A, label="log x <= x - 1 at a wrong class")
    convex = combine(
        le(log(C) - (C - 1) / C * T, phi(T)),
        {own: 1 / C, wrong: (C - 1) / C},
        label="phi above its tangent at 0",
    )
    # (3/2) T q(T) <= log C - phi(T) <= T (C-1)/C, multiplied out
    return combine(
        le(C / 2 + 1, exp(T)),
        {assume(THRESHOLD): _multiplier(), convex: _multiplier()},
        label="e^T >= C/2 + 1",
    )


@lru_cache
def margin_above_half() -> Theorem:
    """T >= T_{3/2} |- 1/2 <= T, because e^T >= 2."""
    large = combine(le(2, exp(T)), {exponential_above_classes(): 1}, slack=(C - 2) / 2, label="e^T >= 2")
    half = log_tangent(Rational(1, 2), label="log 2 >= 1/2")
    up = log_tangent(2 * exp(-T), label="log(2 e^-T) <= 2 e^-T - 1")
    return combine(le(Rational(1, 2), T), {up: 1, large: exp(-T), half: 1}, label="T >= log 2 >= 1/2")


@lru_cache
def root_bound(m: int, square: Expr, root: Expr) -> Theorem:
    """a D^2 X^m s^2 + b D X^{m/2} s <= (a + b) D^2 X E F, a = ``square``, b = ``root``, ``m`` 6 or 2.

    Hypotheses: X <= 1, 1 <= C D, s^2 <= F, C <= E, 1 <= E, C <= E F.
    """
    X, D, s, E, F = part, root_delta, root_slope, power, front
    short, many, slope = assume(le(X, 1)), assume(le(1, C * D)), assume(le(s**2, F))
    half = root / 2
    whole = X * sum(X**n for n in range(m - 1))  # (X - X^m)/(1 - X)
    sqrt_part = X * sum(X**n for n in range(m // 2 - 1))
    return combine(
        le(square * D**2 * X**m * s**2 + root * D * X ** (m // 2) * s, (square + root) * D**2 * X * E * F),
        {
            short: square * D**2 * s**2 * whole + root * D * s * sqrt_part,
            slope: square * D**2 * X + half * C * D**2 * X,
            assume(le(1, E)): square * D**2 * X * F,
            many: root * D * X * s,
            assume(le(C, E * F)): half * D**2 * X,
            assume(le(C, E)): half * D**2 * X * F,
        },
        slack=half * C * D**2 * X * (1 - s) ** 2,
        label="powers of eps/delta at most 1",
    )


@lru_cache
def published_inter_rate(m: int) -> Theorem:
    """With T = C alpha beta/(C-1) >= T_{3/2}, eps <= delta, 1 <= C^2 delta and r = eps/(T q(T)):
    9 r + 4 sqrt(r) <= delta 13 e^{2 C alpha beta}/(alpha beta) (eps/delta)^{1/m}, ``m`` 6 or 2.
    """
    E = exp(C * alpha * beta)
    rate = 1 / (MARGIN * q(MARGIN))
    X, D, s = (eps / delta) ** Rational(1, m), sqrt(delta), sqrt(rate)
    values = {part: X, root_delta: D, root_slope: s, power: E, front: E / (alpha * beta)}
    lemma = instantiate(root_bound(m, *NORMS_RATE), values, label="X^m = eps/delta")
    slope = combine(le(s**2, E / (alpha * beta)), {linear_rate(): Rational(1, 2)}, label="1/(T q(T))")
    above = log_tangent(E, label="C alpha beta <= e^{C alpha beta} - 1")
    one = combine(le(1, E), {above: 1}, slack=C * alpha * beta)
    y = nonnegative("y_rest", "y", "a nonnegative real")
    product = combine(le(exp(T) * (1 + y), exp(T + y)), {log_tangent(exp(y)): exp(T)})
    more = (C - 2) * MARGIN
    further = instantiate(product, {T: MARGIN, y: more}, label="e^{(C-1) T} >= e^T (1 + (C-2) T)")
    classes, half = (instantiate(t, {T: MARGIN}) for t in (exponential_above_classes(), margin_above_half()))
    few = combine(
        le(C, E),
        {further: 1, classes: 1 + more, half: (C / 2 + 1) * (C - 2)},
        slack=C * (C - 2) / 4,
        label="C <= e^{(C-1) T}",
    )
    both = combine(
        le(C, E * E / (alpha * beta)),
        {above: 1 / (alpha * beta), one: E / (alpha * beta)},
        slack=1 / (alpha * beta),
        label="C alpha beta <= E <= E^2",
    )
    return cut(lemma, *_scales(m, X, D), slope, one, few, both, label="the scales of the theorem")


@lru_cache
def decay_power() -> Theorem:
    """C (C - 1 + e^T)^2 <= (C/lambda)^C: with l = log(C/lambda) >= 0, e^{C l} >= e^{2 l}."""
    y, a = nonnegative("y_rest", "y", "a nonnegative real"), nonnegative("y_one", "y'", "a nonnegative real")
    product = combine(
        le(exp(a), exp(a + y)), {log_tangent(exp(y)): exp(a)}, slack=y * exp(a), label="e^y >= 1"
    )
    level = log(C) / 2 + log(C - 1 + exp(T))  # log(C/lambda)
    power = instantiate(product, {a: 2 * level, y: (C - 2) * level}, label="e^{C l} >= e^{2 l}")
    return combine(le(C * (C - 1 + exp(T)) ** 2, exp(C * log(C / DECAY))), {power: 1})


@lru_cache
def published_inter_rate_decay(m: int) -> Theorem:
    """With T = T* >= 1/C, eps <= delta, 1 <= C^2 delta and r = eps/(T q(T)):
    18 C^2 r + 6 C sqrt(r) <= delta 48 (C/lambda)^{2 C} (eps/delta)^{1/m}, ``m`` 6 or 2.
    """
    E = exp(C * exponent)
    rate = C**2 / (T * q(T))
    X, D, s = (eps / delta) ** Rational(1, m), sqrt(delta), sqrt(rate)
    values = {part: X, root_delta: D, root_slope: s, power: E, front: 2 * E}
    lemma = instantiate(root_bound(m, *DECAY_RATE), values, label="X^m = eps/delta")
    few = assume(le(C, E))
    one = combine(le(1, E), {few: 1}, slack=C - 1)
    square = combine(le(C, 2 * E * E), {few: 1, one: E}, slack=E**2, label="C <= E <= E^2")
    lemma = cut(lemma, *_scales(m, X, D), one, square, label="the scales of the theorem")
    lemma = instantiate(lemma, {exponent: log(C / DECAY)}, label="E := (C/lambda)^C")
    E = exp(C * log(C / DECAY))
    total, grows = C - 1 + exp(T), log_tangent(exp(T), label="T <= e^T - 1")
    slope = combine(
        le(s**2, 2 * E),
        {decay_power(): 2, assume(NOT_TINY): C**2 * total / ((C - 1) * T), grows: 2 * C * total},
        slack=C * total * (2 * T + C * (C - 2) / (C - 1)),
        label="C^2/(T q(T))",
    )
    return cut(lemma, slope, _classes_below(E), label="C and C^2/(T q(T)) below (C/lambda)^C")


def root_above_one(m: int) -> Theorem:
    """delta < eps |- 1 <= (eps/delta)^{1/m}."""
    root = (eps / delta) ** Rational(1, m)
    powers = sum(root**n for n in range(m))
    return combine(
        le(1, root), {assume(lt(delta, eps)): 1 / (delta * powers)}, label="the powers of a number above 1"
    )


def _scales(m: int, X: Expr, D: Expr) -> tuple[Theorem, Theorem]:
    """eps <= delta |- X <= 1, and 1 <= C^2 delta |- 1 <= C D."""
    whole = sum(X**n for n in range(m))
    short = combine(le(X, 1), {assume(SMALL_GAP): 1 / (delta * whole)}, label="X <= 1")
    return short, combine(le(1, C * D), {assume(ENOUGH_PAIRS): 1 / (C * D + 1)}, label="C sqrt(delta) >= 1")


def _classes_below(E: Expr) -> Theorem:
    """C <= E for E = e^{C l} >= e^l = sqrt(C) (C - 1 + e^T)."""
    y, a = nonnegative("y_rest", "y", "a nonnegative real"), nonnegative("y_one", "y'", "a nonnegative real")
    product = combine(le(exp(a), exp(a + y)), {log_tangent(exp(y)): exp(a)}, slack=y * exp(a))
    level = log(C) / 2 + log(C - 1 + exp(T))  # log(C/lambda)
    above = instantiate(product, {a: level, y: (C - 1) * level}, label="e^{C l} >= e^l")
    grows = log_tangent(exp(T), label="T <= e^T - 1")
    root = (C - 1) / (sqrt(C) + 1)  # sqrt(C) - 1
    slack = root * (C - 1 + exp(T)) + T
    return combine(le(C, E), {above: 1, grows: 1}, slack=slack, label="C <= sqrt(C) (C - 1 + e^T)")
