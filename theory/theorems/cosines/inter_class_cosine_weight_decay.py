# SPDX-License-Identifier: MIT
"""Cosines between classes from weight decay and regularised loss, for lambda <= lambda_3(C)."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.configurations import flipped_at_decay
from theory.definitions import loss, phi, q, sq, unbiased_logit, wbar
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    CENTRED,
    DECAY_BELOW_3,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    NO_BIAS,
    optimal_q,
    optimal_T,
    value,
)
from theory.expressions import Mean, Relation, le, substitute
from theory.kernel import Theorem
from theory.lemmas.directions import RATE, T3, TABLE, cap, width
from theory.lemmas.equiangular import test
from theory.lemmas.inter_class import excess, inter_bound, inter_class_paid
from theory.lemmas.polar import kappa, polar, rho
from theory.lemmas.published import WEIGHT_DECAY
from theory.lemmas.weight_decay import DECAY, NORMS, SCALE, UNIT
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, alpha, beta, c, eps, i

ROW, FEATURE = sqrt((C - 1) * T) * C ** Rational(-3, 4), sqrt((C - 1) * T) * C ** Rational(-1, 4)
HYPOTHESES = (*WEIGHT_DECAY, T3, *TABLE)


def bound() -> Expr:
    """12 r + 14 r/omega + omega (3 + 3 r + 1/(2 T)), r = eps/(T* q*)."""
    return substitute(inter_bound(), {cap: 2 + 4 * RATE})


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(excess(), factor * bound() + extra), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Rows in units of beta* and features in units of alpha*: the decay is the price of their norms."""
    moved = instantiate(inter_class_paid(), {beta: ROW, alpha: FEATURE}, label="units of the optimum")
    moved = instantiate(
        moved,
        functions={kappa: ((c,), kappa(c) / ROW), rho: ((c, i), rho(c, i) * UNIT / FEATURE)},
        label="relative norms",
    )
    relative = kappa(c) / ROW, rho(c, i) * UNIT / FEATURE
    signs = polar(1, UNIT)[4:]
    rows, features = map(assume, NORMS)
    price = T * q(T) / 2 * (Mean(relative[0] ** 2, c) + Mean(relative[1] ** 2, c, i) - 2)
    paid = combine(
        le(loss(unbiased_logit) + price, phi(T) + eps),
        {
            assume(WEIGHT_DECAY[-1]): 1,
            assume(SCALE): DECAY / 2,
            average(rows, c): -DECAY * C / 2,
            average(features, c, i): -DECAY / 2,
        },
        slack=DECAY * C / 2 * sq(wbar),
        label="the decay is the price",
    )
    positive = (
        combine(le(0, relative[0]), {assume(signs[0]): 1 / ROW}),
        combine(le(0, relative[1]), {assume(signs[1]): UNIT / FEATURE}),
    )
    moved = cut(moved, paid, *positive, label="norms and their price")
    return combine(claim().conclusion, {moved: 1})  # type: ignore[arg-type]


def witness(size: Any = 1, gap: Any = 1, parts: int = 10) -> Witness:
    """Two classes on a line at T* = 4, one of ten samples of each class flipped: <v_1, v_2> = -16/25."""
    base = flipped_at_decay(Integer(4), good=9)
    functions = {**base.functions, test: lambda c, j: Integer(size)}
    values = {**base.values, eps: gap, width: Rational(1, parts)}
    return Witness(2, 10, 1, functions, values, base.note)


def twins() -> list[Twin]:
    untested = tuple(a for a in HYPOTHESES if a not in TABLE)
    lossless = tuple(a for a in HYPOTHESES if a != WEIGHT_DECAY[-1])
    small = witness(gap=Rational(1, 10**6), parts=100)
    little = Rational(1, 1000)
    return [
        Twin("a thousandth of the bound", claim(factor=little), witness(gap=Rational(1, 10))),
        Twin("any regularised loss", claim(hypotheses=lossless), small),
        Twin("the table may exceed 1", claim(hypotheses=untested), witness(size=10**6)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=width)
    return Neighbour(
        "a larger last term",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=width),  # type: ignore[arg-type]
    )


_T = optimal_T(value("weight_decay"), value("C"))
_r = value("eps_reg") / (_T * optimal_q(value("weight_decay"), value("C")))
THEOREM = Entry(
    name="inter-class-cosine-weight-decay",
    title="Cosines between classes from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.2 (inter-class)",
    says=(
        "For lambda <= lambda_3(C), without bias, the mean over pairs of the positive part of inter + "
        "1/(C-1) is at most 12 r + 2 sqrt(14 r (3 + 3 r + 1/(2 T*))), r = eps/(T* q*), eps = L_reg - m_reg. "
        "Stated with any table 0 <= f <= 1 over the pairs and any omega > 0."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "inter_class_cosine.excess",
        "<=",
        12 * _r + 2 * sqrt(14 * _r * (3 + 3 * _r + 1 / (2 * _T))),
        (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, NO_BIAS, CENTRED, DECAY_BELOW_3),
    ),
)
