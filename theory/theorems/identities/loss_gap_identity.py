# SPDX-License-Identifier: MIT
"""Fixed norms: the loss gap is spent, exactly, on KL divergence and on misalignment."""

from sympy import Rational

from theory.configurations import simplex
from theory.definitions import (
    alignment,
    kl,
    logit,
    loss,
    mean_square_features,
    mean_square_weights,
    phi,
    q,
    sq,
    wt,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin
from theory.evaluation import NORMS_POSITIVE, value
from theory.evaluation import q as q_value
from theory.expressions import Mean, eq
from theory.kernel import Theorem
from theory.lemmas import mean_identity
from theory.proving import assume, combine, instantiate
from theory.symbols import C, T, alpha, beta, c, h, i, p

FEATURES = eq(alpha**2, mean_square_features())
WEIGHTS = eq(beta**2, mean_square_weights())
MARGIN = eq(T, C * alpha * beta / (C - 1))
HYPOTHESES = (FEATURES, WEIGHTS, MARGIN)


def misalignment() -> Mean:
    """E||h/alpha - w~_c/beta||^2."""
    return Mean(sq(lambda x: h(c, i, x) / alpha - wt(c, x) / beta), c, i)


def claim(kl_factor: int = 1, factor: object = Rational(1, 2)) -> Statement:
    spread = Mean(kl(q(T), logit), c, i)
    return Statement(eq(loss() - phi(T), kl_factor * spread + T * q(T) * factor * misalignment()), HYPOTHESES)


def prove() -> Theorem:
    """The averaged identity at p = q(T); the square supplies the mean margin."""
    identity = instantiate(mean_identity(), {p: q(T)}, label="p := q(T)")
    features, weights, margin = map(assume, HYPOTHESES)
    rate = T * q(T) / 2
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            identity: 1,
            features: rate / alpha**2,
            weights: rate / beta**2,
            margin: q(T) * alignment() / (alpha * beta),
        },
        label="complete the square",
    )


def twins() -> list[Twin]:
    witness = simplex(3, scale=2, noise=1)
    return [
        Twin("misalignment without the factor 1/2", claim(factor=1), witness),
        Twin("misalignment factor 1 % smaller", claim(factor=Rational(99, 200)), witness),
        Twin("KL counted twice", claim(kl_factor=2), witness),
    ]


def neighbour() -> Neighbour:
    goal = eq(loss(), phi(T) + Mean(kl(q(T), logit), c, i) + T * q(T) / 2 * misalignment())
    return Neighbour(
        "least loss on the right", Statement(goal, HYPOTHESES), lambda: combine(goal, {prove(): 1})
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="loss-gap-identity",
    title="Where the loss gap goes (fixed norms)",
    kind="identity",
    source="this project (2026): the master identity averaged at fixed norms",
    says=(
        "Loss minus least loss equals the mean KL divergence from the collapsed softmax plus (T "
        "q(T)/2) times the mean squared misalignment, exactly."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("cross-entropy-identity",),
    formula=Formula(value("kl") + _T * q_value(_T, value("C")) / 2 * value("misalignment"), NORMS_POSITIVE),
)
