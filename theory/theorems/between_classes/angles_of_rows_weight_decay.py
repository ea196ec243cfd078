# SPDX-License-Identifier: MIT
"""Cosines between raw classifier rows from weight decay and regularised loss."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.definitions_collapse import POLAR, max_angle
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.angle_numbers import DECAY_ANGLES, DECAY_ROWS
from theory.lemmas.class_angles import rows
from theory.lemmas.class_settings import (
    DECAYED,
    GAP,
    at_decay,
    decayed,
    isosceles,
)
from theory.lemmas.equiangular import CENTRED, TEST, spectral_weights
from theory.lemmas.near_unit import OFF, ROW_SPREAD
from theory.lemmas.pair_angles import SIGNS, SYMMETRIC
from theory.lemmas.raw_rows import (
    OFF_ALONG,
    ROOM,
    SCALE,
    THIRD_MASS,
    row_angles,
    rows_bound,
)
from theory.lemmas.tilted_classes import STRENGTH, strength
from theory.proving import combine

HYPOTHESES = (
    *DECAYED,
    *(at_decay(rows(relation)) for relation in (*POLAR[:1], OFF)),
    *POLAR[1:],
    *TEST,
    SYMMETRIC,
    SIGNS,
    CENTRED,
    STRENGTH,
    *map(at_decay, (SCALE, ROOM, THIRD_MASS, rows(OFF_ALONG))),
    at_decay(spectral_weights()),
)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(max_angle(), factor * at_decay(rows_bound(ROW_SPREAD)) + extra), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Gibbs' inequality tilted along the signs, lifted where rows are short; norms by a tangent of phi."""
    return combine(claim().conclusion, {decayed(row_angles(), HYPOTHESES): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != GAP)
    loose = tuple(a for a in HYPOTHESES if a != POLAR[1])
    small = Rational(1, 100)
    return [
        Twin(
            "a thousandth of the bound",
            claim(factor=Rational(1, 1000)),
            isosceles(gap=Rational(1, 10), decay=True),
        ),
        Twin(
            "any regularised loss",
            claim(hypotheses=lossless),
            isosceles(small, gap=Rational(1, 10**6), decay=True),
        ),
        Twin("directions of any norm", claim(hypotheses=loose), isosceles(long=Integer(10) ** 3, decay=True)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=strength)
    return Neighbour(
        "s more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=strength),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="angles-of-rows-weight-decay",
    title="Cosines between raw classifier rows, from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 4; Pan & Cao 2023, theorem 2.2",
    says=(
        "For lambda <= lambda_2(C), without bias, q* < 1/3, the mean over pairs of |cos + 1/(C-1)| "
        "between the raw classifier rows is at most V^2 (C/(C-1) (e/s + s (Lambda (C-1)/(2 C^2) + (1/2 + "
        "(9/20) s^2)/T*) + 2 g (Lambda/C)^(1/2) + 8 V^2 g^2 Lambda/C + 2 g^2) + C N/(C-1)^2), N = 2 r + 2 "
        "g + g^2, r = e = eps/(T* q*), eps = L_reg - m_reg, g = ||wbar|| in units of beta* = sqrt((C-1) "
        "T*) C^(-3/4), Lambda = ||W~||_op^2, in the same unit, for any V >= 1 + V g and 0 < s < 1/2 with "
        "s (7/2 + V^2 g^2) <= 2 (1 - V^2 g^2 - V^2 (1+q*)/((1-q*) T*)). Stated with the table f of signs."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable("nc2.max_angle_weights", "<=", DECAY_ANGLES.row_angles(), DECAY_ROWS),
)
