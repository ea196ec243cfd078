# SPDX-License-Identifier: MIT
"""Root mean square deviation of the classifier's Gram matrix from equal angles, with the sharp constant."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    LOSS_BELOW_LOG_C,
    LOSS_POSSIBLE,
    NO_BIAS,
    NORMS_POSITIVE,
    Condition,
    phi_inverse,
    value,
)
from theory.expressions import Mean, Relation, eq, le, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import NORMS, at_loss, gram, tilt, tilted_norms, tilted_sum, y
from theory.lemmas.equiangular import LOSS, Lambda, deviation, over_pairs, pair
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, alpha, beta, c, h, j, positive, tau, w

size = positive("tilt_step", "s", "step along the deviation of the Gram matrix")
DEVIATION = eq(pair(c, j), deviation(gram, c, j) / beta**2, c, j)
FLOOR = le(-y / (1 + y), size * pair(c, j), c, j)
SPECTRAL = le(
    Mean(sq(lambda kk: tilted_sum(c, kk, pair)), c),
    Lambda * beta**2 / (C - 1) * over_pairs(lambda c_, j_: pair(c_, j_) ** 2),
)
HYPOTHESES = (*NORMS, LOSS, DEVIATION, FLOOR, SPECTRAL)


def square() -> Expr:
    """V: mean over pairs of the squared relative deviation."""
    return over_pairs(lambda c_, j_: pair(c_, j_) ** 2)


def claim(gain: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    cost = T * (C - 1) * Lambda / (2 * C**2) + (1 + y) / 2
    return Statement(le(square() * (gain * size * T * (C - 1) / C - size**2 * cost), T - tau), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Tilt along the deviation itself: its gain is its mean square."""
    tilted = instantiate(
        tilted_norms(), functions={tilt: ((c, j), 1 + size * pair(c, j))}, label="tilt along the deviation"
    )
    same = assume(DEVIATION)
    zero = average(same, j, excluding=c, label="mean over the wrong classes")
    floor = combine(le(1 / (1 + y), 1 + size * pair(c, j)), {assume(FLOOR): 1}, label="admissible")
    tilted = cut(
        tilted,
        floor,
        combine(eq(_mean(lambda jj: 1 + size * pair(c, jj)), 1), {zero: size}, label="the tilt has mean 1"),
    )
    level = _mean(lambda jj: gram(c, jj)) / beta**2
    gain = combine(
        eq(pair(c, j) * gram(c, j) / beta**2, pair(c, j) * (pair(c, j) + level)), {same: -pair(c, j)}
    )
    gain = average(average(gain, j, excluding=c), c, label="mean over pairs")
    centred = average(combine(eq(_mean(lambda jj: pair(c, jj)) * level, 0), {zero: level}), c)
    product = alpha * beta
    scale = combine(eq(product, T * (C - 1) / C), {assume(NORMS[2]): -(C - 1) / C}, label="alpha beta")
    tilted = at_loss(tilted)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            tilted: 1,
            gain: -size * product,
            centred: -size * product,
            scale: -size * square() * (1 - size * Lambda / (2 * C)),
            assume(SPECTRAL): size**2 * (C - 1) * alpha / (2 * C * beta),
        },
        label="gain and cost of the tilt",
    )


def _mean(body: Any) -> Expr:
    return wrong_mean(body, c, C)


def witness(floor: Any = 1, margin: Any = 0) -> Witness:
    """Three classes on a line, rows 1, -1, 0 and features equal to them: T = 1, L = 0.64 <= phi(1/2)."""
    place = [Integer(1), Integer(-1), Integer(0)]
    table = [
        [Rational(9, 4), -Rational(3, 4), Rational(3, 4)],
        [-Rational(3, 4), Rational(9, 4), Rational(3, 4)],
    ]
    table.append([Integer(0)] * 3)
    norm = sqrt(Rational(2, 3))
    return Witness(
        3,
        1,
        1,
        {
            w: lambda j, k: place[j],
            h: lambda c, i, k: place[c],
            pair: lambda c, j: table[c][j],
        },
        {
            alpha: norm,
            beta: norm,
            T: 1,
            tau: margin or Rational(1, 2),
            y: floor,
            Lambda: 3,
            size: Rational(1, 2),
        },
        "three classes on a line",
    )


def twins() -> list[Twin]:
    unlost = tuple(a for a in HYPOTHESES if a != LOSS)
    return [
        Twin("ten times the gain", claim(gain=10), witness()),
        Twin("without the loss", claim(hypotheses=unlost), witness(margin=10)),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(claim().conclusion.lhs, T - tau + y), HYPOTHESES)  # type: ignore[union-attr]
    return Neighbour(
        "a larger right side",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=y),  # type: ignore[arg-type]
    )


_C = value("C")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_gain = _T * (_C - 1) / _C
_cost = _T * (_C - 1) * value("weight_spectral") / _C**2 + 2
THEOREM = Entry(
    name="equiangular-weights-rms",
    title="The classifier's rows approach equal angles, in the mean square",
    kind="upper",
    source="this project (2026); NC2 of Papyan, Han & Donoho 2020",
    says=(
        "Let V be the mean over pairs of (<w~_c, w~_j> + ||w~_c||^2/(C-1))^2/beta^4. If no pair is too "
        "opposed for the step s (s times its deviation is at least -y/(1+y)), then V (s T (C-1)/C - s^2 "
        "(T (C-1) Lambda/(2 C^2) + (1+y)/2)) <= T - phi^{-1}(L). As the gap vanishes the best step gives "
        "V <= 2 C (C+T) eps/((C-1)^2 T^2 q(T)), the sharp constant for C >= 4."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # y = 1 and the best step, gain/cost
    formula=Formula(
        2 * (_T - phi_inverse(value("L"), _C)) * _cost / _gain**2,
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            LOSS_BELOW_LOG_C,
            LOSS_POSSIBLE,
            Condition(
                "no pair of rows is too opposed (step times opposition at most 1/2)",
                _gain / _cost * value("opposition"),
                Rational(1, 2),
            ),
        ),
    ),
)
