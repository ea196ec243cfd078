# SPDX-License-Identifier: MIT
"""Norms of centred class means: their spread, from weight decay and regularised loss."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational, sqrt

from theory.definitions_collapse import POLAR, length
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import Condition
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.class_angles import means
from theory.lemmas.class_settings import (
    DECAY_CONDITIONS,
    DECAY_NUMBERS,
    DECAYED,
    GAP,
    at_decay,
    decayed,
    isosceles,
)
from theory.lemmas.near_unit import MEAN_SPREAD, OFF, centre, equal_norms, means_near_one
from theory.proving import combine
from theory.symbols import c

SPREAD = at_decay(MEAN_SPREAD)
HYPOTHESES = (
    *DECAYED,
    *(at_decay(means(relation)) for relation in (*POLAR[:1], OFF)),
    *POLAR[1:],
)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    mean = Mean(length(c), c)
    variance = Mean(length(c) ** 2, c) - mean**2
    return Statement(le((1 - SPREAD) * variance, (factor * SPREAD + extra) * mean**2), hypotheses)


@lru_cache
def prove() -> Theorem:
    """A tangent of phi at the loss: unequal norms cost margin."""
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {decayed(equal_norms(means_near_one(), MEAN_SPREAD), HYPOTHESES): 1},
    )


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != GAP)
    longer = tuple(a for a in HYPOTHESES if a != POLAR[1])
    small = Rational(1, 100)
    return [
        Twin(
            "a thousandth of the bound",
            claim(Rational(1, 1000)),
            isosceles(Rational(1, 10), gap=Rational(1, 9), decay=True),
        ),
        Twin(
            "any regularised loss",
            claim(hypotheses=lossless),
            isosceles(small, gap=Rational(1, 10**6), decay=True),
        ),
        Twin(
            "directions of any norm",
            claim(hypotheses=longer),
            isosceles(Rational(1, 10), gap=Rational(7, 100), decay=True, long=Rational(1, 1000)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=centre)
    mean = Mean(length(c), c)
    return Neighbour(
        "g more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=centre * mean**2),  # type: ignore[arg-type]
    )


_N = DECAY_NUMBERS.mean_spread()
THEOREM = Entry(
    name="norms-of-means-weight-decay",
    title="Norms of centred class means, from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 2",
    says=(
        "For lambda <= lambda_2(C), without bias, the norms of the centred class means have "
        "(population deviation/mean)^2 at most N/(1 - N), N = 2 r + 2 g, r = eps/(T* q*), eps = L_reg "
        "- m_reg, g = ||mu_G|| in units of alpha* = sqrt((C-1) T*) C^(-1/4), where N < 1. The number "
        "of classes enters through r alone."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "nc2.equinorm_means",
        "<=",
        sqrt(_N / (1 - _N)),
        (*DECAY_CONDITIONS, Condition("N < 1", _N, Integer(1), strict=True)),
    ),
)
