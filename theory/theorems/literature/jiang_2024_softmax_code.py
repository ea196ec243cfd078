# SPDX-License-Identifier: MIT
"""Jiang et al. 2024: no code of C vectors of norm r has a one-vs-rest margin above r C/(C-1).

The margin of a code is the least distance of a vector to the convex hull of the others; softmax codes are the
codes that maximise it.  The bound holds in every dimension, with a term for codes whose mean is not zero, and
only uses one point of each hull, the mean of the others.  The simplex attains it (d >= C-1): see
jiang-2024-code-margin-cosine.  Not covered: the optimal codes for d < C-1.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol, sqrt

from theory.configurations import simplex
from theory.definitions import sq, wbar
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Relation, eq, le, wrong_mean
from theory.kernel import Theorem
from theory.proving import assume, average, combine, visible
from theory.symbols import C, c, nonnegative, positive, w

m = nonnegative("m_code", "m", "one-vs-rest margin of a code: least distance to the hull of the others")
r = positive("r_w", "r_w", "norm of every classifier row")


def to_the_others(cc: Symbol, x: Symbol) -> Expr:
    """w_c minus the mean of the other rows, coordinate x."""
    return w(cc, x) - wrong_mean(lambda jj: w(jj, x), cc, C)


NORMS = eq(sq(lambda x: w(c, x)), r**2, c)
MARGIN = le(m**2, sq(lambda x: to_the_others(c, x)), c)


def claim(
    factor: object = 1, centre: object = 1, hypotheses: tuple[Relation, ...] = (NORMS, MARGIN)
) -> Statement:
    bound = (C / (C - 1)) ** 2 * (r**2 - centre * sq(wbar))
    return Statement(le(factor * m**2, bound), hypotheses)


@lru_cache
def prove() -> Theorem:
    """w_c minus the mean of the others is C/(C-1) (w_c - wbar)."""
    norms = average(assume(NORMS), c, label="(1/C) ||W||_F^2 = r^2")
    margin = average(assume(MARGIN), c, label="mean squared distance")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {margin: 1, norms: (C / (C - 1)) ** 2},
        label="variance decomposition",
    )


def witness() -> Witness:
    """The simplex of four vectors of norm 1: margin 4/3."""
    unit = sqrt(Rational(4, 3))
    return simplex(4, weight_scale=unit, values={r: 1, m: Rational(4, 3)})


def twins() -> list[Twin]:
    cross = Witness(
        2, 1, 2, {w: lambda j, k: Integer(int(j == k))}, {r: Integer(1), m: sqrt(2)}, "two orthogonal vectors"
    )
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin("twice the price of a mean", claim(centre=2), cross),
        Twin("norms unconstrained", claim(hypotheses=(MARGIN,)), _with(witness(), {r: Rational(1, 2)})),
        Twin("margin unconstrained", claim(hypotheses=(NORMS,)), _with(witness(), {m: Integer(2)})),
    ]


def _with(base: Witness, values: dict[Symbol, Expr]) -> Witness:
    return Witness(
        base.classes, base.samples, base.dimension, base.functions, {**base.values, **values}, base.note
    )


def neighbour() -> Neighbour:
    goal = claim(centre=0)
    rate = (C / (C - 1)) ** 2
    return Neighbour(
        "without the mean",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, visible(le(0, sq(wbar))): rate}),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="jiang-2024-softmax-code",
    title="One-vs-rest margin of a code",
    kind="tight",
    source="Jiang et al. 2024, arXiv:2310.05351 (softmax codes); the bound: this project (2026)",
    says=(
        "C vectors of norm r have one-vs-rest margin at most (C/(C-1)) sqrt(r^2 - ||wbar||^2), in every "
        "dimension; attained by the simplex."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        value("C") / (value("C") - 1) * sqrt(value("row_norm") ** 2 - value("weight_mean_norm") ** 2),
        (Condition("||wbar|| <= row norm", value("weight_mean_norm"), value("row_norm")),),
    ),
)
