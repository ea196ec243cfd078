# SPDX-License-Identifier: MIT
"""nu + ||mu_G||^2/alpha^2 <= 1 - (phi^{-1}(L)/T)^2: a global mean is paid for like scatter, attained."""

from typing import Any

from sympy import Integer, Rational, sqrt

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    loss,
    mean_square_class_means,
    mean_square_features,
    mean_square_weights,
    mu,
    mu_global,
    phi,
    sq,
    within_class_scatter,
    wt,
)
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import LOSS_BELOW_LOG_C, LOSS_POSSIBLE, NORMS_POSITIVE, phi_inverse, value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem, apply
from theory.lemmas import margin_of_loss, scatter_decomposition
from theory.proving import assume, combine, square_monotone
from theory.symbols import C, T, alpha, b, beta, c, d, h, k, tau

HYPOTHESES = (
    eq(alpha**2, mean_square_features()),
    le(mean_square_weights(), beta**2),
    eq(T, C * alpha * beta / (C - 1)),
    le(loss(), phi(tau)),
)


def claim(factor: object = 1, mean: object = 1, power: int = 2) -> Statement:
    spent = (within_class_scatter() + mean * sq(mu_global)) / alpha**2
    return Statement(le(spent, 1 - factor * (tau / T) ** power), HYPOTHESES)


def prove() -> Theorem:
    """Cauchy-Schwarz against mu_c - mu_G, because the centred rows sum to zero."""
    features, weights, margin, _ = map(assume, HYPOTHESES)
    scale = (C - 1) / (C * alpha * beta)
    spread = mean_square_class_means() - sq(mu_global)
    schwarz = apply(
        "cauchy_schwarz",
        u=wt(c, k),
        v=mu(c, k) - mu_global(k),
        over=(c, k),
        label="over classes and coordinates",
    )
    between = combine(
        le(alignment() ** 2, mean_square_weights() * spread),
        {schwarz: d**2},
        label="E<w~_c, h> = E<w~_c, mu_c - mu_G>",
    )
    room = combine(
        le(0, spread),
        slack=_centred_spread(),
        label="(1/C) sum ||mu_c - mu_G||^2 >= 0",
    )
    inverse = combine(
        eq(1 / T**2, scale**2), {margin: -scale / T * (scale + 1 / T)}, label="1/T in terms of the norms"
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            features: -1 / alpha**2,
            scatter_decomposition(): -1 / alpha**2,
            inverse: tau**2,
            square_monotone(margin_of_loss(), label="tau^2 <= (mean margin)^2"): scale**2,
            between: 1 / (alpha * beta) ** 2,
            weights: spread / (alpha * beta) ** 2,
        },
        facts=[room],
        label="combine",
    )


def _centred_spread() -> Mean:
    return Mean(sq(lambda x: mu(c, x) - mu_global(x)), c)


def witness() -> Witness:
    """Simplex ETF around (1/2, 1/2, 1/2) with noise in that direction: equal margins, so L = phi(tau)."""
    base = simplex(3, scale=3, noise=Rational(1, 2), values={tau: 3})
    norm = sqrt(6 + Rational(3, 4) + Rational(3, 4))
    table: dict[Any, Any] = {
        **base.functions,
        h: lambda c, i, k: base.functions[h](c, i, k) + Rational(1, 2),
        b: lambda j: Integer(5),
    }
    values = {**base.values, alpha: norm, T: Rational(3, 2) * norm * base.values[beta]}
    return Witness(3, 2, 3, table, values, "simplex ETF with noise and a global mean orthogonal to W")


def twins() -> list[Twin]:
    lossy = Witness(3, 2, 3, witness().functions, {**witness().values, tau: 10}, "tau = 10")
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("the mean counted twice", claim(mean=2), witness()),
        Twin("loss allowed to exceed phi(tau)", Statement(claim().conclusion, HYPOTHESES[:3]), lossy),
    ]


def neighbour() -> Neighbour:
    goal = claim(mean=Rational(1, 2))
    return Neighbour(
        "half of the mean",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=sq(mu_global) / (2 * alpha**2)),  # type: ignore[arg-type]
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="within-class-variability-centred",
    title="Within-class variability and the global mean share the loss gap",
    kind="tight",
    source="this project (2026): within-class-variability, with the global mean",
    says=(
        "nu + ||mu_G||^2/alpha^2 <= 1 - (phi^{-1}(L)/T)^2, with any bias; equivalently nu' <= 1 - "
        "(phi^{-1}(L)/T')^2 for centred features; attained when d >= C and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "within_class_variability",
        "<=",
        1 - value("mean_norm") ** 2 - (phi_inverse(value("L"), value("C")) / _T) ** 2,
        (*NORMS_POSITIVE, LOSS_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
    uses=("cross-entropy-identity",),
)
