# SPDX-License-Identifier: MIT
"""E(1 - cos(w_c - wbar, h_ci)) <= eps/(T* q*) for lambda <= lambda_3(C), eps = L_reg - m_reg."""

from sympy import Rational

from theory.configurations import flipped_at_decay
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import (
    DECAY_BELOW_3,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    NO_BIAS,
    optimal_q,
    optimal_T,
    value,
)
from theory.expressions import Relation
from theory.kernel import Theorem
from theory.lemmas.budgets import WEIGHT_DECAY
from theory.lemmas.sample_cosines import T_THREE, linear, linear_claim, turned
from theory.proving import combine
from theory.symbols import eps

HYPOTHESES = (*WEIGHT_DECAY.samples, T_THREE)


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(linear_claim(factor), hypotheses)


def prove() -> Theorem:
    """The tangent of phi(T v^3), sample by sample; the decay charges T q(T) per unit of norm."""
    return combine(claim().conclusion, {linear(WEIGHT_DECAY): 1}, label="one sample, averaged")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    return [
        Twin(
            "without the threshold on lambda",
            claim(hypotheses=HYPOTHESES[:-1]),
            flipped_at_decay(Rational(1, 2), good=3, values={eps: Rational(1, 20)}),
        ),
        Twin(
            "half the constant",
            claim(factor=Rational(1, 2)),
            flipped_at_decay(Rational(5, 2), good=9, values={eps: Rational(3, 50)}),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=2)

    def proof() -> Theorem:
        """The left side is nonnegative, so twice the right side is no less."""
        return combine(goal.conclusion, {prove(): 2, turned(): 1})  # type: ignore[arg-type]

    return Neighbour("twice the constant", goal, proof)


_T, _Q = optimal_T(value("weight_decay"), value("C")), optimal_q(value("weight_decay"), value("C"))
THEOREM = Entry(
    name="sample-cosine-weight-decay",
    title="Cosine of a sample with its classifier row, from weight decay",
    kind="upper",
    source="this project (2026); joint form of NC1 and NC3 of Papyan, Han & Donoho 2020",
    says=(
        "For lambda <= lambda_3(C), without bias, the mean of 1 - cos(w_c - wbar, h_ci) over all samples is "
        "at most eps/(T* q*) = sqrt(C) eps/((C-1) lambda T*), eps = L_reg - m_reg."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "row_cosine.mean",
        ">=",
        1 - (value("eps_reg") / (_T * _Q)),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, NO_BIAS, DECAY_BELOW_3),
    ),
    uses=("cross-entropy-identity",),
)
