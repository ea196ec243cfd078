# SPDX-License-Identifier: MIT
"""Departures for measured quantities that nobody has written a gradient for: central differences.

A theorem that is added with a new metric is so attacked at once, though slowly; a departure with its
gradient in `departures` or `angles`, and a line in `quantities`, make it fast. Metrics that change with the
scale of features or rows have no place here: a setting of fixed norms has them at 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simulations import metrics
from simulations.errors import InputError
from simulations.geometry.attack.settings import Configuration
from simulations.metrics._batch import Batch
from simulations.metrics._statistics import Classifier, Reference, first_sums

if TYPE_CHECKING:
    from simulations.geometry.attack.departures import Departure

STEP = 1e-5


def value_of(name: str, point: Configuration) -> float:
    """A measured quantity at a configuration; NaN where it is undefined."""
    C, N, d = point.features.shape
    features, labels = point.features.reshape(-1, d), np.repeat(np.arange(C), N)
    reference = Reference(first_sums(features, labels, C), Classifier(point.weight, point.bias))
    found = metrics.values(metrics.term_sums(Batch(features, labels, reference)), reference)[name]
    return float("nan") if found is None else float(found)


def numerical(name: str, *, best: Callable[[int], float], sign: float) -> Departure:
    """sign * (quantity - best), with central differences of relative step 1e-5 as its gradient."""
    if name not in metrics.quantities():
        raise InputError(
            f"worst_case: {name!r} is neither a quantity with a departure nor a metric; a metric of this "
            "name in simulations/metrics makes it one."
        )

    def departure(point: Configuration) -> tuple[float, Configuration]:
        def value(moved: Configuration) -> float:
            return sign * (value_of(name, moved) - best(len(point.weight)))

        slopes: list[np.ndarray | None] = []
        for place, array in enumerate(point):
            if array is None:
                slopes.append(None)
                continue
            slope, step = np.zeros_like(array), STEP * max(float(np.sqrt(np.mean(array**2))), 1e-12)
            for index in np.ndindex(array.shape):
                ends = []
                for direction in (1.0, -1.0):
                    shifted = array.copy()
                    shifted[index] += direction * step
                    parts = [*point]
                    parts[place] = shifted
                    ends.append(value(Configuration(*parts)))  # type: ignore[arg-type]
                slope[index] = (ends[0] - ends[1]) / (2.0 * step)
            slopes.append(slope)
        return value(point), Configuration(*slopes)  # type: ignore[arg-type]

    return departure
