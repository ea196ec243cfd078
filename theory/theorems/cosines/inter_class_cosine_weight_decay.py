# SPDX-License-Identifier: MIT
"""Cosines between classes from weight decay and regularised loss."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.configurations import flipped_at_decay
from theory.definitions import q
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    CENTRED,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    NO_BIAS,
    NORMS_POSITIVE,
)
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.class_settings import GAP, at_decay
from theory.lemmas.direction_settings import FEATURES
from theory.lemmas.equiangular import Lambda, pair, spectral_weights, test
from theory.lemmas.inter_class import PAIRS, TABLE, excess, free
from theory.lemmas.joint_budget import STEP
from theory.lemmas.joint_numbers import DECAY_EXCESS
from theory.lemmas.joint_settings import at_least_rate, decayed_distance, open_decayed, room, whole_bound
from theory.lemmas.weight_decay import SCALE
from theory.proving import combine
from theory.symbols import T, eps

HYPOTHESES = (
    *FEATURES,
    SCALE,
    GAP,
    *TABLE,
    PAIRS,
    at_decay(spectral_weights()),
)
EIGHTH = Rational(1, 8)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    bound = whole_bound(T, decayed_distance(eps / (T * q(T)), STEP))
    return Statement(le(excess(), factor * bound + extra), hypotheses)


def follows(goal: Statement, premise: Theorem, **more: Any) -> Theorem:
    """``goal`` from ``premise``: the quotients have positive denominators."""
    return combine(goal.conclusion, {premise: 1}, facts=room(T), **more)  # type: ignore[arg-type]


@lru_cache
def prove() -> Theorem:
    """Rows and features in units of the optimum: the decay is the price of their norms."""
    return follows(claim(), at_least_rate(open_decayed(), T))


def witness(size: Any = 1, gap: Any = 1, at: Any = EIGHTH) -> Witness:
    """Two classes on a line at T* = 4, one of ten samples of each class flipped: <v_1, v_2> = -16/25."""
    base = flipped_at_decay(Integer(4), good=9)
    functions = {**base.functions, test: lambda c, j: Integer(size), pair: lambda c, j: Integer(0)}
    values = {eps: gap, free: at, Lambda: 2}
    return Witness(2, 10, 1, functions, {**base.values, **values}, base.note)


def twins() -> list[Twin]:
    untested = tuple(a for a in HYPOTHESES if a not in TABLE)
    lossless = tuple(a for a in HYPOTHESES if a != GAP)
    small = witness(gap=Rational(1, 10**6))
    part = claim(factor=Rational(1, 40))
    return [
        Twin("a fortieth of the bound", part, witness(gap=Rational(1, 10), at=Integer(1))),
        Twin("any regularised loss", claim(hypotheses=lossless), small),
        Twin("the table may exceed 1", claim(hypotheses=untested), witness(size=10**6)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=free)
    return Neighbour("x more", goal, lambda: follows(goal, prove(), slack=free))


THEOREM = Entry(
    name="inter-class-cosine-weight-decay",
    title="Cosines between classes from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.2 (inter-class)",
    says=(
        "With weight decay lambda < 1/sqrt(C), without bias, the mean over pairs of the positive part of "
        "inter + 1/(C-1) is at most (C/(C-1)) D (1 + 1/x) + (Lambda/(16 C)) (omega x/(1 + x) + (1 + 2 "
        "omega)^2 x)/(1 + omega)^2, D = 2 (1 + omega) (r (1 + b + b/(2 s)) + (b/T*) (1 + s)), r = eps/(T* "
        "q*), eps = L_reg - m_reg, s = x/(4 (1 + x) (1 + omega)), b = s^2 (1/2 + (3/4) s^2), omega = T* "
        "q*/(2 K), K = log C - phi(T*) - T* q*, Lambda = ||W~||_op^2 in units of (C-1) T* C^(-3/2), for any "
        "x > 0: where q* is small about (C/(C-1)) ((r (Lambda (C-1)/C^2 + 1/T*)/2)^(1/2) + 2 r). Stated "
        "with any table 0 <= f <= 1 over the pairs (best: the indicator of the positive ones)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "inter_class_cosine.excess",
        "<=",
        DECAY_EXCESS,
        (*NORMS_POSITIVE, DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, NO_BIAS, CENTRED),
    ),
)
