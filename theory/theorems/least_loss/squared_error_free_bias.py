# SPDX-License-Identifier: MIT
"""Squared error with a free bias and any class sizes: what centred features and b = n/N save, exactly."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational

from theory.definitions import dot, logit, sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.imbalanced import POSITIVE_COUNTS, count, total
from theory.lemmas.imbalanced_bias import mean_of_features, objective, samples, squared_error
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import combine
from theory.symbols import C, b, c, h, i, j, w

HYPOTHESES = (POSITIVE_COUNTS,)


def centred_logit(cc: Any, ii: Any, jj: Any) -> Expr:
    """<w_j, h_ci - hbar> + n_j/N, hbar the mean of all samples' features."""
    return dot(lambda x: w(jj, x), lambda x: h(cc, ii, x) - mean_of_features(x)) + count(jj) / total()


def centred_objective() -> Expr:
    """The objective at W, H - hbar and the bias n/N."""
    rows = lam_W / 2 * C * Mean(sq(lambda x: w(c, x)), c)
    features = Mean(count(c) * sq(lambda x: h(c, i, x) - mean_of_features(x)), c, i)
    return C * Mean(count(c) * squared_error(centred_logit), c, i) / total() + rows + lam_H / 2 * C * features


def saved() -> Expr:
    """(1/2) ||b + W hbar - n/N||^2 + (lambda_H N/2) ||hbar||^2."""
    bias = b(j) + dot(lambda x: w(j, x), mean_of_features) - count(j) / total()
    return C * Mean(bias**2, j) / 2 + lam_H / 2 * total() * sq(mean_of_features)


def claim(share: Any = 1) -> Statement:
    return Statement(eq(objective(logit), centred_objective() + share * saved()), HYPOTHESES)


@lru_cache
def prove() -> Theorem:
    """The mean residual is orthogonal to the others; so is the mean feature."""
    return combine(claim().conclusion, facts=[samples()], label="expand the squares")  # type: ignore[arg-type]


def configuration(bias: Any = 0, mean: Any = 0) -> Witness:
    """n = (3, 1): rows 1 and -1, features 1 + ``mean`` and -3 + ``mean``, every bias ``bias``."""
    return Witness(
        2,
        1,
        1,
        {
            count: lambda c: Integer(3 - 2 * c),
            w: lambda c, k: Integer(1 - 2 * c),
            h: lambda c, i, k: Integer(1 - 4 * c) + mean,
            b: lambda j: Integer(0) + bias,
        },
        {lam_W: Rational(1, 4), lam_H: Rational(1, 8)},
        f"three samples and one, biases {bias}, mean feature {mean}",
    )


def twins() -> list[Twin]:
    away = Statement(le(objective(logit), centred_objective()), HYPOTHESES)
    return [
        Twin("half of it saved", claim(share=Rational(1, 2)), configuration(bias=1)),
        Twin("nothing lost by a bias", away, configuration(bias=1)),
        Twin("nothing lost by a mean feature", claim(share=0), configuration(mean=1)),
    ]


def neighbour() -> Neighbour:
    goal = le(centred_objective(), objective(logit))

    def proof() -> Theorem:
        """What is saved is a sum of squares."""
        bias = b(j) + dot(lambda x: w(j, x), mean_of_features) - count(j) / total()
        number = samples()
        norm = sq(lambda x: Mean(count(c) * h(c, i, x), c, i))
        rate = C**3 * norm / total() ** 2
        size = combine(
            le(0, total() * sq(mean_of_features)), {number: rate}, facts=[number], label="N ||hbar||^2"
        )
        return combine(
            goal,
            {prove(): -1, size: lam_H / 2},
            slack=C * Mean(bias**2, j) / 2,
            facts=[number],
            label="squares",
        )

    return Neighbour("not worse", Statement(goal, HYPOTHESES), proof)


THEOREM = Entry(
    name="squared-error-free-bias",
    title="Squared error with a free bias: centred features and the class shares as bias, exactly",
    kind="identity",
    source="this project (2026), for the model of Zhou et al. 2022 (arXiv:2203.01238) at any class sizes",
    says=(
        "For any class sizes, W, H and b, with hbar the mean of all features and n/N the vector of class "
        "shares: F(W, H, b) = F(W, H - hbar, n/N) + (1/2) ||b + W hbar - n/N||^2 + (lambda_H N/2) ||hbar||^2."
        " So every optimum has the bias n/N and features of mean zero."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # the bias of a class of the given size
    formula=Formula(
        value("class_samples") / value("total_samples"),
        (Condition("N > 0", Integer(0), value("total_samples"), strict=True),),
    ),
)
