# SPDX-License-Identifier: MIT
"""cos(w_c - wbar, h_ci) > 1 - eps/(delta T* q*) for all but delta of the samples, lambda <= lambda_3."""

from typing import Any

from sympy import Rational

from theory.configurations import flipped_at_decay
from theory.definitions import q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin
from theory.evaluation import (
    DECAY_BELOW_3,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    DELTA_POSITIVE,
    NO_BIAS,
    optimal_q,
    optimal_T,
    value,
)
from theory.expressions import Indicator, Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.budgets import WEIGHT_DECAY
from theory.lemmas.polar import cosine
from theory.lemmas.sample_cosines import T_THREE, markov
from theory.proving import combine
from theory.symbols import T, c, delta, eps, i

HYPOTHESES = (*WEIGHT_DECAY.samples, T_THREE)


def claim(factor: Any = 1, part: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    level = factor * eps / (delta * T * q(T))
    return Statement(le(Mean(Indicator(1 - cosine() - level), c, i), part * delta), hypotheses)


def prove() -> Theorem:
    """Markov's inequality for 1 - cos, whose mean is at most eps/(T* q*)."""
    return combine(claim().conclusion, {markov(WEIGHT_DECAY): 1}, label="Markov's inequality")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    values = {eps: Rational(3, 50), delta: Rational(9, 100)}
    low = {eps: Rational(1, 20), delta: Rational(6, 25)}
    return [
        Twin(
            "half the constant",
            claim(factor=Rational(1, 2)),
            flipped_at_decay(Rational(5, 2), good=9, values=values),
        ),
        Twin(
            "without the threshold",
            claim(hypotheses=HYPOTHESES[:-1]),
            flipped_at_decay(Rational(1, 2), good=3, values=low),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(part=2)

    def proof() -> Theorem:
        """delta > 0, so twice the fraction is no stronger."""
        return combine(goal.conclusion, {prove(): 1}, slack=delta)  # type: ignore[arg-type]

    return Neighbour("twice the fraction", goal, proof)


_T, _Q = optimal_T(value("weight_decay"), value("C")), optimal_q(value("weight_decay"), value("C"))
THEOREM = Entry(
    name="sample-cosine-weight-decay-share",
    title="Cosine with the classifier row for most samples, from weight decay",
    kind="upper",
    source="this project (2026); joint form of NC1 and NC3 of Papyan, Han & Donoho 2020",
    says=(
        "For lambda <= lambda_3(C), without bias, all but at most a fraction delta of the samples have "
        "cos(w_c - wbar, h_ci) > 1 - sqrt(C) eps/(delta (C-1) lambda T*), eps = L_reg - m_reg."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        1 - value("eps_reg") / (value("delta") * _T * _Q),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, NO_BIAS, DELTA_POSITIVE, DECAY_BELOW_3),
    ),
    uses=("cross-entropy-identity",),
)
