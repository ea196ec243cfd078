# SPDX-License-Identifier: MIT
"""The bound of ``joint_settings`` in measured values, at an x near its best.

Without what is of higher order in s the bound is f + f/x + a x + b x/(1 + x), least where x^2 is
f/(a + b/(1 + x)^2); two steps of that from x = 0.  Source: this project (2026).
"""

from __future__ import annotations

from sympy import Expr, Integer, Rational, log, sqrt

from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.evaluation import value
from theory.lemmas.class_settings import (
    DECAY_NUMBERS,
    FIXED_NUMBERS,
    Q_STAR_VALUE,
    SIZE,
    T_STAR_VALUE,
    T_VALUE,
    TAU_VALUE,
    Numbers,
)
from theory.lemmas.direction_settings import DECAY_DISTANCE, FIXED_DISTANCE

HALF, ONE, ZERO = Rational(1, 2), Integer(1), Integer(0)


def excess_value(numbers: Numbers, far: Expr, turns: Expr, rate: Expr, short: Expr) -> Expr:
    """The bound at D = ``far`` + ``rate`` b, omega = ``turns``: at least 0; the trivial bound is C/(C-1).

    ``short`` is 1 where short norms count: D = ``far`` (1 + b + b/(2 s)) + ``rate`` b (1 + s), and else 0.
    """
    spectral = value("weight_spectral") * (value("beta") / numbers.row) ** 2 / (16 * SIZE)
    front, ratio = SIZE / (SIZE - 1), (1 + turns) ** 2
    open_, slope = front * far, spectral * (1 + 2 * turns) ** 2 / ratio
    bend = (front * rate / 32 + spectral * turns) / ratio
    steep = slope + bend / (1 + sqrt(open_ / (slope + bend))) ** 2
    x = sqrt(open_ / steep)
    part = x / (1 + x)
    step = part / (4 * (1 + turns))
    even = HALF + Rational(3, 4) * step**2
    paid = even * part / (16 * ratio)  # b (1 + 1/x)
    lost = open_ * (1 + short * (paid + even / (8 * (1 + turns)))) + sqrt(open_ * steep)
    return lost + front * rate * paid * (1 + short * step) + slope * x + spectral * turns * part / ratio


def _chance(loss: Expr, margin: Expr, mass: Expr) -> Expr:
    return log(SIZE) - loss - margin * mass


_MASS = q_value(TAU_VALUE, SIZE)
_ROOM = _chance(value("L"), TAU_VALUE, _MASS)
_TURNS = (
    T_STAR_VALUE * Q_STAR_VALUE / (2 * _chance(phi_value(T_STAR_VALUE, SIZE), T_STAR_VALUE, Q_STAR_VALUE))
)
FIXED_EXCESS = excess_value(
    FIXED_NUMBERS,
    FIXED_DISTANCE,
    T_VALUE * _MASS / (2 * _ROOM),
    (2 + TAU_VALUE * _MASS / _ROOM) / T_VALUE,
    ZERO,
)
DECAY_EXCESS = excess_value(DECAY_NUMBERS, DECAY_DISTANCE, _TURNS, 2 * (1 + _TURNS) / T_STAR_VALUE, ONE)
