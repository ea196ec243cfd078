# SPDX-License-Identifier: MIT
"""Cosines between classes from loss and norms: a square root in the loss gap, with small constants."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.configurations import flipped
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, LOSS_POSSIBLE, LOSS_STRICTLY_BELOW_LOG_C, NO_BIAS, NORMS_POSITIVE
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import MARGIN
from theory.lemmas.class_settings import LOSS, tau
from theory.lemmas.direction_settings import RADII
from theory.lemmas.directions import DIRECTIONS
from theory.lemmas.equiangular import Lambda, pair, spectral_weights, test
from theory.lemmas.inter_class import PAIRS, TABLE, excess, free
from theory.lemmas.joint_budget import STEP
from theory.lemmas.joint_numbers import FIXED_EXCESS
from theory.lemmas.joint_settings import at_least_rate, bounded_distance, open_bounded, room, whole_bound
from theory.proving import combine

HYPOTHESES = (
    *DIRECTIONS,
    *RADII,
    MARGIN,
    LOSS,
    *TABLE,
    PAIRS,
    spectral_weights(),
)
EIGHTH = Rational(1, 8)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    bound = whole_bound(tau, bounded_distance(tau, STEP))
    return Statement(le(excess(), factor * bound + extra), hypotheses)


def follows(goal: Statement, premise: Theorem, **more: Any) -> Theorem:
    """``goal`` from ``premise``: the quotients have positive denominators."""
    return combine(goal.conclusion, {premise: 1}, facts=room(tau), **more)  # type: ignore[arg-type]


@lru_cache
def prove() -> Theorem:
    """Gibbs' inequality tilted along the table, sample by sample: one budget for rows and directions."""
    return follows(claim(), at_least_rate(open_bounded(tau, LOSS), tau))


def witness(size: Any = 1, loss: Any = 2, at: Any = EIGHTH) -> Witness:
    """Two classes on a line, T = 4, one of ten samples of each class flipped: <v_1, v_2> = -16/25."""
    base = flipped(Integer(4), good=9)
    functions = {**base.functions, test: lambda c, j: Integer(size), pair: lambda c, j: Integer(0)}
    values = {tau: loss, free: at, Lambda: 2}
    return Witness(2, 10, 1, functions, {**base.values, **values}, base.note)


def twins() -> list[Twin]:
    untested = tuple(a for a in HYPOTHESES if a not in TABLE)
    lossless = tuple(a for a in HYPOTHESES if a != LOSS)
    return [
        Twin("a twentieth of the bound", claim(factor=Rational(1, 20)), witness(at=Integer(1))),
        Twin("any loss", claim(hypotheses=lossless), witness(loss=4 - Rational(1, 10**6))),
        Twin("the table may exceed 1", claim(hypotheses=untested), witness(size=10**6)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=free)
    return Neighbour("x more", goal, lambda: follows(goal, prove(), slack=free))


THEOREM = Entry(
    name="inter-class-cosine",
    title="Cosines between classes from loss and norms",
    kind="upper",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.1 (inter-class)",
    says=(
        "For a loss phi(tau), q = q(tau) and K = log C - phi(tau) - tau q (> 0), without bias, the mean "
        "over pairs of the positive part of inter + 1/(C-1) is at most (C/(C-1)) D (1 + 1/x) + (Lambda/(16 "
        "C)) (omega x/(1 + x) + (1 + 2 omega)^2 x)/(1 + omega)^2, D = 2 e (1 + q (T + tau)/(4 K)) + (2 + "
        "tau q/K) b/T, e = 1 - tau/T, s = x/(4 (1 + x) (1 + omega)), b = s^2 (1/2 + (3/4) s^2), omega = T "
        "q/(2 K), Lambda = ||W~||_op^2/beta^2, for any x > 0: where q is small about (C/(C-1)) ((e (Lambda "
        "(C-1)/C^2 + 1/T)/2)^(1/2) + 2 e), a square root with its best factor (for C = 5, 9, 13, ...). "
        "Stated with any table 0 <= f <= 1 over the pairs (best: the indicator of the positive ones)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "inter_class_cosine.excess",
        "<=",
        FIXED_EXCESS,
        (*NORMS_POSITIVE, NO_BIAS, CENTRED, LOSS_STRICTLY_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
)
