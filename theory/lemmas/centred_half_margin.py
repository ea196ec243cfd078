# SPDX-License-Identifier: MIT
"""The loss at half the margin: what phi(T/2) >= phi(T) + (5/2) T q(T) says of every margin in between.

Under this condition, for every T > 0 and every C,

    phi(T (1 + v^2)/2) >= phi(T) + T q(T) (1 - v)(3 - v)/2,    0 <= v <= 1.

With fewer wrong probabilities this is only easier, so one q(T) is enough for each range of T.  The condition
fails for T <= 26/5, and it gives q(T) <= 1/10 for T <= 8 and q(T) <= 1/5 always; up to T = 60 the inequality
is certified on boxes, and beyond there is an inequality in one variable.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, log

from theory.definitions import phi, q
from theory.expressions import Relation, le, substitute
from theory.kernel import Theorem, apply
from theory.lemmas.centred_margins import at_, other, tangent
from theory.lemmas.cosines import v
from theory.lemmas.fewer_wrong import few_wrong, fewer_wrong, rise, y
from theory.proving import assume, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, nonnegative, positive

HALF, RATE = Rational(1, 2), Rational(5, 2)
HALF_LOSS = le(phi(T) + RATE * T * q(T), phi(T / 2))
FIFTH, TENTH = Rational(1, 5), Rational(1, 10)
LOW, MIDDLE, HIGH = Rational(26, 5), Integer(8), Integer(60)
fall = nonnegative("x_fall", "x", "by how much a margin is below T, at most T/2")
half = positive("half_T", "Y", "half of T")


def shift() -> Expr:
    """T - T (1 + v^2)/2."""
    return T * (1 - v**2) / 2


def parabola() -> Expr:
    """(1 - v)(3 - v)/2."""
    return (1 - v) * (3 - v) / 2


def goal() -> Relation:
    """phi(T) + T q(T) (1 - v)(3 - v)/2 <= phi(T (1 + v^2)/2)."""
    return le(phi(T) + T * q(T) * parabola(), phi(T * (1 + v**2) / 2))


@lru_cache
def on_boxes(low: Rational, most: Rational) -> Theorem:
    """low <= T <= 60, q(T) <= most, v <= 1 |- goal."""
    boxes = apply(
        "box",
        goal=le(0, rise(shift(), most) - most * T * (1 - v) * (3 - v) / 2),
        box={T: (low, 60), v: (0, 1)},
        contacts=[({v: 1}, 2)],
        label=f"at q = {most}",
    )
    fewer = instantiate(fewer_wrong(most), {y: shift()}, label="y := T (1 - v^2)/2")
    return combine(goal(), {fewer: 1, boxes: q(T) / most}, label=f"every q <= {most}")


def _half_loss() -> Relation:
    """HALF_LOSS at T = 2 Y, so that e^T is the square of e^Y."""
    return HALF_LOSS.map(lambda side: substitute(side, {T: 2 * half}))


@lru_cache
def at_most_a_fifth() -> Theorem:
    """HALF_LOSS |- q(T) <= 1/5: half a margin never costs more than T/2."""
    whole = exp(half) + (C - 1) * exp(-half)
    ratio = log_tangent((1 + (C - 1) * exp(-half)) / whole, label="phi(T/2) - phi(T) - T/2")
    grows = log_tangent(exp(half), label="x <= e^x - 1")
    few = combine(
        few_wrong(FIFTH).map(lambda side: substitute(side, {T: 2 * half})),
        {
            assume(_half_loss()): 1 / (5 * half),
            ratio: 1 / (5 * half),
            grows: 1 / (5 * half * whole),
        },
        slack=1 / (5 * whole),
        label="phi(T/2) <= phi(T) + T/2",
    )
    return instantiate(few, {half: T / 2}, label="Y := T/2")


@lru_cache
def more_wrong(bound: Rational) -> Theorem:
    """Q <= q(T) |- phi(T - x) - phi(T) <= (q(T)/Q) log(1 + Q (e^x - 1)): fewer_wrong the other way round."""
    here, there = 1 + q(T) * (exp(fall) - 1), 1 + bound * (exp(fall) - 1)
    share = bound / q(T)
    many = assume(le(bound, q(T)))
    rest = combine(le(0, 1 - share), {many: 1 / q(T)}, label="q is at least Q")
    return combine(
        le(phi(T - fall) - phi(T), log(there) / share),
        {
            log_tangent(here / there, label="log at q(T)"): 1,
            log_tangent(1 / there, label="log at 0"): (1 - share) / share,
        },
        facts=[rest],
        label="log is concave",
    )


def at_most(bound: Rational, low: Any, high: Any, condition: Relation, rate: Any, below: Any) -> Theorem:
    """``condition``, low <= T <= high |- q(T) <= bound.

    ``condition`` is phi(T) + rate T q(T) <= phi(T/2), and log(1 + bound (e^(T/2) - 1)) <= bound below T, with
    below < rate, is certified on [low, high].
    """
    ratio = instantiate(more_wrong(bound), {fall: T / 2}, label="x := T/2")
    ends = apply(
        "box",
        goal=le(log(1 + bound * (exp(T / 2) - 1)), bound * below * T),
        box={T: (low, high)},
        label=f"at q = {bound}",
    )
    few = few_wrong(bound)
    scale = 1 / (T * (rate - below))
    never = combine(
        few,
        {assume(condition): scale, ratio: scale, ends: scale * q(T) / bound},
        slack=bound,
        label="with more, phi(T/2) is too small",
    )
    return cases(combine(few, {assume(few): 1}), never, split=few, label=f"q(T) and {bound}")


@lru_cache
def loss_at_half() -> Theorem:
    """phi(T/2) - phi(T) <= q(T) (e^(T/2) - 1)."""
    above = log_tangent(1 + q(T) * (exp(fall) - 1), label="log x <= x - 1")
    claim = le(phi(T - fall) - phi(T), q(T) * (exp(fall) - 1))
    return instantiate(
        combine(claim, {above: 1}, label="log(1 + q (e^x - 1))"), {fall: T / 2}, label="x := T/2"
    )


@lru_cache
def small_scale() -> Theorem:
    """HALF_LOSS, T <= 26/5, v <= 1 |- goal: no such T exists."""
    ends = apply(
        "box",
        goal=le(exp(T / 2) - 1, Rational(12, 5) * T),
        box={T: (0, LOW)},
        contacts=[({T: 0}, 1)],
        label="e^(T/2) on a box",
    )
    rate = T * q(T)
    point = instantiate(tangent(), {at_: T, other: T * (1 + v**2) / 2}, label="tangent at T")
    return combine(
        goal(),
        {point: 1, assume(HALF_LOSS): 10, loss_at_half(): 10, ends: 10 * q(T), assume(le(v, 1)): rate * v},
        slack=rate * v,
        label="phi(T/2) is too small for T <= 26/5",
    )


@lru_cache
def far_out() -> Theorem:
    """60 <= T, q(T) <= 1/5, v <= 1 |- goal."""
    fewer = instantiate(fewer_wrong(FIFTH), {y: shift()}, label="y := T (1 - v^2)/2")
    inside, known = assume(le(v, 1)), assume(le(HIGH, T))
    down = combine(le(0, shift()), {inside: T * (1 + v) / 2}, label="v <= 1")
    near = apply(
        "box",
        goal=le(fall / 5 + fall**2 / 30, rise(fall, FIFTH)),
        box={fall: (0, 5)},
        contacts=[({fall: 0}, 2)],
        label="a margin within 5 of T",
    )
    near = instantiate(near, {fall: shift()}, facts=[down], label="x := T (1 - v^2)/2")
    square = T * (1 - v) ** 2
    near = combine(
        goal(),
        {fewer: 1, near: 5 * q(T), known: q(T) * square * (1 + v) ** 2 / 24},
        slack=q(T) * square * (Rational(60, 24) * (1 + v) ** 2 - 1),
        label="a square",
    )
    above = log_tangent(exp(shift()) / (4 + exp(shift())), label="log of e^x/(4 + e^x)")
    five = apply("ball", goal=le(log(5), 2), label="log 5 <= 2")
    far = assume(le(5, shift()))
    far = combine(
        goal(),
        {fewer: 1, above: 5 * q(T), five: 5 * q(T), far: 2 * q(T), inside: 2 * T * q(T) * v},
        slack=5 * q(T) * 4 / (4 + exp(shift())),
        label="far from T",
    )
    return cases(near, far, split=le(shift(), 5), label="near T or far from it")


@lru_cache
def half_margin() -> Theorem:
    """HALF_LOSS, v <= 1 |- phi(T) + T q(T) (1 - v)(3 - v)/2 <= phi(T (1 + v^2)/2), for every T > 0."""
    few = at_most_a_fifth()
    under = combine(le(T, HIGH), {assume(le(T, MIDDLE)): 1}, slack=HIGH - MIDDLE)
    fewer = at_most(TENTH, LOW, MIDDLE, HALF_LOSS, RATE, Rational(12, 5))
    low = cases(small_scale(), cut(on_boxes(LOW, TENTH), fewer, under), split=le(T, LOW), label="T and 26/5")
    middle = cases(low, cut(on_boxes(MIDDLE, FIFTH), few), split=le(T, MIDDLE), label="T and 8")
    return cases(middle, cut(far_out(), few), split=le(T, HIGH), label="T and 60")
