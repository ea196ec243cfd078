# SPDX-License-Identifier: MIT
"""What the theorems on the standard deviation of cosines of rows and of class means share.

Source: this project (2026).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Integer, Rational

from theory.definitions_collapse import POLAR, squared_angle_spread
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas import mean_spread, row_spread
from theory.lemmas.class_angles import means, rows
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
from theory.lemmas.lifted_means import SCALE
from theory.lemmas.offsets import theta
from theory.lemmas.raw_rows import CHOICES, of_norm, positive_step
from theory.proving import combine
from theory.statement import Neighbour, Statement, Twin, Witness

SMALL = Rational(1, 100)


@dataclass(frozen=True)
class CosineSpread:
    """Cosines of raw rows (``raw``) or centred class means, for norms and a loss or for weight decay."""

    raw: bool
    decay: bool

    def _at(self, thing: Any) -> Any:
        return at_decay(thing) if self.decay else at_loss(thing)

    def _facts(self) -> list[Theorem]:
        """The step of rows is positive; that of class means is written out."""
        return [(proved_at_decay if self.decay else proved_at_loss)(positive_step())] if self.raw else []

    @property
    def hypotheses(self) -> tuple[Relation, ...]:
        """Norms and loss, lengths and directions, the choices of V and s."""
        size = DECAYED if self.decay else FIXED
        own = rows(POLAR[0]) if self.raw else means(POLAR[0])
        choices = [of_norm(a) for a in CHOICES] if self.raw else [SCALE]
        return (*size, self._at(own), *POLAR[1:], *map(self._at, choices))

    def claim(self, factor: Any = 1, extra: Any = 0, without: Relation | None = None) -> Statement:
        """(1 - weight) Var cos <= ``factor`` bound + ``extra``, ``without`` one of the hypotheses."""
        of = row_spread if self.raw else mean_spread
        own = (1 - self._at(of.weight())) * squared_angle_spread()
        kept = tuple(a for a in self.hypotheses if a != without)
        return Statement(le(own, factor * self._at(of.bound()) + extra), kept)

    def prove(self) -> Theorem:
        """Gibbs' inequality tilted along the deviations themselves, lifted where vectors are short."""
        spread = row_spread.spread_of_rows() if self.raw else mean_spread.spread_of_means()
        moved = (decayed if self.decay else fixed)(spread, self.hypotheses)
        return combine(self.claim().conclusion, {moved: 1}, facts=self._facts())  # type: ignore[arg-type]

    def witness(self, at: Any = 1, **changed: Any) -> Witness:
        """Three classes at the corners of an isosceles triangle, theta = 1/100."""
        given = {"free": SMALL if self.raw else 100} | changed
        base = angled(at, decay=self.decay, **given)
        return replace(base, values={**base.values, theta: SMALL})

    def twins(self) -> list[Twin]:
        """False variants."""
        lost = GAP if self.decay else LOSS
        none = {"gap": Rational(1, 10**8)} if self.decay else {"margin": Integer(3)}
        free = 1 if self.raw else 100
        return [
            Twin("a small part of the bound", self.claim(Rational(1, 10**5)), self.witness()),
            Twin("any loss", self.claim(without=lost), self.witness(SMALL, free=free, **none)),
            Twin("directions of any norm", self.claim(without=POLAR[1]), self.witness(long=Integer(10) ** 3)),
        ]

    def neighbour(self) -> Neighbour:
        """A true variant."""
        goal = self.claim(extra=theta)
        return Neighbour(
            "theta more",
            goal,
            lambda: combine(goal.conclusion, {self.prove(): 1}, slack=theta, facts=self._facts()),  # type: ignore[arg-type]
        )
