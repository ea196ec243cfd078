# SPDX-License-Identifier: MIT
"""How a loss forces centred cosines, whatever the bias and the global mean.

The condition is on the loss at half the margin: phi(T/2) >= phi(T) + (1/2 + 2 p) T q(T), for p = 1 or 1/4.
Under it a sample with relative norm s >= 0 and cosine x, in a configuration with mean margin m <= T, has

    phi((T s x + m)/2) >= phi(T) + (q(T)/2) (T s x - m) + T q(T) (1 - s + p (1 - x)).

For s x <= 1 the right side loses less than the left when m falls, so m = T is the worst case, and there, for
s x <= p, s + p x >= 2 sqrt(p s x) leaves ``centred_half_margin`` or ``centred_quarter_margin``; for s x >= p
the tangent of phi at T is enough; for x <= 0 the condition is.  Averaged, the term in m vanishes where m is
the mean margin, and the bias and the global mean have gone (``centred_margins``).  Source: this project
(2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, sqrt

from theory.definitions import loss, mu_global, phi, q, wt
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem, apply
from theory.lemmas.centred_half_margin import HALF_LOSS, half_margin
from theory.lemmas.centred_margins import (
    at_,
    centred_margin,
    halfway,
    loss_of_centred_margins,
    mean_centred_margin,
    other,
    tangent,
)
from theory.lemmas.centred_quarter_margin import QUARTER, QUARTER_LOSS, quarter_margin
from theory.lemmas.cosines import s, v, x, x_minus, x_plus
from theory.lemmas.margins import phi_falls
from theory.lemmas.polar import (
    NORMS_AT_MOST_ONE,
    cosine,
    cosine_at_least_minus_one,
    e,
    hole,
    kappa,
    polar,
    rho,
    sample_cosine_at_most_one,
    u,
)
from theory.proving import assume, average, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, alpha, beta, c, d, h, i, k, real

HALF, ONE = Rational(1, 2), Integer(1)
m = real("m_margin", "m", "mean margin of centred features")
MARGIN = eq(T, C * alpha * beta / (C - 1))
CENTRED_SPLIT = eq(h(c, i, k) - mu_global(k), alpha * rho(c, i) * e(c, i, k), c, i, k)
CENTRED_POLAR = (polar(beta, alpha)[0], CENTRED_SPLIT, *polar(beta, alpha)[2:])
HYPOTHESES = (*CENTRED_POLAR, *NORMS_AT_MOST_ONE, MARGIN, HALF_LOSS)
LOW_HYPOTHESES = (*HYPOTHESES[:-1], QUARTER_LOSS)
PRODUCT = kappa(c) * rho(c, i)
REACHABLE = le(m, T)


CONDITIONS = {ONE: HALF_LOSS, QUARTER: QUARTER_LOSS}


def excess(turn: Expr, part: Rational) -> Relation:
    """phi(T) + (q(T)/2)(T s x - m) + T q(T) (1 - s + p (1 - x)) <= phi((T s x + m)/2) at x = ``turn``."""
    paid = T * q(T) * (1 - s + part * (1 - turn))
    return le(phi(T) + q(T) / 2 * (T * s * turn - m) + paid, phi((T * s * turn + m) / 2))


@lru_cache
def more_wrong_below() -> Theorem:
    """y <= T |- 0 <= (q(y) - q(T))/2."""
    grows = log_tangent(exp(T - at_), label="x <= e^x - 1")
    rate = (C - 1) * exp(at_) / (2 * (C - 1 + exp(T)) * (C - 1 + exp(at_)))
    return combine(le(0, (q(at_) - q(T)) / 2), {grows: rate, assume(le(at_, T)): rate}, label="q decreases")


@lru_cache
def worst_mean() -> Theorem:
    """m <= T, r <= 1 |- phi(T (1 + r)/2) + (q(T)/2)(T - m) <= phi((T r + m)/2), for real r."""
    here = T * (1 + other) / 2
    touch = instantiate(tangent(), {at_: here, other: (T * other + m) / 2}, label="tangent at m = T")
    larger = cut(
        instantiate(more_wrong_below(), {at_: here}, label="y := T (1 + r)/2"),
        combine(le(here, T), {assume(le(other, 1)): T / 2}, label="r <= 1"),
    )
    return combine(
        le(phi(here) + q(T) / 2 * (T - m), phi((T * other + m) / 2)),
        {touch: 1, assume(REACHABLE): (q(here) - q(T)) / 2},
        facts=[larger],
        label="the loss falls at least at the rate q(T)",
    )


@lru_cache
def right(part: Rational) -> Theorem:
    """The condition for p, m <= T, x <= 1 |- the excess at a nonnegative cosine."""
    product = s * x_plus
    falls = instantiate(worst_mean(), {other: product}, label="r := s x")
    falls = cut(falls, combine(le(product, 1), {assume(le(product, part)): 1}, slack=1 - part))
    root = sqrt(product / part)
    curve = half_margin() if part == 1 else quarter_margin()
    curve = instantiate(curve, {v: root}, label="v := sqrt(s x/p)")
    inside = combine(le(root, 1), {assume(le(product, part)): 1 / (1 + root) / part}, label="square roots")
    near = combine(
        excess(x_plus, part),
        {falls: 1, cut(curve, inside): 1},
        slack=T * q(T) * (sqrt(s) - sqrt(part * x_plus)) ** 2,
        label="2 sqrt(p s x) <= s + p x",
    )
    touch = instantiate(tangent(), {at_: T, other: (T * product + m) / 2}, label="tangent at T")
    short = assume(le(x_plus, 1))
    large = combine(le(0, s - part), {assume(le(part, product)): 1, short: s}, label="s >= s x >= p")
    far = combine(
        excess(x_plus, part),
        {touch: 1, short: T * q(T) * (s - part)},
        facts=[large],
        label="s + p x >= p + s x",
    )
    return cases(near, far, split=le(product, part), label="s x and p")


@lru_cache
def left(part: Rational) -> Theorem:
    """The condition for p, m <= T, x >= -1 |- the excess at a nonpositive cosine."""
    falls = instantiate(worst_mean(), {other: -s * x_minus}, label="r := -s |x|")
    lower = phi_falls(T * (1 - s * x_minus) / 2, T * s * x_minus / 2)
    rate = T * q(T)
    return combine(
        excess(-x_minus, part),
        {falls: 1, lower: 1, assume(CONDITIONS[part]): 1, assume(le(x_minus, 1)): part * rate},
        slack=rate * (s * x_minus / 2 + s),
        label="half a margin is lost at least",
    )


@lru_cache
def sample_bound(part: Rational) -> Theorem:
    """The condition for p, m <= T, -1 <= x <= 1 |- the inequality at the head of this file."""
    goal = excess(x, part)
    one = combine(goal, {instantiate(right(part), {x_plus: x}, facts=[assume(le(0, x))]): 1})
    two = instantiate(left(part), {x_minus: -x}, facts=[assume(le(x, 0))])
    two = cut(two, combine(le(-x, 1), {assume(le(-1, x)): 1}))
    return cases(one, combine(goal, {two: 1}), split=le(0, x), label="sign of the cosine")


def mean_margin() -> Expr:
    """T E kappa rho cos, which is E t'."""
    return T * Mean(PRODUCT * cosine(), c, i)


