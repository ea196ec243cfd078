# SPDX-License-Identifier: MIT
"""Least squares with weight decay: the collapsed classifier is best, and every other pays its distance."""

from functools import lru_cache

from sympy import Expr, Rational, sqrt

from theory.configurations import labelled, simplex
from theory.definitions import logit, mean_square_raw_weights
from theory.definitions_collapse import (
    centred_mean,
    excess_over_collapse,
    mean_square,
    r,
    squared_error,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_POSITIVE, MEAN_RADIUS_POSITIVE, value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, visible
from theory.symbols import C, b, c, i, j, lam

MEANS = eq(r**2, mean_square(centred_mean))
HALF = Rational(1, 2)
FACTOR = (C - 1) / (lam * C * (C - 1) + C * r**2)
LEAST = lam * (C - 1) * FACTOR


def objective() -> Expr:
    """E||W h + b - e_c||^2 + lambda ||W||_F^2."""
    return squared_error() + lam * C * mean_square_raw_weights()


def claim(factor: object = 1, excess: object = 1) -> Statement:
    price = excess * lam * C * excess_over_collapse(FACTOR)
    return Statement(le(factor * LEAST + price, objective()), (MEANS,))


def residual() -> Theorem:
    """0 <= E||z - (1-theta) e_c - theta/C||^2, theta = lambda C kappa, coordinate by coordinate."""
    theta = lam * C * FACTOR
    wrong = visible(le(0, (logit(c, i, j) - theta / C) ** 2), label="a wrong class")
    others = average(wrong, j, excluding=c, label="mean over the wrong classes")
    own = logit(c, i, c) - 1 + theta - theta / C
    total = C * Mean((logit(c, i, j) - theta / C) ** 2, j) - (logit(c, i, c) - theta / C) ** 2 + own**2
    one = combine(le(0, total), {others: C - 1}, slack=own**2, label="one sample")
    return average(one, c, i, label="E over samples")


@lru_cache
def prove() -> Theorem:
    """Squares of the residual and of W - kappa M; the bias drops out of the mean margin."""
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {residual(): 1, assume(MEANS): -lam * C * FACTOR**2},
        label="complete both squares",
    )


def _simplex(decay: object, radius: object, factor: object, scale: object = 1) -> Witness:
    """Simplex ETF, C = 2, W = factor M/scale, both biases 1/2, with the given lambda and r."""
    values = {r: radius, lam: decay}
    base = labelled(simplex(2, samples=1, scale=scale), values=values, weight_factor=factor)
    functions = {**base.functions, b: lambda j: HALF}
    return Witness(base.classes, base.samples, base.dimension, functions, base.values, base.note)


def witness() -> Witness:
    """r^2 = 1/2 and lambda = 1/2: kappa = 1/2."""
    return _simplex(HALF, 1 / sqrt(2), HALF)


def twins() -> list[Twin]:
    # tiny features and a huge classifier along them: almost all of the objective is the distance
    long = _simplex(1, 1 / sqrt(2) / 1000, 1000, scale=Rational(1, 1000))
    plain = Statement(le(LEAST, squared_error()), (MEANS,))
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("1 % more for the distance to kappa M", claim(excess=Rational(101, 100)), long),
        Twin("the squared error alone", plain, _simplex(HALF, 1 / sqrt(2), 1)),
        Twin("r unknown", Statement(claim().conclusion), _simplex(HALF, Rational(1, 10), HALF)),
    ]


def neighbour() -> Neighbour:
    goal = le(LEAST, objective())
    return Neighbour(
        "without the distance to the collapsed classifier",
        Statement(goal, (MEANS,)),
        lambda: combine(goal, {prove(): 1}, slack=lam * C * excess_over_collapse(FACTOR)),
    )


_C, _r, _lam = value("C"), value("mean_radius"), value("weight_decay")
THEOREM = Entry(
    name="least-squares-classifier",
    title="NC1 and NC2 imply NC3 for least squares, with the price of every deviation",
    kind="tight",
    source="this project (2026); Papyan, Han & Donoho 2020, theorem 2; Webb & Lowe 1990 (no decay)",
    says=(
        "E||Wh + b - e_c||^2 + lambda ||W||_F^2 is at least its value at collapse, plus lambda ||W - "
        "kappa M||_F^2, for any W, b and features of the same r; so at the simplex least squares gives "
        "kappa M."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        _lam * (_C - 1) ** 2 / (_C * (_lam * (_C - 1) + _r**2)), (DECAY_POSITIVE, MEAN_RADIUS_POSITIVE)
    ),
)
