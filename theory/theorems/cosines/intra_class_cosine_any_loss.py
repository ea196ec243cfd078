# SPDX-License-Identifier: MIT
"""mean_c intra_c is at least a line in the loss, for every T and L: the sharp bound and what lies beyond it.

For every margin tau and every x_1 > 0 with phi(tau) + q(tau) tau (1/x_1 + 3/2) <= log C,

    mean_c intra_c >= x_1^2 (3 - 2 (L - phi(tau) + q(tau) T x_1)/(tau q(tau))).

tau = phi^{-1}(L) and x_1 = tau/T give (tau/T)^2, under the condition (A') of the sharp bound; where that
condition fails, other points of contact still give a bound.  The number takes the best of 101 margins
(theory/contact_lines.py).
"""

from typing import Any

from sympy import Rational, sqrt

from theory.configurations import flipped
from theory.definitions import loss, unbiased_logit
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    CENTRED,
    LOSS_POSSIBLE,
    LOSS_STRICTLY_BELOW_LOG_C,
    NO_BIAS,
    NORMS_POSITIVE,
    best_class_line,
    value,
)
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.any_contact import mean_bound
from theory.lemmas.budgets import FIXED_NORMS
from theory.lemmas.class_cosines import CONTACT, contact, tangent_line
from theory.lemmas.cosines import level
from theory.lemmas.polar import class_cosine
from theory.polar_configurations import simplex_in_polar
from theory.proving import combine
from theory.symbols import c

HYPOTHESES = (*FIXED_NORMS.samples[:-1], CONTACT)


def claim(factor: Any = 1, less: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    line = factor * tangent_line(loss(unbiased_logit)) - less
    return Statement(le(line, Mean(class_cosine(), c)), hypotheses)


def prove() -> Theorem:
    """The bound of one class with T := tau/x_1, averaged; E kappa_c rms_i rho <= 1."""
    return combine(claim().conclusion, {mean_bound(): 1}, label="one class, averaged")  # type: ignore[arg-type]


def witness() -> Witness:
    """Simplex with orthogonal noise, tau = 3 and every cosine x_1 = tau/T = sqrt(8/9)."""
    return simplex_in_polar({contact: sqrt(Rational(8, 9))})


def twins() -> list[Twin]:
    base = flipped(Rational(1, 2), good=3)
    values = {**base.values, level: Rational(2, 5), contact: Rational(4, 5)}
    small = Witness(2, 4, 1, base.functions, values, base.note)
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("without the condition on tau and x_1", claim(hypotheses=HYPOTHESES[:-1]), small),
    ]


def neighbour() -> Neighbour:
    goal = claim(less=Rational(1, 100))
    return Neighbour(
        "1/100 less",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=Rational(1, 100)),  # type: ignore[arg-type]
    )


_C, _L = value("C"), value("L")
_T = _C * value("alpha") * value("beta") / (_C - 1)
THEOREM = Entry(
    name="intra-class-cosine-any-loss",
    title="Intra-class cosine at any loss and any norms",
    kind="tight",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.1 (intra-class)",
    says=(
        "Without bias, mean_c intra_c >= x^2 (3 - 2 (L - phi(tau) + q(tau) T x)/(tau q(tau))) for every "
        "tau > 0 and x > 0 with phi(tau) + q(tau) tau (1/x + 3/2) <= log C: no condition on T or L."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        best_class_line(_L, _T, _C),
        (*NORMS_POSITIVE, NO_BIAS, CENTRED, LOSS_STRICTLY_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
    uses=("cross-entropy-identity",),
)
