# SPDX-License-Identifier: MIT
"""The collapsed classifier's squared error with weight decay: it is the least there is."""

from functools import lru_cache

from sympy import Integer, Rational

from theory.configurations import labelled, simplex
from theory.definitions import mean_square_raw_weights
from theory.definitions_collapse import (
    NC1,
    ROW_SUM,
    ZERO_OR_ONE,
    centred_mean,
    kappa_w,
    one_hot,
    s,
    self_dual,
    squared_error,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_POSITIVE, MEAN_RADIUS_POSITIVE, value
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.collapse import NC2, biases, collapsed_logits, own_label, shift
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, b, c, d, i, j, k, lam, w

FACTOR = 1 / (lam * C + s)
_AT = {kappa_w: FACTOR, shift: 1 / C}
LONG = self_dual(centred_mean, FACTOR)
HYPOTHESES = (NC1, NC2, LONG, biases(FACTOR, 1 / C), ZERO_OR_ONE)


def claim(factor: object = 1) -> Statement:
    objective = squared_error() + lam * C * mean_square_raw_weights()
    return Statement(eq(objective, factor * lam * (C - 1) * FACTOR), HYPOTHESES)


@lru_cache
def prove() -> Theorem:
    """z = kappa s (y - 1/C) + 1/C, and ||w_c||^2 = kappa^2 s (1 - 1/C)."""
    diagonal, rows, binary = own_label(NC2, s), row_sum(), assume(ZERO_OR_ONE)
    level = FACTOR * s * (one_hot(c, j) - 1 / C) + 1 / C
    logits = instantiate(collapsed_logits(), _AT, label="kappa = 1/(lambda C + s), b_0 = 1/C")
    squares = combine(
        eq(logits.relation.lhs**2, level**2),
        {logits: logits.relation.lhs + level},
        label="squared",
    )
    own = instantiate(logits, {j: c}, label="the true class")
    share = FACTOR * s
    mean_squares = combine(
        eq(Mean(level**2, j), share**2 * (C - 1) / C**2 + 1 / C**2),
        {
            average(binary, j): share**2,
            rows: share**2 / C + 2 * share * (1 - share) / C**2,
        },
        label="mean over the classes",
    )
    one = combine(
        eq(
            C * Mean(logits.relation.lhs**2, j) - 2 * own.relation.lhs + 1,
            (1 - share) ** 2 * (C - 1) / C,
        ),
        {average(squares, j): C, mean_squares: C, own: -2, diagonal: -2 * share},
        label="squared error of one sample",
    )
    long = assume(LONG)
    square = combine(
        eq(w(c, k) ** 2, long.relation.rhs**2), {long: w(c, k) + long.relation.rhs}, label="||w_c||^2"
    )
    norm = instantiate(assume(NC2), {j: c}, label="||m_c||^2")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(one, c, i, label="E over samples"): 1,
            average(square, c, k): lam * C * d,
            average(norm, c): lam * C * FACTOR**2,
            average(diagonal, c): lam * C * FACTOR**2 * s,
        },
        label="add the decay",
    )


def row_sum() -> Theorem:
    """sum_j y_cj = 1: the centred class means add up to 0."""
    return combine(ROW_SUM.instance(), {average(assume(NC2), j): -C / s}, label="rows of y")


def witness() -> Witness:
    """Simplex ETF, C = 2, s = 1, lambda = 1/2: kappa = 1/2, biases 1/2."""
    half = Rational(1, 2)
    base = labelled(simplex(2, samples=1), values={s: 1, lam: half}, weight_factor=half)
    functions = {**base.functions, b: lambda j: half}
    return Witness(base.classes, base.samples, base.dimension, functions, base.values, base.note)


def twins() -> list[Twin]:
    good = witness()
    free_bias = Statement(claim().conclusion, (*HYPOTHESES[:3], ZERO_OR_ONE))
    zero = Witness(2, 1, 2, {**good.functions, b: lambda j: Integer(0)}, good.values, "no bias")
    return [
        Twin("1 % larger", claim(factor=Rational(101, 100)), good),
        Twin("the squared error alone", Statement(_plain(), HYPOTHESES), good),
        Twin("any bias", free_bias, zero),
    ]


def _plain() -> Relation:
    return eq(squared_error(), lam * (C - 1) * FACTOR)


def neighbour() -> Neighbour:
    goal = le(squared_error() + lam * C * mean_square_raw_weights(), lam * (C - 1) / s)
    rest = lam**2 * C * (C - 1) / (s * (lam * C + s))
    return Neighbour(
        "at most lambda (C-1)/s, the penalty of an exact fit",
        Statement(goal, HYPOTHESES),
        lambda: combine(goal, {prove(): 1}, slack=rest),
    )


_C, _r, _lam = value("C"), value("mean_radius"), value("weight_decay")
THEOREM = Entry(
    name="least-squares-at-collapse",
    title="Least squares at exact collapse",
    kind="identity",
    source="Papyan, Han & Donoho 2020, theorem 2; Webb & Lowe 1990 (no decay); with weight decay",
    says=(
        "Under NC1-NC2, W = M/(lambda C + s) with s = C r^2/(C-1), b_c = 1/C - <w_c, mu_G> has squared "
        "error plus lambda ||W||_F^2 = lambda (C-1)/(lambda C + s), the bound of "
        "least-squares-classifier."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        _lam * (_C - 1) / (_lam * _C + _C * _r**2 / (_C - 1)), (DECAY_POSITIVE, MEAN_RADIUS_POSITIVE)
    ),
)
