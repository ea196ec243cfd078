# SPDX-License-Identifier: MIT
"""What a loss says of the cosines of one class, in either setting of ``lemmas.budgets``.

For every margin tau > 0 and every cosine 0 < x_1 <= 1 (the point of contact) with
phi(tau) + q(tau) tau (1/x_1 + 3/2) <= log C,

    phi(tau) + tau q(tau) (3/2 - intra_c/(2 x_1^2)) <= E_i CE_ci + q(tau) T x_1 kappa_c rms_i rho_ci:

the bound of one class (``cosines.one_class_bound``) at T := tau/x_1, whatever the true T is.  Equality at
equal margins tau, cosines x_1 and kappa_c rms_i rho_ci = tau/(T x_1).  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, log

from theory.definitions import phi, psi, q
from theory.expressions import Indicator, Mean, le, substitute
from theory.kernel import Theorem, apply
from theory.lemmas.budgets import Setting, budget, class_loss, sample_dual
from theory.lemmas.cosines import R, S, V, X, level, one_class_bound, slack_
from theory.lemmas.indicators import charged
from theory.lemmas.polar import (
    class_cosine,
    class_scale,
    cosine,
    cosine_at_least_minus_one,
    kappa,
    mean_cosine_bound,
    polar,
    rho,
)
from theory.lemmas.sample_cosines import scalar, signs
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, c, delta, eps, i, p, positive

contact = positive("x_1", "x_1", "where a tangent touches: a cosine, if at most 1")
AT_MOST_ONE = le(contact, 1)
CONTACT = le(phi(level) + q(level) * level * (1 / contact + Rational(3, 2)), log(C))
SHARE = q(T) / q(level)  # the cosine of contact for which q(tau) x_1 = q(T)


@lru_cache
def one_class(setting: Setting) -> Theorem:
    """CONTACT, x_1 <= 1 |- the inequality at the head of this file."""
    unit_u, unit_e = map(assume, polar(1, 1)[2:4])
    scaled = instantiate(one_class_bound(), {T: level / contact}, label="T := tau/x_1")
    stretch = T * contact / level
    s = kappa(c) * rho(c, i) * stretch
    positive_norm = combine(le(0, s), {signs()[2]: stretch}, label="norms are nonnegative")
    bound = instantiate(
        scaled,
        functions={
            S: ((c, i), s),
            X: ((c, i), cosine()),
            R: ((c,), (class_scale() * stretch) ** Rational(1, 2)),
            V: ((c,), class_cosine()),
        },
        label="norms and cosines",
    )
    reach = combine(le(level, level / contact), {assume(AT_MOST_ONE): level / contact}, label="x_1 <= 1")
    condition = combine(
        le(phi(level) + q(level) * (level / contact + Rational(3, 2) * level), log(C)),
        {assume(CONTACT): 1},
    )
    bound = cut(
        bound,
        positive_norm,
        cosine_at_least_minus_one(unit_u, unit_e),
        mean_cosine_bound(unit_u),
        reach,
        condition,
        label="the lemma's hypotheses",
    )
    share = class_cosine() / (2 * contact**2)
    return combine(
        le(
            phi(level) + level * q(level) * (Rational(3, 2) - share),
            class_loss() + q(level) * T * contact * class_scale(),
        ),
        {bound: 1, average(scalar(setting), i, label="mean over the class"): 1},
        label="loss, norms and cosines of one class",
    )


@lru_cache
def mean_norm_at_most_rms() -> Theorem:
    """kappa_c E_i rho_ci <= kappa_c rms_i rho_ci."""
    turned = kappa(c) * rho(c, i)
    root = class_scale() + slack_
    square = combine(
        le(2 * turned, turned**2 / root + root), slack=(turned - root) ** 2 / root, label="a square"
    )
    near = combine(
        le(Mean(turned, i), root),
        {average(square, i): Rational(1, 2)},
        slack=(2 * class_scale() * slack_ + slack_**2) / (2 * root),
        label="mean over the class",
    )
    return apply("limit", near, symbol=slack_, label="eta -> 0")


def tangent_line(value: Any) -> Expr:
    """x_1^2 (3 - 2 (L - phi(tau) + q(tau) T x_1)/(tau q(tau))) at L = ``value``."""
    return contact**2 * (3 - 2 * (value - phi(level) + q(level) * T * contact) / (level * q(level)))


SHARE_CONTACT, SHARE_AT_MOST_ONE = (
    a.map(lambda side: substitute(side, {contact: SHARE})) for a in (CONTACT, AT_MOST_ONE)
)
# psi(q(T)) + eps/delta <= psi(q(tau)), psi(q(tau)) = phi(tau) + tau q(tau)
CLASS_SPREAD = le(phi(T) + T * q(T) + eps / delta, phi(level) + level * q(level))


def fraction(bound: Any) -> Mean:
    """The fraction of classes with intra_c <= ``bound``."""
    return Mean(Indicator(bound - class_cosine()), c)


@lru_cache
def few(setting: Setting) -> Theorem:
    """CLASS_SPREAD, CONTACT at x_1 = q(T)/q(tau) |- at most a fraction delta has intra_c <= x_1^2."""
    mass = q(T)
    one = instantiate(one_class(setting), {contact: SHARE}, label="q(tau) x_1 = q(T)")
    row, feature = assume(le(0, kappa(c), c)), assume(le(0, rho(c, i), c, i))
    at_q = instantiate(sample_dual(setting), {p: mass}, label="p := q(T)")
    sample = combine(
        le(psi(mass) - mass * T * kappa(c) * rho(c, i), at_q.relation.rhs),
        {at_q: 1, signs()[1]: T * mass * kappa(c) * rho(c, i)},
        facts=[row, feature],
        label="cos <= 1",
    )
    excess = class_loss() + T * mass * class_scale() - psi(mass)
    never = combine(
        le(0, excess),
        {average(sample, i, label="mean over the class"): 1, mean_norm_at_most_rms(): mass * T},
        label="every class pays",
    )
    event = SHARE**2 - class_cosine()
    price = eps / delta
    bad = combine(
        le(price, excess),
        {one: 1, assume(le(0, event)): level * q(level) / (2 * SHARE**2), assume(CLASS_SPREAD): 1},
        label="a class with small cosines pays eps/delta",
    )
    charge = average(charged(event, price, never, bad), c, label="Markov's inequality")
    return combine(
        le(fraction(SHARE**2), delta),
        {charge: delta / eps, budget(setting, "rms"): delta / eps},
        label="the budget is eps",
    )
