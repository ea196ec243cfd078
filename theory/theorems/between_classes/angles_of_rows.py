# SPDX-License-Identifier: MIT
"""Cosines between raw classifier rows from loss and norms."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.definitions_collapse import POLAR, max_angle
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.angle_numbers import FIXED_ANGLES, FIXED_ROWS
from theory.lemmas.class_angles import rows
from theory.lemmas.class_settings import (
    FIXED,
    LOSS,
    angled,
    at_loss,
    fixed,
    proved_at_loss,
)
from theory.lemmas.equiangular import spectral_weights
from theory.lemmas.raw_rows import CHOICES, of_norm, positive_step, row_angles, rows_bound
from theory.lemmas.signs import PAIR, blur
from theory.proving import combine

HYPOTHESES = (
    *FIXED,
    rows(POLAR[0]),
    *POLAR[1:],
    PAIR,
    *(at_loss(of_norm(a)) for a in CHOICES),
    spectral_weights(),
)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(max_angle(), factor * at_loss(rows_bound()) + extra), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Gibbs' inequality tilted along the signs, lifted where rows are short; all classes pay for one."""
    facts = [proved_at_loss(positive_step())]
    return combine(claim().conclusion, {fixed(row_angles(), HYPOTHESES): 1}, facts=facts)  # type: ignore[arg-type]


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != LOSS)
    loose = tuple(a for a in HYPOTHESES if a != POLAR[1])
    small = Rational(1, 100)
    return [
        Twin("a thousandth of the bound", claim(factor=Rational(1, 1000)), angled(free=10)),
        Twin("any loss", claim(hypotheses=lossless), angled(small, margin=3)),
        Twin("directions of any norm", claim(hypotheses=loose), angled(long=Integer(10) ** 3, free=10)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=blur)
    return Neighbour(
        "eta more",
        goal,
        lambda: combine(
            goal.conclusion,  # type: ignore[arg-type]
            {prove(): 1},
            slack=blur,
            facts=[proved_at_loss(positive_step())],
        ),
    )


THEOREM = Entry(
    name="angles-of-rows",
    title="Cosines between raw classifier rows, from loss and norms",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 4",
    says=(
        "For a loss phi(tau), without bias, the mean over pairs of |cos + 1/(C-1)| between the raw "
        "classifier rows is at most eta + V^2 (C/(C-1) (e/s + s (Lambda (C-1)/(2 C^2) + (1/2 + (9/20) "
        "s^2)/T) + 2 o + 8 V^2 o^2 + 2 g^2) + C N/(C-1)^2), e = 1 - tau/T, N = (m (tau/(T C))^(1/2) + "
        "g)^2, g = ||wbar||/beta, o = root mean square of <wbar, w_c - wbar>/beta^2, at most g "
        "(Lambda/C)^(1/2), Lambda = ||W~||_op^2/beta^2, for any y, eta > 0 and any V with (1 + V g)^2 + "
        "(M - 1) s <= V^2 tau/T and V^2 (g^2 + k) < M, M the larger of 1 and (20/9) (C-1) e^(-tau), k = "
        "(1+q)/((1-q) T), q = q(tau), s the least of 1/2 and 2 (1 - V^2 (g^2 + k)/M)/(7/2 + V^2 g^2), "
        "divided by 1 + y. m = (1 + Y)^(1/2) - 1, Y = A' n + ((A' n)^2 + 2 B' n)^(1/2), n = C |T/tau - "
        "1|, A' and B' the A and B of norms-of-rows. Of Lambda only what it is for the table D/(|D| + "
        "eta) of signs is used, D = cos + 1/(C-1). The number takes the least V, eta to 0, and s = "
        "(e/A)^(1/2), A = Lambda (C-1)/(2 C^2) + 1/(2 T), where it can."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable("nc2.max_angle_weights", "<=", FIXED_ANGLES.row_angles(), FIXED_ROWS),
)
