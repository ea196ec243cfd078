# SPDX-License-Identifier: MIT
"""How much margin x a loss gap allows, to third order: x = log(1 + t/q), m = log(1 + t)/q, 0 < q <= 1/20.

q is the wrong-class mass at the optimal margin, m the loss gap relative to it, x the margin lost.  For t >= 0

    x <= m,   m - (1-q) m^2/2 <= x <= m - (1-q) m^2/2 + (5/2) m^3.

For small m they are certified in (q, m), with polynomials for e^{q m} = 1 + t, so that q may go to 0; for
large m the first and x >= 0 are enough.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, log

from theory.expressions import Relation, le
from theory.kernel import Theorem, apply
from theory.proving import assume, cases, combine, cut, instantiate, log_tangent
from theory.symbols import nonnegative, positive

mass = positive("q_mass", "q", "wrong-class mass at the optimum")
growth = nonnegative("t_growth", "t", "q (e^x - 1), x the margin lost")
gap_ = nonnegative("m_gap", "m", "loss gap relative to the wrong-class mass")
power = nonnegative("x_power", "x", "an exponent")
MOST = Rational(1, 20)
FEW = le(mass, MOST)
GAP, LOST = log(1 + growth) / mass, log(1 + growth / mass)
SMALL, LARGE = Rational(1, 5), Rational(11, 5)


def second_order(m: Expr) -> Expr:
    """m - (1-q) m^2/2."""
    return m - (1 - mass) * m**2 / 2


@lru_cache
def at_most_gap() -> Theorem:
    """q <= 1/20 |- x <= m: log is concave."""
    room = combine(le(0, 1 - mass), {assume(FEW): 1}, slack=1 - MOST)
    return combine(
        le(LOST, GAP),
        {
            log_tangent(1 / (1 + growth)): (1 - mass) / mass,
            log_tangent((1 + growth / mass) / (1 + growth)): 1,
        },
        facts=[room],
        label="log is concave",
    )


def _exponential(upper: bool) -> Theorem:
    """log(1+t) <= 1 |- 1 + t is at least (at most) the quadratic (cubic) polynomial in log(1+t)."""
    quadratic = 1 + power + power**2 / 2
    goal = le(exp(power), quadratic + power**3) if upper else le(quadratic, exp(power))
    box = apply("box", goal=goal, box={power: (0, 1)}, contacts=[({power: 0}, 3)], label="e^x, x <= 1")
    return instantiate(box, {power: log(1 + growth)}, label="x := log(1 + t)")


def _certified(goal: Relation, top: Rational) -> Theorem:
    """``goal`` in (q, m) for m <= ``top``, with a contact of third order at m = 0, at m = log(1+t)/q."""
    box = {mass: (0, MOST), gap_: (0, top)}
    found = apply("box", goal=goal, box=box, contacts=[({gap_: 0}, 3)], label=f"m <= {top}")
    return instantiate(found, {gap_: GAP}, label="m := log(1 + t)/q")


def _short(top: Rational) -> Theorem:
    """q <= 1/20, m <= ``top`` |- log(1+t) <= 1."""
    return combine(
        le(log(1 + growth), 1),
        {assume(FEW): top, assume(le(GAP, top)): mass},
        slack=1 - MOST * top,
        label="q m <= 1",
    )


def at_least_second_order() -> Theorem:
    """q <= 1/20 |- m - (1-q) m^2/2 <= x."""
    goal, split = le(second_order(GAP), LOST), le(GAP, LARGE)
    inner = 1 + gap_ + mass * gap_**2 / 2
    boxes = _certified(le(second_order(gap_), log(inner)), LARGE)
    polynomial = 1 + GAP + mass * GAP**2 / 2
    whole = 1 + growth / mass
    small = combine(
        goal,
        {
            boxes: 1,
            log_tangent(polynomial / whole, label="log increases"): 1,
            cut(_exponential(False), _short(LARGE)): 1 / (mass * whole),
        },
        label="small m",
    )
    room = combine(le(0, 1 - mass), {assume(FEW): 1}, slack=1 - MOST)
    large = combine(
        goal,
        {assume(le(LARGE, GAP)): GAP * (1 - mass) / 2, assume(FEW): GAP * LARGE / 2},
        slack=LOST + GAP * (LARGE * (1 - MOST) / 2 - 1),
        facts=[room],
        label="large m: not positive",
    )
    return cases(small, large, split=split, label="m against 11/5")


def at_most_third_order() -> Theorem:
    """q <= 1/20 |- x <= m - (1-q) m^2/2 + (5/2) m^3."""
    rate = Rational(5, 2)
    goal, split = le(LOST, second_order(GAP) + rate * GAP**3), le(GAP, SMALL)
    inner = 1 + gap_ + mass * gap_**2 / 2 + mass**2 * gap_**3
    boxes = _certified(le(log(inner), second_order(gap_) + rate * gap_**3), SMALL)
    polynomial = 1 + GAP + mass * GAP**2 / 2 + mass**2 * GAP**3
    small = combine(
        goal,
        {
            boxes: 1,
            log_tangent((1 + growth / mass) / polynomial, label="log increases"): 1,
            cut(_exponential(True), _short(SMALL)): 1 / (mass * polynomial),
        },
        label="small m",
    )
    large = combine(
        goal,
        {at_most_gap(): 1, assume(le(SMALL, GAP)): rate * GAP**2},
        slack=GAP**2 * mass / 2,
        label="large m: x <= m",
    )
    return cases(small, large, split=split, label="m against 1/5")


def in_margin(found: Theorem, margin: Expr) -> Theorem:
    """The same with x = ``margin``, visibly nonnegative: t = q (e^x - 1)."""
    grown = log_tangent(exp(margin), label="x <= e^x - 1")
    positive_growth = combine(le(0, mass * (exp(margin) - 1)), {grown: mass}, slack=mass * margin)
    at = {growth: mass * (exp(margin) - Integer(1))}
    return instantiate(found, at, facts=[positive_growth], label="t := q (e^x - 1)")
