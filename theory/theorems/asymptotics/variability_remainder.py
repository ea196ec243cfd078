# SPDX-License-Identifier: MIT
"""The sharp bound of nu to second order in e = (L - phi(T))/(T q), with its third order, for q <= 1/20.

nu_max = 1 - (tau/T)^2 = 2 e - (1 + (1-q) T) e^2 + R, 0 <= R <= 5 (1+T)^2 e^3.  With tau = T (1-s), x = T s
and m = T e, R = (2/T) (x - m + (1-q) m^2/2) + (e - s)(e + s), and ``lemmas.lost_margin`` bounds both parts.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, log

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NORMS_POSITIVE, Condition, value
from theory.evaluation import q as q_value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.lemmas.lost_margin import (
    FEW,
    at_least_second_order,
    at_most_gap,
    at_most_third_order,
    in_margin,
    mass,
)
from theory.lemmas.remainders import SIDES, absolute, side
from theory.proving import assume, combine
from theory.symbols import T, nonnegative

s = nonnegative("s_margin", "s", "relative loss of margin: tau = T (1 - s)")
GAP = log(1 + mass * (exp(T * s) - 1)) / (T * mass)
EXACT = 1 - (1 - s) ** 2
SECOND = 1 + (1 - mass) * T
HYPOTHESES = (SIDES[1], FEW)


def rest(second: Expr = SECOND) -> Expr:
    """nu_max - 2 e + (1 + (1-q) T) e^2."""
    return EXACT - 2 * GAP + second * GAP**2


def claim(constant: object = 5, second: Expr = SECOND) -> Statement:
    return Statement(absolute(rest(second), constant * (1 + T) ** 2 * GAP**3), HYPOTHESES)  # type: ignore[operator]


def lower() -> Theorem:
    """0 <= R."""
    second, gap = in_margin(at_least_second_order(), T * s), in_margin(at_most_gap(), T * s)
    return combine(
        le(0, rest()), {second: 2 / T, gap: 2 * s / T}, slack=(GAP - s) ** 2, label="R is not negative"
    )


def upper() -> Theorem:
    """R <= 5 (1+T)^2 e^3."""
    second, gap = in_margin(at_least_second_order(), T * s), in_margin(at_most_gap(), T * s)
    third = in_margin(at_most_third_order(), T * s)
    known = combine(le(0, GAP), {gap: 1 / T}, slack=s, label="e >= s >= 0")
    rise = combine(le(0, T * mass * GAP), {known: T * mass}, label="the same without quotients")
    return combine(
        le(rest(), 5 * (1 + T) ** 2 * GAP**3),
        {third: 2 / T, second: 2 * GAP / T, known: GAP**2 * (5 + 9 * T + mass * T)},
        slack=(GAP - s) ** 2,
        facts=[known, rise],
        label="R against the third order",
    )


@lru_cache
def prove() -> Theorem:
    """Between 0 and the bound, so that sigma <= 1 is enough."""
    sign = combine(le(0, 1 - side), {assume(SIDES[1]): 1})
    return combine(claim().conclusion, {lower(): 1 - side, upper(): 1}, facts=[sign])  # type: ignore[arg-type]


def near(step: object) -> Witness:
    values = {s: step, T: Integer(8), mass: Rational(1, 100), side: Integer(1)}
    return Witness(2, 1, 1, values=values, note=f"s = {step}, T = 8, q = 1/100")


def twins() -> list[Twin]:
    return [
        Twin("(1+T)^2 e^3/10 instead of 5 (1+T)^2 e^3", claim(Rational(1, 10)), near(Rational(1, 40))),
        Twin("T instead of (1-q) T in the second order", claim(second=1 + T), near(Rational(1, 10000))),
        Twin("no third order", Statement(eq(rest(), 0), HYPOTHESES), near(Rational(1, 40))),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(0, rest()), (FEW,))
    return Neighbour("the second order is a lower bound", goal, lower)


_C = value("C")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_q = q_value(_T, _C)
_e = value("eps") / (_T * _q)
THEOREM = Entry(
    name="within-class-variability-remainder",
    title="Within-class variability for small loss gaps, with its remainder",
    kind="asymptotic",
    source="this project (2026): expansion of within-class-variability",
    says=(
        "nu_max = 2 e - (1 + (1-q) T) e^2 + R, e = eps/(T q), with 0 <= R <= 5 (1+T)^2 e^3 for every T"
        " with q(T) <= 1/20. The number is the bound with the largest R."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("within-class-variability",),
    formula=Formula(
        2 * _e - (1 + (1 - _q) * _T) * _e**2 + 5 * (1 + _T) ** 2 * _e**3,
        (
            *NORMS_POSITIVE,
            Condition("q(T) <= 1/20", _q, Rational(1, 20)),
        ),
    ),
)
