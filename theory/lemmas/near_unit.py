# SPDX-License-Identifier: MIT
"""Norms of classifier rows and of centred class means, from a loss gap to which norms add a price.

With vectors v_c = length(c) unit(c) off a centre, r_c = v_c + off, and tau >= T_2(C): a sample whose margin
is at most tau a m costs at least phi(tau) + tau q(tau) (2 - a - m).  With tau = T/kappa^2, a_c = kappa
(length(c) + g), g >= ||off||, and m kappa times the mean of 1 and the other part's squared norm,

    rows w_c/beta, off = -wbar/beta:              mean (length - 1)^2 <= 2 r + 2 g + g^2,
    means (mu_c - mu_G)/alpha, off = mu_G/alpha:  mean (length - 1)^2 <= 2 r + 2 g

under PRICE: r = 2 - 2/kappa where the norms are at most alpha and beta and the loss at most phi(tau);
r = eps/(T q(T)), kappa = 1, where a loss gap eps pays for the norms.

Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol, exp, sqrt

from theory.definitions import (
    cross_entropy,
    dot,
    loss,
    margin,
    mean_square_features,
    mean_square_weights,
    mu,
    mu_global,
    phi,
    q,
    sq,
    unbiased_logit,
    wbar,
    within_class_scatter,
    wt,
)
from theory.definitions_collapse import POLAR, code, length, unit
from theory.expressions import Mean, eq, le, lt, substitute
from theory.kernel import Theorem
from theory.lemmas import scalar_bound
from theory.lemmas.between_classes import MARGIN, charge
from theory.lemmas.cosines import s, tangent, threshold, v, wrong_side, x_minus
from theory.proving import assume, average, cases, combine, cut, instantiate, log_tangent
from theory.symbols import (
    C,
    T,
    alpha,
    atom,
    beta,
    c,
    d,
    h,
    i,
    j,
    k,
    nonnegative,
    positive,
    real,
    t,
    w,
    z,
)

off = atom("off", "o", "off(k): coordinate k of a vector near 0")
centre = positive("centre", "g", "at least the norm of a vector near 0")
reach = positive("reach_a", "a", "a positive number")
other = nonnegative("other_m", "m", "a nonnegative number")
t_plus = nonnegative("t_plus", "t_+", "a nonnegative margin")
t_minus = nonnegative("t_minus", "t_-", "minus a nonpositive margin")
ratio = positive("ratio_k", r"\kappa", "sqrt(T/tau), tau the margin at which a tangent touches")
rate = real("rate_r", "r", "half of what the loss gap leaves for unequal norms")
at = real("t_at", "t_0", "margin at which a tangent touches")
T2 = threshold(Integer(2))
OFF = le(sq(lambda x: off(x)), centre**2)
LEVEL = T / ratio**2
PRICE = le(
    loss(unbiased_logit) + q(LEVEL) / ratio * charge(),
    phi(LEVEL) + LEVEL * q(LEVEL) * (2 - 2 * ratio + ratio * rate),
)
T2_LEVEL = threshold(Integer(2)).map(lambda side: substitute(side, {T: LEVEL}))
HALF = Rational(1, 2)


@lru_cache
def margin_price() -> Theorem:
    """T >= T_2, t <= T a m |- T q(T) (2 - a - m) <= phi(t) - phi(T)."""

    def goal(of: Expr):  # type: ignore[no-untyped-def]
        return le(T * q(T) * (2 - reach - other), phi(of) - phi(T))

    price = T * q(T)
    below = cut(tangent(Integer(2)), assume(T2))
    root = sqrt(t_plus / T)
    right = combine(
        goal(t_plus),
        {
            instantiate(below, {v: root}, label="v := sqrt(t/T)"): 1,
            assume(le(t_plus, T * reach * other)): price / (T * reach),
        },
        slack=price * (sqrt(reach) - root / sqrt(reach)) ** 2,
        label="2 sqrt(t/T) <= a + t/(T a)",
    )
    left = combine(
        goal(-t_minus),
        {instantiate(wrong_side(), {s: Integer(1), x_minus: t_minus / T}): 1, assume(T2): 1},
        slack=price * (reach + other),
        label="a margin of the wrong sign costs log C",
    )
    right = instantiate(right, {t_plus: t}, facts=[assume(le(0, t))])
    left = instantiate(left, {t_minus: -t}, facts=[assume(le(t, 0))])
    return cases(right, left, split=le(0, t))


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


def near_zero() -> Theorem:
    """OFF."""
    return assume(OFF)


def spread() -> Expr:
    """mean (length - 1)^2."""
    return Mean((length(c) - 1) ** 2, c)


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


def _cost(own: Expr, size: Expr, part: Expr, fact: Theorem) -> Theorem:
    """t <= T a m |- tau q(tau) (2 - kappa a - kappa m) <= phi(t) - phi(tau), tau = T/kappa^2."""
    moved = instantiate(margin_price(), {T: LEVEL, reach: ratio * reach, other: ratio * other}, label="tau")
    return instantiate(moved, {t: own, reach: size, other: part}, facts=[fact], label="one sample or class")


@lru_cache
def long_rows() -> Theorem:
    """PRICE, T2_LEVEL |- mean ||w~||^2/beta^2 - 2 mean length - 2 g + 1 <= 2 r, w_c = beta length unit."""
    fact, a = positive_reach(), length(c) + centre
    size = (1 + feature_square()) / 2
    own = margin(unbiased_logit)
    inner = dot(lambda x: wt(c, x), lambda x: h(c, i, x)) / (alpha * beta)
    near = combine(
        le(own, T * a * size),
        {of_rows(short): HALF * T / a, assume(MARGIN): -inner},
        facts=[fact],
        slack=HALF * T * a * sq(lambda x: wt(c, x) / (a * beta) - h(c, i, x) / alpha),
        label="2 <w~, h> <= ||w~||^2/a + a ||h||^2",
    )
    cost = _cost(own, a, size, fact)
    cost = cut(cost, near)
    sample = instantiate(
        scalar_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )
    both = combine(
        le(LEVEL * q(LEVEL) * (2 - ratio * (a + size)), cross_entropy(unbiased_logit) - phi(LEVEL)),
        {cost: 1, sample: 1},
    )
    return combine(
        le(mean_square_weights() / beta**2 - 2 * Mean(length(c), c) - 2 * centre + 1, 2 * rate),
        {
            average(both, c, i, label="E over samples"): 2 / (ratio * LEVEL * q(LEVEL)),
            assume(PRICE): 2 / (ratio * LEVEL * q(LEVEL)),
        },
        label="the loss gap pays",
    )


@lru_cache
def long_means() -> Theorem:
    """The same |- E||h||^2/alpha^2 - 2 mean length - 2 g + 1 <= 2 r, mu_c - mu_G = alpha length unit."""
    fact, a = positive_reach(), length(c) + centre
    size = (1 + row_square()) / 2
    own = C / (C - 1) * dot(lambda x: wt(c, x), lambda x: mu(c, x))
    near = combine(
        le(own, T * a * size),
        {of_means(short): HALF * T / a, assume(MARGIN): -(C - 1) / (C * alpha * beta) * own},
        facts=[fact],
        slack=HALF * T * a * sq(lambda x: mu(c, x) / (a * alpha) - wt(c, x) / beta),
        label="2 <w~, mu> <= ||mu||^2/a + a ||w~||^2",
    )
    cost = _cost(own, a, size, fact)
    cost = cut(cost, near)
    sample = instantiate(
        scalar_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )
    line = instantiate(
        phi_tangent(), {t: margin(unbiased_logit), at: own}, label="tangent at the class's margin"
    )
    jensen = average(combine(le(line.relation.lhs, cross_entropy(unbiased_logit)), {line: 1, sample: 1}), i)
    both = combine(
        le(LEVEL * q(LEVEL) * (2 - ratio * (a + size)), Mean(cross_entropy(unbiased_logit), i) - phi(LEVEL)),
        {cost: 1, jensen: 1},
    )
    return combine(
        le(mean_square_features() / alpha**2 - 2 * Mean(length(c), c) - 2 * centre + 1, 2 * rate),
        {
            average(both, c, label="mean over classes"): 2 / (ratio * LEVEL * q(LEVEL)),
            assume(PRICE): 2 / (ratio * LEVEL * q(LEVEL)),
        },
        label="the loss gap pays",
    )


ROW_SPREAD = 2 * rate + 2 * centre + centre**2
MEAN_SPREAD = 2 * rate + 2 * centre


@lru_cache
def rows_near_one() -> Theorem:
    """PRICE, T2_LEVEL, POLAR, OFF |- mean (length - 1)^2 <= 2 r + 2 g + g^2, for the rows."""
    lengths = average(of_rows(squared_lengths), c, label="mean over classes")
    return combine(
        le(spread(), ROW_SPREAD),
        {long_rows(): 1, lengths: -1, of_rows(near_zero): 1},
        label="||w_c||^2 about wbar",
    )


@lru_cache
def means_near_one() -> Theorem:
    """PRICE, T2_LEVEL, POLAR, OFF |- mean (length - 1)^2 <= 2 r + 2 g, for the centred class means."""
    lengths = average(of_means(squared_lengths), c, label="mean over classes")
    return combine(
        le(spread(), MEAN_SPREAD),
        {long_means(): 1, lengths: -1},
        slack=(within_class_scatter() + sq(mu_global)) / alpha**2,
        label="class means are shorter than features",
    )
