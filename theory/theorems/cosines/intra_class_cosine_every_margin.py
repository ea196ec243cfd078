# SPDX-License-Identifier: MIT
"""mean_c (1 - intra_c) <= 2 e (1 + q (T + tau)/(4 K)), e = 1 - tau/T: linear in e for every T."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.configurations import flipped
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    CENTRED,
    LOSS_POSSIBLE,
    LOSS_STRICTLY_BELOW_LOG_C,
    NO_BIAS,
    NORMS_POSITIVE,
)
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import MARGIN
from theory.lemmas.class_settings import LOSS, tau
from theory.lemmas.direction_settings import (
    FIXED_DISTANCE,
    RADII,
    distance_bound,
    every_class,
    lost,
    lost_mean,
    near_bounded,
)
from theory.lemmas.directions import DIRECTIONS

HYPOTHESES = (*DIRECTIONS, *RADII, MARGIN, LOSS)
BOUND = distance_bound(tau, tau)


def claim(factor: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(lost(), factor * BOUND), hypotheses)


@lru_cache
def prove() -> Theorem:
    """1 - ||v||^2 <= ||r||^2 - 2 <r, v> + 1, whatever the row r: a square."""
    return lost_mean(near_bounded(tau, tau, LOSS), tau)


def witness(loss: Any = 2) -> Witness:
    """Two classes on a line, T = 4, one of ten samples of each class flipped: 1 - intra = 9/25."""
    base = flipped(Integer(4), good=9)
    return Witness(2, 10, 1, base.functions, {**base.values, tau: loss}, base.note)


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != LOSS)
    return [
        Twin("a fifth of the bound", claim(factor=Rational(1, 5)), witness()),
        Twin("any loss", claim(hypotheses=lossless), witness(4 - Rational(1, 10**6))),
    ]


def neighbour() -> Neighbour:
    every = every_class(prove(), BOUND, tau)
    return Neighbour("every class, C times the bound", Statement(every.relation, HYPOTHESES), lambda: every)


THEOREM = Entry(
    name="intra-class-cosine-every-margin",
    title="Intra-class cosine from loss and norms, at every margin",
    kind="upper",
    source="this project (2026); for Pan & Cao 2023, theorem 2.1 (intra-class) at small norms",
    says=(
        "The mean over classes of 1 - intra_c is at most 2 e (1 + q (T + tau)/(4 K)), e = 1 - tau/T, tau = "
        "phi^{-1}(L), q = q(tau), K = log C - phi(tau) - tau q > 0, without bias and for every T: linear in "
        "e also where (tau/T)^2 is no lower bound of intra_c."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        1 - FIXED_DISTANCE,
        (*NORMS_POSITIVE, NO_BIAS, CENTRED, LOSS_STRICTLY_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
)
