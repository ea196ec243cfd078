# SPDX-License-Identifier: MIT
"""What the two models with nonnegative features share: checked input and orthogonal class means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError
from simulations.geometry.checks import checked_counts, checked_whole
from simulations.geometry.models._deep import checked_decay

if TYPE_CHECKING:
    from numpy.typing import NDArray


def checked_input(
    caller: str,
    *,
    counts: Sequence[int] | NDArray[np.int64],
    weight_decay: float,
    feature_decay: float,
    feature_dim: int | None,
) -> tuple[NDArray[np.float64], float, float, int]:
    """counts (C,) as float64, both decays and the dimension, C when omitted; InputError with the reason."""
    sizes = checked_counts(caller, counts)
    weight = checked_decay(caller, "weight_decay", weight_decay)
    feature = checked_decay(caller, "feature_decay", feature_decay)
    dimension = len(sizes) if feature_dim is None else feature_dim
    return sizes, weight, feature, checked_whole(caller, "feature_dim", dimension, 1, "a feature needs one")


def orthogonal_means(caller: str, lengths: NDArray[np.float64], dimension: int) -> NDArray[np.float64]:
    """Nonnegative orthogonal rows (C, dimension) of the given lengths (C,), one coordinate a positive length.

    Raises InputError where there are more positive lengths than coordinates: nonnegative orthogonal vectors
    have disjoint supports.
    """
    kept = np.flatnonzero(lengths > 0.0)
    if len(kept) > dimension:
        raise InputError(
            f"{caller}: received feature_dim = {dimension}, but {len(kept)} classes are kept at these decays "
            f"and their means are orthogonal: feature_dim >= {len(kept)} is required; below it no closed "
            "form is known."
        )
    means = np.zeros((len(lengths), dimension))
    means[kept, np.arange(len(kept))] = lengths[kept]
    return means
