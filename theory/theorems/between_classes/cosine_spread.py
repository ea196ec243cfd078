# SPDX-License-Identifier: MIT
"""Standard deviation of the cosines between classes, from their mean distance to -1/(C-1)."""

from functools import lru_cache
from typing import Any

from sympy import Abs, Integer, Rational, sqrt

from theory.definitions import sq
from theory.definitions_collapse import cosine, max_angle, pairs, squared_angle_spread, unit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Relation, eq, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, c, j, nonnegative

distance = nonnegative("angle_distance", "D", "at least the mean over pairs of |cos + 1/(C-1)|")
UNIT = eq(sq(lambda x: unit(c, x)), 1, c)
NEAR = le(max_angle(), distance)
HYPOTHESES = (UNIT, NEAR)


def claim(factor: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(squared_angle_spread(), factor * C / (C - 1) * distance), hypotheses)


def one_pair() -> Theorem:
    """(cos + 1/(C-1))^2 <= C/(C-1) |cos + 1/(C-1)|: cosines lie between -1 and 1."""
    mine, half, most = assume(UNIT), Rational(1, 2), C / (C - 1)
    theirs = instantiate(mine, {c: j})
    gap = cosine(c, j) + 1 / (C - 1)
    above = combine(
        le(0, most - gap),
        {mine: half, theirs: half},
        slack=sq(lambda x: unit(c, x) - unit(j, x)) / 2,
        label="cos <= 1",
    )
    below = combine(
        le(0, most + gap),
        {mine: half, theirs: half},
        slack=sq(lambda x: unit(c, x) + unit(j, x)) / 2 + 2 / (C - 1),
        label="cos >= -1",
    )
    bounded = combine(
        le(Abs(gap), most),
        {above: (most + gap) / (most + Abs(gap))},
        facts=[below],
        label="c - |D| = (c - D) (c + D)/(c + |D|)",
    )
    return combine(le(gap**2, most * Abs(gap)), {bounded: Abs(gap)}, label="one pair")


@lru_cache
def prove() -> Theorem:
    """A variance is at most the mean square about -1/(C-1)."""
    each = average(average(one_pair(), j, excluding=c, label="mean over the other classes"), c)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {each: 1, assume(NEAR): C / (C - 1)},
        slack=(pairs(cosine) + 1 / (C - 1)) ** 2,
        label="mean over pairs",
    )


def witness(stretch: int = 1, bound: Any = None) -> Witness:
    """Four classes on three corners of a simplex of four, ||u|| = stretch: 2 of 12 cosines are 1."""
    corners = ((1, 1, 1), (1, 1, 1), (1, -1, -1), (-1, 1, -1))
    return Witness(
        4,
        1,
        3,
        {unit: lambda c, k: stretch * Integer(corners[c][k]) / sqrt(3)},
        {distance: Rational(2, 9) if bound is None else bound},
        "two of four classes in one direction",
    )


def twins() -> list[Twin]:
    return [
        Twin("four fifths of the bound", claim(factor=Rational(4, 5)), witness()),
        Twin("vectors of any norm", claim(hypotheses=(NEAR,)), witness(3, 5)),
        Twin("any angles", claim(hypotheses=(UNIT,)), witness(bound=Rational(1, 100))),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(squared_angle_spread(), 2 * distance), HYPOTHESES)
    return Neighbour(
        "twice the distance",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(C - 2) / (C - 1) * distance),  # type: ignore[arg-type]
    )


_C = value("C")
THEOREM = Entry(
    name="cosine-spread",
    title="Standard deviation of cosines from their mean distance to the simplex",
    kind="upper",
    source="this project (2026); measures of Papyan, Han & Donoho 2020, figures 3 and 4",
    says=(
        "If the mean over pairs of classes of |cos + 1/(C-1)| is at most D, the standard deviation of the "
        "cosines is at most sqrt(C D/(C-1)): what bounds the one measure of NC2 (angles-of-rows, "
        "angles-of-means, and their forms for weight decay) bounds the other."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(sqrt(_C / (_C - 1) * value("angle_distance"))),
)
