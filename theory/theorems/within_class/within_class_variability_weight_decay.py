# SPDX-License-Identifier: MIT
"""sqrt(1 - nu) >= q*/psi^{-1}(L_reg): collapse from the weight decay and the regularised loss alone."""

from sympy import Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    logit,
    mean_square_features,
    mean_square_weights,
    mu,
    psi,
    q_star,
    regularized_loss,
    sq,
    wbar,
    within_class_scatter,
    wt,
)
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    REGULARIZED_LOSS_POSSIBLE,
    Condition,
    optimal_q,
    psi_inverse,
    value,
)
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound, scatter_decomposition
from theory.proving import assume, combine, visible
from theory.symbols import C, alpha, c, gamma_sq, lam, p

HYPOTHESES = (
    eq(alpha**2, mean_square_features()),
    le(mean_square_features(), gamma_sq),
    lt(p, 1),
    le(regularized_loss(gamma_sq), psi(p)),
)


def claim(factor: object = 1) -> Statement:
    return Statement(le(factor * (q_star() / p) ** 2, 1 - within_class_scatter() / alpha**2), HYPOTHESES)


def prove() -> Theorem:
    """A loss of at most psi(p) leaves p * margin to pay for the norms; then a square at the means."""
    features, scale, _, small = map(assume, HYPOTHESES)
    A, B, X = mean_square_features(), mean_square_weights(), alignment()
    S = p * C / (C - 1)
    pays = combine(
        le(lam / 2 * (A + C * B), S * X),
        {mean_dual_bound(logit): 1, small: 1, scale: lam / 2, visible(le(0, sq(wbar))): lam * C / 2},
        label="norms are paid for by the margin",
    )
    theta = lam * C / S
    square = visible(le(0, Mean(sq(lambda x: theta * wt(c, x) - mu(c, x)), c)), label="a mean of squares")
    share = (q_star() / p) ** 2
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            scatter_decomposition(): 1 / alpha**2,
            features: (share - 1) / alpha**2,
            pays: 2 * share / (lam * alpha**2),
            square: share * S / (theta * lam * alpha**2),
        },
        label="class means carry the norm",
    )


def witness() -> Witness:
    """C = 4, lambda = 1/4, margin log 3 (p = 1/2 > q* = 3/8), and noise for what L_reg leaves over."""
    unit = sqrt(log(3))
    s = sqrt(Rational(2, 3)) * unit
    return simplex(
        4,
        scale=Rational(3, 2) * s,
        weight_scale=s,
        noise=sqrt(Rational(7, 32)) * unit,
        values={lam: Rational(1, 4), gamma_sq: 2 * log(3), p: Rational(1, 2)},
    )


def twins() -> list[Twin]:
    loose = Statement(claim().conclusion, HYPOTHESES[:3])
    w = witness()
    noisy = simplex(4, scale=1, noise=3, values={lam: Rational(1, 4), gamma_sq: 100, p: Rational(1, 5)})
    first_power = Statement(le(q_star() / p, 1 - within_class_scatter() / alpha**2), HYPOTHESES)
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), w),
        Twin("q*/p to the first power", first_power, w),
        Twin("no bound on the regularised loss", loose, noisy),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(q_star() / p) ** 2 / 100),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="within-class-variability-weight-decay",
    title="Within-class variability from weight decay and the regularised loss",
    kind="tight",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.2",
    says=(
        "sqrt(1 - nu) >= q*/psi^{-1}(L_reg), q* = lambda (C-1)/sqrt(C): nothing but the decay and the"
        " regularised loss is needed."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "within_class_variability",
        "<=",
        1 - (optimal_q(value("weight_decay"), value("C")) / psi_inverse(value("L_reg"), value("C"))) ** 2,
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            Condition("L_reg <= log C", value("L_reg"), log(value("C"))),
            REGULARIZED_LOSS_POSSIBLE,
        ),
    ),
    uses=("cross-entropy-identity",),
)
