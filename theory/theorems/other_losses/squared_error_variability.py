# SPDX-License-Identifier: MIT
"""Squared error, no bias: sqrt(1 - nu) >= mu/(1 - sqrt(1 - 2 L_reg)), attained."""

from sympy import Rational, sqrt

from theory.configurations import orthogonal_frame
from theory.definitions import (
    dot,
    mean_square_features,
    mean_square_raw_weights,
    unbiased_logit,
    within_class_scatter,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, Condition, value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.class_means import carried
from theory.lemmas.squared_error import r, raw_bound
from theory.losses.squared_error import shrinkage, squared_loss
from theory.proving import assume, combine
from theory.symbols import C, alpha, c, gamma_sq, h, i, lam, w

HYPOTHESES = (
    eq(alpha**2, mean_square_features()),
    le(mean_square_features(), gamma_sq),
    le(squared_loss(unbiased_logit), r - r**2 / 2),
)


def claim(factor: object = 1, power: int = 2) -> Statement:
    kept = 1 - within_class_scatter() / alpha**2
    return Statement(le(factor * (shrinkage() / r) ** power, kept), HYPOTHESES)


def prove() -> Theorem:
    """A loss of at most r - r^2/2 leaves r E<w_c, h> to pay for the norms."""
    features, scale, small = map(assume, HYPOTHESES)
    own = Mean(dot(lambda x: w(c, x), lambda x: h(c, i, x)), c, i)
    norms = lam / 2 * (mean_square_features() + C * mean_square_raw_weights())
    pays = combine(
        le(norms, r * own),
        {raw_bound(): 1, small: 1, scale: lam / 2},
        label="norms are paid for by the true logits",
    )
    total = carried(pays, features, rows=w, a=lam, b=lam * C, S=r)
    return combine(claim().conclusion, {total: 1}, label="in terms of mu")  # type: ignore[arg-type]


def witness() -> Witness:
    """C = 4, lambda = 1/4 (mu = 1/2), true logit 1/4 (r = 3/4), noise for what the loss leaves over."""
    s = sqrt(Rational(3, 16))
    return orthogonal_frame(
        4,
        scale=Rational(4, 3) * s,
        weight_scale=s,
        noise=sqrt(Rational(5, 12)),
        values={lam: Rational(1, 4), gamma_sq: Rational(3, 4), r: Rational(3, 4)},
    )


def twins() -> list[Twin]:
    noisy = orthogonal_frame(4, noise=3, values={lam: Rational(1, 4), gamma_sq: 10, r: Rational(3, 4)})
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("mu/r to the first power", claim(power=1), witness()),
        Twin("no bound on the loss", Statement(claim().conclusion, HYPOTHESES[:2]), noisy),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(shrinkage() / r) ** 2 / 100),  # type: ignore[arg-type]
    )


_L, _mu = value("L_square"), value("weight_decay") * sqrt(value("C"))
THEOREM = Entry(
    name="squared-error-variability",
    title="Within-class variability under squared error, without bias",
    kind="tight",
    source="this project (2026): the squared-error form of within-class-variability-weight-decay",
    says=(
        "sqrt(1 - nu) >= mu/(1 - sqrt(1 - 2 L_reg)) if L_reg <= 1/2, mu = lambda sqrt(C), without "
        "bias; attained when d > C and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        1 - (_mu / (1 - sqrt(1 - 2 * _L))) ** 2,
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            Condition("L_reg <= 1/2", _L, Rational(1, 2)),
            Condition(
                "mu - mu^2/2 <= L_reg, up to rounding (no configuration has less)",
                _mu - _mu**2 / 2,
                _L * (1 + Rational(1, 10**6)),
            ),
        ),
    ),
)
