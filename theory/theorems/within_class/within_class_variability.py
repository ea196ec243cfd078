# SPDX-License-Identifier: MIT
"""nu <= 1 - (phi^{-1}(L)/T)^2: within-class variability from loss and norms alone, attained."""

from sympy import Rational

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    loss,
    mean_square_class_means,
    mean_square_features,
    mean_square_weights,
    phi,
    within_class_scatter,
)
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import LOSS_BELOW_LOG_C, LOSS_POSSIBLE, NORMS_POSITIVE, phi_inverse, value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.lemmas import alignment_is_about_means, margin_of_loss, scatter_decomposition
from theory.proving import assume, combine, square_monotone
from theory.symbols import C, T, alpha, beta, tau

HYPOTHESES = (
    eq(alpha**2, mean_square_features()),
    le(mean_square_weights(), beta**2),
    eq(T, C * alpha * beta / (C - 1)),
    le(loss(), phi(tau)),
)


def claim(factor: object = 1, power: int = 2) -> Statement:
    return Statement(le(within_class_scatter() / alpha**2, 1 - factor * (tau / T) ** power), HYPOTHESES)


def prove() -> Theorem:
    """The loss forces a mean margin; Cauchy-Schwarz turns it into long class means."""
    features, weights, margin, _ = map(assume, HYPOTHESES)
    inner, means = alignment(), mean_square_class_means()
    scale = (C - 1) / (C * alpha * beta)
    squared = square_monotone(margin_of_loss(), label="tau^2 <= (mean margin)^2")
    inverse = combine(
        eq(1 / T**2, scale**2), {margin: -scale / T * (scale + 1 / T)}, label="1/T in terms of the norms"
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            features: -1 / alpha**2,
            scatter_decomposition(): -1 / alpha**2,
            inverse: tau**2,
            squared: scale**2,
            alignment_is_about_means(): 1 / (alpha * beta) ** 2,
            weights: means / (alpha * beta) ** 2,
        },
        label=f"combine: E<w~, h> = {inner.func.__name__} of the class means",
    )


def witness() -> Witness:
    """Simplex ETF with noise orthogonal to the classifier: equal margins, so L = phi(tau) exactly."""
    return simplex(3, scale=3, noise=Rational(1, 2), values={tau: 3})


def twins() -> list[Twin]:
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("tau/T to the first power", claim(power=1), witness()),
        Twin(
            "loss allowed to exceed phi(tau)",
            Statement(claim().conclusion, HYPOTHESES[:3]),
            simplex(3, scale=1, noise=2, values={tau: 10}),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(tau / T) ** 2 / 100),  # type: ignore[arg-type]
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="within-class-variability",
    title="Within-class variability from loss and norms",
    kind="tight",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.1",
    says=(
        "nu <= 1 - (phi^{-1}(L)/T)^2, for every classifier (bias allowed); attained at every loss "
        "level when d >= C and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "within_class_variability",
        "<=",
        1 - (phi_inverse(value("L"), value("C")) / _T) ** 2,
        (*NORMS_POSITIVE, LOSS_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
    uses=("cross-entropy-identity",),
)
