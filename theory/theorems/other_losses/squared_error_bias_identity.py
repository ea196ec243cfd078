# SPDX-License-Identifier: MIT
"""Squared error with a free bias: the same squares for centred logits, targets and rows (simplex ETF)."""

from sympy import Rational, sqrt

from theory.configurations import orthogonal_frame
from theory.definitions import logit, mean_square_features, sq, wbar, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, value
from theory.expressions import Mean, eq
from theory.kernel import Theorem
from theory.losses.squared_error import centred_squared_error, mean_logit, shrinkage, squared_loss
from theory.proving import combine
from theory.symbols import C, c, gamma_sq, h, i, lam


def claim(least: object = None, mean: object = Rational(1, 2), centre: int = 1) -> Statement:
    mu = shrinkage()
    low = (1 - 1 / C) * (mu - mu**2 / 2) if least is None else least
    fit = Mean(centred_squared_error(logit, 1 - mu), c, i) / 2
    level = mean * C * Mean((mean_logit(logit) - 1 / C) ** 2, c, i)
    aligned = Mean(sq(lambda x: h(c, i, x) - sqrt(C) * wt(c, x)), c, i)
    rest = lam / 2 * (aligned + centre * C * sq(wbar) + gamma_sq - mean_square_features())
    return Statement(eq(squared_loss(logit) - low, fit + level + rest))


def prove() -> Theorem:
    """The bias drops out of E(z_c - zbar); expand."""
    return combine(claim().conclusion, label="complete the squares")  # type: ignore[arg-type]


def witness() -> Witness:
    return orthogonal_frame(
        4, scale=2, noise=1, bias=Rational(1, 3), values={lam: Rational(1, 4), gamma_sq: 6}
    )


def twins() -> list[Twin]:
    mu = shrinkage()
    return [
        Twin("the least value without bias", claim(least=mu - mu**2 / 2), witness()),
        Twin("no cost of the mean logit", claim(mean=0), witness()),
        Twin("no penalty on the mean of W", claim(centre=0), witness()),
    ]


def neighbour() -> Neighbour:
    base = claim().conclusion
    goal = eq(2 * base.lhs, 2 * base.rhs)  # type: ignore[union-attr]
    return Neighbour("twice the identity", Statement(goal), lambda: combine(goal, {prove(): 2}))


_C, _decay = value("C"), value("weight_decay")
_mu = _decay * sqrt(_C)
THEOREM = Entry(
    name="squared-error-bias-identity",
    title="Squared error with weight decay and a free bias",
    kind="identity",
    source="this project (2026); minimisers: Tirer & Bruna 2022 (ICML); Zhou et al. 2022 (ICML)",
    says=(
        "With any bias, L_reg - (1-1/C)(mu - mu^2/2) = E||P z - (1-mu) P e_c||^2/2 + (C/2) E(zbar - "
        "1/C)^2 + (lambda/2)(E||h - sqrt(C) w~||^2 + C ||wbar||^2 + ||gamma||^2 - E||h||^2), P = I - "
        "11^T/C: the optimum is a simplex ETF."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        (1 - 1 / _C) * (_mu - _mu**2 / 2)
        + value("squared_misfit") / 2
        + _C / 2 * value("mean_logit_misfit")
        + _decay
        / 2
        * (
            value("spring")
            + _C * value("weight_mean_norm") ** 2
            + value("gamma_norm") ** 2
            - value("alpha") ** 2
        ),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD),
    ),
)
