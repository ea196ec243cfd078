# SPDX-License-Identifier: MIT
"""mean_c intra_c is at least a line in L_reg, for every decay: the sharp bound and what lies beyond it.

For every tau > 0 with x = q*/q(tau) and phi(tau) + q(tau) tau (1/x + 3/2) <= log C,

    mean_c intra_c >= x^2 (3 - 2 (L_reg - phi(tau))/(tau q(tau))).

psi(q(tau)) = L_reg gives x^2 = (q*/psi^{-1}(L_reg))^2.  The number takes the best of 101 margins
(theory/contact_lines.py).
"""

from typing import Any

from sympy import Rational, log

from theory.configurations import flipped_at_decay
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    CENTRED,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    NO_BIAS,
    REGULARIZED_LOSS_POSSIBLE,
    Condition,
    best_decay_line,
    value,
)
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.any_contact import mean_bound_from_budget
from theory.lemmas.budgets import WEIGHT_DECAY
from theory.lemmas.class_cosines import SHARE_CONTACT
from theory.lemmas.cosines import level
from theory.polar_configurations import noisy_at_decay
from theory.proving import combine
from theory.symbols import eps

HYPOTHESES = (*WEIGHT_DECAY.samples, SHARE_CONTACT)


def claim(factor: Any = 1, less: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    bound = mean_bound_from_budget(WEIGHT_DECAY).relation
    return Statement(le(factor * bound.lhs - less, bound.rhs), hypotheses)


def prove() -> Theorem:
    """The bound of one class at x = q*/q(tau), averaged; the decay charges T* q* for a unit of norm."""
    bound = mean_bound_from_budget(WEIGHT_DECAY)
    return combine(claim().conclusion, {bound: 1}, label="the line")  # type: ignore[arg-type]


def witness() -> Witness:
    """C = 4, q* = 3/80 (T* = log 77), tau = log 57: q(tau) = 1/20, every cosine 3/4, L_reg = psi(1/20)."""
    tau, best = log(57), log(77)
    base = noisy_at_decay(small=True)
    gap = log(Rational(20, 19)) + tau / 20 - log(Rational(80, 77)) - best * Rational(3, 80)
    values = {**base.values, level: tau, eps: gap}
    return Witness(base.classes, base.samples, base.dimension, base.functions, values, base.note)


def twins() -> list[Twin]:
    values = {level: Rational(2, 5), eps: Rational(1, 20)}
    small = flipped_at_decay(Rational(1, 2), good=3, values=values)
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("without the condition on tau", claim(hypotheses=HYPOTHESES[:-1]), small),
    ]


def neighbour() -> Neighbour:
    goal = claim(less=Rational(1, 100))
    return Neighbour(
        "1/100 less",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=Rational(1, 100)),  # type: ignore[arg-type]
    )


_C, _L = value("C"), value("L_reg")
THEOREM = Entry(
    name="intra-class-cosine-weight-decay-any-loss",
    title="Intra-class cosine at any weight decay and regularised loss",
    kind="tight",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.2 (intra-class)",
    says=(
        "Without bias, mean_c intra_c >= x^2 (3 - 2 (L_reg - phi(tau))/(tau q(tau))), x = q*/q(tau), "
        "for every tau > 0 with phi(tau) + q(tau) tau (1/x + 3/2) <= log C: no condition on L_reg."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        best_decay_line(_L, value("weight_decay"), _C),
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            NO_BIAS,
            CENTRED,
            Condition("L_reg < log C", value("L_reg"), log(_C), strict=True),
            REGULARIZED_LOSS_POSSIBLE,
        ),
    ),
    uses=("cross-entropy-identity",),
)
