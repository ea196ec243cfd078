# SPDX-License-Identifier: MIT
"""Fixed norms: E||h/alpha - w~/beta||^2 <= 2 eps/(T q(T)), for every loss gap eps."""

from sympy import Rational

from theory.configurations import simplex
from theory.definitions import loss, mean_square_features, mean_square_weights, phi, q, sq, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NORMS_POSITIVE, value
from theory.evaluation import q as q_value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas import mean_gibbs
from theory.proving import assume, combine, instantiate, theorem
from theory.symbols import C, T, alpha, beta, c, eps, h, i, p

HYPOTHESES = (
    eq(alpha**2, mean_square_features()),
    eq(beta**2, mean_square_weights()),
    eq(T, C * alpha * beta / (C - 1)),
    le(loss() - phi(T), eps),
)


def claim(factor: object = 2) -> Statement:
    misalignment = Mean(sq(lambda x: h(c, i, x) / alpha - wt(c, x) / beta), c, i)
    return Statement(le(misalignment, factor * eps / (T * q(T))), HYPOTHESES)


def prove() -> Theorem:
    """Drop the divergence from the identity."""
    rate = 2 / (T * q(T))
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            theorem("loss-gap-identity"): -rate,
            instantiate(mean_gibbs(), {p: q(T)}, label="p := q(T)"): rate,
            assume(HYPOTHESES[3]): rate,
        },
        label="the square alone",
    )


def witness(gap: object) -> Witness:
    """Simplex ETF with a little noise orthogonal to the classifier, and a number for eps."""
    return simplex(3, scale=3, noise=Rational(1, 10), values={eps: gap})


def twins() -> list[Twin]:
    free = Statement(claim().conclusion, HYPOTHESES[:3])
    return [
        Twin("eps/(T q(T))", claim(factor=1), witness(Rational(1, 1470))),
        Twin("1.8 eps/(T q(T))", claim(factor=Rational(9, 5)), witness(Rational(1, 1470))),
        Twin("the gap larger than eps", free, witness(Rational(1, 10**4))),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=3)
    return Neighbour(
        "3 eps/(T q(T))",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=eps / (T * q(T))),  # type: ignore[arg-type]
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="misalignment-budget",
    title="Misalignment from the loss gap, at fixed norms",
    kind="upper",
    source="this project (2026): one term of loss-gap-identity",
    says=(
        "E||h/alpha - w~/beta||^2 <= 2 eps/(T q(T)) for every loss gap eps = L - phi(T), every T and "
        "any bias: NC1 and NC3 together."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("loss-gap-identity",),
    formula=Formula(2 * value("eps") / (_T * q_value(_T, value("C"))), NORMS_POSITIVE),
)
