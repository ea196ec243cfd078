# SPDX-License-Identifier: MIT
"""A classifier with every margin at least 1 is at least as long as the one proportional to the means."""

from sympy import Integer, Rational, sqrt

from theory.configurations import labelled, simplex
from theory.definitions import mean_square_raw_weights
from theory.definitions_collapse import (
    ROW_SUM,
    centred_mean,
    excess_over_collapse,
    logit_difference,
    mean_square,
    one_hot,
    r,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import MEAN_RADIUS_POSITIVE, value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine
from theory.symbols import C, c, h, i, j

MEANS = eq(r**2, mean_square(centred_mean))
# y is one-hot: for j = c both sides are 0
MARGINS = le(1 - one_hot(c, j), logit_difference(c, j, lambda x: h(c, i, x)), c, i, j)
HYPOTHESES = (MEANS, MARGINS, ROW_SUM)
FACTOR = (C - 1) / (C * r**2)


def claim(factor: object = 1, excess: object = 1) -> Statement:
    least = factor * ((C - 1) / (C * r)) ** 2
    return Statement(le(least + excess * excess_over_collapse(FACTOR), mean_square_raw_weights()), HYPOTHESES)


def prove() -> Theorem:
    """Mean of all margins = C/(C-1) mean <a_c, mu_c - mu_G>, whatever the bias; then a square."""
    margins = average(assume(MARGINS), c, i, j, label="mean over all samples and classes")
    ones = average(assume(ROW_SUM), c, label="a fraction 1/C of the pairs is c = j")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {margins: 2 * FACTOR, ones: 2 * FACTOR / C, assume(MEANS): -(FACTOR**2)},
        label="complete the square",
    )


SMALL = Rational(1, 10)
RADIUS = {r: sqrt(Rational(2, 3))}


def witness() -> Witness:
    """Simplex ETF with r^2 = 2/3 (C = 3), W = M: every margin is 1."""
    return labelled(simplex(3, noise=1), values=RADIUS)


def twins() -> list[Twin]:
    long = labelled(simplex(3), values=RADIUS, weight_factor=300)
    short = labelled(simplex(3), values=RADIUS, weight_factor=Rational(1, 2))
    no_margin = Statement(claim().conclusion, (MEANS, ROW_SUM))
    small = labelled(simplex(3), values={r: SMALL})
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("1 % more for the distance to kappa M", claim(excess=Rational(101, 100)), long),
        Twin("margins not required", no_margin, short),
        Twin(
            "r unknown",
            Statement(claim().conclusion, HYPOTHESES[1:]),
            small,
        ),
        Twin("labels of no class", Statement(claim().conclusion, HYPOTHESES[:2]), _unlabelled()),
    ]


def _unlabelled() -> Witness:
    """y = 1 everywhere, so that no margin is asked for, and W = 0."""
    base = labelled(simplex(3), values=RADIUS, weight_factor=0)
    functions = {**base.functions, one_hot: lambda c, j: Integer(1)}
    return Witness(base.classes, base.samples, base.dimension, functions, base.values, "W = 0, y = 1")


def neighbour() -> Neighbour:
    goal = le(((C - 1) / (C * r)) ** 2, mean_square_raw_weights())
    return Neighbour(
        "without the distance to the collapsed classifier",
        Statement(goal, HYPOTHESES),
        lambda: combine(goal, {prove(): 1}, slack=excess_over_collapse(FACTOR)),
    )


_C, _r = value("C"), value("mean_radius")
THEOREM = Entry(
    name="max-margin-classifier",
    title="NC1 and NC2 imply NC3 for the max-margin classifier, with the price of every deviation",
    kind="tight",
    source="this project (2026); contains Papyan, Han & Donoho 2020, theorem 4",
    says=(
        "If every margin is at least 1 then ||W||_F^2 >= (C-1)^2/(C r^2) + ||W - kappa M||_F^2, kappa = "
        "(C-1)/(C r^2), for any features and bias; under NC1-NC2 the max-margin classifier is kappa M."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula((_C - 1) ** 2 / (_C * _r**2), (MEAN_RADIUS_POSITIVE,)),
)
