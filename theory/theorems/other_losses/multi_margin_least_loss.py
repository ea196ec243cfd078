# SPDX-License-Identifier: MIT
"""Multi-class hinge loss with decays, balanced: margin 1 up to C kappa sqrt(n) = 1, zero from there on.

The hinges are written by slack variables xi_j >= max(0, 1 - z_c + z_j), as in a support vector machine; their
mean over the wrong classes, times (C-1)/C, is the loss of PyTorch's multi_margin_loss.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.configurations import simplex
from theory.definitions import logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Mean, le, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.cross_entropy import mean_margin
from theory.lemmas.unconstrained_features import (
    COLLAPSED,
    FREE_PULL,
    PULL,
    bias_penalty,
    lam_b,
    lam_H,
    lam_W,
    penalty,
    penalty_nonnegative,
    pull_bound,
)
from theory.proving import assume, average, combine, visible
from theory.symbols import C, atom, c, i, j, n, nonnegative

slack = atom("xi_hinge", r"\xi", "xi_hinge(c, i, j): at least the hinge max(0, 1 - z_c + z_j) of class j")
rate = nonnegative("theta_hinge", r"\theta", "multiplier of the hinges, at most 1 and at most C pull")

ABOVE = (
    le(0, slack(c, i, j), c, i, j),
    le(1 - logit(c, i, c) + logit(c, i, j), slack(c, i, j), c, i, j),
)
HYPOTHESES = (*ABOVE, le(rate, 1), le(rate, C * PULL))


def hinge_loss() -> Expr:
    """(1/C) E sum over j != c of xi_j."""
    return (C - 1) / C * Mean(wrong_mean(lambda at: slack(c, i, at), c, C), c, i)


def claim(factor: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    total = hinge_loss() + penalty() + bias_penalty()
    return Statement(le(factor * rate * (C - 1) / C, total), hypotheses)


@lru_cache
def prove() -> Theorem:
    """xi >= theta (1 - z_c + z_j), and the decays pay for theta times the alignment."""
    low, high, one, enough = map(assume, HYPOTHESES)
    room = combine(le(0, 1 - rate), {one: 1})
    hinge = combine(
        le(rate * (1 - logit(c, i, c) + logit(c, i, j)), slack(c, i, j)),
        {high: rate, low: 1 - rate},
        facts=[room],
        label="between the two lower bounds",
    )
    wrong = average(average(hinge, j, excluding=c, label="over the wrong classes"), c, i)
    spare = combine(le(0, 1 - rate / (C * PULL)), {enough: 1 / (C * PULL)}, label="theta <= C pull")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            wrong: (C - 1) / C,
            mean_margin(): rate * (C - 1) / C,
            pull_bound(): rate / (C * PULL),
            penalty_nonnegative(): 1 - rate / (C * PULL),
            visible(le(0, bias_penalty())): 1,
        },
        facts=[spare],
        label="hinges and decays",
    )


TENTH = Rational(1, 10)


def configuration(gap: Any = 1, theta: Any = 4 * TENTH, hinges: Any = 0, pull: Any = TENTH) -> Witness:
    """C = 4, n = 4: simplex with margin ``gap``, wrong slacks ``hinges``; C pull = 2/5 as it is."""
    rows = sqrt(Integer(gap) / 2)
    values = {lam_W: 2 * pull, lam_H: pull / 8, lam_b: Integer(0), n: Integer(4), rate: theta}
    base = simplex(4, scale=2 * rows, weight_scale=rows, samples=4, values=values)
    at = {**base.functions, slack: lambda c, i, j: Integer(1) if c == j else Integer(0) + hinges}
    return Witness(4, 4, base.dimension, at, values, f"simplex ETF with margin {gap}")


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), configuration()),
        Twin("theta above C pull", claim(hypotheses=HYPOTHESES[:3]), configuration(theta=Integer(1))),
        Twin(
            "theta above 1",
            claim(hypotheses=(*ABOVE, HYPOTHESES[3])),
            configuration(gap=0, theta=Integer(2), hinges=1, pull=Integer(1)),
        ),
        Twin("hinges below zero", claim(hypotheses=HYPOTHESES[1:]), configuration(gap=2, hinges=-1)),
    ]


def neighbour() -> Neighbour:
    goal = le(claim().conclusion.lhs, claim().conclusion.rhs + bias_penalty())  # type: ignore[union-attr]
    proof = lambda: combine(goal, {prove(): 1, visible(le(0, bias_penalty())): 1})  # noqa: E731
    return Neighbour("twice the decay of the bias", Statement(goal, HYPOTHESES), proof)


THEOREM = Entry(
    name="multi-margin-least-loss",
    title="Least multi-class hinge loss with decays on classifier and features",
    kind="tight",
    source="this project (2026), for the model of Zhou et al. 2022 (arXiv:2210.02192) with hinges",
    says=(
        "(1/C) sum over j != c of max(0, 1 - z_c + z_j), n samples a class, kappa^2 = lambda_W lambda_H: "
        "for every W, H and b the loss with decays is at least theta (C-1)/C for all theta <= min(1, C kappa "
        "sqrt(n)). Attained by a simplex ETF with margin 1 while C kappa sqrt(n) <= 1, value (C-1) kappa "
        "sqrt(n), and by zero from there on, value (C-1)/C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=configuration,
    formula=Formula((value("C") - 1) * FREE_PULL, COLLAPSED),
)