@lru_cache
def own_margin() -> Theorem:
    """t'_ci = T kappa_c rho_ci <u_c, e_ci>."""
    split_w, split_h, margin = map(assume, (CENTRED_POLAR[0], CENTRED_SPLIT, MARGIN))
    centred = h(c, i, k) - mu_global(k)
    one = combine(
        eq(wt(c, k) * centred, alpha * beta * PRODUCT * u(c, k) * e(c, i, k)),
        {split_w: centred, split_h: beta * kappa(c) * u(c, k)},
        label="one coordinate of <w~, h - mu_G>",
    )
    return combine(
        eq(centred_margin(), T * PRODUCT * cosine()),
        {average(one, k): C * d / (C - 1), margin: -PRODUCT * cosine()},
        label="margin = T kappa rho cos",
    )


@lru_cache
def loss_in_polar() -> Theorem:
    """E phi((T kappa rho cos + m)/2) <= L with m = T E kappa rho cos."""
    point = (T * PRODUCT * cosine() + mean_margin()) / 2
    mean = combine(
        eq(mean_centred_margin(), mean_margin()),
        {average(own_margin(), c, i, label="E over samples"): 1},
        label="the mean margin",
    )
    own = combine(eq(halfway(), point), {own_margin(): HALF, mean: HALF}, label="half of each")
    same = apply("congruence", own, context=phi(hole), hole=hole)
    return combine(
        le(Mean(phi(point), c, i), loss()),
        {loss_of_centred_margins(): 1, average(same, c, i): -1},
        label="margins in norms and cosines",
    )


@lru_cache
def norm_budget() -> Theorem:
    """E kappa rho <= 1."""
    square = combine(
        le(2 * PRODUCT, kappa(c) ** 2 + rho(c, i) ** 2), slack=(kappa(c) - rho(c, i)) ** 2, label="a square"
    )
    weights, features = map(assume, NORMS_AT_MOST_ONE)
    return combine(
        le(Mean(PRODUCT, c, i), 1),
        {average(square, c, i): HALF, weights: HALF, features: HALF},
        label="norms at most 1",
    )


@lru_cache
def linear(part: Rational = ONE) -> Theorem:
    """E (1 - cos) <= (L - phi(T))/(p T q(T)), with any bias and any global mean.

    Under HYPOTHESES for p = 1, and LOW_HYPOTHESES for p = 1/4.
    """
    _, _, unit_u, unit_e, kappa_sign, rho_sign = map(assume, CENTRED_POLAR)
    low, high = cosine_at_least_minus_one(unit_u, unit_e), sample_cosine_at_most_one(unit_u, unit_e)
    positive = combine(le(0, PRODUCT), {kappa_sign: rho(c, i)}, facts=[rho_sign], label="kappa rho >= 0")
    short = combine(le(PRODUCT * cosine(), PRODUCT), {high: PRODUCT}, facts=[positive], label="cos <= 1")
    reachable = combine(
        le(mean_margin(), T),
        {average(short, c, i): T, norm_budget(): T},
        label="m is at most T",
    )
    sample = instantiate(
        sample_bound(part), {s: PRODUCT, x: cosine(), m: mean_margin()}, facts=[positive], label="one sample"
    )
    sample = cut(sample, low, combine(le(cosine(), 1), {high: 1}), reachable, label="-1 <= cos <= 1, m <= T")
    rate = 1 / (part * T * q(T))
    return combine(
        le(Mean(1 - cosine(), c, i), (loss() - phi(T)) / (part * T * q(T))),
        {average(sample, c, i, label="E over samples"): rate, loss_in_polar(): rate, norm_budget(): 1 / part},
        label="the mean margin cancels",
    )
