# SPDX-License-Identifier: MIT
"""Squared error with a free bias: sqrt(1 - nu) >= mu/(1 - sqrt(1 - 2 C L_reg/(C-1))), attained."""

from sympy import Rational, sqrt

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    logit,
    mean_square_weights,
    sq,
    wbar,
    within_class_scatter,
    wt,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, Condition, value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.lemmas.class_means import carried
from theory.lemmas.shift import alpha_shift, around, g, mean_square_shifted
from theory.lemmas.squared_error import centred_bound, r
from theory.losses.squared_error import shrinkage, squared_loss
from theory.proving import assume, combine, visible
from theory.symbols import C, b, gamma_sq, lam

HYPOTHESES = (
    eq(alpha_shift**2, mean_square_shifted()),
    le(mean_square_shifted(), gamma_sq),
    le(squared_loss(logit), (1 - 1 / C) * (r - r**2 / 2)),
)


def claim(factor: object = 1, power: int = 2) -> Statement:
    kept = 1 - within_class_scatter() / alpha_shift**2
    return Statement(le(factor * (shrinkage() / r) ** power, kept), HYPOTHESES)


def prove() -> Theorem:
    """A loss of at most (1-1/C)(r - r^2/2) leaves r E<w~_c, h - g> to pay for the norms."""
    features, scale, small = map(assume, HYPOTHESES)
    norms = lam / 2 * (mean_square_shifted() + C * mean_square_weights())
    pays = combine(
        le(norms, r * alignment()),
        {centred_bound(): 1, small: 1, scale: lam / 2, visible(le(0, sq(wbar))): lam * C / 2},
        label="norms are paid for by the centred logits",
    )
    total = carried(pays, features, rows=wt, a=lam, b=lam * C, S=r, norm=alpha_shift, shift=g)
    return combine(claim().conclusion, {total: 1}, label="in terms of mu")  # type: ignore[arg-type]


def witness() -> Witness:
    """C = 4, lambda = 1/4 (mu = 1/2), r = 3/4, bias 1/4; noise for what the loss leaves over."""
    s = sqrt(Rational(3, 16))
    base = simplex(
        4,
        scale=Rational(4, 3) * s,
        weight_scale=s,
        noise=sqrt(Rational(5, 64)),
        values={lam: Rational(1, 4), gamma_sq: Rational(9, 16), r: Rational(3, 4)},
        note="simplex ETF with bias 1/4 and noise orthogonal to the classifier",
    )
    biased = {**base.functions, b: lambda j: Rational(1, 4)}
    return around(Witness(4, 2, 4, biased, base.values, base.note), 2)


def twins() -> list[Twin]:
    noisy = around(simplex(4, noise=3, values={lam: Rational(1, 4), gamma_sq: 100, r: Rational(3, 4)}), 0)
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


_C, _L, _mu = value("C"), value("L_square"), value("weight_decay") * sqrt(value("C"))
THEOREM = Entry(
    name="squared-error-bias-variability",
    title="Within-class variability under squared error with a free bias",
    kind="tight",
    source="this project (2026): the squared-error form of within-class-variability-weight-decay",
    says=(
        "With any bias and any vector g, sqrt(1 - nu') >= mu/(1 - sqrt(1 - 2 C L_reg/(C-1))) if L_reg "
        "<= (C-1)/(2C), mu = lambda sqrt(C), nu' = E||h - mu_c||^2/E||h - g||^2; attained when d >= C "
        "and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        1 - (_mu / (1 - sqrt(1 - 2 * _L * _C / (_C - 1)))) ** 2,
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            Condition("L_reg <= (C-1)/(2C)", _L, (_C - 1) / (2 * _C)),
            Condition(
                "(1-1/C)(mu - mu^2/2) <= L_reg, up to rounding (no configuration has less)",
                (1 - 1 / _C) * (_mu - _mu**2 / 2),
                _L * (1 + Rational(1, 10**6)),
            ),
        ),
    ),
)
