# SPDX-License-Identifier: MIT
"""Equal angles of the class means, from weight decay and regularised loss."""

from functools import lru_cache
from typing import Any

from sympy import Rational, sqrt

from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.equal_angles import at_best_step
from theory.evaluation import (
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    NO_BIAS,
    NORMS_POSITIVE,
    optimal_q,
    optimal_T,
    value,
)
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import means_gram, y
from theory.lemmas.class_settings import DECAYED, FEATURE, GAP, at_decay, decayed, isosceles
from theory.lemmas.equiangular import CENTRED, TEST, spectral_means, tested
from theory.lemmas.gram_deviation import bound, equal_means
from theory.proving import combine

HYPOTHESES = (*DECAYED[:2], *TEST, CENTRED, at_decay(spectral_means()))


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    rate = factor * at_decay(bound()) + extra
    return Statement(le(tested(means_gram, FEATURE), rate), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The theorem on class means in units of alpha*; the decay is the price of the norms."""
    return combine(claim().conclusion, {decayed(equal_means(), HYPOTHESES): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    untested = tuple(a for a in HYPOTHESES if a not in TEST)
    lossless = tuple(a for a in HYPOTHESES if a != GAP)
    small = Rational(1, 100)
    return [
        Twin("a hundredth of the bound", claim(factor=Rational(1, 100)), isosceles(decay=True)),
        Twin(
            "any regularised loss",
            claim(hypotheses=lossless),
            isosceles(small, gap=Rational(1, 10**6), decay=True),
        ),
        Twin("the table may exceed 1", claim(hypotheses=untested), isosceles(decay=True, size=1000)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=y)
    return Neighbour(
        "y more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=y),  # type: ignore[arg-type]
    )


_C = value("C")
_T, _q = (f(value("weight_decay"), _C) for f in (optimal_T, optimal_q))
_gap = value("eps_reg") / (_T * _q)
_unit = (_C - 1) * _T / sqrt(_C)
_curvature = value("means_spectral") * value("alpha") ** 2 / _unit * (_C - 1) / (2 * _C**2) + 1 / (2 * _T)
THEOREM = Entry(
    name="equiangular-means-weight-decay",
    title="The class means approach equal angles, from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); NC2 of Papyan, Han & Donoho 2020; setting of Pan & Cao 2023, theorem 2.2",
    says=(
        "Without bias, the mean over pairs of |<mu_c, mu_j> - its mean over the wrong j| is at most alpha*^2 "
        "C/(C-1) (r/s + s (Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T*)) for 0 < s < 1/2, alpha*^2 = (C-1) "
        "T*/sqrt(C), r = eps/(T* q*), eps = L_reg - m_reg, Lambda the largest squared singular value of the "
        "class means relative to alpha*^2; stated with any table f, |f| <= 1, for the signs and s = y/(2 (1 "
        "+ y))."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "nc2.gram_deviation_means",
        "<=",
        _C / (_C - 1) * at_best_step(_gap, _curvature, _T) * _unit / value("alpha") ** 2,
        (*NORMS_POSITIVE, DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, NO_BIAS),
    ),
)
