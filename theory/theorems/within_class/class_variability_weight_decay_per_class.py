# SPDX-License-Identifier: MIT
"""sqrt(1 - nu_c) > q*/psi^{-1}(m_reg + eps/delta) for all but a fraction delta of the classes: attained."""

from typing import Any

from sympy import Rational, log, sqrt

from theory.definitions import q
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    DELTA_POSITIVE,
    NO_BIAS,
    Condition,
    optimal_q,
    psi_inverse,
    value,
)
from theory.evaluation import psi as psi_value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.budgets import WEIGHT_DECAY, any_share
from theory.lemmas.class_variability import SPREAD, few, fraction
from theory.polar_configurations import noisy_at_decay, one_class_scattered
from theory.proving import combine
from theory.symbols import T, delta, eps, p

LEVEL = q(T) / p
HYPOTHESES = (*any_share(WEIGHT_DECAY.classes), *SPREAD)


def claim(level: Any = LEVEL, part: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(fraction(level), part * delta), hypotheses)


def prove() -> Theorem:
    """Each class pays psi(q*) at least, and psi(p) if its mean is short; Markov's inequality."""
    return combine(claim().conclusion, {few(WEIGHT_DECAY): 1}, label="Markov's inequality")  # type: ignore[arg-type]


def witness() -> Witness:
    """C = 4, T* = 2 log 3: one class scattered, q/p = 1/2, psi(1/2) - psi(1/4) = log(3/2) = eps/delta."""
    values = {eps: log(Rational(3, 2)) / 4, delta: Rational(1, 4), p: Rational(1, 2)}
    return one_class_scattered(decay=True, values=values)


def twins() -> list[Twin]:
    spread = {eps: Rational(17, 100), delta: Rational(9, 10), p: Rational(11, 20)}
    return [
        Twin("99 % of the fraction", claim(part=Rational(99, 100)), witness()),
        Twin("square root of q/p", claim(level=sqrt(LEVEL)), noisy_at_decay(values=spread)),
        Twin("p too small for eps/delta", claim(hypotheses=HYPOTHESES[:-1]), _greedy()),
    ]


def _greedy() -> Witness:
    values = {eps: log(Rational(3, 2)) / 4, delta: Rational(1, 8), p: Rational(1, 2)}
    return one_class_scattered(decay=True, values=values)


def neighbour() -> Neighbour:
    goal = claim(part=2)

    def proof() -> Theorem:
        """delta > 0, so twice the fraction is no stronger."""
        return combine(goal.conclusion, {prove(): 1}, slack=delta)  # type: ignore[arg-type]

    return Neighbour("twice the fraction", goal, proof)


_C = value("C")
_Q = optimal_q(value("weight_decay"), _C)
_SPENT = psi_value(_Q, _C) + value("eps_reg") / value("delta")
THEOREM = Entry(
    name="class-variability-weight-decay-per-class",
    title="Variability class by class, from weight decay",
    kind="tight",
    source="this project (2026); replaces Pan & Cao 2023, theorem 2.2 (intra-class)",
    says=(
        "For every lambda < 1/sqrt(C) and without bias, all but at most a fraction delta of the classes have "
        "sqrt(1 - nu_c) > q*/psi^{-1}(m_reg + eps/delta), eps = L_reg - m_reg; attained when "
        "a q(T* a) = q*, a the right side."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "class_variability.max",
        "<=",
        1 - (_Q / psi_inverse(_SPENT, _C)) ** 2,
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            NO_BIAS,
            DELTA_POSITIVE,
            Condition("psi(q) + eps/delta <= log C", _SPENT, log(_C)),
        ),
        delta="1/C",
    ),
    uses=("cross-entropy-identity",),
)
