# SPDX-License-Identifier: MIT
"""What every solver of this package returns: a point, its value, the gap to the optimum, and a status."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPTIMAL, TRIVIAL, NOT_CONVERGED, UNCERTIFIED = "optimal", "trivial", "not-converged", "uncertified"
INFEASIBLE, UNBOUNDED = "infeasible", "unbounded"
STATUSES = (OPTIMAL, TRIVIAL, NOT_CONVERGED, UNCERTIFIED, INFEASIBLE, UNBOUNDED)
CERTIFIED = (OPTIMAL, TRIVIAL)


def closes(objective: float, gap: float, tolerance: float) -> bool:
    """Whether the gap certifies the objective: at most tolerance, relative to min(1, |objective|).

    False where it is NaN or infinite, and where the bound lies beyond the objective by more than rounding or
    the tolerance itself, relative like the tolerance, and so is none.
    """
    if not (math.isfinite(objective) and math.isfinite(gap)):
        return False
    size = min(1.0, abs(objective))
    rounding = min(1e-12 * max(1.0, abs(objective)), max(1e-12, tolerance) * size)
    return bool(-rounding <= gap <= tolerance * size)


class NotConverged(RuntimeError):
    """The value of a solve that failed was read; the message says what is known instead."""


@dataclass(frozen=True, eq=False)
class Solution:
    """What was found and what is certified about it.

    objective: the objective at the point, always an upper bound on the minimum (a lower bound on the maximum
        where the model maximises).
    gap: distance to a certified bound from the other side, absolute, >= 0 up to rounding; infinite where no
        bound is known.
    status: "optimal" (gap within tolerance), "trivial" (zero is optimal), "not-converged" (budget spent),
        "uncertified" (a stationary point that no bound certifies), "infeasible" (no point satisfies the
        constraints; objective NaN), "unbounded" (no optimum exists; objective infinite).
    weight (C, d), class_means (C, d), logits (C, C) with row c the logits of class c's mean.
    bias (C,): None where the model has none. seconds: wall clock. iterations: the solver's own steps, over
        all starts.
    certificate: where the bound comes from, in words ("dual bound", "closed form: ...", "none").
    closed_form: the closed form that gave the point or was met by it, None where there is none.
    details: further numbers and arrays of the model, by name; every model's docstring lists its own.
    """

    objective: float
    gap: float
    status: str
    weight: NDArray
    class_means: NDArray
    logits: NDArray
    seconds: float
    iterations: int
    bias: NDArray | None = None
    certificate: str = "dual bound"
    closed_form: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def certified(self) -> bool:
        """Whether the objective is the optimum to within the tolerance asked for."""
        return self.status in CERTIFIED

    @property
    def value(self) -> float:
        """The objective; raises NotConverged when the solve failed. "uncertified" gives the value of a point
        that may not be optimal."""
        if self.status == NOT_CONVERGED:
            raise NotConverged(
                f"solve spent its budget of iterations ({self.iterations} used): the objective found is "
                f"{self.objective:.6g} and the optimum is within {self.gap:.6g} of it, which is not within "
                "tolerance. Raise max_iterations, or read .objective and .gap if the interval is enough."
            )
        if self.status in (INFEASIBLE, UNBOUNDED):
            raise NotConverged(f"the problem is {self.status}: it has no optimum and so no value.")
        return self.objective
