# SPDX-License-Identifier: MIT
"""What a loss says of the cosines of one class, at a point of contact x_1 below or above 1.

``class_cosines.one_class`` has x_1 <= 1.  For x_1 >= 1, that is A = T/tau <= 1 in the notation of
``lemmas.cosines``, the tangent of phi(tau v^{3/2}) at v = 1 is enough: it needs only

    phi(tau) + q(tau) (T + (3/2) tau) <= log C,

the condition that makes a sample on the wrong side dear.  With g^2 at least the root mean square of s over a
class, s^2/(2 g^2) + g A x >= (3/2) (A s x)^{2/3} where g <= 1; where g >= 1, g A x - A x <= (g^2 - 1)/2,
because A x <= 1.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, exp, sqrt

from theory.definitions import loss, phi, q, unbiased_logit
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem, apply
from theory.lemmas.budgets import FIXED_NORMS, Setting, budget
from theory.lemmas.class_cosines import (
    AT_MOST_ONE,
    CLASS_SPREAD,
    CONTACT,
    SHARE,
    SHARE_AT_MOST_ONE,
    contact,
    few,
    fraction,
    one_class,
    tangent_line,
)
from theory.lemmas.cosines import (
    CONDITION,
    R,
    S,
    V,
    X,
    level,
    s,
    slack_,
    theta,
    v,
    wrong_side,
    x,
    x_minus,
    x_plus,
)
from theory.lemmas.polar import (
    NORMS_AT_MOST_ONE,
    class_cosine,
    class_scale,
    cosine,
    kappa,
    mean_cosine_bound,
    norm_budget,
    polar,
    rho,
)
from theory.lemmas.sample_cosines import scalar, signs
from theory.lemmas.samples import SQUARE_CONDITION, at_level, by_sign
from theory.proving import assume, average, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, c, delta, eps, i

THREE_HALVES = Rational(3, 2)
SHORT = le(T, level)  # A <= 1
NARROW, WIDE = le(theta, 1), le(1, theta)
_RATE = level * q(level)


def _excess(turn: Expr, wide: bool) -> Relation:
    """0 <= phi(T s x) - phi(tau) + tau q(tau) (s^2/(2 g^2) + l - 3/2), g = theta.

    l is g A x, or A x + (g^2 - 1)/2 where ``wide``.
    """
    reach = T / level * turn
    line = reach + (theta**2 - 1) / 2 if wide else theta * reach
    total = phi(T * s * turn) - phi(level) + _RATE * (s**2 / (2 * theta**2) + line - THREE_HALVES)
    return le(0, total)


@lru_cache
def _sample(wide: bool) -> Theorem:
    """The condition at the head, g <= 1 or (g >= 1, A <= 1, x <= 1), -1 <= x |- ``_excess``."""
    enough = combine(SQUARE_CONDITION, {assume(CONDITION): 1}, slack=q(level) * T, label="tau >= T_{3/2}")
    reach = T * x_plus / level
    below = instantiate(
        cut(at_level(THREE_HALVES), enough), {v: (s * reach) ** Rational(2, 3)}, label="v := (A s x)^(2/3)"
    )
    one, two = (s / theta) ** Rational(2, 3), (theta * reach) ** Rational(1, 3)
    far = {assume(le(x_plus, 1)): _RATE * (theta - 1) * T / level, assume(SHORT): q(level) * (theta - 1)}
    right = combine(
        _excess(x_plus, wide),
        {below: 1, **(far if wide else {})},
        slack=_RATE * ((one - two) ** 2 * (one + 2 * two) / 2 + ((theta - 1) ** 2 / 2 if wide else 0)),
        facts=[combine(le(0, theta - 1), {assume(WIDE): 1})] if wide else [],
        label="(3/2) (A s x)^(2/3) <= s^2/(2 g^2) + g A x",
    )
    turned = T / level * x_minus
    left = combine(
        _excess(-x_minus, wide),
        {
            wrong_side(): 1,
            assume(CONDITION): 1,
            assume(le(x_minus, 1)): q(level) * T,
            assume(WIDE if wide else NARROW): _RATE * ((theta + 1) / 2 if wide else turned),
        },
        slack=_RATE * s**2 / (2 * theta**2),
        label="a sample on the wrong side costs log C",
    )
    return by_sign(_excess(x, wide), right, left, "sign of the cosine")


SCALE = sqrt(R(c) ** 2 + slack_)


def _class_goal(extra: Any) -> Relation:
    spent = R(c) ** 2 + extra - THREE_HALVES + (T / level) ** 2 * V(c) / 2
    return le(0, Mean(phi(T * S(c, i) * X(c, i)), i) - phi(level) + _RATE * spent)


def _one_class(wide: bool) -> Theorem:
    """``_sample`` averaged over class c with g = SCALE."""
    sample = instantiate(
        _sample(wide),
        {s: S(c, i), x: X(c, i), theta: SCALE},
        facts=[assume(le(0, S(c, i), c, i))],
        label="one sample",
    )
    ends = [assume(le(-1, X(c, i), c, i)), *([assume(le(X(c, i), 1, c, i))] if wide else [])]
    reach, width = T / level, 1 if wide else SCALE
    square = (reach * Mean(X(c, i), i) - width) ** 2 / 2
    return combine(
        _class_goal(slack_),
        {
            average(cut(sample, *ends), i, label="mean over the class"): 1,
            assume(le(Mean(S(c, i) ** 2, i), R(c) ** 4, c)): _RATE / (2 * SCALE**2),
            assume(le(Mean(X(c, i), i) ** 2, V(c), c)): _RATE * reach**2 / 2,
        },
        slack=_RATE * ((2 * R(c) ** 2 * slack_ + slack_**2) / (2 * SCALE**2) + square),
        label="g >= 1: a square" if wide else "g <= 1: a square",
    )


@lru_cache
def one_class_beyond() -> Theorem:
    """0 <= E_i phi(T s x) - phi(tau) + tau q(tau)(r^2 - 3/2 + A^2 V/2), for T <= tau.

    Hypotheses, for all samples and classes: the condition at the head of this file, 0 <= s, -1 <= x <= 1,
    E_i s^2 <= r^4, (E_i x)^2 <= V.
    """
    both = cases(_one_class(False), _one_class(True), split=le(SCALE, 1), label="small or large norms")
    closed = apply("limit", both, symbol=slack_, label="eta -> 0")
    return combine(_class_goal(0), {closed: 1}, label="collect")


@lru_cache
def any_class(setting: Setting) -> Theorem:
    """CONTACT |- the inequality of ``class_cosines.one_class``, for every x_1 > 0."""
    unit_u = assume(polar(1, 1)[2])
    low, high, positive = signs()
    beyond = instantiate(one_class_beyond(), {T: level / contact}, label="T := tau/x_1")
    stretch = T * contact / level
    bound = instantiate(
        beyond,
        functions={
            S: ((c, i), kappa(c) * rho(c, i) * stretch),
            X: ((c, i), cosine()),
            R: ((c,), sqrt(class_scale() * stretch)),
            V: ((c,), class_cosine()),
        },
        label="norms and cosines",
    )
    far = le(1, contact)
    bound = cut(
        bound,
        combine(le(0, kappa(c) * rho(c, i) * stretch), {positive: stretch}, label="norms are nonnegative"),
        low,
        combine(le(cosine(), 1), {high: 1}),
        mean_cosine_bound(unit_u),
        combine(le(level / contact, level), {assume(far): level / contact}, label="x_1 >= 1"),
        combine(
            le(phi(level) + q(level) * (level / contact + THREE_HALVES * level), CONTACT.rhs),
            {assume(CONTACT): 1},
        ),
        label="the lemma's hypotheses",
    )
    near = one_class(setting)
    beyond_one = combine(
        near.relation,
        {bound: 1, average(scalar(setting), i, label="mean over the class"): 1},
        label="loss, norms and cosines of one class",
    )
    return cases(near, beyond_one, split=AT_MOST_ONE, label="x_1 against 1")


@lru_cache
def mean_bound() -> Theorem:
    """Fixed norms, CONTACT |- ``tangent_line(L)`` <= E intra."""
    weights, features = map(assume, NORMS_AT_MOST_ONE)
    norm = contact**3 * T / level
    return combine(
        le(tangent_line(loss(unbiased_logit)), Mean(class_cosine(), c)),
        {
            average(any_class(FIXED_NORMS), c, label="mean over classes"): 2 * contact**2 / _RATE,
            norm_budget(): norm,
            weights: norm,
            features: norm,
        },
        label="norms at most 1",
    )


@lru_cache
def mean_bound_from_budget(setting: Setting) -> Theorem:
    """CONTACT at x_1 = q(T)/q(tau) |- a tangent line in eps, at L + q(T) T = psi(q(T)) + eps."""
    one = instantiate(any_class(setting), {contact: SHARE}, label="q(tau) x_1 = q(T)")
    rate = 2 * SHARE**2 / _RATE
    return combine(
        le(
            SHARE**2 * (3 - 2 * (phi(T) + T * q(T) + eps - phi(level)) / _RATE),
            Mean(class_cosine(), c),
        ),
        {average(one, c, label="mean over classes"): rate, budget(setting, "rms"): rate},
        label="the budget",
    )


@lru_cache
def share_at_most_one() -> Theorem:
    """CLASS_SPREAD |- q(T)/q(tau) <= 1: psi(q(T)) < psi(q(tau)), and psi(q(t)) decreases."""
    ratio = (1 + (C - 1) * exp(-T)) / (1 + (C - 1) * exp(-level))
    tangent = combine(
        le(phi(level) + q(level) * (level - T), phi(T)),
        {
            log_tangent(1 / ratio): 1 / (1 + (C - 1) * exp(-level)),
            log_tangent(exp(level - T) / ratio): q(level),
        },
        label="phi lies above its tangent at tau",
    )
    rate = 1 / (T * q(level))
    return combine(
        SHARE_AT_MOST_ONE,
        {assume(CLASS_SPREAD): rate, tangent: rate},
        slack=rate * eps / delta,
        label="psi(q(T)) < psi(q(tau))",
    )


@lru_cache
def few_classes(setting: Setting) -> Theorem:
    """CLASS_SPREAD, CONTACT at x_1 = q(T)/q(tau) |- at most a fraction delta has intra_c <= x_1^2."""
    return combine(le(fraction(SHARE**2), delta), {cut(few(setting), share_at_most_one()): 1})
