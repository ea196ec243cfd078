# SPDX-License-Identifier: MIT
"""The gap relative to the least loss: mean_c (1 - intra_c) <= 2 (1 + 1/((1-q*) T*)) rho, rho = eps/m_reg."""

from sympy import Rational, exp

from theory.configurations import flipped_at_decay
from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    DECAY_BELOW_5_2,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    optimal_q,
    optimal_T,
    value,
)
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.cosines import THRESHOLD
from theory.lemmas.polar import class_cosine
from theory.lemmas.weight_decay import SETTING, regularized_gap
from theory.proving import assume, combine, log_tangent, theorem
from theory.symbols import C, T, c, nonnegative

rho = nonnegative("rho_excess", r"\rho", "relative excess: regularised gap over the least value")
EXCESS = le(regularized_gap(), rho * (phi(T) + T * q(T)))
HYPOTHESES = (*SETTING, THRESHOLD, EXCESS)


def claim(factor: object = 2) -> Statement:
    bound = factor * (1 + 1 / ((1 - q(T)) * T)) * rho
    return Statement(le(Mean(1 - class_cosine(), c), bound), HYPOTHESES)


def prove() -> Theorem:
    """eps/(T q) = rho (1 + phi(T)/(T q)), and phi(T) <= q/(1-q)."""
    small = log_tangent(1 + (C - 1) * exp(-T), label="phi(T) <= q/(1-q)")
    rate = 2 / (T * q(T))
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {theorem("intra-class-cosine-weight-decay"): 1, assume(EXCESS): rate, small: rate * rho},
        label="in terms of the relative excess",
    )


def witness(excess: object) -> Witness:
    """Two classes, T* = 2.1, one of 4 samples of each class small and on the wrong side."""
    base = flipped_at_decay(Rational(21, 10), good=3)
    return Witness(base.classes, base.samples, 1, base.functions, {**base.values, rho: excess}, base.note)


def twins() -> list[Twin]:
    free = Statement(claim().conclusion, HYPOTHESES[:-1])
    return [
        Twin("half the constant", claim(factor=1), witness(Rational(3, 8))),
        Twin("excess not bounded", free, witness(Rational(1, 100))),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=3)
    slack = (1 + 1 / ((1 - q(T)) * T)) * rho
    return Neighbour(
        "3 instead of 2",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=slack),  # type: ignore[arg-type]
    )


_C, _decay = value("C"), value("weight_decay")
_T, _q = optimal_T(_decay, _C), optimal_q(_decay, _C)
THEOREM = Entry(
    name="intra-class-cosine-relative-excess",
    title="Cosines within a class from the relative excess of the regularised loss",
    kind="upper",
    source="this project (2026); normalises the gap of Pan & Cao 2023, theorem 2.2 (intra-class)",
    says=(
        "For lambda <= lambda_{5/2}(C), without bias, mean_c (1 - intra_c) <= 2 (1 + 1/((1-q*) T*)) "
        "rho, rho = (L_reg - m_reg)/m_reg: as lambda goes to 0 the factor goes to 2, whatever C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("intra-class-cosine-weight-decay",),
    formula=Formula(
        2 * (1 + 1 / ((1 - _q) * _T)) * value("relative_excess"),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, DECAY_BELOW_5_2),
    ),
)
