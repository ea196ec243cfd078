# SPDX-License-Identifier: MIT
"""The bounds on cosines of raw rows and of centred class means in measured values: good V, s and omega.

V is the least that ``raw_rows.SCALE`` or ``lifted_means.SCALE`` allows.  Of rows, s is the least of 0.499, of
what leaves room for short vectors to pay, and of sqrt(e/A), the best without those limits.  Of means, omega
and s are near the best: omega^2 = 2 A_1/B, s^2 = e/D, B and D as below.  eta goes to 0, and o is at most
g sqrt(Lambda/C).
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Abs, Expr, Integer, Rational, sqrt

from theory.evaluation import Condition, value
from theory.evaluation import q as q_value
from theory.lemmas.class_settings import (
    Q_STAR_VALUE,
    SIZE,
    T_VALUE,
    TAU_VALUE,
    Numbers,
)
from theory.lemmas.length_settings import DECAY_BOUNDS, FIXED_BOUNDS, Bounds
from theory.lemmas.tilted_classes import entropy

MOST = Rational(499, 1000)  # s is less than 1/2


def _least(a: Expr, b: Expr) -> Expr:
    return (a + b - Abs(a - b, evaluate=False)) / 2  # evaluation would simplify first


def _largest(a: Expr, b: Expr) -> Expr:
    return (a + b + Abs(a - b, evaluate=False)) / 2


_AS_STATED = "as the theorem says, k = (1+q)/((1-q) T)"
_SCALE = SIZE / (SIZE - 1)


def _stretch(size: Expr, far: Expr, own: Expr) -> Expr:
    """The least V > 0 with ``own`` + 2 ``far`` V <= ``size`` V^2."""
    return (far + sqrt(far**2 + size * own)) / size


@dataclass(frozen=True)
class Angles:
    """A setting: norms (``lengths``), t/T (``reach``) and q(t) (``mass``)."""

    lengths: Bounds
    reach: Expr
    mass: Expr

    @property
    def numbers(self) -> Numbers:
        """The rate of inner products, the margin scale, and units."""
        return self.lengths.numbers

    def _wrong(self) -> Expr:
        """u = q/(1-q)."""
        return self.mass / (1 - self.mass)

    def _turn(self) -> Expr:
        """k = (1+q)/((1-q) T)."""
        return (1 + 2 * self._wrong()) / self.numbers.margin

    def _large(self) -> Expr:
        """M, the larger of 1 and (20/9) u."""
        return _largest(Rational(20, 9) * self._wrong(), Integer(1))

    def _row_stretch(self) -> Expr:
        """The least V with (1 + V g)^2 + (M - 1) s <= V^2 t/T, s the least of 1/2 and sqrt(e/A)."""
        far = self.numbers.row_centre()
        step = _least(Rational(1, 2), sqrt(self._gap() / self._row_size()))
        return _stretch(self.reach - far**2, far, 1 + (self._large() - 1) * step)

    def _taken(self, stretch: Expr) -> Expr:
        """V^2 (g^2 + k)/M."""
        return stretch**2 * (self.numbers.row_centre() ** 2 + self._turn()) / self._large()

    def row_conditions(self, stretch: Expr) -> tuple[Condition, ...]:
        """Where the bounds on the cosines of rows are proved, V = ``stretch``."""
        return (
            Condition(
                "g < (tau/T)^(1/2), g as the theorem says (tau = T with weight decay)",
                self.numbers.row_centre(),
                sqrt(self.reach),
                strict=True,
            ),
            Condition(
                f"V^2 (g^2 + k) < M: V, g, M {_AS_STATED}", self._taken(stretch), Integer(1), strict=True
            ),
        )

    def angle_conditions(self) -> tuple[Condition, ...]:
        """Where the bound on the mean of |cos + 1/(C-1)| of rows is proved."""
        return self.row_conditions(self._row_stretch())

    def mean_conditions(self) -> tuple[Condition, ...]:
        """Where the bound on the cosines of class means is proved: there is a V for every s < 1/2."""
        taken = self.numbers.mean_centre() ** 2 + self._turn() / 2
        return (Condition(f"g^2 + k/2 < tau/T: g {_AS_STATED}", taken, self.reach, strict=True),)

    def _gap(self) -> Expr:
        return _largest(self.numbers.gap, Integer(0))

    def _row_spectral(self) -> Expr:
        return value("weight_spectral") * (value("beta") / self.numbers.row) ** 2

    def _row_size(self) -> Expr:
        """A = Lambda (C-1)/(2 C^2) + 1/(2 T)."""
        return self._row_spectral() * (SIZE - 1) / (2 * SIZE**2) + entropy(Integer(0)) / self.numbers.margin

    def row_angles(self) -> Expr:
        """The bound on the mean of |cos + 1/(C-1)| of the raw rows."""
        far, spectral, gap = self.numbers.row_centre(), self._row_spectral(), self._gap()
        stretched, size = self._row_stretch() ** 2, self._row_size()
        paid = Rational(7, 2) + stretched * far**2
        most = _least(MOST, 2 * (1 - self._taken(self._row_stretch())) / paid)
        step = _least(most, sqrt(gap / size))
        rest = (entropy(step) - entropy(Integer(0))) / self.numbers.margin
        products = _largest(gap / most, sqrt(gap * size)) + step * (size + rest)
        shift = 2 * far * sqrt(spectral / SIZE) + 8 * stretched * far**2 * spectral / SIZE + 2 * far**2
        norms = SIZE * self.lengths.variance(far) / (SIZE - 1) ** 2
        return stretched * (_SCALE * (products + shift) + norms)

    def _longest_stretch(self) -> Expr:
        """The least V with (1 + V g)^2 + (M - 1)/2 <= V^2 t/T: for every s."""
        far = self.numbers.row_centre()
        return _stretch(self.reach - far**2, far, (1 + self._large()) / 2)

    def _longest_step(self) -> Expr:
        """The longest step s, at V = ``_longest_stretch``."""
        stretch = self._longest_stretch()
        paid = Rational(7, 2) + (stretch * self.numbers.row_centre()) ** 2
        return _least(MOST, 2 * (1 - self._taken(stretch)) / paid)

    def _along(self) -> Expr:
        """At least o."""
        return self.numbers.row_centre() * sqrt(self._row_spectral() / SIZE)

    def _pull(self) -> Expr:
        """o/theta, theta near its best and at most 1/4."""
        return sqrt(Rational(6, 5) * _SCALE**2 * self._gap() / self._longest_step() + 16 * self._along() ** 2)

    def _spread_weight(self) -> Expr:
        """V^2 (s B + theta)."""
        size = SIZE * (value("beta") / self.numbers.row) ** 2
        gram = sqrt(size * self._row_spectral())  # ||W~^T W~||_F^2 <= ||W~||_F^2 ||W~||_op^2
        curvature = gram * (SIZE - 1) / (2 * SIZE**2) + 1 / self.numbers.margin
        return self._longest_stretch() ** 2 * (
            self._longest_step() * curvature + self._along() / self._pull()
        )

    def row_cosine_spread(self) -> Expr:
        """The bound on the standard deviation of the cosines of the raw rows."""
        far, along, stretched = self.numbers.row_centre(), self._along(), self._longest_stretch() ** 2
        shifted = along * self._pull() + 8 * stretched * along**2 + 2 * far**2
        products = _SCALE**2 * (self._gap() / self._longest_step() + shifted)
        norms = SIZE**2 * self.lengths.variance(far) / (SIZE - 1) ** 3
        return sqrt(stretched * (products + norms) / (1 - self._spread_weight()))

    def spread_conditions(self) -> tuple[Condition, ...]:
        """Where ``row_cosine_spread`` is proved."""
        weight = Condition(
            "V^2 (s B + theta) < 1: V, s, B, theta as the theorem says",
            self._spread_weight(),
            Integer(1),
            strict=True,
        )
        return (*self.row_conditions(self._longest_stretch()), weight)

    def _mean_stretch(self, step: Expr, split: Expr) -> Expr:
        """The least V that ``lifted_means.SCALE`` allows at s = ``step`` and omega = ``split``."""
        far = self.numbers.mean_centre()
        more, room = step * (1 + split) / 2, self.reach - far**2
        turned, aside = step * self._turn(), far * (1 + more / 2)
        return _largest(
            _stretch(room - turned / 2, aside, 1 + more), _stretch(room - turned, aside, Integer(1))
        )

    def _mean_spectral(self) -> Expr:
        return value("means_spectral") * (value("alpha") / self.numbers.feature) ** 2

    def _mean_spread(self) -> tuple[Expr, Expr]:
        """The weight V^2 (s B + theta/2) and the bound of ``mean_spread``."""
        far, spectral = self.numbers.mean_centre(), self._mean_spectral()
        size = SIZE * (value("alpha") / self.numbers.feature) ** 2
        own = sqrt(size * spectral) * (SIZE - 1) / (2 * SIZE**2)  # ||M^T M||_F^2 <= ||M||_F^2 ||M||_op^2
        split = sqrt(2 * own) + 4 * self._wrong() ** 2
        stretched = self._mean_stretch(MOST, split) ** 2
        rate, along = _SCALE**2 * self._gap() / MOST, far * sqrt(spectral / SIZE)
        pull = sqrt(Rational(6, 5) * rate + 16 * along**2 + Rational(1, 10**12))  # o/theta
        curvature = own * (1 + 1 / split) + 1 / self.numbers.margin
        norms = SIZE**2 * self.lengths.variance(far) / (SIZE - 1) ** 3
        bound = stretched * (rate + _SCALE**2 * along * pull / 2 + norms)
        return stretched * (MOST * curvature + along / (2 * pull)), bound

    def mean_cosine_spread(self) -> Expr:
        """The bound on the standard deviation of the cosines of the centred class means."""
        weight, bound = self._mean_spread()
        return sqrt(bound / (1 - weight))

    def mean_spread_conditions(self) -> tuple[Condition, ...]:
        """Where ``mean_cosine_spread`` is proved."""
        own = "V^2 (s B + theta/2) < 1: V, s, B, theta as the theorem says"
        weight = Condition(own, self._mean_spread()[0], Integer(1), strict=True)
        return (*self.mean_conditions(), weight)

    def mean_angles(self) -> Expr:
        """The bound on the mean of |cos + 1/(C-1)| of the centred class means."""
        far, gap = self.numbers.mean_centre(), self._gap()
        spectral = self._mean_spectral()
        own = spectral * (SIZE - 1) / (2 * SIZE**2)
        flat = entropy(Integer(0)) / self.numbers.margin
        shift = far * sqrt(spectral / SIZE) + self.lengths.variance(far) / (SIZE - 1)
        whole = 2 * sqrt(gap * (own + flat)) + shift
        split = sqrt(2 * own / (whole + own / 10**8)) + 4 * self._wrong() ** 2
        price = (1 + split + self._turn() / self.reach) / 2
        size = own * (1 + 1 / split) + flat
        first = sqrt(gap / (size + price * shift))
        slope = size + price * (shift + 2 * size * _least(MOST, first))
        step = _least(MOST, sqrt(gap / slope))
        stretch = self._mean_stretch(step, split)
        rest = (entropy(step) - entropy(Integer(0))) / self.numbers.margin
        products = _largest(gap / MOST, sqrt(gap * slope)) + step * (size + rest)
        return stretch**2 * _SCALE * (products + shift)


FIXED_ANGLES = Angles(FIXED_BOUNDS, TAU_VALUE / T_VALUE, q_value(TAU_VALUE, SIZE))
DECAY_ANGLES = Angles(DECAY_BOUNDS, Integer(1), Q_STAR_VALUE)
FIXED_ROWS = (*FIXED_BOUNDS.conditions, *FIXED_ANGLES.angle_conditions())
DECAY_ROWS = (*DECAY_BOUNDS.conditions, *DECAY_ANGLES.angle_conditions())
FIXED_MEANS = (*FIXED_BOUNDS.conditions, *FIXED_ANGLES.mean_conditions())
DECAY_MEANS = (*DECAY_BOUNDS.conditions, *DECAY_ANGLES.mean_conditions())
FIXED_SPREAD = (*FIXED_BOUNDS.conditions, *FIXED_ANGLES.spread_conditions())
DECAY_SPREAD = (*DECAY_BOUNDS.conditions, *DECAY_ANGLES.spread_conditions())
FIXED_MEAN_SPREAD = (*FIXED_BOUNDS.conditions, *FIXED_ANGLES.mean_spread_conditions())
DECAY_MEAN_SPREAD = (*DECAY_BOUNDS.conditions, *DECAY_ANGLES.mean_spread_conditions())
