# SPDX-License-Identifier: MIT
"""Cosines between classes from loss and norms: a square root in the loss gap, with small constants."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.configurations import flipped
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, LOSS_POSSIBLE, LOSS_STRICTLY_BELOW_LOG_C, NO_BIAS, NORMS_POSITIVE
from theory.expressions import Relation, le, substitute
from theory.kernel import Theorem
from theory.lemmas.between_classes import MARGIN
from theory.lemmas.class_settings import LOSS, at_loss, tau
from theory.lemmas.direction_settings import RADII
from theory.lemmas.directions import DIRECTIONS, positive_chance, reach
from theory.lemmas.equiangular import Lambda, pair, spectral_weights, test
from theory.lemmas.inter_class import PAIRS, TABLE, excess, far, free, inter_bound, width
from theory.lemmas.inter_class_settings import FIXED_EXCESS, inter_class_bounded
from theory.lemmas.tilted_classes import margin_t
from theory.proving import combine, instantiate
from theory.symbols import T

HYPOTHESES = (
    *DIRECTIONS,
    *RADII,
    MARGIN,
    LOSS,
    *TABLE,
    PAIRS,
    spectral_weights(),
)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    bound = substitute(inter_bound(tau), {far: at_loss(reach(1 - tau / T))})
    return Statement(le(excess(), factor * bound + extra), hypotheses)


def follows(goal: Statement, premise: Theorem, **more: Any) -> Theorem:
    """``goal`` from ``premise``: the quotient in D has a positive denominator."""
    room = instantiate(positive_chance(), {margin_t: tau})
    return combine(goal.conclusion, {premise: 1}, facts=[room], **more)  # type: ignore[arg-type]


@lru_cache
def prove() -> Theorem:
    """Products of the rows by Gibbs' inequality tilted along the table; mean directions near the rows."""
    return follows(claim(), inter_class_bounded(tau, tau, LOSS))


def witness(size: Any = 1, loss: Any = 2, parts: int = 10) -> Witness:
    """Two classes on a line, T = 4, one of ten samples of each class flipped: <v_1, v_2> = -16/25."""
    base = flipped(Integer(4), good=9)
    functions = {**base.functions, test: lambda c, j: Integer(size), pair: lambda c, j: Integer(0)}
    values = {tau: loss, width: Rational(1, parts), free: Rational(1, 8), Lambda: 2}
    return Witness(2, 10, 1, functions, {**base.values, **values}, base.note)


def twins() -> list[Twin]:
    untested = tuple(a for a in HYPOTHESES if a not in TABLE)
    lossless = tuple(a for a in HYPOTHESES if a != LOSS)
    return [
        Twin("a thousandth of the bound", claim(factor=Rational(1, 1000)), witness()),
        Twin("any loss", claim(hypotheses=lossless), witness(loss=4 - Rational(1, 10**6), parts=100)),
        Twin("the table may exceed 1", claim(hypotheses=untested), witness(size=10**6)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=width)
    return Neighbour("a larger last term", goal, lambda: follows(goal, prove(), slack=width))


THEOREM = Entry(
    name="inter-class-cosine",
    title="Cosines between classes from loss and norms",
    kind="upper",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.1 (inter-class)",
    says=(
        "For a loss phi(tau), q = q(tau) and K = log C - phi(tau) - tau q (> 0), without bias, the mean "
        "over pairs of the positive part of inter + 1/(C-1) is at most (C/(2 (C-1))) (e/s + s (Lambda "
        "(C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T)) + (Lambda D/(C-1))^(1/2) + D C/(C-1), D = 2 e (1 + q (T + "
        "tau)/(4 K)), e = 1 - tau/T, Lambda = ||W~||_op^2/beta^2, for any s = x/(1 + 2 x), x > 0: a square "
        "root in the gap. Stated with any table 0 <= f <= 1 over the pairs (best: the indicator of the "
        "positive ones) and D/omega + omega Lambda/(4 (C-1)) for the root."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "inter_class_cosine.excess",
        "<=",
        FIXED_EXCESS,
        (*NORMS_POSITIVE, NO_BIAS, CENTRED, LOSS_STRICTLY_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
)
