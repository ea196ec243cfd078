# SPDX-License-Identifier: MIT
"""Least cross-entropy under norm constraints: m = log(1 + (C-1) exp(-C alpha beta/(C-1)))."""

from sympy import Rational, exp

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    loss,
    mean_square_features,
    mean_square_weights,
    phi,
    q,
    sq,
    wt,
)
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import phi as phi_value
from theory.evaluation import value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas import mean_dual_bound
from theory.proving import assume, combine, instantiate, log_tangent, visible
from theory.symbols import C, T, alpha, beta, c, h, i, p

HYPOTHESES = (
    le(mean_square_features(), alpha**2),
    le(mean_square_weights(), beta**2),
    eq(T, C * alpha * beta / (C - 1)),
)


def claim(margin: object = T) -> Statement:
    return Statement(le(phi(margin), loss()), HYPOTHESES)


def prove() -> Theorem:
    """psi(q(T)) - q(T) * mean margin <= L, and the mean margin is at most T."""
    dual = instantiate(mean_dual_bound(), {p: q(T)}, label="p := q(T)")
    features, weights, margin = map(assume, HYPOTHESES)
    square = Mean(sq(lambda x: h(c, i, x) / alpha - wt(c, x) / beta), c, i)
    rate = T * q(T) / 2
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            dual: 1,
            visible(le(0, square), label="a mean of squares"): rate,
            features: rate / alpha**2,
            weights: rate / beta**2,
            margin: -q(T) * alignment() / (alpha * beta),
        },
        label="E<w~, h> <= alpha beta",
    )


def witness() -> Witness:
    """Exact collapse: the simplex ETF."""
    return simplex(3, scale=3)


def twins() -> list[Twin]:
    fewer = Statement(claim().conclusion, HYPOTHESES[1:])
    return [
        Twin("margin 1 % smaller", claim(margin=Rational(99, 100) * T), witness()),
        Twin("alpha beta instead of C alpha beta/(C-1)", claim(margin=alpha * beta), witness()),
        Twin(
            "feature norm unconstrained",
            fewer,
            simplex(3, scale=6, values={alpha: 1, T: Rational(3, 2) * simplex(3).values[beta]}),
        ),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(phi(2 * T), loss()), HYPOTHESES)

    def proof() -> Theorem:
        """phi(2T) <= phi(T), from log x <= x - 1 at the ratio and at e^T."""
        ratio = (1 + (C - 1) * exp(-2 * T)) / (1 + (C - 1) * exp(-T))
        grows = log_tangent(exp(T), label="T <= e^T - 1")
        below = combine(le(exp(-T), 1), {grows: exp(-T)}, slack=T * exp(-T), label="e^-T <= 1")
        rate = (C - 1) * exp(-T) / (1 + (C - 1) * exp(-T))
        return combine(goal.conclusion, {prove(): 1, log_tangent(ratio): 1, below: rate})  # type: ignore[arg-type]

    return Neighbour("a larger margin on the left", goal, proof)


THEOREM = Entry(
    name="minimum-cross-entropy",
    title="Least cross-entropy under norm constraints",
    kind="tight",
    source="Pan & Cao 2023, theorem 2.1 (the least loss m); Graf et al. 2021; Fang et al. 2021",
    says=(
        "With E||h||^2 <= alpha^2 and (1/C) sum ||w_c - wbar||^2 <= beta^2 the loss is at least "
        "phi(T), T = C alpha beta/(C-1)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "loss",
        ">=",
        phi_value(value("C") * value("alpha") * value("beta") / (value("C") - 1), value("C")),
    ),
    uses=("cross-entropy-identity",),
)
