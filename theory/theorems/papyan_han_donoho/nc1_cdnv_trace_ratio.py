# SPDX-License-Identifier: MIT
"""Class-distance normalised variance and trace ratio: at least (C-1)/(2C) of it, equal at a simplex."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational, sqrt

from theory.configurations import labelled, simplex
from theory.definitions_collapse import (
    DIAGONAL,
    ROW_SUM,
    ZERO_OR_ONE,
    cdnv,
    centred_mean,
    class_variance,
    inverse_distance,
    mean_square,
    one_hot,
    r,
    squared_distance,
    trace_ratio,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import MEAN_RADIUS_POSITIVE, value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, c, h, j, nonnegative

v = nonnegative("v_class", "v", "variance of every class")
MEANS = eq(r**2, mean_square(centred_mean))
EQUAL = eq(class_variance(c), v, c)
# 1/||mu_c - mu_j||^2 for j != c; on the diagonal, where it is not used, 1
APART = squared_distance(c, j, centred_mean) + one_hot(c, j)
INVERSE = eq(inverse_distance(c, j) * APART, 1, c, j)
HYPOTHESES = (MEANS, EQUAL, INVERSE, ROW_SUM, ZERO_OR_ONE)
TYPICAL = 2 * C * r**2 / (C - 1)


def claim(factor: Any = 1) -> Statement:
    return Statement(le(factor * (C - 1) / (2 * C) * trace_ratio(), cdnv()), HYPOTHESES)


def own_label() -> Theorem:
    """y_cc = 1: it is not 0, because y_cc times 1/D is 1."""
    y, g = one_hot(c, c), inverse_distance(c, c)
    binary, inverse = (instantiate(assume(a), {j: c}) for a in (ZERO_OR_ONE, INVERSE))
    return combine(DIAGONAL.instance(), {binary: g, inverse: 1 - y}, label="y_cc = 1")


@lru_cache
def prove() -> Theorem:
    """1/D >= 2/D_0 - D/D_0^2 at the mean squared distance D_0."""
    means, equal, inverse = assume(MEANS), assume(EQUAL), assume(INVERSE)
    g, slope = inverse_distance(c, j), inverse_distance(c, j) - 1 / TYPICAL
    positive = combine(
        le(0, APART),
        {assume(ZERO_OR_ONE): 1},
        slack=squared_distance(c, j, centred_mean) + one_hot(c, j) ** 2,
        label="y is 0 or 1",
    )
    one = combine(
        le(2 / TYPICAL - APART / TYPICAL**2, g),
        {positive: slope**2, inverse: g - 2 / TYPICAL},
        label="tangent of 1/D at D_0",
    )
    both = combine(
        le(v * (2 / TYPICAL - APART / TYPICAL**2), (class_variance(c) + class_variance(j)) * g / 2),
        {one: v, equal: -g / 2, instantiate(equal, {c: j}): -g / 2},
        label="two classes of variance v",
    )
    pairs = average(average(both, j, excluding=c, label="mean over the wrong classes"), c)
    labels = average(assume(ROW_SUM), c), average(own_label(), c)
    rate = v / ((C - 1) * TYPICAL**2)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            pairs: 1,
            means: -2 * C * rate,
            labels[0]: rate,
            labels[1]: -rate,
            average(equal, c): (C - 1) / (2 * C * r**2),
        },
        label="D_0 = 2 C r^2/(C-1)",
    )


def witness() -> Witness:
    """Simplex ETF, C = 3, with variance 3/4 in each class: D = 2 for every pair."""
    base = labelled(simplex(3, noise=Rational(1, 2)), values={r: sqrt(Rational(2, 3)), v: Rational(3, 4)})
    functions = {
        **base.functions,
        inverse_distance: lambda c, j: Integer(1) if c == j else Rational(1, 2),
    }
    return Witness(3, 2, 3, functions, base.values, base.note)


def _unequal() -> Witness:
    """Means at 0, 1 and 10 on a line; only the far class varies, by 1."""
    at = (Integer(0), Integer(1), Integer(10))
    functions: dict[Any, Any] = {
        h: lambda c, i, k: at[c] + (1 - 2 * i) * (1 if c == 2 else 0),
        one_hot: lambda c, j: Integer(int(c == j)),
        inverse_distance: lambda c, j: Integer(1) if c == j else 1 / (at[c] - at[j]) ** 2,
    }
    values = {r: sqrt(Rational(182, 9)), v: Rational(1, 3)}
    return Witness(3, 2, 1, functions, values, "means at 0, 1 and 10, only the last class varies")


def twins() -> list[Twin]:
    good = witness()
    narrow = Witness(3, 2, 3, good.functions, {**good.values, r: Rational(1, 10)}, "r = 1/10 claimed")
    none = {**good.functions, inverse_distance: lambda c, j: Integer(0)}
    weightless = Witness(3, 2, 3, none, good.values, "weights 0 for 1/D")
    free = tuple(a for a in HYPOTHESES if a != EQUAL)
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin("(C-1)/C instead of (C-1)/(2C)", claim(factor=2), witness()),
        Twin("r unknown", Statement(claim().conclusion, HYPOTHESES[1:]), narrow),
        Twin("any weights", Statement(claim().conclusion, (MEANS, EQUAL, ROW_SUM, ZERO_OR_ONE)), weightless),
        Twin("classes of unequal variance", Statement(claim().conclusion, free), _unequal()),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(1, 2))
    rest = (C - 1) / (4 * C) * trace_ratio()
    return Neighbour(
        "half of it",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=rest),  # type: ignore[arg-type]
    )


_C = value("C")
THEOREM = Entry(
    name="nc1-cdnv-trace-ratio",
    title="Class-distance normalised variance against the trace ratio",
    kind="tight",
    source="this project (2026); measure of Galanti, Gyorgy & Hutter 2022",
    says=(
        "If all classes have the same variance, cdnv >= ((C-1)/(2C)) Tr Sigma_W/Tr Sigma_B, with equality "
        "where all class means are equally far apart."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        (_C - 1) / (2 * _C) * value("within") / value("mean_radius") ** 2, (MEAN_RADIUS_POSITIVE,)
    ),
)
