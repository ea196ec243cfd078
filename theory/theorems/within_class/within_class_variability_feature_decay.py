# SPDX-License-Identifier: MIT
"""Feature decay: sqrt(1 - nu) >= q*/psi^{-1}(objective), q* = (C-1) sqrt(n lambda_W lambda_H), attained."""

from sympy import Rational, log, sqrt

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    loss,
    mean_square_features,
    mean_square_weights,
    psi,
    sq,
    wbar,
    within_class_scatter,
    wt,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin
from theory.evaluation import DECAY_POSITIVE, Condition, psi_inverse, value
from theory.evaluation import psi as psi_value
from theory.expressions import eq, le, lt
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound
from theory.lemmas.class_means import carried
from theory.lemmas.unconstrained_features import COLLAPSED, FREE_PULL, PULL, lam_H, lam_W, penalty
from theory.proving import assume, combine, visible
from theory.symbols import C, alpha, n, p

MASS = (C - 1) * PULL
FEATURE_RATE, WEIGHT_RATE = C * n * lam_H, C * lam_W
HYPOTHESES = (
    eq(alpha**2, mean_square_features()),
    lt(p, 1),
    le(loss() + penalty(), psi(p)),
)


def claim(factor: object = 1, power: int = 2) -> Statement:
    kept = 1 - within_class_scatter() / alpha**2
    return Statement(le(factor * (MASS / p) ** power, kept), HYPOTHESES)


def prove() -> Theorem:
    """A loss of at most psi(p) leaves p * margin to pay for both decays."""
    features, _, small = map(assume, HYPOTHESES)
    S = p * C / (C - 1)
    norms = FEATURE_RATE / 2 * mean_square_features() + WEIGHT_RATE / 2 * mean_square_weights()
    pays = combine(
        le(norms, S * alignment()),
        {mean_dual_bound(): 1, small: 1, visible(le(0, sq(wbar))): WEIGHT_RATE / 2},
        label="norms are paid for by the margin",
    )
    total = carried(pays, features, rows=wt, a=FEATURE_RATE, b=WEIGHT_RATE, S=S)
    return combine(claim().conclusion, {total: 1}, label="in terms of q*")  # type: ignore[arg-type]


def witness():  # type: ignore[no-untyped-def]
    """C = 4, n = 2, q* = 3/8, margin log 3 (p = 1/2): mu = (b/S) w~, noise for the rest."""
    # a = 8 lambda_H = 1/2, b = 4 lambda_W = 1/2, S = 2/3: mu = (3/4) w~, alpha^2 = |mu|^2/(9/16)
    s = sqrt(log(3) * Rational(4, 3))
    stretch = Rational(3, 4)
    means = stretch**2 * s**2 * Rational(3, 4)
    noise = sqrt((means / Rational(9, 16) - means) / 4)
    values = {lam_W: Rational(1, 8), lam_H: Rational(1, 16), n: 2, p: Rational(1, 2)}
    return simplex(4, scale=stretch * s, weight_scale=s, noise=noise, values=values)


def twins() -> list[Twin]:
    noisy = simplex(
        4, scale=1, noise=3, values={lam_W: Rational(1, 8), lam_H: Rational(1, 16), n: 2, p: Rational(2, 5)}
    )
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("q*/p to the first power", claim(power=1), witness()),
        Twin("no bound on the objective", Statement(claim().conclusion, HYPOTHESES[:2]), noisy),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(MASS / p) ** 2 / 100),  # type: ignore[arg-type]
    )


_C, _L = value("C"), value("L_free")
_mass = (_C - 1) * FREE_PULL
THEOREM = Entry(
    name="within-class-variability-feature-decay",
    title="Within-class variability in the unconstrained features model",
    kind="tight",
    source="this project (2026): within-class-variability-weight-decay without batch norm",
    says=(
        "sqrt(1 - nu) >= q*/psi^{-1}(L + (lambda_W/2)||W||^2 + (lambda_H/2) sum||h||^2), q* = (C-1) "
        "sqrt(n lambda_W lambda_H), with any bias; attained when d >= C and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("cross-entropy-identity",),
    formula=Formula(
        1 - (_mass / psi_inverse(_L, _C)) ** 2,
        (
            DECAY_POSITIVE,
            Condition("lambda_H > 0", Rational(0), value("feature_decay"), strict=True),
            *COLLAPSED,
            Condition("the objective is at most log C", _L, log(_C)),
            Condition(
                "psi(q*) <= the objective, up to rounding (no configuration has less)",
                psi_value(_mass, _C),
                _L * (1 + Rational(1, 10**6)),
            ),
        ),
    ),
)
