# SPDX-License-Identifier: MIT
"""Batch norm and weight decay, any lambda: L_reg >= log C + (1 - 1/(lambda sqrt(C))) times the penalties.

From lambda = 1/sqrt(C) on nothing is below log C, the loss of a classifier that knows nothing; below it,
minimum-regularized-loss has the least value psi(q*) < log C.
"""

from typing import Any

from sympy import Integer, Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    loss,
    mean_square_features,
    mean_square_raw_weights,
    regularized_loss,
    sq,
    wbar,
    wt,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_POSITIVE, value
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound
from theory.proving import assume, combine, instantiate, visible
from theory.symbols import C, c, gamma_sq, h, i, lam, p

SCALE = le(mean_square_features(), gamma_sq)
HYPOTHESES = (SCALE,)
PENALTY = lam / 2 * (gamma_sq + C * mean_square_raw_weights())
LARGE = le(1 / sqrt(C), lam)
BOTTOM = log(C)


def claim(level: Any = BOTTOM, surplus: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    kept = surplus * (1 - 1 / (lam * sqrt(C))) * PENALTY
    return Statement(le(level + kept, regularized_loss(gamma_sq)), hypotheses)


def prove() -> Theorem:
    """log C - E<w~, h> <= L at the uniform target, and the penalties are lambda sqrt(C) E<w~, h> or more."""
    uniform = instantiate(mean_dual_bound(), {p: (C - 1) / C}, label="p := (C-1)/C")
    square = Mean(sq(lambda x: h(c, i, x) - sqrt(C) * wt(c, x)), c, i)
    pays = combine(
        le(lam * sqrt(C) * alignment(), PENALTY),
        {assume(SCALE): lam / 2, visible(le(0, sq(wbar))): lam * C / 2},
        slack=lam / 2 * square,
        label="a square, and centring only shortens W",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {combine(le(log(C) - alignment(), loss()), {uniform: 1}): 1, pays: 1 / (lam * sqrt(C))},
        label="a share 1/(lambda sqrt(C)) of the penalties pays for the alignment",
    )


def _nothing(decay: Any, size: Any) -> Witness:
    nothing = simplex(4, scale=0, weight_scale=0).functions
    return Witness(4, 2, 4, nothing, {lam: decay, gamma_sq: size}, f"W = 0, H = 0 at lambda = {decay}")


def twins() -> list[Twin]:
    values = {lam: Rational(1, 2), gamma_sq: Rational(1, 100)}
    loud = simplex(4, scale=10, values=values, note="features longer than gamma")
    return [
        Twin(
            "1 % more", claim(level=Rational(101, 100) * log(C)), _nothing(Rational(1, 2), Rational(1, 100))
        ),
        Twin("three times the surplus", claim(surplus=3), _nothing(Integer(1), Integer(1))),
        Twin("gamma smaller than the feature norm", claim(hypotheses=()), loud),
    ]


def neighbour() -> Neighbour:
    goal = le(log(C), regularized_loss(gamma_sq))

    def proof() -> Theorem:
        """The surplus is nonnegative."""
        share = 1 - 1 / (lam * sqrt(C))
        keeps = combine(le(0, share), {assume(LARGE): 1 / lam}, label="lambda sqrt(C) >= 1")
        penalties = visible(le(0, PENALTY), label="squares")
        return combine(goal, {prove(): 1, penalties: share}, facts=[keeps])

    return Neighbour("log C from lambda = 1/sqrt(C) on", Statement(goal, (*HYPOTHESES, LARGE)), proof)


THEOREM = Entry(
    name="regularized-loss-large-decay",
    title="From lambda = 1/sqrt(C) on the least regularised loss is log C",
    kind="lower",
    source="this project (2026); completes Pan & Cao 2023, theorem 2.2 (m_reg), beyond lambda < 1/sqrt(C)",
    says=(
        "With batch norm and weight decay the regularised loss is at least log C + (1 - 1/(lambda sqrt(C))) "
        "times the penalties, for every W, b, features and lambda > 0: from lambda = 1/sqrt(C) on it is at "
        "least log C, which W = 0 reaches as gamma goes to 0. Equivalently: a loss L costs penalties of at "
        "least lambda sqrt(C) (log C - L)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("cross-entropy-identity",),
    # the least that the penalties can be at this loss
    formula=Formula(
        value("weight_decay") * sqrt(value("C")) * (log(value("C")) - value("L")), (DECAY_POSITIVE,)
    ),
)
