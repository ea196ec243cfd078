# SPDX-License-Identifier: MIT
"""What the route of Pan & Cao gives: intra_c > 1 - K sqrt(eps/delta), K = sqrt(2(C-1)) e^{CT/2}/(alpha beta).

Their steps are: the loss phi of the mean margin t_c of a class is strongly convex on the range |t_c| <= C T
of these margins, with constant m = (C-1) e^{-CT}/C^2; a loss gap eps therefore bounds how far margins are
spread (approximate Jensen); Cauchy-Schwarz turns that into cosines.  K^2 = 2/(m T^2), for every C >= 2 and T:
what the spread of margins leaves of it from T = 2/5 on pays for the rest.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, sqrt

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, DELTA_POSITIVE, NO_BIAS, NORMS_POSITIVE, value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.budgets import FIXED_NORMS
from theory.lemmas.convexity_route import (
    class_margin,
    few_classes,
    lost,
    mean_lost,
    mean_margin_at_most,
    mean_support,
)
from theory.lemmas.convexity_route import constant as K
from theory.lemmas.polar import e, kappa, rho, u
from theory.lemmas.published import fraction
from theory.proving import assume, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, alpha, beta, c, delta, eps, h, w

HYPOTHESES = FIXED_NORMS.samples
EARLY = le(T, Rational(2, 5))


def route_constant(factor: object = 1) -> Expr:
    """K = sqrt(2/(C-1)) C e^{CT/2}/T, which is sqrt(2 (C-1)) e^{CT/2}/(alpha beta)."""
    return factor * sqrt(2) * C * exp(C * T / 2) / (sqrt(C - 1) * T)  # type: ignore[operator]


def claim(factor: object = 1) -> Statement:
    return Statement(le(fraction(route_constant(factor) * sqrt(eps / delta)), delta), HYPOTHESES)


def smaller_curvature(x: Rational, late: Theorem | None) -> Theorem:
    """1/((1-x^2) T^2 kappa) <= K^2: the strong convexity constant m is at most 2 (1-x^2) kappa.

    First for two classes, with E = e^T = 1 + g and g >= T; where x > 0, ``late`` says T >= 2/5.
    """
    E, part, more = exp(T), x**2, C - 2
    g = E - 1
    grows = log_tangent(E, label="T <= e^T - 1")
    first = 4 - 24 * part  # of g, at two classes
    start, least = ({late: first}, Rational(2, 5)) if late else ({}, T)
    two = combine(
        le((1 + E) ** 2 * (2 + 3 * T), 8 * (1 - part) * E**3),
        {grows: 3 * (1 + E) ** 2 + first + (5 - 8 * part) * g**2, **start},
        slack=first * least - 8 * part + (10 - 24 * part) * g**2 + (5 - 8 * part) * T * g**2,
        label="two classes",
    )
    power = log_tangent(exp(more * T), label="(C-2) T <= e^{(C-2)T} - 1")
    total, size = C - 1 + E, 2 + (C + 1) * T
    wide = (1 + more * T) * (2 + 3 * T)
    return combine(
        le(total**2 * size, 2 * (1 - part) * C**2 * exp((C + 1) * T)),
        {
            power: 2 * (1 - part) * C**2 * E**3,
            two: C**2 / 4 * (1 + more * T),
            grows: more * total * wide,
        },
        slack=more * T * total * wide + more**2 * g**2 / 4 * wide + total**2 * more * T * (1 + 3 * T),
        label="2 q (1-q)/(2 + (C+1) T) >= m/(1-x^2)",
    )


def smaller_slope(x: Rational, early: Theorem | None) -> Theorem:
    """16/((1+x) T q(T)) <= K^2, multiplied out; where x = 0, ``early`` says T <= 2/5."""
    E, more = exp(T), C - 2
    goal = le(2 * T * (1 + E), (1 + x) * E**2)
    if early:
        grows = log_tangent(E, label="T <= e^T - 1")
        rest = combine(le(0, 1 - T), {early: 1}, slack=Rational(3, 5))
        two = combine(
            goal,
            {grows: E + 1 - T, early: T + Rational(12, 5)},
            slack=Rational(1, 25),
            facts=[combine(le(0, E + 1 - T), {rest: 1}, slack=E)],
            label="two classes",
        )
    else:
        near = log_tangent(E / 2, label="log at e^T = 2")
        two_is = [log_tangent(Rational(n, d), label=f"log {n}/{d}") for n, d in ((4, 3), (5, 4), (6, 5))]
        level = 1 - Rational(47, 60)  # log 2 <= 1/3 + 1/4 + 1/5
        slope = 1 - 2 * level
        two = combine(
            goal,
            dict.fromkeys((near, *two_is), 2 * (1 + E)),
            slack=x * (E - slope / (2 * x)) ** 2 + 2 * level - slope**2 / (4 * x),
            label="two classes",
        )
    power = log_tangent(exp(more * T), label="(C-2) T <= e^{(C-2)T} - 1")
    return combine(
        le(8 * T * (C - 1 + E), (1 + x) * C**2 * exp(C * T)),
        {power: (1 + x) * C**2 * E**2, two: C**2 * (1 + more * T)},
        slack=2 * T * (more**2 * (1 + E) + 4 * more * E + C**2 * (1 + E) * more * T),
        label="8 m T <= (1+x) q",
    )


def _paid(x: Rational, early: Theorem | None, late: Theorem | None) -> Theorem:
    """mean_c (1 - intra_c) <= K^2 eps, with (T - t_c)^2 paying 1/(1-x^2) and T - t_c 1/(1+x)."""
    square = route_constant() ** 2
    total = C - 1 + exp(T)
    spread_square = Mean((T - T * class_margin()) ** 2, c)
    left = T - Mean(T * class_margin(), c)
    share = 1 / (total**2 * (2 + (C + 1) * T) * T**2)
    return combine(
        le(Mean(lost(), c), square * eps),
        {
            mean_lost(x): 1,
            mean_support(): square,
            smaller_curvature(x, late): share * spread_square / (1 - x**2),
            smaller_slope(x, early): 2 / (T**2 * total) * left / (1 + x),
        },
        facts=[mean_margin_at_most()],
        label="the smaller constant pays for both",
    )


@lru_cache
def mean_route() -> Theorem:
    """mean_c (1 - intra_c) <= K^2 eps."""
    early = _paid(Integer(0), assume(EARLY), None)
    late = _paid(Rational(1, 4), None, assume(le(EARLY.rhs, T)))
    return cases(early, late, split=EARLY, label="T against 2/5")


@lru_cache
def prove() -> Theorem:
    """Markov's inequality where the bound is below 1, nothing to prove where it is not."""
    few = instantiate(few_classes(), {K: route_constant()}, label="the constant of the route")
    return combine(claim().conclusion, {cut(few, mean_route()): 1})  # type: ignore[arg-type]


