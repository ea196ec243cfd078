# SPDX-License-Identifier: MIT
"""Batch norm and weight decay: the least regularised loss is the entropy psi(q*) = phi(T*) + q* T*.

The bound holds for every q* < 1, that is lambda < sqrt(C)/(C-1); it is attained for lambda < 1/sqrt(C), and
from there on log C is larger: regularized-loss-large-decay.
"""

from collections.abc import Callable

from sympy import Rational, Symbol, exp, log, sqrt

from theory.configurations import simplex
from theory.definitions import (
    T_star,
    mean_square_features,
    phi,
    psi,
    q,
    q_star,
    regularized_loss,
    sq,
    wbar,
    wt,
)
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, least_regularized_loss, value
from theory.expressions import Mean, le, lt, substitute
from theory.kernel import Theorem
from theory.lemmas import mean_gibbs
from theory.proving import assume, combine, instantiate, theorem, visible
from theory.symbols import C, T, c, gamma_sq, h, i, lam, p

SCALE = le(mean_square_features(), gamma_sq)
SMALL_DECAY = lt(q_star(), 1)
HYPOTHESES = (SCALE, SMALL_DECAY)


def claim(factor: object = 1) -> Statement:
    return Statement(le(factor * psi(q_star()), regularized_loss(gamma_sq)), HYPOTHESES)


def prove() -> Theorem:
    """Every term of the identity is nonnegative."""
    spread = instantiate(mean_gibbs(), {p: q_star()}, label="p := q*")
    aligned = Mean(sq(lambda x: h(c, i, x) - sqrt(C) * wt(c, x)), c, i)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            theorem("regularized-loss-identity"): -1,
            spread: 1,
            visible(le(0, aligned)): lam / 2,
            visible(le(0, sq(wbar))): lam * C / 2,
            assume(SCALE): lam / 2,
        },
        label="drop four nonnegative terms",
    )


def witness() -> Witness:
    """C = 4, lambda = 1/4: T* = log 5, alpha^2 = 2 alpha beta, beta^2 = alpha beta / 2, h = 2 w."""
    s = sqrt(log(5) / 2)
    return simplex(
        4,
        scale=2 * s,
        weight_scale=s,
        values={lam: Rational(1, 4), gamma_sq: 3 * s**2},
        note="the regularised optimum at C = 4, lambda = 1/4",
    )


def twins() -> list[Twin]:
    nothing = simplex(4, scale=0, weight_scale=0, values={lam: Rational(1, 4), gamma_sq: Rational(1, 10**6)})
    zero = Witness(
        4, 2, 4, nothing.functions, {lam: Rational(7, 12), gamma_sq: Rational(1, 10**6)}, "W = 0, H = 0"
    )
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin(
            "gamma smaller than the feature norm",
            Statement(claim().conclusion, (SMALL_DECAY,)),
            Witness(
                4,
                2,
                4,
                witness().functions,
                {**witness().values, gamma_sq: Rational(1, 10)},
                "gamma too small",
            ),
        ),
        Twin(
            "phi(T*) + 2 q* T* instead of the entropy",
            Statement(le(phi(T_star()) + 2 * q_star() * T_star(), regularized_loss(gamma_sq)), HYPOTHESES),
            Witness(4, 2, 4, witness().functions, witness().values, "the optimum"),
        ),
        Twin(
            "log C for a decay above the threshold, with twice the margin",
            Statement(le(2 * log(C), regularized_loss(gamma_sq)), (SCALE,)),
            zero,
        ),
    ]


def at_margin(T: Symbol) -> tuple[Statement, Callable[[], Theorem]]:
    """The theorem at the decay whose optimal margin is T > 0: lambda = sqrt(C)/(C - 1 + e^T)."""
    decay = sqrt(C) / (C - 1 + exp(T))
    regularized = substitute(regularized_loss(gamma_sq), {lam: decay})
    goal = le(phi(T) + q(T) * T, regularized)

    def proof() -> Theorem:
        """q* = q(T), psi(q(T)) = phi(T) + T q(T)."""
        here = instantiate(prove(), {lam: decay}, label="lambda := sqrt(C)/(C-1+e^T), so q* = q(T) < 1")
        return combine(goal, {here: 1}, label="psi(q(T)) = phi(T) + T q(T)")

    return Statement(goal, (SCALE,)), proof


def neighbour() -> Neighbour:
    goal, proof = at_margin(T)
    return Neighbour("parametrised by T*, and the least value as phi(T*) + q* T*", goal, proof)


THEOREM = Entry(
    name="minimum-regularized-loss",
    title="Least regularised loss with batch norm and weight decay",
    kind="tight",
    source=("this project (2026); Pan & Cao 2023, theorem 2.2 (m_reg), condition lambda < 1/sqrt(C)"),
    says=(
        "For q* = lambda (C-1)/sqrt(C) < 1 the regularised loss is at least psi(q*), the entropy of the"
        " smoothed label; for lambda < 1/sqrt(C) equality at T* = log(sqrt(C)/lambda - C + 1)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "regularized_loss",
        ">=",
        least_regularized_loss(value("weight_decay"), value("C")),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD),
    ),
    uses=("regularized-loss-identity",),
)
