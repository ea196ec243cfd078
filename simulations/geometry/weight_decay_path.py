# SPDX-License-Identifier: MIT
"""The optimum along a path of weight decays, each point started from the last and certified alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError
from simulations.geometry.checks import checked_counts, checked_decays, checked_tolerance, checked_whole
from simulations.geometry.exchangeable import solve_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.solution import Solution


def decay_path(
    *,
    counts: Sequence[int] | NDArray[np.int64],
    weight_decays: Sequence[float] | NDArray[np.float64],
    feature_decay: float | Sequence[float],
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
) -> list[Solution]:
    """Certified cross-entropy optima of the unconstrained-features model, one `Solution` a weight decay.

    counts (C,): samples in each class. weight_decays: positive, in any order, in which the solutions come
    back. feature_decay: positive, one number, or one a weight decay. tolerance: accepted gap of every point,
    relative to min(1, value). max_iterations: budget of every point. The feature dimension is C.
    The points are visited from the strongest decay to the weakest: zero, the optimum from
    `zero_threshold` on, is not iterated for, and equal classes, one group of them, are the closed form of Zhu
    et al. 2021 (arXiv:2105.02375), Theorem 3.1.
    Solution.details["rank"]: of the optimal logits. Each certificate stands alone: a bad start costs time,
    not truth. Raises InputError on bad input.
    """
    sizes = checked_counts("decay_path", counts)
    decays = _checked_path(weight_decays, feature_decay)
    budget = checked_whole("decay_path", "max_iterations", max_iterations)
    accuracy = checked_tolerance("decay_path", tolerance)
    distinct, member, how_many = np.unique(sizes, return_inverse=True, return_counts=True)
    found: dict[int, Solution] = {}
    start = None
    for index in np.argsort(-decays[:, 0] * decays[:, 1], kind="stable"):
        blocks = solve_groups(
            distinct,
            how_many.astype(np.float64),
            float(decays[index, 0]),
            float(decays[index, 1]),
            accuracy,
            max_iterations=budget,
            start=start,
        )
        start = blocks.optimum.matrix if blocks.optimum.values.size else None
        found[int(index)] = blocks.expand(groups=member)
    return [found[index] for index in range(len(decays))]


def _checked_path(
    weight_decays: Sequence[float] | NDArray[np.float64], feature_decay: float | Sequence[float]
) -> NDArray[np.float64]:
    """(points, 2): the two decays of every point."""
    try:
        first = np.atleast_1d(np.asarray(weight_decays, dtype=np.float64))
        second = np.asarray(feature_decay, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"decay_path: received weight_decays = {weight_decays!r} and feature_decay = {feature_decay!r}; "
            "numbers are required."
        ) from None
    if first.ndim != 1 or first.size == 0 or second.shape not in ((), first.shape):
        raise InputError(
            f"decay_path: received {first.size} weight decays and feature_decay of shape {second.shape}; at "
            "least one weight decay and a single feature decay, or one for each, are required."
        )
    both = np.column_stack([first, np.broadcast_to(second, first.shape)])
    for name, value in (("weight_decays", both[:, 0]), ("feature_decay", both[:, 1])):
        if not np.all(np.isfinite(value)) or np.any(value <= 0.0):
            raise InputError(
                f"decay_path: received {name} with {value[~(value > 0.0) | ~np.isfinite(value)][0]!r}; "
                "positive finite numbers are required: without decay no minimiser exists. End the path "
                "above zero."
            )
    for pair in both:
        checked_decays("decay_path", *map(float, pair))
    return both
