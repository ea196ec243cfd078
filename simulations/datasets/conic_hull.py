# SPDX-License-Identifier: MIT
"""Pan & Cao's conic-hull data: classes are cones cut out by random hyperplanes through the origin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulations.datasets import Dataset, Samples
from simulations.datasets._sampling import check_counts, draw_points


def draw(
    rng: np.random.Generator,
    *,
    points: int = 10_000,
    num_classes: int = 4,
    dimension: int = 16,
    balanced: bool = True,
) -> Samples:
    """Standard normal points; the class is the sign pattern against ceil(log2 C) random hyperplanes through
    0.

    The 2^ceil(log2 C) patterns are merged to C classes by taking the pattern's number modulo C. Pan & Cao
    2023 (arXiv:2309.04644), synthetic experiments: 10 000 points of R^16, 4 classes. balanced False is their
    raw draw.
    """
    check_counts(points=points, num_classes=num_classes, dimension=dimension, name="conic-hull")
    hyperplanes = (num_classes - 1).bit_length()
    normals = rng.standard_normal((hyperplanes, dimension))
    place_values = 2 ** np.arange(hyperplanes)

    def label(inputs: NDArray[np.float64]) -> NDArray[np.int64]:
        pattern = (inputs @ normals.T > 0) @ place_values
        return (pattern % num_classes).astype(np.int64)

    inputs, labels = draw_points(
        rng,
        points=points,
        num_classes=num_classes,
        dimension=dimension,
        balanced=balanced,
        label=label,
        name="conic-hull",
    )
    return Samples(inputs, labels, num_classes, "conic hulls (Pan & Cao 2023, arXiv:2309.04644)")


DATASET = Dataset(
    title="cones cut out by random hyperplanes",
    draw=draw,
    variants={"conic-hull": {}, "conic-hull-raw": {"balanced": False}},
    tiny={"points": 120},
)
