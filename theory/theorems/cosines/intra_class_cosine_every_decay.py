# SPDX-License-Identifier: MIT
"""mean_c (1 - intra_c) <= 2 r (1 + q* T*/(2 K)), r = eps/(T* q*): linear in eps for every decay."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.configurations import flipped_at_decay
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, NO_BIAS, NORMS_POSITIVE
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.class_settings import GAP
from theory.lemmas.direction_settings import (
    DECAY_DISTANCE,
    FEATURES,
    REACHED,
    distance_bound,
    every_class,
    lost,
    lost_mean,
    near_decayed,
)
from theory.lemmas.weight_decay import SCALE
from theory.symbols import T, eps

HYPOTHESES = (*FEATURES, SCALE, GAP)
BOUND = distance_bound(T, REACHED)


def claim(factor: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(lost(), factor * BOUND), hypotheses)


@lru_cache
def prove() -> Theorem:
    """1 - ||v||^2 <= ||r||^2 - 2 <r, v> + 1, whatever the row r: a square."""
    return lost_mean(near_decayed(), T)


def witness(gap: Any = 1) -> Witness:
    """Two classes on a line at T* = 4, one of ten samples of each class flipped: 1 - intra = 9/25."""
    base = flipped_at_decay(Integer(4), good=9)
    return Witness(2, 10, 1, base.functions, {**base.values, eps: gap}, base.note)


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != GAP)
    return [
        Twin("a tenth of the bound", claim(factor=Rational(1, 10)), witness(Rational(1, 10))),
        Twin("any regularised loss", claim(hypotheses=lossless), witness(Rational(1, 10**6))),
    ]


def neighbour() -> Neighbour:
    every = every_class(prove(), BOUND, T)
    return Neighbour("every class, C times the bound", Statement(every.relation, HYPOTHESES), lambda: every)


THEOREM = Entry(
    name="intra-class-cosine-every-decay",
    title="Intra-class cosine from weight decay and the regularised loss, at every decay",
    kind="upper",
    source="this project (2026); for Pan & Cao 2023, theorem 2.2 (intra-class) at large decay",
    says=(
        "With weight decay lambda < 1/sqrt(C), without bias, the mean over classes of 1 - intra_c is at most "
        "2 r (1 + q* T*/(2 K)), r = eps/(T* q*), eps = L_reg - m_reg, K = log C - phi(T*) - T* q* > 0."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        1 - DECAY_DISTANCE,
        (*NORMS_POSITIVE, DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, NO_BIAS, CENTRED),
    ),
)
