# SPDX-License-Identifier: MIT
"""Small weight decay: m_reg = q* T* + (C-1)/sqrt(C) lambda + (C-1)^2/(2C) lambda^2 + O(lambda^3)."""

from sympy import Rational, log, sqrt

from theory.definitions import psi
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, optimal_q, optimal_T, value
from theory.expressions import Expansion, eq, le
from theory.kernel import Theorem, apply
from theory.lemmas.expansions import derive
from theory.proving import combine
from theory.symbols import C, p, real

decay = real("lambda_small", r"\lambda", "weight decay near 0")
# psi(q) - q T(q) with T(q) = log((C-1)(1-q)/q): all that is not smooth at 0 cancels, see the neighbour
REMAINDER = -log(1 - decay * (C - 1) / sqrt(C))


def expansion() -> Expansion:
    """Derived from the closed form m_reg - q* T* = -log(1 - q*)."""
    return derive(REMAINDER, decay, decay)


def prove() -> Theorem:
    """The kernel recomputes both derivatives."""
    return apply("taylor", claim=expansion(), parameter=decay, x=decay, y=REMAINDER)


def twins() -> list[Twin]:
    first, second = expansion().coefficients
    where = Witness(4, 1, 1, values={decay: Rational(1, 10)}, note="C = 4, lambda = 1/10")
    exact = eq(REMAINDER, first * decay + second * decay**2)
    return [
        Twin("nothing after the second order", Statement(exact), where),
        Twin("at most first order", Statement(le(REMAINDER, first * decay)), where),
    ]


def neighbour() -> Neighbour:
    goal = eq(psi(p) - p * (log(C - 1) + log(1 - p) - log(p)), -log(1 - p))
    return Neighbour("m_reg - q* T* = -log(1 - q*), exactly", Statement(goal), lambda: combine(goal))


_q = optimal_q(value("weight_decay"), value("C"))
THEOREM = Entry(
    name="minimum-regularized-loss-expansion",
    title="Least regularised loss for small weight decay",
    kind="asymptotic",
    source="this project (2026): expansion of minimum-regularized-loss",
    says=(
        "m_reg - q* T*, which is -log(1 - q*) exactly, is ((C-1)/sqrt(C)) lambda + ((C-1)^2/(2C)) lambda^2 "
        "+ O(lambda^3), T* = log(sqrt(C)/lambda - C + 1)."
    ),
    statement_of=lambda: Statement(expansion()),
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("minimum-regularized-loss",),
    formula=Formula(
        _q * optimal_T(value("weight_decay"), value("C")) + _q + _q**2 / 2,
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD),
    ),
)
