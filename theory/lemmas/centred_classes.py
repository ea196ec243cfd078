# SPDX-License-Identifier: MIT
"""Intra-class cosines of centred features, with any bias: on average, and class by class.

From E(1 - cos) <= e = eps/(T q(T)) (``centred_cosines``) and (E_i cos)^2 <= intra_c.  Source: this project
(2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational

from theory.definitions import loss, phi, q
from theory.expressions import Indicator, Mean, index, le, lt
from theory.kernel import Theorem
from theory.lemmas.centred_cosines import CENTRED_POLAR, HYPOTHESES, LOW_HYPOTHESES, ONE, linear
from theory.lemmas.centred_quarter_margin import QUARTER
from theory.lemmas.indicators import charged
from theory.lemmas.polar import class_cosine, cosine, mean_cosine_bound, sample_cosine_at_most_one
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, T, c, delta, eps, i

other_class = index("c5")
EXCESS = eps / (T * q(T))
AT_MOST_ONE = le(EXCESS, 1)
SMALL_LOSS = le(loss(), phi(T) + eps)
PRICE = eps / (delta * T * q(T))
PRICE_BELOW_ONE = lt(PRICE, 1)
MEAN_HYPOTHESES = (*HYPOTHESES, SMALL_LOSS, AT_MOST_ONE)
LOW_MEAN_HYPOTHESES = (*LOW_HYPOTHESES, SMALL_LOSS, le(EXCESS / QUARTER, 1))
FEW_HYPOTHESES = (*HYPOTHESES, SMALL_LOSS, PRICE_BELOW_ONE)


def _units() -> tuple[Theorem, Theorem]:
    """||u_c|| <= 1 and ||e_ci|| <= 1."""
    unit_u, unit_e = map(assume, CENTRED_POLAR[2:4])
    return unit_u, unit_e


@lru_cache
def mean_above_tangent(at: Expr) -> Theorem:
    """2 y E cos - y^2 <= E intra for y = ``at``."""
    centre = Mean(cosine(), i)
    one = combine(
        le(2 * at * centre - at**2, class_cosine()),
        {mean_cosine_bound(_units()[0]): 1},
        slack=(centre - at) ** 2,
        label="a square",
    )
    return average(one, c, label="mean over classes")


@lru_cache
def mean_cosine(part: Rational = ONE) -> Theorem:
    """E (1 - cos) <= eps/(p T q(T))."""
    return combine(
        le(Mean(1 - cosine(), c, i), EXCESS / part),
        {linear(part): 1, assume(SMALL_LOSS): 1 / (part * T * q(T))},
        label="the loss gap is at most eps",
    )


@lru_cache
def squared(part: Rational = ONE) -> Theorem:
    """MEAN_HYPOTHESES, or LOW_MEAN_HYPOTHESES for p = 1/4 |- (1 - EXCESS/p)^2 <= E intra."""
    root = 1 - EXCESS / part
    small = assume(le(EXCESS / part, 1))
    rest = combine(le(0, 2 * root), {small: 2}, label="the excess is at most p")
    return combine(
        le(root**2, Mean(class_cosine(), c)),
        {mean_above_tangent(root): 1, mean_cosine(part): 2 * root},
        facts=[rest],
        label="the mean cosine",
    )


@lru_cache
def twice() -> Theorem:
    """HYPOTHESES, SMALL_LOSS |- 1 - 2 EXCESS <= E intra."""
    return combine(
        le(1 - 2 * EXCESS, Mean(class_cosine(), c)),
        {mean_above_tangent(Integer(1)): 1, mean_cosine(): 2},
        label="the mean cosine",
    )


@lru_cache
def turned() -> Theorem:
    """0 <= E_i (1 - cos) for every class."""
    return average(sample_cosine_at_most_one(*_units()), i, label="mean over the class")


def fraction(level: Any) -> Mean:
    """The fraction of classes with intra_c <= ``level``."""
    return Mean(Indicator(level - class_cosine()), c)


@lru_cache
def few() -> Theorem:
    """FEW_HYPOTHESES |- at most a fraction delta of the classes has intra_c <= (1 - PRICE)^2."""
    root = 1 - PRICE
    centre = Mean(cosine(), i)
    above = combine(lt(0, 2 * root), {assume(PRICE_BELOW_ONE): 2}, label="the price is below 1")
    event = root**2 - class_cosine()
    bad = combine(
        le(PRICE, Mean(1 - cosine(), i)),
        {assume(le(0, event)): 1 / (2 * root), mean_cosine_bound(_units()[0]): 1 / (2 * root)},
        slack=(centre - root) ** 2 / (2 * root),
        facts=[above],
        label="a class with small cosines has turned samples",
    )
    charge = average(charged(event, PRICE, turned(), bad), c, label="Markov's inequality")
    return combine(
        le(fraction(root**2), delta),
        {charge: 1 / PRICE, mean_cosine(): 1 / PRICE},
        label="the budget is eps",
    )


EVERY = C * EXCESS
EVERY_BELOW_ONE = lt(EVERY, 1)


@lru_cache
def every() -> Theorem:
    """HYPOTHESES, SMALL_LOSS, C EXCESS < 1 |- (1 - C EXCESS)^2 <= intra_c for every class."""
    root = 1 - EVERY
    centre = Mean(cosine(), i)
    above = combine(lt(0, 2 * root), {assume(EVERY_BELOW_ONE): 2}, label="the price is below 1")
    free = instantiate(turned(), {c: other_class}, label="another class")
    rest = average(free, other_class, excluding=c, label="the other classes")
    own = combine(le(root, centre), {rest: C - 1, mean_cosine(): C}, label="one class of C")
    return combine(
        le(root**2, class_cosine()),
        {own: 2 * root, mean_cosine_bound(_units()[0]): 1},
        slack=(centre - root) ** 2,
        facts=[above],
        label="a square",
    )
