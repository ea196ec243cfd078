# SPDX-License-Identifier: MIT
"""What the theorems on norms of rows and of class means share: hypotheses, witnesses and numbers.

Source: this project (2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Abs, Expr, Integer, Rational, log, sqrt

from theory.definitions_collapse import POLAR, length
from theory.evaluation import (
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    LOSS_POSSIBLE,
    NO_BIAS,
    NORMS_POSITIVE,
    Condition,
    Measurable,
    value,
)
from theory.evaluation import q as q_value
from theory.expressions import Mean, Relation, le, substitute
from theory.kernel import Theorem
from theory.lemmas.between_classes import NORMS
from theory.lemmas.class_angles import means, rows
from theory.lemmas.class_settings import (
    DECAY_NUMBERS,
    FIXED_NUMBERS,
    GAP,
    LOSS,
    RATE_VALUE,
    SCALE,
    SIZE,
    T_STAR_VALUE,
    T_VALUE,
    TAU_VALUE,
    Numbers,
    at_decay,
    at_loss,
    decayed,
    fixed,
    isosceles,
)
from theory.lemmas.equal_lengths import ROOM_AS_STATED, ROWS, Vectors, equal_norms
from theory.lemmas.length_costs import longest, spread
from theory.lemmas.near_unit import centre
from theory.lemmas.offsets import MEAN_NORM, ROW_NORM, at_norm
from theory.proving import combine
from theory.statement import Neighbour, Statement, Twin, Witness
from theory.symbols import C, c

TENTH = Rational(1, 10)


@dataclass(frozen=True)
class Lengths:
    """Unequal norms of rows (or of class means) for norms and a loss, or (``decay``) for weight decay."""

    of: Vectors
    decay: bool

    def _at(self, thing: Any) -> Any:
        return at_decay(thing) if self.decay else at_loss(thing)

    @property
    def far(self) -> Expr:
        """g, the norm of wbar (or of mu_G) in units of beta (or of alpha)."""
        return ROW_NORM if self.of is ROWS else MEAN_NORM

    @property
    def gap(self) -> Relation:
        """The hypothesis on the loss."""
        return GAP if self.decay else LOSS

    @property
    def hypotheses(self) -> tuple[Relation, ...]:
        """Norms and loss, the condition on m, lengths and directions."""
        of = rows if self.of is ROWS else means
        size = (SCALE, GAP) if self.decay else (*NORMS, LOSS)
        return (*size, self._at(ROOM_AS_STATED), self._at(of(POLAR[0])), *POLAR[1:])

    def at_norm(self, of_centre: Expr) -> Expr:
        """An expression in g, at the norm of wbar (or of mu_G)."""
        return self._at(substitute(of_centre, {centre: self.far}))  # type: ignore[no-any-return]

    def claim(self, factor: Any = 1, extra: Any = 0, without: Relation | None = None) -> Statement:
        """(1 - N) Var <= (``factor`` N + ``extra``) mean^2, ``without`` one of the hypotheses."""
        mean, bound = Mean(length(c), c), self.at_norm(spread())
        variance = Mean(length(c) ** 2, c) - mean**2
        kept = tuple(a for a in self.hypotheses if a != without)
        return Statement(le((1 - bound) * variance, (factor * bound + extra) * mean**2), kept)

    def prove(self) -> Theorem:
        """What one class spends, and no class more than all."""
        equal = at_norm(equal_norms(self.of), self.far)
        moved = (decayed if self.decay else fixed)(equal, self.hypotheses)
        return combine(self.claim().conclusion, {moved: 1})  # type: ignore[arg-type]

    def witness(self, most: Any, at: Any = TENTH, **changed: Any) -> Witness:
        """Three classes at the corners of an isosceles triangle, m = ``most``, g = 0."""
        given = {"gap": Rational(7, 100), "margin": Rational(12, 5)} | changed
        found = isosceles(at, decay=self.decay, **given)
        return replace(found, values={**found.values, longest: most})

    def twins(self) -> list[Twin]:
        """False variants."""
        whole, small = Rational(7, 6), Rational(1, 100)
        none = {"gap": Rational(1, 10**6), "margin": Integer(3)}
        room = self._at(ROOM_AS_STATED)
        return [
            Twin("a fortieth of the bound", self.claim(Rational(1, 40)), self.witness(whole)),
            Twin("any loss", self.claim(without=self.gap), self.witness(small, small, **none)),
            Twin("any m", self.claim(without=room), self.witness(small)),
            Twin(
                "directions of any norm",
                self.claim(without=POLAR[1]),
                self.witness(whole, long=Rational(1, 1000)),
            ),
        ]

    def neighbour(self) -> Neighbour:
        """A true variant."""
        mean = Mean(length(c), c)
        goal = self.claim(extra=1 / C)
        return Neighbour(
            "1/C more",
            goal,
            lambda: combine(goal.conclusion, {self.prove(): 1}, slack=mean**2 / C),  # type: ignore[arg-type]
        )


# ---- numbers


@dataclass(frozen=True)
class Bounds:
    """The bound in measured values: margin t, what the classes spend on average (r), and ``numbers``."""

    numbers: Numbers
    margin: Expr
    spent: Expr
    ratio: Expr
    conditions: tuple[Condition, ...]

    def _longest(self) -> Expr:
        """The least m: Y = A k + sqrt((A k)^2 + 2 B k), k = C r, (1 + m)^2 = 1 + Y."""
        mass = q_value(self.margin, SIZE)
        stiff = (1 + mass) / ((1 - mass) * self.margin)
        heavy = 4 * mass**2 / (1 - mass**2)
        steep = 1 + heavy / 2 + 1 / (3 * self.margin) + Rational(3, 2) * stiff**2
        flat = 1 + heavy + stiff + Rational(5, 2) * stiff**2
        spent = SIZE * (self.spent + Abs(self.spent, evaluate=False)) / 2
        return sqrt(1 + steep * spent + sqrt((steep * spent) ** 2 + 2 * flat * spent)) - 1

    def reach(self, far: Expr) -> Expr:
        """m + g, ``far`` the distance of the centre in units of alpha or beta."""
        return self._longest() + self.ratio * far

    def _spread(self, far: Expr) -> Expr:
        return (self._longest() / sqrt(SIZE) + self.ratio * far) ** 2

    def variance(self, far: Expr) -> Expr:
        """At least the variance of the norms in units of alpha or beta, ``far`` the centre's distance."""
        return (self._longest() / (self.ratio * sqrt(SIZE)) + far) ** 2

    def measurable(self, quantity: str, far: Expr) -> Measurable:
        """``quantity`` <= sqrt(N/(1-N)), ``far`` the distance of the centre in units of alpha or beta."""
        bound = self._spread(far)
        small = Condition("N < 1", bound, Integer(1), strict=True)
        return Measurable(quantity, "<=", sqrt(bound / (1 - bound)), (*self.conditions, small))


LOSS_BELOW = Condition("L < log C", value("L"), log(SIZE), strict=True)
FIXED_BOUNDS = Bounds(
    FIXED_NUMBERS,
    TAU_VALUE,
    FIXED_NUMBERS.gap * T_VALUE / TAU_VALUE,
    sqrt(T_VALUE / TAU_VALUE),
    (*NORMS_POSITIVE, NO_BIAS, LOSS_BELOW, LOSS_POSSIBLE),
)
DECAY_BOUNDS = Bounds(
    DECAY_NUMBERS,
    T_STAR_VALUE,
    RATE_VALUE,
    Integer(1),
    (*NORMS_POSITIVE, DECAY_POSITIVE, DECAY_BELOW_THRESHOLD, NO_BIAS),
)
