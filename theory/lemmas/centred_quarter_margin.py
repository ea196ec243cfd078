# SPDX-License-Identifier: MIT
"""The weaker condition phi(T/2) >= phi(T) + T q(T), and what it says of margins up to (5/8) T.

Under it, for every T > 0 and every C,

    phi(T (1 + v^2/4)/2) >= phi(T) + T q(T) (1 + (v^2 - 4 v + 2)/4)/2,    0 <= v <= 1.

It fails for T <= 12/5, and gives q(T) <= 1/8 for T <= 3, 1/4 for T <= 4, 2/5 for T <= 8 and 1/2 always; up
to T = 8 the inequality is certified on boxes, and beyond the left side exceeds T/2 (1 - v^2/4) - log 2 times
2 q(T).  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, log

from theory.definitions import phi, q
from theory.expressions import Relation, le, substitute
from theory.kernel import Theorem, apply
from theory.lemmas.centred_half_margin import at_most, half, loss_at_half
from theory.lemmas.centred_margins import at_, other, tangent
from theory.lemmas.cosines import v
from theory.lemmas.fewer_wrong import few_wrong, fewer_wrong, rise, y
from theory.proving import assume, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T

QUARTER = Rational(1, 4)
QUARTER_LOSS = le(phi(T) + T * q(T), phi(T / 2))
HALF = Rational(1, 2)
LOW = Rational(12, 5)
BELOW = Rational(49, 50)  # a rate below 1
# q(T) <= bound on [low, high]
RANGES = (
    (Rational(1, 8), LOW, Integer(3)),
    (QUARTER, Integer(3), Integer(4)),
    (Rational(2, 5), Integer(4), Integer(8)),
)


def margin() -> Expr:
    """T (1 + v^2/4)/2."""
    return T * (1 + v**2 / 4) / 2


def shift() -> Expr:
    """T - T (1 + v^2/4)/2."""
    return T * (1 - v**2 / 4) / 2


def parabola() -> Expr:
    """(1 + (v^2 - 4 v + 2)/4)/2."""
    return (1 + (v**2 - 4 * v + 2) / 4) / 2


def goal() -> Relation:
    """phi(T) + T q(T) (1 + (v^2 - 4 v + 2)/4)/2 <= phi(T (1 + v^2/4)/2)."""
    return le(phi(T) + T * q(T) * parabola(), phi(margin()))


@lru_cache
def on_boxes(bound: Rational, low: Rational, high: Rational) -> Theorem:
    """QUARTER_LOSS, low <= T <= high, v <= 1 |- goal."""
    boxes = apply(
        "box",
        goal=le(0, rise(shift(), bound) - bound * T * parabola()),
        box={T: (low, high), v: (0, 1)},
        label=f"at q = {bound}",
    )
    fewer = instantiate(fewer_wrong(bound), {y: shift()}, label="y := T (1 - v^2/4)/2")
    inside = combine(goal(), {fewer: 1, boxes: q(T) / bound}, label=f"every q <= {bound}")
    return cut(inside, at_most(bound, low, high, QUARTER_LOSS, Integer(1), BELOW))


@lru_cache
def at_most_half() -> Theorem:
    """QUARTER_LOSS |- q(T) <= 1/2: half a margin never costs more than T/2."""
    whole = exp(half) + (C - 1) * exp(-half)
    ratio = log_tangent((1 + (C - 1) * exp(-half)) / whole, label="phi(T/2) - phi(T) - T/2")
    grows = log_tangent(exp(half), label="x <= e^x - 1")
    known = QUARTER_LOSS.map(lambda side: substitute(side, {T: 2 * half}))
    few = combine(
        few_wrong(HALF).map(lambda side: substitute(side, {T: 2 * half})),
        {assume(known): 1 / (2 * half), ratio: 1 / (2 * half), grows: 1 / (2 * half * whole)},
        slack=1 / (2 * whole),
        label="phi(T/2) <= phi(T) + T/2",
    )
    return instantiate(few, {half: T / 2}, label="Y := T/2")


@lru_cache
def small_scale() -> Theorem:
    """QUARTER_LOSS, T <= 12/5, v <= 1 |- goal: no such T exists."""
    ends = apply(
        "box",
        goal=le(exp(T / 2) - 1, BELOW * T),
        box={T: (0, LOW)},
        contacts=[({T: 0}, 1)],
        label="e^(T/2) on a box",
    )
    rate = T * q(T) / 4
    many = 1 / (4 * (1 - BELOW))
    point = instantiate(tangent(), {at_: T, other: margin()}, label="tangent at T")
    return combine(
        goal(),
        {
            point: 1,
            assume(QUARTER_LOSS): many,
            loss_at_half(): many,
            ends: many * q(T),
            assume(le(v, 1)): rate * v,
        },
        slack=rate * v,
        label="phi(T/2) is too small for T <= 12/5",
    )


@lru_cache
def far_out() -> Theorem:
    """QUARTER_LOSS, 8 <= T, v <= 1 |- goal."""
    fewer = instantiate(fewer_wrong(HALF), {y: shift()}, label="y := T (1 - v^2/4)/2")
    above = log_tangent(exp(shift()) / (1 + exp(shift())), label="log of e^x/(1 + e^x)")
    two = apply("ball", goal=le(log(2), 1), label="log 2 <= 1")
    size = 2 * q(T)
    far = combine(
        goal(),
        {
            fewer: 1,
            above: size,
            two: size,
            assume(le(8, T)): size / 8,
            assume(le(v, 1)): size * T * v * Rational(3, 16),
        },
        slack=size * (1 / (1 + exp(shift())) + T * v / 16),
        label="far from T",
    )
    return cut(far, at_most_half())


@lru_cache
def quarter_margin() -> Theorem:
    """QUARTER_LOSS, v <= 1 |- the goal, for every T > 0."""
    result = small_scale()
    for bound, low, high in RANGES:
        result = cases(result, on_boxes(bound, low, high), split=le(T, low), label=f"T and {low}")
    return cases(result, far_out(), split=le(T, 8), label="T and 8")
