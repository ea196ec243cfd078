# SPDX-License-Identifier: MIT
"""Cosines of samples with their classifier rows, from one budget (``lemmas.budgets``).

Linear for T >= T_3; and, without a condition, cos > q/p for all but a fraction delta of the samples, with
psi(p) = psi(q(T)) + eps/delta.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Integer

from theory.definitions import phi, psi, q
from theory.expressions import Indicator, Mean, Relation, le
from theory.kernel import Theorem, apply
from theory.lemmas.budgets import Setting, budget, product_nonnegative, sample_dual, sample_loss
from theory.lemmas.class_variability import SPREAD
from theory.lemmas.cosines import linear_sample_bound, s, threshold, x
from theory.lemmas.indicators import charged
from theory.lemmas.polar import (
    cosine,
    cosine_at_least_minus_one,
    kappa,
    polar,
    rho,
    sample_cosine_at_most_one,
)
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import T, c, delta, eps, i, p

T_THREE = threshold(Integer(3))
PRODUCT = kappa(c) * rho(c, i)


def linear_claim(factor: Any = 1) -> Relation:
    """E (1 - cos) <= eps/(T q(T))."""
    return le(Mean(1 - cosine(), c, i), factor * eps / (T * q(T)))


@lru_cache
def signs() -> tuple[Theorem, Theorem, Theorem]:
    """-1 <= cos and 0 <= 1 - cos, and 0 <= kappa_c rho_ci, for the polar split at any scale."""
    unit_u, unit_e = map(assume, polar(1, 1)[2:4])
    low, high = cosine_at_least_minus_one(unit_u, unit_e), sample_cosine_at_most_one(unit_u, unit_e)
    return low, high, product_nonnegative("sample")


@lru_cache
def scalar(setting: Setting) -> Theorem:
    """phi(T kappa_c rho_ci cos_ci) <= CE_ci: the dual bound at the sample's own margin."""
    own = T * PRODUCT * cosine()
    at_q = instantiate(sample_dual(setting), {p: q(own)}, label="p := q(margin)")
    return combine(le(phi(own), sample_loss()), {at_q: 1}, label="psi(q(t)) - q(t) t = phi(t)")


@lru_cache
def linear(setting: Setting) -> Theorem:
    """T >= T_3 |- E (1 - cos) <= eps/(T q(T)): the tangent of phi(T v^3)."""
    low, _, positive = signs()
    sample = instantiate(
        linear_sample_bound(), {s: PRODUCT, x: cosine()}, facts=[positive], label="one sample"
    )
    sample = cut(sample, low, label="-1 <= cos")
    rate = 1 / (T * q(T))
    return combine(
        linear_claim(),
        {
            average(sample, c, i, label="E over samples"): rate,
            average(scalar(setting), c, i): rate,
            budget(setting, "sample"): rate,
        },
        label="the budget",
    )


def turned() -> Theorem:
    """0 <= E (1 - cos)."""
    return average(signs()[1], c, i, label="E over samples")


def fraction(level: Any) -> Mean:
    """The fraction of samples (class-balanced) with cos <= ``level``."""
    return Mean(Indicator(level - cosine()), c, i)


@lru_cache
def markov(setting: Setting) -> Theorem:
    """T >= T_3 |- at most a fraction delta of the samples has 1 - cos >= eps/(delta T q(T))."""
    level = eps / (delta * T * q(T))
    one = average(apply("indicator", signs()[1], level=level), c, i, label="Markov's inequality")
    return combine(
        le(Mean(Indicator(1 - cosine() - level), c, i), delta),
        {one: 1 / level, linear(setting): 1 / level},
        label="a fraction delta at the level spends the whole budget",
    )


@lru_cache
def few(setting: Setting) -> Theorem:
    """SPREAD |- at most a fraction delta of the samples has cos <= q(T)/p."""
    mass = q(T)
    row, feature = assume(le(0, kappa(c), c)), assume(le(0, rho(c, i), c, i))
    at_q = instantiate(sample_dual(setting), {p: mass}, label="p := q(T)")
    excess = sample_loss() + T * mass * PRODUCT - psi(mass)
    never = combine(
        le(0, excess),
        {at_q: 1, signs()[1]: T * mass * PRODUCT},
        facts=[row, feature],
        label="every sample pays",
    )
    event = mass / p - cosine()
    price = eps / delta
    bad = combine(
        le(price, excess),
        {sample_dual(setting): 1, assume(le(0, event)): p * T * PRODUCT, assume(SPREAD[1]): 1},
        facts=[row, feature],
        label="a sample at a wide angle pays eps/delta",
    )
    one = average(charged(event, price, never, bad), c, i, label="Markov's inequality")
    return combine(
        le(fraction(mass / p), delta),
        {one: delta / eps, budget(setting, "sample"): delta / eps},
        label="the budget is eps",
    )
