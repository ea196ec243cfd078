# SPDX-License-Identifier: MIT
"""Approximate Jensen: |mean_S x - xbar| <= sqrt(2 eps (1-delta)/(m delta)), attained by two points."""

from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem, apply
from theory.proving import assume, average, combine
from theory.symbols import atom, c, delta, eps, positive, real

point = atom("point", "x", "point(c): one of finitely many real numbers")
height = atom("height", "f", "height(c): value of a function at the point, or more")
member = atom("member", "s", "member(c): 1 if the point belongs to the set S, 0 if not; or between")
strength = positive("m_convex", "m", "constant of strong convexity")
level = real("f_mean", r"f(\bar x)", "value of the function at the mean of the points")
slope = real("f_slope", r"f'(\bar x)", "slope of the function at the mean of the points")


def mean_point() -> Expr:
    """xbar, the mean of all points."""
    return Mean(point(c), c)


def moved() -> Expr:
    """x_c - xbar."""
    return point(c) - mean_point()


SUPPORT = le(level + slope * moved() + strength / 2 * moved() ** 2, height(c), c)
GAP = le(Mean(height(c), c), level + eps)
WEIGHTS = le(member(c) ** 2, member(c), c)
SIZE = eq(Mean(member(c), c), delta)
HYPOTHESES = (SUPPORT, GAP, WEIGHTS, SIZE)


def claim(factor: Any = 1, part: Any = 1 - delta, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    chosen = Mean(member(c) * point(c), c) / delta - mean_point()
    return Statement(le(chosen**2, factor * 2 * eps * part / (strength * delta)), hypotheses)


def prove() -> Theorem:
    """delta (mean_S x - xbar) = E (s - delta)(x - xbar); Cauchy-Schwarz; (m/2) E (x - xbar)^2 <= eps."""

    support = average(assume(SUPPORT), c, label="mean over the points")
    size, weights = assume(SIZE), average(assume(WEIGHTS), c)
    schwarz = apply("cauchy_schwarz", u=member(c) - delta, v=moved(), over=(c,), label="over the points")
    share = Mean((member(c) - delta) ** 2, c)
    spread = Mean(moved() ** 2, c)
    narrow = combine(
        le(share, delta * (1 - delta)), {weights: 1, size: 1 - 2 * delta}, label="variance of the weights"
    )
    near = combine(le(spread, 2 * eps / strength), {support: 2 / strength, assume(GAP): 2 / strength})
    inside = Mean(member(c) * moved(), c)
    total = combine(eq(inside, Mean(member(c) * point(c), c) - delta * mean_point()), {size: -mean_point()})
    both = inside + Mean(member(c) * point(c), c) - delta * mean_point()
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            schwarz: 1 / delta**2,
            narrow: 2 * eps / (strength * delta**2),
            near: share / delta**2,
            total: -both / delta**2,
        },
        label="Cauchy-Schwarz",
    )


def two_points(**changes: Any) -> Witness:
    """x = 1, -1 and f = m x^2/2 with m = 1: S is the first point, delta = 1/2, eps = 1/2."""
    at = (Integer(1), Integer(-1))
    functions: dict[Any, Any] = {
        point: lambda c: at[c],
        height: lambda c: Rational(1, 2),
        member: lambda c: Integer(1 - c),
    }
    values: dict[Any, Any] = {strength: 1, level: 0, slope: 0, eps: Rational(1, 2), delta: Rational(1, 2)}
    values |= {symbol: changes[symbol.name] for symbol in values if symbol.name in changes}
    return Witness(2, 1, 1, functions, values, "two points 1 and -1 of x^2/2, S the first of them")


def twins() -> list[Twin]:
    free = tuple(a for a in HYPOTHESES if a != SUPPORT)
    wild = two_points()
    heavy = Witness(
        2,
        1,
        1,
        {**wild.functions, member: lambda c: 10 * (1 - 2 * c) + Rational(1, 2)},
        wild.values,
        "weights",
    )
    unweighted = tuple(a for a in HYPOTHESES if a != WEIGHTS)
    return [
        Twin("1 % less", claim(Rational(99, 100)), two_points()),
        Twin("(1-delta)^2 instead of 1-delta", claim(part=(1 - delta) ** 2), two_points()),
        Twin(
            "any function",
            Statement(claim().conclusion, free),
            two_points(eps=Rational(1, 10), m_convex=9, f_mean=Rational(1, 2)),
        ),
        Twin("weights of any size", Statement(claim().conclusion, unweighted), heavy),
    ]


def neighbour() -> Neighbour:
    goal = claim(part=Integer(1))

    def proof() -> Theorem:
        """1 - delta <= 1."""
        return combine(goal.conclusion, {prove(): 1}, slack=2 * eps / strength)  # type: ignore[arg-type]

    return Neighbour("without the factor 1 - delta", goal, proof)


_m, _eps, _delta = value("strong_convexity"), value("eps"), value("delta")
THEOREM = Entry(
    name="pan-cao-approximate-jensen",
    title="Approximate Jensen inequality, with the best constant",
    kind="tight",
    source="Pan & Cao 2023, lemma on approximate Jensen; constant by this project (2026)",
    says=(
        "If mean f(x) <= f(xbar) + eps and f has constant m of strong convexity (a quadratic support "
        "at the mean is enough), the mean over any share delta of the points is within sqrt(2 eps "
        "(1-delta)/(m delta)) of xbar; weights between 0 and 1 do as well as sets; attained by two "
        "points of a parabola."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=two_points,
    formula=Formula(
        sqrt(2 * _eps * (1 - _delta) / (_m * _delta)),
        (
            Condition("m > 0", Integer(0), _m, strict=True),
            Condition("delta > 0", Integer(0), _delta, strict=True),
        ),
    ),
)
