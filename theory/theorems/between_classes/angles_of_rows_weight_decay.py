# SPDX-License-Identifier: MIT
"""Cosines between raw classifier rows from weight decay and regularised loss."""

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
    DECAY_CONDITIONS,
    DECAY_NUMBERS,
    DECAYED,
    GAP,
    at_decay,
    decayed,
    isosceles,
)
from theory.lemmas.equiangular import CENTRED, TEST, spectral_weights
from theory.lemmas.near_unit import OFF
from theory.lemmas.pair_angles import SIGNS, SMALL, SYMMETRIC
from theory.proving import combine

HYPOTHESES = (
    *DECAYED,
    *(at_decay(rows(relation)) for relation in (*POLAR[:1], OFF)),
    *POLAR[1:],
    *TEST,
    SYMMETRIC,
    SIGNS,
    SMALL,
    CENTRED,
    at_decay(spectral_weights()),
)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(max_angle(), factor * at_decay(rows_bound()) + extra), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Inner products by a tilted Gibbs inequality, norms by a tangent of phi, cosines from both."""
    return combine(claim().conclusion, {decayed(row_angles(), HYPOTHESES): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != GAP)
    loose = tuple(a for a in HYPOTHESES if a != POLAR[1])
    small = Rational(1, 100)
    return [
        Twin("a thousandth of the bound", claim(factor=Rational(1, 1000)), isosceles(decay=True)),
        Twin(
            "any regularised loss",
            claim(hypotheses=lossless),
            isosceles(small, gap=Rational(1, 10**6), decay=True),
        ),
        Twin("directions of any norm", claim(hypotheses=loose), isosceles(long=Integer(10) ** 3, decay=True)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=y)
    return Neighbour(
        "y more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=y),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="angles-of-rows-weight-decay",
    title="Cosines between raw classifier rows, from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 4; Pan & Cao 2023, theorem 2.2",
    says=(
        "For lambda <= lambda_2(C), without bias, the mean over pairs of |cos + 1/(C-1)| between the "
        "raw classifier rows is at most X + Y + 2 sqrt(Y (X + Y)): X = P + C N/(C-1)^2, Y = C "
        "N/(C-1), N = 2 r + 2 g + g^2, P = C/(C-1) (2 e + 2 sqrt(e A) + 2 g (5/4 + N) + g^2), r = e = "
        "eps/(T* q*), eps = L_reg - m_reg, A = Lambda (C-1)/(2 C^2) + 1/(2 T*), g = ||wbar|| in units "
        "of beta* = sqrt((C-1) T*) C^(-3/4), Lambda = ||W~||_op^2, in the same unit. Stated with the "
        "table f of signs and any g, y > 0, 0 < x <= 1."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable("nc2.max_angle_weights", "<=", DECAY_NUMBERS.row_angles(), DECAY_CONDITIONS),
)
