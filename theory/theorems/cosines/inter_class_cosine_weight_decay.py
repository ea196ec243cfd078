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
from theory.expressions import Relation, le, substitute
from theory.kernel import Theorem
from theory.lemmas.class_settings import GAP, at_decay
from theory.lemmas.direction_settings import FEATURES
from theory.lemmas.directions import positive_chance, reach
from theory.lemmas.equiangular import Lambda, pair, spectral_weights, test
from theory.lemmas.inter_class import PAIRS, TABLE, excess, far, free, inter_bound, width
from theory.lemmas.inter_class_settings import DECAY_EXCESS, inter_class_decayed
from theory.lemmas.tilted_classes import margin_t
from theory.lemmas.weight_decay import SCALE
from theory.proving import combine, instantiate
from theory.symbols import T, eps

HYPOTHESES = (
    *FEATURES,
    SCALE,
    GAP,
    *TABLE,
    PAIRS,
    at_decay(spectral_weights()),
)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    bound = substitute(at_decay(inter_bound()), {far: at_decay(reach(eps / (T * q(T))))})
    return Statement(le(excess(), factor * bound + extra), hypotheses)


def follows(goal: Statement, premise: Theorem, **more: Any) -> Theorem:
    """``goal`` from ``premise``: the quotient in D has a positive denominator."""
    room = instantiate(positive_chance(), {margin_t: T})
    return combine(goal.conclusion, {premise: 1}, facts=[room], **more)  # type: ignore[arg-type]


@lru_cache
def prove() -> Theorem:
    """Rows and features in units of the optimum: the decay is the price of their norms."""
    return follows(claim(), inter_class_decayed())


def witness(size: Any = 1, gap: Any = 1, parts: int = 10) -> Witness:
    """Two classes on a line at T* = 4, one of ten samples of each class flipped: <v_1, v_2> = -16/25."""
    base = flipped_at_decay(Integer(4), good=9)
    functions = {**base.functions, test: lambda c, j: Integer(size), pair: lambda c, j: Integer(0)}
    values = {eps: gap, width: Rational(1, parts), free: Rational(1, 8), Lambda: 2}
    return Witness(2, 10, 1, functions, {**base.values, **values}, base.note)


def twins() -> list[Twin]:
    untested = tuple(a for a in HYPOTHESES if a not in TABLE)
    lossless = tuple(a for a in HYPOTHESES if a != GAP)
    small = witness(gap=Rational(1, 10**6), parts=100)
    little = Rational(1, 1000)
    return [
        Twin("a thousandth of the bound", claim(factor=little), witness(gap=Rational(1, 10))),
        Twin("any regularised loss", claim(hypotheses=lossless), small),
        Twin("the table may exceed 1", claim(hypotheses=untested), witness(size=10**6)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=width)
    return Neighbour("a larger last term", goal, lambda: follows(goal, prove(), slack=width))


THEOREM = Entry(
    name="inter-class-cosine-weight-decay",
    title="Cosines between classes from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.2 (inter-class)",
    says=(
        "With weight decay lambda < 1/sqrt(C), without bias, the mean over pairs of the positive part of "
        "inter + 1/(C-1) is at most (C/(2 (C-1))) (r/s + s (Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T*)) "
        "+ (Lambda D/(C-1))^(1/2) + D C/(C-1), D = 2 r (1 + q* T*/(2 K)), r = eps/(T* q*), eps = L_reg - "
        "m_reg, K = log C - phi(T*) - T* q*, Lambda = ||W~||_op^2 in units of (C-1) T* C^(-3/2), for any s "
        "= x/(1 + 2 x), x > 0. Stated with any table 0 <= f <= 1 over the pairs and D/omega + omega "
        "Lambda/(4 (C-1)) for the root."
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