def forsaken(gap: object, part: object) -> Witness:
    """Three of four classes form a simplex; the fourth has row 0 and tiny features across the others."""
    tiny, row = Rational(1, 1000), Rational(3, 80)  # row norm beta, T = 4 beta/3 = 1/20
    length = sqrt((4 - tiny**2) / 3)

    def direction(n: int, k: int) -> Expr:
        if n == 3:
            return Integer(0)
        return ((Integer(1) if n == k else Integer(0)) - Rational(1, 3)) / sqrt(Rational(2, 3))

    def unit(n: int, i: int, k: int) -> Expr:
        return (-1) ** i / sqrt(3) if n == 3 else direction(n, k)

    def size(n: int) -> Expr:
        return tiny if n == 3 else length

    functions: dict[Any, Any] = {
        w: lambda j, k: row * sqrt(Rational(4, 3)) * direction(j, k),
        h: lambda c, i, k: size(c) * unit(c, i, k),
        kappa: lambda c: Integer(0) if c == 3 else sqrt(Rational(4, 3)),
        rho: lambda c, i: size(c),
        u: direction,
        e: unit,
    }
    values = {alpha: Integer(1), beta: row, T: Rational(1, 20), eps: gap, delta: part}
    return Witness(4, 2, 3, functions, values, "one of four classes has row 0 and tiny features")


def twins() -> list[Twin]:
    gap, part = Rational(1, 8000), Rational(24, 100)
    rate = le(fraction(route_constant() ** 2 * eps / delta / 5), delta)
    return [
        Twin("without sqrt(C-1) in front", claim(1 / sqrt(C - 1)), forsaken(gap, part)),
        Twin("a fifth of K^2 eps/delta", Statement(rate, HYPOTHESES), forsaken(gap, part)),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(Mean(lost(), c), route_constant() ** 2 * eps), HYPOTHESES)
    return Neighbour("the mean over classes, with exponent 1 and K^2", goal, mean_route)


_C = value("C")
_AB = value("alpha") * value("beta")
_K = sqrt(2 * (_C - 1)) * exp(_C**2 * _AB / (2 * (_C - 1))) / _AB
THEOREM = Entry(
    name="pan-cao-route-intra",
    title="Pan & Cao's route to intra-class cosines, with its constants",
    kind="upper",
    source="Pan & Cao 2023, theorem 2.1 (intra-class): route; constants by this project (2026)",
    says=(
        "For every T and without bias, all but at most a fraction delta of the classes have "
        "intra_c > 1 - K sqrt(eps/delta), K = sqrt(2(C-1)) e^{C^2 alpha beta/(2(C-1))}/(alpha beta): "
        "strong convexity on the range of the margins, approximate Jensen, Cauchy-Schwarz. Without "
        "sqrt(C-1) it is false (C = 4, T = 1/20)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("exponential-remainder",),
    formula=Formula(
        1 - _K * sqrt(value("eps") / value("delta")),
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            CENTRED,
            DELTA_POSITIVE,
        ),
    ),
)
