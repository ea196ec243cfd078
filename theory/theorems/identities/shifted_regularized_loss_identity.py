# SPDX-License-Identifier: MIT
"""The regularised identity for centred features: any constant vector may be subtracted from h."""

from typing import Any

from sympy import Integer, Rational, sqrt

from theory.configurations import simplex
from theory.definitions import kl, logit, mu_global, psi, q_star, regularized_loss, sq, wbar, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, least_regularized_loss, value
from theory.expressions import Mean, eq, lt
from theory.kernel import Theorem
from theory.lemmas import mean_identity
from theory.lemmas.shift import g, mean_square_shifted
from theory.proving import combine, instantiate
from theory.symbols import C, b, c, gamma_sq, h, i, k, lam, p

SMALL_DECAY = (lt(lam, 1 / sqrt(C)),)


def claim(pull: object = sqrt(C), shift: int = 1, centre: int = 1) -> Statement:
    spread = Mean(kl(q_star(), logit), c, i)
    aligned = Mean(sq(lambda x: h(c, i, x) - shift * g(x) - pull * wt(c, x)), c, i)
    rest = lam / 2 * (centre * C * sq(wbar) + gamma_sq - mean_square_shifted())
    return Statement(
        eq(regularized_loss(gamma_sq) - psi(q_star()), spread + lam / 2 * aligned + rest), SMALL_DECAY
    )


def prove() -> Theorem:
    """The averaged identity at p = q*; the centred rows do not see g."""
    identity = instantiate(mean_identity(), {p: q_star()}, label="p := q*")
    return combine(claim().conclusion, {identity: 1}, label="complete the square")  # type: ignore[arg-type]


def witness() -> Witness:
    base = simplex(4, scale=4, noise=1)
    table: dict[Any, Any] = {
        **base.functions,
        h: lambda c, i, k: base.functions[h](c, i, k) + 2,
        g: lambda k: Integer(2 + k),
        b: lambda j: Integer(j),
    }
    values = {lam: Rational(1, 4), gamma_sq: 50}
    return Witness(4, 2, 4, table, values, "simplex ETF around (2, 2, 2, 2), with a bias and another g")


def twins() -> list[Twin]:
    return [
        Twin("spring rest length 1 instead of sqrt(C)", claim(pull=1), witness()),
        Twin("alignment of h itself", claim(shift=0), witness()),
        Twin("alignment of h - 2 g", claim(shift=2), witness()),
    ]


def neighbour() -> Neighbour:
    at_mean = instantiate(prove(), functions={g: ((k,), mu_global(k))}, label="g := the global mean")
    return Neighbour("g is the global mean", Statement(at_mean.conclusion, SMALL_DECAY), lambda: at_mean)


THEOREM = Entry(
    name="shifted-regularized-loss-identity",
    title="Weight decay is label smoothing plus alignment, for centred features and any bias",
    kind="identity",
    source="this project (2026): regularized-loss-identity, with a bias and centred features",
    says=(
        "With any bias and any vector g, for lambda < 1/sqrt(C), L_reg - psi(q*) = E KL(P_q* || "
        "softmax) + (lambda/2) (E||h - g - sqrt(C) w~||^2 + C ||wbar||^2 + ||gamma||^2 - E||h - "
        "g||^2)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("cross-entropy-identity",),
    formula=Formula(
        least_regularized_loss(value("weight_decay"), value("C"))
        + value("kl")
        + value("weight_decay")
        / 2
        * (
            value("spring")
            + value("C") * value("weight_mean_norm") ** 2
            + value("gamma_norm") ** 2
            - value("alpha") ** 2 * (1 - value("mean_norm") ** 2)
        ),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD),
    ),
)
