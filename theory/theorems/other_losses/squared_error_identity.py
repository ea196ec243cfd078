# SPDX-License-Identifier: MIT
"""Squared error with weight decay: the loss above mu - mu^2/2 is a sum of squares, mu = lambda sqrt(C)."""

from sympy import Rational, sqrt

from theory.configurations import orthogonal_frame
from theory.definitions import mean_square_features, sq, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, value
from theory.expressions import Mean, eq
from theory.kernel import Theorem
from theory.losses.squared_error import shrinkage, squared_error, squared_loss
from theory.proving import combine
from theory.symbols import C, c, gamma_sq, h, i, lam, w


def claim(height: object = None, pull: object = sqrt(C)) -> Statement:
    mu = shrinkage()
    fit = Mean(squared_error(unbiased_logit, 1 - mu if height is None else height), c, i) / 2
    aligned = Mean(sq(lambda x: h(c, i, x) - pull * w(c, x)), c, i)
    rest = lam / 2 * (aligned + gamma_sq - mean_square_features())
    return Statement(eq(squared_loss(unbiased_logit) - (mu - mu**2 / 2), fit + rest))


def prove() -> Theorem:
    """Expand both squares: lambda sqrt(C) <w_c, h> is what the second takes from the first."""
    return combine(claim().conclusion, label="complete the squares")  # type: ignore[arg-type]


def witness() -> Witness:
    return orthogonal_frame(4, scale=2, noise=1, values={lam: Rational(1, 4), gamma_sq: 6})


def twins() -> list[Twin]:
    return [
        Twin("targets not shrunk", claim(height=1), witness()),
        Twin("targets shrunk twice as much", claim(height=1 - 2 * shrinkage()), witness()),
        Twin("spring rest length 1 instead of sqrt(C)", claim(pull=1), witness()),
    ]


def neighbour() -> Neighbour:
    base = claim().conclusion
    goal = eq(2 * base.lhs, 2 * base.rhs)  # type: ignore[union-attr]
    return Neighbour("twice the identity", Statement(goal), lambda: combine(goal, {prove(): 2}))


_C, _decay = value("C"), value("weight_decay")
_mu = _decay * sqrt(_C)
THEOREM = Entry(
    name="squared-error-identity",
    title="Squared error with weight decay is two squares",
    kind="identity",
    source="this project (2026); minimisers: Tirer & Bruna 2022 (ICML); Zhou et al. 2022 (ICML)",
    says=(
        "Without bias, L_reg - (mu - mu^2/2) = E||z - (1-mu) e_c||^2/2 + (lambda/2) (E||h - sqrt(C) "
        "w_c||^2 + ||gamma||^2 - E||h||^2), mu = lambda sqrt(C): the decay shrinks the targets, and "
        "the optimum is an orthogonal frame."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        _mu
        - _mu**2 / 2
        + value("squared_misfit") / 2
        + _decay / 2 * (value("raw_spring") + value("gamma_norm") ** 2 - value("alpha") ** 2),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD),
    ),
)
