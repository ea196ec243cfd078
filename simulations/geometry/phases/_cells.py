# SPDX-License-Identifier: MIT
"""What the diagrams share: a cell, the grid of cells, and the test of a boundary on both sides.

A diagram classifies a point (x, y) from what a solver returns there and never from the boundary's formula,
so that a boundary in the wrong place is seen: its crossings find the same phase on both sides, or the wrong
ones, or one that nothing certifies, and do not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.errors import InputError
from simulations.geometry.phases import Boundary, Crossing

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

STEP = 0.005  # relative distance at which a continuous boundary is tested on either side


@dataclass(frozen=True)
class Cell:
    """phase: index into the diagram's phases. certified: whether that is proved, not only found. order: the
    order parameter. evidence: why the phase is certain, or what is missing."""

    phase: int
    certified: bool
    order: float
    evidence: str


Classify = Callable[[float, float], Cell]


@dataclass(frozen=True, eq=False)
class Grid:
    """Arrays (len(y), len(x)) of a diagram."""

    phase: NDArray[np.int64]
    certified: NDArray[np.bool_]
    order: NDArray[np.float64]


def grid(classify: Classify, xs: NDArray[Any], ys: NDArray[Any]) -> Grid:
    """Every cell of the grid."""
    cells = [[classify(float(x), float(y)) for x in xs] for y in ys]
    return Grid(
        phase=np.array([[cell.phase for cell in row] for row in cells]),
        certified=np.array([[cell.certified for cell in row] for row in cells]),
        order=np.array([[cell.order for cell in row] for row in cells]),
    )


@dataclass(frozen=True, eq=False)
class Curve:
    """An exact boundary to be tested.

    at: x -> y. phases: what must be found below and above it, indices. whole: y takes whole numbers only, and
    the neighbours on both sides of the boundary are tested; otherwise y (1 - step) and y (1 + step) are.
    """

    label: str
    at: Callable[[float], float]
    phases: tuple[int, int]
    source: str
    theorem: str | None
    whole: bool = False
    step: float = STEP


def boundary(
    curve: Curve,
    classify: Classify,
    *,
    phases: Sequence[str],
    xs: ArrayLike,
    tested: ArrayLike,
    shift: float = 1.0,
) -> Boundary:
    """The curve at ``xs``, with a crossing at each x of ``tested``; ``shift`` multiplies it."""
    where = np.asarray(xs, dtype=float)
    return Boundary(
        label=curve.label,
        x=where,
        y=np.array([shift * curve.at(float(x)) for x in where]),
        source=curve.source,
        theorem=curve.theorem,
        crossings=[
            _crossing(curve, classify, phases, float(x), shift * curve.at(float(x)))
            for x in np.asarray(tested, dtype=float)
        ],
    )


def _crossing(curve: Curve, classify: Classify, phases: Sequence[str], x: float, y: float) -> Crossing:
    low, high = (
        (float(np.ceil(y)) - 1.0, float(np.floor(y)) + 1.0)
        if curve.whole
        else (y * (1 - curve.step), y * (1 + curve.step))
    )
    below, above = classify(x, low), classify(x, high)
    found = (below.phase, above.phase)
    return Crossing(
        x=x,
        y=y,
        below=low,
        above=high,
        phase_below=phases[below.phase],
        phase_above=phases[above.phase],
        evidence_below=below.evidence,
        evidence_above=above.evidence,
        holds=below.certified and above.certified and found == curve.phases,
    )


def increasing(name: str, values: ArrayLike, *, least: float = 0.0, whole: bool = False) -> NDArray[Any]:
    """Axis values as an array: increasing, each above ``least`` (at least it, for whole numbers)."""
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        found = np.full(1, np.nan)
    rising = found.ndim == 1 and found.size > 0 and bool(np.all(np.isfinite(found)))
    rising = rising and bool(np.all(np.diff(found) > 0))
    if whole:
        good = rising and bool(np.all(found >= least) and np.all(found == np.round(found)))
        wanted = f"increasing whole numbers, at least {least:g}"
    else:
        good = rising and bool(np.all(found > least))
        wanted = f"increasing numbers above {least:g}"
    if not good:
        raise InputError(f"phase diagram: received {name} = {values!r}; {wanted}, are required.")
    return found.astype(np.int64) if whole else found


def checked_shift(shift: float) -> float:
    """A positive finite factor on the boundaries."""
    if isinstance(shift, bool) or not isinstance(shift, (int, float)) or not 0.0 < shift < float("inf"):
        raise InputError(f"phase diagram: received shift = {shift!r}; a positive number is required.")
    return float(shift)
