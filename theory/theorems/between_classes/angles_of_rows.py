# SPDX-License-Identifier: MIT
"""Cosines between raw classifier rows from loss and norms."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.definitions_collapse import POLAR, max_angle
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import y
from theory.lemmas.class_angles import row_angles, rows, rows_bound
from theory.lemmas.class_settings import (
    FIXED,
    FIXED_CONDITIONS,
    FIXED_NUMBERS,
    LOSS,
    at_loss,
    far_from_zero,
    fixed,
    isosceles,
)
from theory.lemmas.equiangular import CENTRED, TEST, spectral_weights
from theory.lemmas.near_unit import OFF
from theory.lemmas.pair_angles import SIGNS, SMALL, SYMMETRIC
from theory.proving import combine

HYPOTHESES = (
    *FIXED,
    *((rows(relation)) for relation in (*POLAR[:1], OFF)),
    *POLAR[1:],
    *TEST,
    SYMMETRIC,
    SIGNS,
    SMALL,
    CENTRED,
    spectral_weights(),
)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(max_angle(), factor * at_loss(rows_bound()) + extra), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Inner products by a tilted Gibbs inequality, norms by a tangent of phi, cosines from both."""
    return combine(claim().conclusion, {fixed(row_angles(), HYPOTHESES): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != LOSS)
    loose = tuple(a for a in HYPOTHESES if a != POLAR[1])
    small = Rational(1, 100)
    return [
        Twin("a thousandth of the bound", claim(factor=Rational(1, 1000)), isosceles()),
        Twin("any loss", claim(hypotheses=lossless), isosceles(small, margin=3)),
        Twin("directions of any norm", claim(hypotheses=loose), isosceles(long=Integer(10) ** 3)),
        Twin(
            "rows at any distance from 0",
            claim(hypotheses=tuple(a for a in HYPOTHESES if a != rows(OFF))),
            far_from_zero(small),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=y)
    return Neighbour(
        "y more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=y),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="angles-of-rows",
    title="Cosines between raw classifier rows, from loss and norms",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 4",
    says=(
        "For a loss phi(tau), tau >= T_2(C), without bias, the mean over pairs of |cos + 1/(C-1)| "
        "between the raw classifier rows is at most X + Y + 2 sqrt(Y (X + Y)): X = P + C N/(C-1)^2, Y "
        "= C N/(C-1), N = 2 r + 2 g + g^2, P = C/(C-1) (2 e + 2 sqrt(e A) + 2 g (5/4 + N) + g^2), r = "
        "2 (1 - sqrt(tau/T)), e = 1 - tau/T, A = Lambda (C-1)/(2 C^2) + 1/(2 T), g = ||wbar|| in "
        "units of beta, Lambda = ||W~||_op^2 / beta^2. Stated with the table f of signs and any g, y "
        "> 0, 0 < x <= 1."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable("nc2.max_angle_weights", "<=", FIXED_NUMBERS.row_angles(), FIXED_CONDITIONS),
)
