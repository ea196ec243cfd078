# SPDX-License-Identifier: MIT
"""The least value of a falling plus a rising function, bounded from below for certain.

On [a, b] the sum is at least falling(b) + rising(a). Intervals on which this is below the least value seen
are halved until they agree with it: no convexity, no slope, no minimiser has to be trusted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]

ROUNDING = 1e-13
MOST = 200_000  # intervals at once


@dataclass(frozen=True)
class Least:
    """lower: no value is below it. upper: the value at ``at``, which is attained."""

    lower: float
    upper: float
    at: float


def least_sum(
    falling: Function, rising: Function, edges: NDArray[np.float64], *, accuracy: float = 1e-7
) -> Least:
    """Bounds on min over [edges[0], edges[-1]] of falling + rising, both vectorised and nonnegative.

    edges: first partition, increasing. accuracy: relative; where it needs too many intervals the bound is
    less sharp, and holds all the same.
    """
    low, high = edges[:-1], edges[1:]
    values = falling(edges) + rising(edges)
    best = int(np.argmin(values))
    upper, at = float(values[best]), float(edges[best])
    settled = upper * (1.0 - accuracy)
    while True:
        below = falling(high) + rising(low)
        open_ = below < settled
        low, high, below = low[open_], high[open_], below[open_]
        if not len(low) or len(low) > MOST:
            break
        middle = 0.5 * (low + high)
        values = falling(middle) + rising(middle)
        best = int(np.argmin(values))
        if values[best] < upper:
            upper, at = float(values[best]), float(middle[best])
            settled = upper * (1.0 - accuracy)
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    lower = min(settled, float(below.min(initial=np.inf)))
    return Least(lower - ROUNDING * max(1.0, upper), upper, at)
