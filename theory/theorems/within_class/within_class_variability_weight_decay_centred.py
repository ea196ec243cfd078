# SPDX-License-Identifier: MIT
"""Centred features: sqrt(1 - nu') >= q*/psi^{-1}(L_reg'), with the penalty on centred features only."""

from typing import Any

from sympy import Integer, Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    mean_square_weights,
    mu_global,
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
    Condition,
    least_regularized_loss,
    optimal_q,
    psi_inverse,
    value,
)
from theory.expressions import eq, le, lt
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound
from theory.lemmas.class_means import carried
from theory.lemmas.shift import alpha_shift, g, mean_square_shifted
from theory.proving import assume, combine, instantiate, visible
from theory.symbols import C, b, gamma_sq, h, k, lam, p

HYPOTHESES = (
    eq(alpha_shift**2, mean_square_shifted()),
    le(mean_square_shifted(), gamma_sq),
    lt(p, 1),
    le(regularized_loss(gamma_sq), psi(p)),
)


def claim(factor: object = 1, power: int = 2) -> Statement:
    kept = 1 - within_class_scatter() / alpha_shift**2
    return Statement(le(factor * (q_star() / p) ** power, kept), HYPOTHESES)


def prove() -> Theorem:
    """A loss of at most psi(p) leaves p * margin to pay for the norms; the margin does not see g."""
    features, scale, _, small = map(assume, HYPOTHESES)
    S = p * C / (C - 1)
    pays = combine(
        le(lam / 2 * (mean_square_shifted() + C * mean_square_weights()), S * alignment()),
        {mean_dual_bound(): 1, small: 1, scale: lam / 2, visible(le(0, sq(wbar))): lam * C / 2},
        label="norms are paid for by the margin",
    )
    total = carried(pays, features, rows=wt, a=lam, b=lam * C, S=S, norm=alpha_shift, shift=g)
    return combine(claim().conclusion, {total: 1}, label="in terms of q*")  # type: ignore[arg-type]


def witness(shift: int = 2) -> Witness:
    """Simplex ETF around (1, 1, 1, 1) * shift with equal biases: C = 4, lambda = 1/4, p = 1/2."""
    unit = sqrt(log(3))
    s = sqrt(Rational(2, 3)) * unit
    base = simplex(4, scale=Rational(3, 2) * s, weight_scale=s, noise=sqrt(Rational(7, 32)) * unit)
    table: dict[Any, Any] = {
        **base.functions,
        h: lambda c, i, k: base.functions[h](c, i, k) + shift,
        g: lambda k: Integer(shift),
        b: lambda j: Integer(1),
    }
    norm_sq = 2 * log(3)
    values = {lam: Rational(1, 4), gamma_sq: norm_sq, p: Rational(1, 2), alpha_shift: sqrt(norm_sq)}
    return Witness(4, 2, 4, table, values, f"simplex ETF around {shift} (1, 1, 1, 1)")


def twins() -> list[Twin]:
    found = witness()
    noisy = Witness(4, 2, 4, found.functions, {**found.values, p: Rational(2, 5)}, "p below psi^{-1}(L_reg)")
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), found),
        Twin("q*/p to the first power", claim(power=1), found),
        Twin("no bound on the loss", Statement(claim().conclusion, HYPOTHESES[:3]), noisy),
    ]


def neighbour() -> Neighbour:
    at_mean = instantiate(prove(), functions={g: ((k,), mu_global(k))}, label="g := the global mean")
    statement = Statement(at_mean.conclusion, tuple(sorted(at_mean.hypotheses, key=str)))
    return Neighbour("g is the global mean", statement, lambda: at_mean)


_C, _decay, _mean = value("C"), value("weight_decay"), value("mean_norm") ** 2
_L = value("L_reg") - _decay / 2 * value("alpha") ** 2 * _mean
THEOREM = Entry(
    name="within-class-variability-weight-decay-centred",
    title="Within-class variability of centred features from weight decay and the regularised loss",
    kind="tight",
    source="this project (2026): within-class-variability-weight-decay, with a bias and centred features",
    says=(
        "With any bias and any g, sqrt(1 - nu') >= q*/psi^{-1}(L'), nu' = E||h - mu_c||^2/E||h-g||^2, "
        "where L' counts ||gamma||^2 >= E||h-g||^2 only; with g = mu_G it is sharper whenever the "
        "features have a mean."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=lambda: witness(shift=0),
    measurable=Measurable(
        "within_class_variability",
        "<=",
        (1 - _mean) * (1 - (optimal_q(_decay, _C) / psi_inverse(_L, _C)) ** 2),
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            Condition("L_reg - (lambda/2)||mu_G||^2 <= log C", _L, log(_C)),
            Condition(
                "m_reg <= L_reg - (lambda/2)||mu_G||^2, up to rounding (no configuration has less)",
                least_regularized_loss(_decay, _C),
                _L * (1 + Rational(1, 10**6)),
            ),
        ),
    ),
    uses=("cross-entropy-identity",),
)
