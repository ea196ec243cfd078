# SPDX-License-Identifier: MIT
"""The bounds on cosines of raw rows and of centred class means in measured values: best V and s.

V is the least that ``raw_rows.SCALE`` (or ``lifted_means``) allows; s is the least of 0.499, of what leaves
room for short vectors to pay, and of sqrt(e/A), the best without those limits.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Abs, Expr, Integer, Rational, log, sqrt

from theory.evaluation import Condition, value
from theory.evaluation import q as q_value
from theory.lemmas.class_settings import (
    _Q_STAR,
    _T,
    _TAU,
    DECAY_CONDITIONS,
    DECAY_NUMBERS,
    FIXED_CONDITIONS,
    FIXED_NUMBERS,
    SIZE,
    Numbers,
)
from theory.lemmas.tilted_classes import entropy

MOST = Rational(499, 1000)  # s is less than 1/2


def _least(a: Expr, b: Expr) -> Expr:
    return (a + b - Abs(a - b)) / 2


def _largest(a: Expr, b: Expr) -> Expr:
    return (a + b + Abs(a - b)) / 2


_AS_STATED = "as the theorem says, k = (1+q)/((1-q) T)"


@dataclass(frozen=True)
class Angles:
    """``numbers`` of a setting, with t/T (``reach``) and q(t) (``mass``), less than 1/3 (``light``)."""

    numbers: Numbers
    reach: Expr
    mass: Expr
    light: Condition

    def _stretch(self) -> Expr:
        return 1 / (sqrt(self.reach) - self.numbers.row_centre())

    def _taken(self) -> Expr:
        """V^2 g^2 + V^2 (1+q)/((1-q) T)."""
        return self._stretch() ** 2 * (self.numbers.row_centre() ** 2 + self._turn())

    def _turn(self) -> Expr:
        """(1+q)/((1-q) T)."""
        return (1 + self.mass) / (1 - self.mass) / self.numbers.margin

    def row_conditions(self) -> tuple[Condition, ...]:
        """Where the bound on the cosines of rows is proved."""
        return (
            self.light,
            Condition(
                "g < (tau/T)^(1/2), g as the theorem says (tau = T with weight decay)",
                self.numbers.row_centre(),
                sqrt(self.reach),
                strict=True,
            ),
            Condition(f"V^2 (g^2 + k) < 1: V, g {_AS_STATED}", self._taken(), Integer(1), strict=True),
        )

    def mean_conditions(self) -> tuple[Condition, ...]:
        """Where the bound on the cosines of class means is proved: there V^2 k <= 2, as s < 1/2."""
        turn = self._turn()
        return (
            self.light,
            Condition(
                f"(g + (5/4) (k/2)^(1/2))^2 <= tau/T - k/4: g {_AS_STATED}",
                (self.numbers.mean_centre() + Rational(5, 4) * sqrt(turn / 2)) ** 2,
                self.reach - turn / 4,
            ),
        )

    def products(self, most: Expr, curvature: Expr) -> Expr:
        """C/(C-1) (e/s + s (A + (9/20) s^2/T)), s the least of ``most`` and sqrt(e/A)."""
        gap, margin = self._gap(), self.numbers.margin
        size = curvature + entropy(Integer(0)) / margin
        step = _least(most, sqrt(gap / size))
        first = _largest(gap / most, sqrt(gap * size))
        rest = (entropy(step) - entropy(Integer(0))) / margin
        return SIZE / (SIZE - 1) * (first + step * (size + rest))

    def row_angles(self) -> Expr:
        """The bound on the mean of |cos + 1/(C-1)| of the raw rows."""
        far, spectral = self.numbers.row_centre(), value("weight_spectral")
        spectral = spectral * (value("beta") / self.numbers.row) ** 2
        stretched = self._stretch() ** 2
        paid = Rational(7, 2) + stretched * far**2
        most = _least(MOST, 2 * (1 - self._taken()) / paid)
        products = self.products(most, spectral * (SIZE - 1) / (2 * SIZE**2))
        shift = 2 * far * sqrt(spectral / SIZE) + 8 * stretched * far**2 * spectral / SIZE + 2 * far**2
        norms = SIZE * self.numbers.row_spread() / (SIZE - 1) ** 2
        return stretched * (products + SIZE / (SIZE - 1) * shift + norms)

    def _gap(self) -> Expr:
        return _largest(self.numbers.gap, Integer(0))

    def _mean_size(self) -> Expr:
        """A = Lambda (C-1)/(2 C^2) + 1/(2 T)."""
        spectral = value("means_spectral") * (value("alpha") / self.numbers.feature) ** 2
        return spectral * (SIZE - 1) / (2 * SIZE**2) + entropy(Integer(0)) / self.numbers.margin

    def _mean_step(self) -> Expr:
        """The least of 0.499 and x/(1 + x), x = sqrt(e/A)."""
        first = sqrt(self._gap() / self._mean_size())
        return _least(MOST, first / (1 + first))

    def _mean_stretch(self) -> Expr:
        """V at omega = 1/sqrt(2 s) and the largest zeta, from a square that is at least what is asked."""
        step = self._mean_step()
        more = (step + sqrt(step / 2)) / 4
        return (1 + more) / (sqrt(self.reach - step * self._turn() / 2) - self.numbers.mean_centre())

    def mean_angles(self) -> Expr:
        """The bound on the mean of |cos + 1/(C-1)| of the centred class means."""
        far, step, size = self.numbers.mean_centre(), self._mean_step(), self._mean_size()
        spectral = value("means_spectral") * (value("alpha") / self.numbers.feature) ** 2
        lifted = sqrt(2 * step) * spectral * (SIZE - 1) / (2 * SIZE**2)
        rest = lifted + (entropy(step) - entropy(Integer(0))) / self.numbers.margin
        first = _largest(self._gap() / MOST, sqrt(self._gap() * size) + self._gap())
        products = SIZE / (SIZE - 1) * (first + step * (size + rest))
        shift = SIZE / (SIZE - 1) * far * sqrt(spectral / SIZE)
        norms = SIZE * self.numbers.mean_spread() / (SIZE - 1) ** 2
        return self._mean_stretch() ** 2 * (products + shift + norms)


LOSS_BELOW_LOG_3_2 = Condition(
    "L < log(3/2), that is q(tau) < 1/3", value("L"), log(Rational(3, 2)), strict=True
)
MASS_BELOW_THIRD = Condition(
    "q* = lambda (C-1)/sqrt(C) < 1/3",
    value("weight_decay") * (SIZE - 1) / sqrt(SIZE),
    Rational(1, 3),
    strict=True,
)
FIXED_ANGLES = Angles(FIXED_NUMBERS, _TAU / _T, q_value(_TAU, SIZE), LOSS_BELOW_LOG_3_2)
DECAY_ANGLES = Angles(DECAY_NUMBERS, Integer(1), _Q_STAR, MASS_BELOW_THIRD)
FIXED_ROWS = (*FIXED_CONDITIONS, *FIXED_ANGLES.row_conditions())
DECAY_ROWS = (*DECAY_CONDITIONS, *DECAY_ANGLES.row_conditions())
FIXED_MEANS = (*FIXED_CONDITIONS, *FIXED_ANGLES.mean_conditions())
DECAY_MEANS = (*DECAY_CONDITIONS, *DECAY_ANGLES.mean_conditions())
