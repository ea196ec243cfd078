# SPDX-License-Identifier: MIT
"""Decay of the features instead of batch norm: one effective decay, sqrt(C n lambda_W lambda_H)."""

from sympy import Rational, sqrt

from theory.configurations import simplex
from theory.definitions import kl, logit, loss, psi, sq, wbar, wt
from theory.entry import Entry, Formula, Neighbour, Statement, Twin
from theory.evaluation import DECAY_POSITIVE, Condition, value
from theory.evaluation import psi as psi_value
from theory.expressions import Mean, eq, lt
from theory.kernel import Theorem
from theory.lemmas import mean_identity
from theory.lemmas.unconstrained_features import COLLAPSED, FREE_PULL, PULL, lam_H, lam_W, penalty
from theory.proving import combine, instantiate
from theory.symbols import C, c, h, i, n, p

MASS = (C - 1) * PULL
FEATURE_RATE, WEIGHT_RATE = C * n * lam_H, C * lam_W
SMALL_DECAY = (lt(C * PULL, 1),)


def claim(mass: object = None, weight: object = sqrt(WEIGHT_RATE), centre: int = 1) -> Statement:
    target = MASS if mass is None else mass
    spread = Mean(kl(target, logit), c, i)
    aligned = Mean(sq(lambda x: sqrt(FEATURE_RATE) * h(c, i, x) - weight * wt(c, x)), c, i)
    rest = aligned / 2 + centre * lam_W * C / 2 * sq(wbar)
    return Statement(eq(loss() + penalty() - psi(target), spread + rest), SMALL_DECAY)


def prove() -> Theorem:
    """The averaged identity at p = q*: C pull is the product of the two roots in the square."""
    identity = instantiate(mean_identity(), {p: MASS}, label="p := q*")
    return combine(claim().conclusion, {identity: 1}, label="complete the square")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    # C = 4, n = 2: lambda_eff^2 = 8/128 = 1/16
    witness = simplex(4, scale=4, noise=1, values={lam_W: Rational(1, 8), lam_H: Rational(1, 16), n: 2})
    return [
        Twin("q* without the number of samples", claim(mass=MASS / sqrt(n)), witness),
        Twin("spring to w instead of sqrt(C lambda) w", claim(weight=1), witness),
        Twin("spring to sqrt(lambda) w", claim(weight=sqrt(lam_W)), witness),
    ]


def neighbour() -> Neighbour:
    base = claim().conclusion
    goal = eq(2 * base.lhs, 2 * base.rhs)  # type: ignore[union-attr]
    return Neighbour("twice the identity", Statement(goal, SMALL_DECAY), lambda: combine(goal, {prove(): 2}))


_C, _weight = value("C"), value("weight_decay")
DECAYS_POSITIVE = (
    DECAY_POSITIVE,
    Condition("lambda_H > 0", Rational(0), value("feature_decay"), strict=True),
)
THEOREM = Entry(
    name="feature-decay-identity",
    title="Feature decay acts as batch norm with one effective decay",
    kind="identity",
    source="this project (2026); model of Zhu et al. 2021 (arXiv:2105.02375), theorem 3.1",
    says=(
        "L + (lambda_W/2)||W||^2 + (lambda_H/2) sum||h||^2 - psi(q*) = E KL(P_q* || softmax) + "
        "E||sqrt(C n lambda_H) h - sqrt(C lambda_W) w~||^2/2 + (lambda_W C/2)||wbar||^2, q* = (C-1) "
        "sqrt(n lambda_W lambda_H): batch norm at the decay sqrt(C n lambda_W lambda_H)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("cross-entropy-identity",),
    formula=Formula(
        psi_value((_C - 1) * FREE_PULL, _C)
        + value("kl")
        + value("scaled_spring") / 2
        + _weight * _C / 2 * value("weight_mean_norm") ** 2,
        (*DECAYS_POSITIVE, *COLLAPSED),
    ),
)
