# SPDX-License-Identifier: MIT
"""Bias-free batch normalisation fixes the feature norm: E||h||^2 = ||gamma||^2 up to the variance epsilon."""

from sympy import Integer, Rational, sqrt

from theory.definitions import Vector
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, index, le
from theory.kernel import Theorem
from theory.proving import average, combine
from theory.symbols import atom, c, d, i, k, positive

x = atom("x", "x", "x(c, i, k): coordinate k of the input of the batch norm")
gamma = atom("gamma", r"\gamma", "gamma(k): trainable scale of coordinate k")
epsilon = positive("eta_bn", r"\eta", "variance epsilon of batch normalisation")
c2, i2 = index("c2"), index("i2")


def variance(k):  # type: ignore[no-untyped-def]
    """Population variance of coordinate k over the batch."""
    centre = Mean(x(c2, i2, k), c2, i2)
    return Mean((x(c, i, k) - centre) ** 2, c, i)


def output(k):  # type: ignore[no-untyped-def]
    """gamma_k (x_k - mean) / sqrt(variance + epsilon)."""
    return gamma(k) * (x(c, i, k) - Mean(x(c2, i2, k), c2, i2)) / sqrt(variance(k) + epsilon)


def mean_square(vector: Vector) -> Mean:
    return Mean(d * Mean(vector(k) ** 2, k), c, i)


def claim(deficit: object = epsilon) -> Statement:
    total = d * Mean(gamma(k) ** 2, k)
    lost = d * Mean(gamma(k) ** 2 * deficit / (variance(k) + epsilon), k)
    return Statement(eq(mean_square(output), total - lost))


def prove() -> Theorem:
    """gamma^2 V/(V + eta) = gamma^2 - gamma^2 eta/(V + eta), coordinate by coordinate."""
    V = variance(k)
    one = combine(
        eq(gamma(k) ** 2 * V / (V + epsilon), gamma(k) ** 2 - gamma(k) ** 2 * epsilon / (V + epsilon)),
        label="one coordinate",
    )
    return combine(claim().conclusion, {average(one, k, label="all coordinates"): d})  # type: ignore[arg-type]


def witness() -> Witness:
    """Two classes with one sample each, at -1 and +1, in one coordinate; variance 1 and eta = 3."""
    return Witness(
        2,
        1,
        1,
        {x: lambda c, i, k: Integer(2 * c - 1), gamma: lambda k: Integer(2)},
        {epsilon: 3},
        "one coordinate with variance 1, gamma = 2, eta = 3",
    )


def twins() -> list[Twin]:
    exact = Statement(eq(mean_square(output), d * Mean(gamma(k) ** 2, k)))
    return [
        Twin("||gamma||^2 exactly, in spite of the variance epsilon", exact, witness()),
        Twin("deficit 1 % smaller", claim(Rational(99, 100) * epsilon), witness()),
    ]


def neighbour() -> Neighbour:
    goal = le(mean_square(output), d * Mean(gamma(k) ** 2, k))
    lost = d * Mean(gamma(k) ** 2 * epsilon / (variance(k) + epsilon), k)
    return Neighbour(
        "||gamma|| is an upper bound",
        Statement(goal),
        lambda: combine(goal, {prove(): 1}, slack=lost),
    )


THEOREM = Entry(
    name="batch-norm-feature-norm",
    title="Norm of batch-normalised features",
    kind="identity",
    source="Pan & Cao 2023, proposition on batch normalisation (variance epsilon 0), with the epsilon",
    says=(
        "After a bias-free batch norm, E||h||^2 = ||gamma||^2 - sum_k gamma_k^2 eta/(sigma_k^2 + eta)"
        " <= ||gamma||^2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        value("gamma") ** 2 * value("variance") / (value("variance") + value("eta")),
        (
            Condition("variance >= 0", Integer(0), value("variance")),
            Condition("eta > 0", Integer(0), value("eta"), strict=True),
        ),
    ),
)
