# SPDX-License-Identifier: MIT
"""Cosines between classes: 12 r + 14 r/omega + omega (9/4 + 1/(2T)), r = eps/(T q(T)), for T >= T_3(C)."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational, sqrt

from theory.configurations import flipped
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, NO_BIAS, NORMS_POSITIVE, T_ABOVE_T3, value
from theory.evaluation import q as q_value
from theory.expressions import Relation, le, substitute
from theory.kernel import Theorem
from theory.lemmas.directions import HYPOTHESES as SETTING
from theory.lemmas.directions import TABLE, cap, width
from theory.lemmas.equiangular import test
from theory.lemmas.inter_class import excess, inter_bound, inter_class_bounded
from theory.proving import combine
from theory.symbols import eps

HYPOTHESES = (*SETTING, *TABLE)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(excess(), factor * substitute(inter_bound(), {cap: Integer(1)}) + extra), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Mean directions near the rows, equal norms and equal angles of the rows."""
    return combine(claim().conclusion, {inter_class_bounded(): 1})  # type: ignore[arg-type]


def witness(size: Any = 1, gap: Any = 1, parts: int = 10) -> Witness:
    """Two classes on a line, T = 4, one of ten samples of each class flipped: <v_1, v_2> = -16/25."""
    base = flipped(Integer(4), good=9)
    functions = {**base.functions, test: lambda c, j: Integer(size)}
    return Witness(2, 10, 1, functions, {**base.values, eps: gap, width: Rational(1, parts)}, base.note)


def twins() -> list[Twin]:
    untested = tuple(a for a in HYPOTHESES if a not in TABLE)
    lossless = tuple(a for a in HYPOTHESES if a not in SETTING[-1:])
    small = witness(gap=Rational(1, 10**6), parts=100)
    little = Rational(1, 1000)
    return [
        Twin("a thousandth of the bound", claim(factor=little), witness(gap=Rational(1, 10))),
        Twin("any loss", claim(hypotheses=lossless), small),
        Twin("the table may exceed 1", claim(hypotheses=untested), witness(size=10**6)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=width)
    return Neighbour(
        "a larger last term",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=width),  # type: ignore[arg-type]
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
_r = value("eps") / (_T * q_value(_T, value("C")))
THEOREM = Entry(
    name="inter-class-cosine",
    title="Cosines between classes from loss and norms",
    kind="upper",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.1 (inter-class)",
    says=(
        "For T >= T_3(C), without bias, the mean over pairs of the positive part of inter + 1/(C-1) is at "
        "most 12 r + 2 sqrt(14 r (9/4 + 1/(2 T))), r = eps/(T q(T)): a square root in the gap. Stated with "
        "any table 0 <= f <= 1 over the pairs (best: the indicator of the positive ones) and any omega > 0."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "inter_class_cosine.excess",
        "<=",
        12 * _r + 2 * sqrt(14 * _r * (Rational(9, 4) + 1 / (2 * _T))),
        (*NORMS_POSITIVE, NO_BIAS, CENTRED, T_ABOVE_T3),
    ),
)
