# SPDX-License-Identifier: MIT
"""One class: mean cosine with its mean >= 1 - 2 nu_c, hence 1 - intra_c <= 4 nu_c, attained by flips at 0."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational, sqrt

from theory.definitions import dot, mu, sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.budgets import axis, share, size
from theory.lemmas.polar import class_cosine, e, rho
from theory.proving import assume, average, cases, combine
from theory.symbols import c, d, h, i, k

SPLIT = eq(h(c, i, k), rho(c, i) * e(c, i, k), c, i, k)
MEAN = eq(mu(c, k), size(c) * share(c) * axis(c, k), c, k)
SQUARE = eq(Mean(rho(c, i) ** 2, i), size(c) ** 2, c)
DIRECTION = le(sq(lambda x: e(c, i, x)), 1, c, i)
AXIS = eq(sq(lambda x: axis(c, x)), 1, c)
SIGNS = (le(0, rho(c, i), c, i), lt(0, size(c), c), le(0, share(c), c))
HYPOTHESES = (SPLIT, MEAN, SQUARE, DIRECTION, AXIS, *SIGNS)


def turn() -> Any:
    """x_ci = <e_ci, axis_c>, the cosine of a feature with the mean of its class."""
    return dot(lambda x: e(c, i, x), lambda x: axis(c, x))


def claim(bound: Any = None, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    least = 2 * share(c) ** 2 - 1 if bound is None else bound
    return Statement(le(Mean(least, c), Mean(turn(), c, i)), hypotheses)


def _near(sign: int) -> Theorem:
    """-1 <= x (sign 1) or x <= 1 (sign -1), as 0 <= 1 + sign x."""
    square = sq(lambda x: e(c, i, x) + sign * axis(c, x)) / 2
    half = Rational(1, 2)
    return combine(
        le(0, 1 + sign * turn()),
        {assume(DIRECTION): half, assume(AXIS): half},
        slack=square,
        label="a square",
    )


@lru_cache
def _sample() -> Theorem:
    """4 a r rho x - 2 a^2 rho^2 <= r^2 (1 + x)."""
    a, r, x = share(c), size(c), turn()
    goal = le(4 * a * r * rho(c, i) * x - 2 * a**2 * rho(c, i) ** 2, r**2 * (1 + x))
    length, norm, part = map(assume, SIGNS)
    forward, backward = assume(le(0, x)), assume(le(x, 0))
    right = combine(
        goal,
        {_near(-1): r**2 * (1 + 2 * x)},
        slack=2 * (a * rho(c, i) - r * x) ** 2,
        facts=[combine(le(0, 1 + 2 * x), {forward: 2}, slack=1)],
        label="x >= 0: a square and (1 - x)(1 + 2 x)",
    )
    left = combine(
        goal,
        {_near(1): r**2, backward: 4 * a * r * rho(c, i)},
        slack=2 * a**2 * rho(c, i) ** 2,
        facts=[length, norm, part],
        label="x <= 0: every term",
    )
    return cases(right, left, split=le(0, x), label="sign of the cosine")


@lru_cache
def one_class() -> Theorem:
    """E rho x = r a, E rho^2 = r^2, and division by r^2."""
    a, r = share(c), size(c)
    one = combine(
        eq(h(c, i, k) * axis(c, k), rho(c, i) * e(c, i, k) * axis(c, k)), {assume(SPLIT): axis(c, k)}
    )
    mean = combine(
        eq(mu(c, k) * axis(c, k), r * a * axis(c, k) ** 2), {assume(MEAN): axis(c, k)}, label="class mean"
    )
    inside = Mean(rho(c, i) * turn(), i)
    own = combine(
        eq(inside, r * a),
        {
            average(one, i, k, label="mean over the class"): -d,
            average(mean, k): d,
            assume(AXIS): r * a,
        },
        label="mean margin",
    )
    norm = assume(SIGNS[1])
    return combine(
        le(2 * a**2 - 1, Mean(turn(), i)),
        {
            average(_sample(), i, label="mean over the class"): 1 / r**2,
            own: -4 * a / r,
            assume(SQUARE): 2 * a**2 / r**2,
        },
        facts=[norm],
        label="divide by the mean square norm",
    )


@lru_cache
def prove() -> Theorem:
    """Class by class."""
    return combine(claim().conclusion, {average(one_class(), c): 1}, label="mean over classes")  # type: ignore[arg-type]


def flipped_at_zero(length: Any = 1) -> Witness:
    """Three of four samples at 1, the fourth at 0 with direction -1: a = sqrt(3)/2, mean cosine 1/2."""
    functions: dict[Any, Any] = {
        h: lambda c, i, k: Integer(1 if i < 3 else 0),
        rho: lambda c, i: Integer(1 if i < 3 else 0),
        e: lambda c, i, k: Integer(1 if i < 3 else -1),
        axis: lambda c, k: Integer(1),
        size: lambda c: sqrt(Rational(3, 4)),
        share: lambda c: length * sqrt(Rational(3, 4)),
    }
    return Witness(2, 4, 1, functions, {}, "three samples at 1 and one at 0, directed the other way")


def twins() -> list[Twin]:
    a = share(c)
    free = tuple(b for b in HYPOTHESES if b != MEAN)
    return [
        Twin("(1 - nu_c)^(1/2) instead of 1 - 2 nu_c", claim(a), flipped_at_zero()),
        Twin("1 - (9/5) nu_c", claim(1 - Rational(9, 5) * (1 - a**2)), flipped_at_zero()),
        Twin("any class mean", claim(hypotheses=free), flipped_at_zero(length=sqrt(Rational(4, 3)))),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(1 - class_cosine(), 4 * (1 - share(c) ** 2)), HYPOTHESES)

    def proof() -> Theorem:
        """(E x)^2 <= intra_c, and 1 - y^2 <= 2 (1 - y)."""
        centre = lambda x: Mean(e(c, i, x), i)  # noqa: E731
        schwarz = apply("cauchy_schwarz", u=axis(c, k), v=centre(k), over=(k,), label="over coordinates")
        inside = combine(
            le(Mean(turn(), i) ** 2, class_cosine()),
            {schwarz: d**2, assume(AXIS): class_cosine()},
            label="mean cosine against the mean direction",
        )
        return combine(
            goal.conclusion,  # type: ignore[arg-type]
            {one_class(): 2, inside: 1},
            slack=(1 - Mean(turn(), i)) ** 2,
        )

    return Neighbour("class by class, 1 - intra_c <= 4 nu_c", goal, proof)


_nu = value("class_spread")
THEOREM = Entry(
    name="pan-cao-cosine-from-variability",
    title="Cosines of one class from its variability",
    kind="tight",
    source="this project (2026); links Pan & Cao 2023 (intra-class cosine) with NC1",
    says=(
        "For every class with features not all 0, the mean cosine of its features with their mean is "
        "at least 1 - 2 nu_c, nu_c = E||h - mu_c||^2/E||h||^2; hence 1 - intra_c <= 4 nu_c. No loss, "
        "no condition; attained by samples at 0 that point the other way."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=flipped_at_zero,
    formula=Formula(1 - 2 * _nu, (Condition("nu_c at most 1", _nu, Integer(1)),)),
)
