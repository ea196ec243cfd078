# SPDX-License-Identifier: MIT
"""mean_c intra_c is at least a line in the loss, for every T and L: the sharp bound and what lies beyond it.

For every margin tau and cosine x_1 <= 1 with phi(tau) + q(tau) tau (1/x_1 + 3/2) <= log C,

    mean_c intra_c >= x_1^2 (3 - 2 (L - phi(tau) + q(tau) T x_1)/(tau q(tau))).

tau = phi^{-1}(L) and x_1 = tau/T give (tau/T)^2, under the condition (A') of the sharp bound; where that
condition fails, other points of contact still give a bound.  The number takes the best of 28 of them.
"""

from typing import Any

import sympy
from sympy import Expr, Rational, exp, log, sqrt

from theory.configurations import flipped, simplex_in_polar
from theory.definitions import loss, unbiased_logit
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    CENTRED,
    LOSS_POSSIBLE,
    LOSS_STRICTLY_BELOW_LOG_C,
    NO_BIAS,
    NORMS_POSITIVE,
    phi_inverse,
    value,
)
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.budgets import FIXED_NORMS
from theory.lemmas.class_cosines import AT_MOST_ONE, CONTACT, contact, mean_bound, tangent_line
from theory.lemmas.cosines import level
from theory.lemmas.polar import class_cosine
from theory.proving import combine
from theory.symbols import c

HYPOTHESES = (*FIXED_NORMS.samples[:-1], AT_MOST_ONE, CONTACT)


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


def _at(tau: Expr, least: Expr, mass: Expr) -> Expr:
    """The line at tau and the best x_1 that its condition allows; 0 where there is none."""
    room = (log(_C) - least) / (mass * tau)
    top = 3 - 2 * (_L - least) / (mass * tau)
    x = sympy.Min(
        1, sympy.Max(1 / (room - Rational(3, 2)), top * tau / (3 * _T), evaluate=False), evaluate=False
    )
    return sympy.Piecewise((x**2 * (top - 2 * x * _T / tau), sympy.Ge(room, Rational(5, 2))), (0, True))


def _best() -> Expr:
    """The largest line among tau = phi^{-1}(L) and 0.3 T, 0.35 T, ..., 1.6 T; at least 0."""
    lines = [_at(phi_inverse(_L, _C), _L, 1 - exp(-_L))]
    for step in range(6, 33):
        tau = _T * Rational(step, 20)
        lines.append(_at(tau, phi_value(tau, _C), q_value(tau, _C)))
    return sympy.Max(0, *lines, evaluate=False)


THEOREM = Entry(
    name="intra-class-cosine-any-loss",
    title="Intra-class cosine at any loss and any norms",
    kind="tight",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.1 (intra-class)",
    says=(
        "Without bias, mean_c intra_c >= x^2 (3 - 2 (L - phi(tau) + q(tau) T x)/(tau q(tau))) for every "
        "tau > 0 and x <= 1 with phi(tau) + q(tau) tau (1/x + 3/2) <= log C: no condition on T or L."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        _best(),
        (*NORMS_POSITIVE, NO_BIAS, CENTRED, LOSS_STRICTLY_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
    uses=("cross-entropy-identity",),
)
