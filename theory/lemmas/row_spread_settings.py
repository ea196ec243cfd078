# SPDX-License-Identifier: MIT
"""What the theorems on the standard deviation of the cosines of raw rows share: hypotheses, twins, witnesses.

Source: this project (2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Integer, Rational

from theory.definitions_collapse import POLAR, squared_angle_spread
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.class_angles import rows
from theory.lemmas.class_settings import (
    DECAYED,
    FIXED,
    GAP,
    LOSS,
    angled,
    at_decay,
    at_loss,
    decayed,
    fixed,
    proved_at_decay,
    proved_at_loss,
)
from theory.lemmas.offsets import theta
from theory.lemmas.raw_rows import CHOICES, of_norm, positive_step
from theory.lemmas.row_spread import bound, spread_of_rows, weight
from theory.proving import combine
from theory.statement import Neighbour, Statement, Twin, Witness

SMALL = Rational(1, 100)


@dataclass(frozen=True)
class RowSpread:
    """Unequal cosines of raw rows for norms and a loss, or (``decay``) for weight decay."""

    decay: bool

    def _at(self, thing: Any) -> Any:
        return at_decay(thing) if self.decay else at_loss(thing)

    def _step(self) -> Theorem:
        return (proved_at_decay if self.decay else proved_at_loss)(positive_step())

    @property
    def hypotheses(self) -> tuple[Relation, ...]:
        """Norms and loss, lengths and directions, the choices of V and s."""
        size = DECAYED if self.decay else FIXED
        choices = (self._at(of_norm(a)) for a in CHOICES)
        return (*size, self._at(rows(POLAR[0])), *POLAR[1:], *choices)

    def claim(self, factor: Any = 1, extra: Any = 0, without: Relation | None = None) -> Statement:
        """(1 - ``weight``) Var cos <= ``factor`` bound + ``extra``, ``without`` one of the hypotheses."""
        own = (1 - self._at(weight())) * squared_angle_spread()
        kept = tuple(a for a in self.hypotheses if a != without)
        return Statement(le(own, factor * self._at(bound()) + extra), kept)

    def prove(self) -> Theorem:
        """Gibbs' inequality tilted along the deviations themselves, lifted where rows are short."""
        moved = (decayed if self.decay else fixed)(spread_of_rows(), self.hypotheses)
        return combine(self.claim().conclusion, {moved: 1}, facts=[self._step()])  # type: ignore[arg-type]

    def witness(self, at: Any = 1, **changed: Any) -> Witness:
        """Three classes at the corners of an isosceles triangle, theta = 1/100."""
        base = angled(at, **({"free": SMALL, "decay": self.decay} | changed))
        return replace(base, values={**base.values, theta: SMALL})

    def twins(self) -> list[Twin]:
        """False variants."""
        lost = GAP if self.decay else LOSS
        none = {"gap": Rational(1, 10**6)} if self.decay else {"margin": Integer(3)}
        return [
            Twin("a thousandth of the bound", self.claim(Rational(1, 1000)), self.witness()),
            Twin("any loss", self.claim(without=lost), self.witness(SMALL, free=1, **none)),
            Twin("directions of any norm", self.claim(without=POLAR[1]), self.witness(long=Integer(10) ** 3)),
        ]

    def neighbour(self) -> Neighbour:
        """A true variant."""
        goal = self.claim(extra=theta)
        return Neighbour(
            "theta more",
            goal,
            lambda: combine(goal.conclusion, {self.prove(): 1}, slack=theta, facts=[self._step()]),  # type: ignore[arg-type]
        )
