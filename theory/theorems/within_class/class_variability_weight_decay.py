# SPDX-License-Identifier: MIT
"""mean_c nu_c <= 2 eps/(T* q*) for lambda <= lambda_{3/2}(C), eps = L_reg - m_reg."""

from sympy import Rational

from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import (
    DECAY_BELOW_3_2,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    NO_BIAS,
    optimal_q,
    optimal_T,
    value,
)
from theory.expressions import Relation
from theory.kernel import Theorem
from theory.lemmas.budgets import SHARE_AT_MOST_ONE, WEIGHT_DECAY, any_share
from theory.lemmas.class_variability import T_THREE_HALVES, linear, linear_claim, variability_nonnegative
from theory.polar_configurations import abandoned_at_decay, noisy_at_decay
from theory.proving import combine
from theory.symbols import eps

HYPOTHESES = (*any_share(WEIGHT_DECAY.classes), T_THREE_HALVES)


def claim(factor: object = 2, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(linear_claim(factor), hypotheses)


def prove() -> Theorem:
    """The tangent of phi(T v^{3/2}), class by class; the decay charges T q(T) per unit of norm."""
    return combine(claim().conclusion, {linear(WEIGHT_DECAY): 1}, label="one class, averaged")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    return [
        Twin(
            "without the threshold on lambda",
            claim(hypotheses=HYPOTHESES[:-1]),
            abandoned_at_decay({eps: Rational(1, 20)}),
        ),
        Twin("half the constant", claim(factor=1), noisy_at_decay(values={eps: Rational(17, 100)})),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=4, hypotheses=(*HYPOTHESES, SHARE_AT_MOST_ONE))

    def proof() -> Theorem:
        """The left side is nonnegative, so twice the right side is no less."""
        return combine(goal.conclusion, {prove(): 2, variability_nonnegative(): 1})  # type: ignore[arg-type]

    return Neighbour("twice the constant", goal, proof)


_T, _Q = optimal_T(value("weight_decay"), value("C")), optimal_q(value("weight_decay"), value("C"))
THEOREM = Entry(
    name="class-variability-weight-decay",
    title="Variability relative to each class's norm, from weight decay",
    kind="upper",
    source="this project (2026); replaces Pan & Cao 2023, theorem 2.2 (intra-class)",
    says=(
        "For lambda <= lambda_{3/2}(C), without bias, the mean over classes of nu_c = E_i||h_ci - mu_c||^2/"
        "E_i||h_ci||^2 is at most 2 eps/(T* q*) = 2 sqrt(C) eps/((C-1) lambda T*), eps = L_reg - m_reg."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "class_variability.mean",
        "<=",
        2 * value("eps_reg") / (_T * _Q),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, NO_BIAS, DECAY_BELOW_3_2),
    ),
    uses=("cross-entropy-identity",),
)
