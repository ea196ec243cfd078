# SPDX-License-Identifier: MIT
"""Squared error with weight decay and no bias: the least loss is mu - mu^2/2, mu = lambda sqrt(C)."""

from sympy import Rational, sqrt

from theory.configurations import orthogonal_frame
from theory.definitions import mean_square_features, sq, unbiased_logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.squared_error import r, raw_bound
from theory.losses.squared_error import shrinkage, squared_loss
from theory.proving import assume, combine, instantiate, visible
from theory.symbols import C, c, gamma_sq, h, i, lam, w

SCALE = le(mean_square_features(), gamma_sq)


def claim(factor: object = 1, half: object = Rational(1, 2)) -> Statement:
    mu = shrinkage()
    return Statement(le(factor * (mu - half * mu**2), squared_loss(unbiased_logit)), (SCALE,))


def prove() -> Theorem:
    """The tangent at r = mu leaves mu E<w_c, h> to complete a square with the penalties."""
    aligned = Mean(sq(lambda x: h(c, i, x) - sqrt(C) * w(c, x)), c, i)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            instantiate(raw_bound(), {r: shrinkage()}, label="r := mu"): 1,
            visible(le(0, aligned)): lam / 2,
            assume(SCALE): lam / 2,
        },
        label="complete the square",
    )


def witness() -> Witness:
    """C = 4, lambda = 1/4: mu = 1/2, w_c = e_c/2, h_c = e_c."""
    return orthogonal_frame(
        4,
        weight_scale=Rational(1, 2),
        values={lam: Rational(1, 4), gamma_sq: 1},
        note="the optimum at C = 4, lambda = 1/4",
    )


def twins() -> list[Twin]:
    best = witness()
    small = Witness(4, 2, 5, best.functions, {**best.values, gamma_sq: Rational(1, 2)}, "gamma too small")
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), best),
        Twin("mu - mu^2/4", claim(half=Rational(1, 4)), best),
        Twin("gamma smaller than the feature norm", Statement(claim().conclusion), small),
    ]


def neighbour() -> Neighbour:
    goal = claim(half=1)
    return Neighbour(
        "mu - mu^2",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=shrinkage() ** 2 / 2),  # type: ignore[arg-type]
    )


_mu = value("weight_decay") * sqrt(value("C"))
THEOREM = Entry(
    name="squared-error-least-loss",
    title="Least squared error with weight decay, without bias",
    kind="tight",
    source="this project (2026); minimisers: Tirer & Bruna 2022 (ICML); Zhou et al. 2022 (ICML)",
    says=(
        "E||z - e_c||^2/2 + (lambda/2)(||gamma||^2 + ||W||_F^2) >= mu - mu^2/2, mu = lambda sqrt(C); "
        "attained by an orthogonal frame if mu <= 1 and d >= C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(_mu - _mu**2 / 2, (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD)),
)
