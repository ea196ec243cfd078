# SPDX-License-Identifier: MIT
"""nu <= E||h/alpha - w~/beta||^2 <= 2 eps/(T q(T)): linear in the loss gap, for every gap and every T."""

from sympy import Rational

from theory.configurations import simplex
from theory.definitions import (
    loss,
    mean_square_features,
    mean_square_weights,
    mu,
    phi,
    q,
    sq,
    within_class_scatter,
    wt,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NORMS_POSITIVE, value
from theory.evaluation import q as q_value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.proving import combine, theorem, visible
from theory.symbols import C, T, alpha, beta, c, eps, h, i

HYPOTHESES = (
    eq(alpha**2, mean_square_features()),
    eq(beta**2, mean_square_weights()),
    eq(T, C * alpha * beta / (C - 1)),
    le(loss() - phi(T), eps),
)


def claim(factor: object = 2) -> Statement:
    return Statement(le(within_class_scatter() / alpha**2, factor * eps / (T * q(T))), HYPOTHESES)


def misalignment() -> Mean:
    """E||h/alpha - w~_c/beta||^2."""
    return Mean(sq(lambda x: h(c, i, x) / alpha - wt(c, x) / beta), c, i)


def scatter_is_misalignment() -> Theorem:
    """nu <= E||h/alpha - w~/beta||^2: what is left is the misalignment of the class means."""
    means = Mean(sq(lambda x: mu(c, x) / alpha - wt(c, x) / beta), c)
    return combine(
        le(within_class_scatter() / alpha**2, misalignment()),
        {visible(le(0, means)): 1},
        label="misalignment of samples is scatter plus misalignment of means",
    )


def prove() -> Theorem:
    """Scatter is part of the misalignment."""
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {scatter_is_misalignment(): 1, theorem("misalignment-budget"): 1},
        label="scatter is part of the misalignment",
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
    return Neighbour(
        "scatter is at most the misalignment",
        Statement(scatter_is_misalignment().conclusion),
        scatter_is_misalignment,
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="within-class-variability-linear",
    title="Within-class variability, linear in the loss gap",
    kind="upper",
    source="this project (2026): the linear form of within-class-variability",
    says=(
        "nu <= 2 eps/(T q(T)) for every loss gap eps = L - phi(T), every T, C, n, d and any bias; "
        "weaker than the sharp bound, and equal to it in leading order."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("misalignment-budget",),
    formula=Formula(2 * value("eps") / (_T * q_value(_T, value("C"))), NORMS_POSITIVE),
)
