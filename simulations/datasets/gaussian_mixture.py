# SPDX-License-Identifier: MIT
"""Gaussian mixtures with random unit means: the simplest data with a known amount of overlap."""

from __future__ import annotations

import numpy as np

from simulations.datasets import Dataset, Samples
from simulations.datasets._sampling import check_counts
from simulations.errors import InputError


def draw(
    rng: np.random.Generator,
    *,
    points: int = 2000,
    num_classes: int = 4,
    dimension: int = 16,
    separation: float = 4.0,
    balanced: bool = True,
) -> Samples:
    """Class c is normal with identity covariance about `separation` times a random unit vector.

    balanced: equal class counts (points must be a multiple of num_classes); otherwise labels are drawn
    uniformly, after one sample of each class.
    """
    check_counts(points=points, num_classes=num_classes, dimension=dimension, name="gaussian-mixture")
    if balanced and points % num_classes:
        raise InputError(
            f"dataset 'gaussian-mixture': {points} points cannot be shared equally by {num_classes} classes; "
            f"ask for a multiple of {num_classes}, or for gaussian-mixture-raw"
        )
    means = rng.standard_normal((num_classes, dimension))
    means *= separation / np.linalg.norm(means, axis=1, keepdims=True)
    if balanced:
        labels = np.repeat(np.arange(num_classes), points // num_classes)
    else:
        free = rng.integers(num_classes, size=points - num_classes)
        labels = np.concatenate([np.arange(num_classes), free])
    labels = rng.permutation(labels).astype(np.int64)
    inputs = means[labels] + rng.standard_normal((points, dimension))
    return Samples(inputs.astype(np.float32), labels, num_classes, "Gaussian mixture")


DATASET = Dataset(
    title="Gaussian mixture with random means",
    draw=draw,
    variants={"gaussian-mixture": {}, "gaussian-mixture-raw": {"balanced": False}},
    tiny={"points": 120},
)
