# SPDX-License-Identifier: MIT
"""Yang et al. 2022: what the dot-regression loss says of the distance to collapse, sharp.

With a fixed classifier whose rows have norm r and features of norm at most rho, the loss of a sample is
(<w_c, h> - r rho)^2/(2 r rho).  It vanishes at h = (rho/r) w_c and nowhere else, and
E||h - (rho/r) w_c||^2 <= sqrt(8 rho^3 L/r).
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import dot, sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem, apply
from theory.proving import assume, average, combine, square_monotone
from theory.symbols import c, h, i, positive, w

rho = positive("rho_h", r"\rho_h", "bound on the norm of every feature, sqrt(E_H)")
r = positive("r_w", "r_w", "norm of every classifier row")
BALL = le(sq(lambda x: h(c, i, x)), rho**2, c, i)
ROWS = eq(sq(lambda x: w(c, x)), r**2, c)
HYPOTHESES = (BALL, ROWS)


def missing() -> Expr:
    """r rho - <w_c, h_ci>."""
    return r * rho - dot(lambda x: w(c, x), lambda x: h(c, i, x))


def distance() -> Expr:
    """E||h - (rho/r) w_c||^2."""
    return Mean(sq(lambda x: h(c, i, x) - rho / r * w(c, x)), c, i)


def dot_regression() -> Expr:
    """E (<w_c, h> - r rho)^2/(2 r rho)."""
    return Mean(missing() ** 2, c, i) / (2 * r * rho)


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(factor * distance() ** 2, 8 * rho**3 / r * dot_regression()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """||h - (rho/r) w||^2 <= (2 rho/r)(r rho - <w, h>); then Cauchy-Schwarz."""
    ball, rows = map(assume, HYPOTHESES)
    near = combine(
        le(distance(), 2 * rho / r * Mean(missing(), c, i)),
        {average(ball, c, i): 1, average(rows, c): rho**2 / r**2},
        label="expand the square",
    )
    schwarz = apply("cauchy_schwarz", u=missing(), v=Integer(1), over=(c, i), label="mean of squares")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {square_monotone(near): 1, schwarz: 4 * rho**2 / r**2},
        label="in units of the loss",
    )


def witness() -> Witness:
    """Two rows (+-1, 0), features (+-3/5, 4/5): all of norm 1, cosine 3/5."""
    return _turned(Integer(1))


def _turned(length: Expr) -> Witness:
    return Witness(
        2,
        1,
        2,
        {
            w: lambda j, k: Integer((1 - 2 * j) * (1 - k)),
            h: lambda c, i, k: length * (Rational(4, 5) if k else Rational(3, 5) * (1 - 2 * c)),
        },
        {r: Integer(1), rho: Integer(1)},
        f"features of norm {length} at cosine 3/5",
    )


def twins() -> list[Twin]:
    return [
        Twin("1 % stronger", claim(Rational(101, 100)), witness()),
        Twin("features unbounded", claim(hypotheses=(ROWS,)), _turned(Rational(5, 3))),
    ]


def neighbour() -> Neighbour:
    goal = claim(Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=distance() ** 2 / 100),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="yang-2022-dot-regression",
    title="Distance to collapse from the dot-regression loss",
    kind="tight",
    source="Yang et al. 2022, arXiv:2203.09081 (dot-regression loss); the bound: this project (2026)",
    says=(
        "With rows of norm r and features of norm at most rho, E||h - (rho/r) w_c||^2 <= sqrt(8 rho^3 L/r) "
        "for the dot-regression loss L: zero loss is collapse. Attained, at every loss."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        sqrt(8 * value("radius") ** 3 * value("dot_regression_loss") / value("row_norm")),
        (
            Condition("0 < radius", Integer(0), value("radius"), strict=True),
            Condition("0 < row norm", Integer(0), value("row_norm"), strict=True),
        ),
    ),
)
