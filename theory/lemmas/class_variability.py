# SPDX-License-Identifier: MIT
"""Relative variability class by class, from one budget (``lemmas.budgets``): fixed norms or weight decay.

nu_c = 1 - share_c^2.  Linear for T >= T_{3/2}; and, without a condition, nu_c < 1 - (q/p)^2 for all but a
fraction delta of the classes, psi(p) = psi(q(T)) + eps/delta.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from theory.definitions import mu, phi, psi, q, sq
from theory.expressions import Indicator, Mean, Relation, eq, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.budgets import (
    CLASS_PRODUCT,
    HALF,
    Setting,
    axis,
    budget,
    class_dual,
    class_loss,
    class_polar,
    class_scalar,
    class_turn,
    product_nonnegative,
    share,
    size,
    turned_class_dual,
)
from theory.lemmas.cosines import level, s, slack_, threshold, x
from theory.lemmas.indicators import charged
from theory.lemmas.polar import kappa, u
from theory.lemmas.samples import THREE_HALVES, squared_bound
from theory.proving import assume, average, combine, instantiate
from theory.symbols import T, c, d, delta, eps, h, i, k, p

T_THREE_HALVES = threshold(THREE_HALVES)
# p = psi^{-1}(psi(q) + eps/delta) or more; psi(q(T)) = phi(T) + T q(T)
SPREAD = (lt(p, 1), le(phi(T) + T * q(T) + eps / delta, psi(p)))


def linear_claim(factor: Any = 2) -> Relation:
    """mean_c nu_c <= 2 eps/(T q(T))."""
    return le(Mean(1 - share(c) ** 2, c), factor * eps / (T * q(T)))


@lru_cache
def linear(setting: Setting) -> Theorem:
    """T >= T_{3/2} |- mean_c nu_c <= 2 eps/(T q(T)): the tangent of phi(T v^{3/2}), class by class."""
    one = instantiate(
        squared_bound(),
        {level: T, s: CLASS_PRODUCT, x: share(c)},
        facts=[product_nonnegative("class")],
        label="one class",
    )
    rate = 2 / (T * q(T))
    return combine(
        linear_claim(),
        {
            average(one, c, label="mean over classes"): rate,
            average(class_scalar(setting), c): rate,
            budget(setting, "class"): rate,
        },
        label="the budget",
    )


def variability_nonnegative() -> Theorem:
    """0 <= mean_c (1 - share_c^2)."""
    top = assume(le(share(c), 1, c))
    bottom = assume(le(0, share(c), c))
    one = combine(
        le(0, 1 - share(c) ** 2),
        {top: 1 + share(c)},
        facts=[combine(lt(0, 1 + share(c)), {bottom: 1}, slack=1)],
    )
    return average(one, c, label="mean over classes")


def fraction(level_: Any) -> Mean:
    """The fraction of classes with sqrt(1 - nu_c) <= ``level_``."""
    return Mean(Indicator(level_ - share(c)), c)


@lru_cache
def class_price(setting: Setting) -> Theorem:
    """p < 1 |- psi(p) - p T kappa_c size_c <= E_i CE_ci, whatever share_c: ||mu_c||^2 <= E_i ||h_ci||^2."""
    split = class_polar(setting.rows, setting.features)
    _, mean, norms, unit, _, kappa_sign, size_sign, *_ = map(assume, split)
    length, scale, some = size(c) * share(c), setting.features, size(c) + slack_
    positive = combine(lt(0, some), {size_sign: 1}, slack=slack_, label="size + eta > 0")
    coordinate = combine(
        eq(mu(c, k) ** 2, scale**2 * length**2 * axis(c, k) ** 2),
        {mean: mu(c, k) + scale * length * axis(c, k)},
        label="one coordinate of mu",
    )
    jensen = combine(
        le(length**2 * sq(lambda x: axis(c, x)), size(c) ** 2),
        {average(coordinate, k): -d / scale**2, norms: 1 / scale**2},
        slack=Mean(sq(lambda x: h(c, i, x) - mu(c, x)), i) / scale**2,
        label="Jensen's inequality",
    )
    turned = combine(
        le(length * class_turn(), size(c) + slack_),
        [(unit, size(c) / 2), (unit, slack_ / 2), (jensen, HALF / some), (size_sign, slack_ / some)],
        slack=HALF / some * (sq(lambda x: some * u(c, x) - length * axis(c, x)) + slack_**2),
        facts=[positive, size_sign],
        label="<u, mu> is at most the norm of mu",
    )
    return combine(
        le(psi(p) - p * T * CLASS_PRODUCT, class_loss()),
        {
            turned_class_dual(setting): 1,
            apply("limit", turned, symbol=slack_, label="eta -> 0"): p * T * kappa(c),
        },
        facts=[kappa_sign],
        label="the class mean's margin",
    )


@lru_cache
def few(setting: Setting) -> Theorem:
    """SPREAD |- at most a fraction delta of the classes has sqrt(1 - nu_c) <= q(T)/p."""
    mass = q(T)
    signs = [assume(le(0, kappa(c), c)), assume(le(0, size(c), c))]
    excess = class_loss() + T * mass * CLASS_PRODUCT - psi(mass)
    at_q = instantiate(class_price(setting), {p: mass}, label="p := q(T)")
    never = combine(le(0, excess), {at_q: 1}, label="every class pays")
    event = mass / p - share(c)
    price = eps / delta
    bad = combine(
        le(price, excess),
        {class_dual(setting): 1, assume(le(0, event)): p * T * CLASS_PRODUCT, assume(SPREAD[1]): 1},
        facts=signs,
        label="a class with a short mean pays eps/delta",
    )
    one = charged(event, price, never, bad)
    return combine(
        le(fraction(mass / p), delta),
        {average(one, c, label="Markov's inequality"): delta / eps, budget(setting, "class"): delta / eps},
        label="the budget is eps",
    )
