# SPDX-License-Identifier: MIT
"""Pan & Cao's random-network teachers: the class is the argmax of a random ReLU network (MLP3, MLP6,
MLP9)."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from simulations.datasets import Dataset, Samples
from simulations.datasets._sampling import check_counts, draw_points
from simulations.errors import InputError

_REFERENCE_POINTS = 4000
_LEAST_SHARE = 0.01
_MOST_TEACHERS = 1000


def draw(
    rng: np.random.Generator,
    *,
    depth: int = 3,
    points: int = 10_000,
    num_classes: int = 4,
    dimension: int = 16,
    width: int = 100,
    balanced: bool = True,
) -> Samples:
    """Standard normal points; the class is the argmax of a bias-free random ReLU network with `depth` layers.

    Pan & Cao 2023 (arXiv:2309.04644), synthetic experiments. Outputs of a deep random network are strongly
    correlated, so that a class may be empty: teachers are redrawn until each class holds at least 1 % of 4000
    reference points. balanced False keeps the teacher's own class shares.
    """
    check_counts(points=points, num_classes=num_classes, dimension=dimension, name="mlp-teacher")
    if depth < 1 or width < 1:
        raise InputError(f"mlp-teacher: received depth = {depth}, width = {width}; both must be at least 1")
    reference = rng.standard_normal((_REFERENCE_POINTS, dimension))
    sizes = [dimension, *[width] * (depth - 1), num_classes]
    for _ in range(_MOST_TEACHERS):
        weights = [rng.standard_normal((a, b)) * np.sqrt(2.0 / a) for a, b in itertools.pairwise(sizes)]
        shares = np.bincount(_label(weights, reference), minlength=num_classes) / _REFERENCE_POINTS
        if shares.min() >= min(_LEAST_SHARE, 0.25 / num_classes):
            break
    else:
        raise InputError(
            f"mlp-teacher: none of {_MOST_TEACHERS} random networks of depth {depth} gives every one of "
            f"{num_classes} classes a share worth drawing; take fewer classes or a shallower teacher"
        )
    inputs, labels = draw_points(
        rng,
        points=points,
        num_classes=num_classes,
        dimension=dimension,
        balanced=balanced,
        label=lambda x: _label(weights, x),
        name=f"mlp{depth}",
    )
    return Samples(
        inputs, labels, num_classes, f"random {depth}-layer teacher (Pan & Cao 2023, arXiv:2309.04644)"
    )


def _label(weights: list[NDArray[np.float64]], inputs: NDArray[np.float64]) -> NDArray[np.int64]:
    hidden = inputs
    for weight in weights[:-1]:
        hidden = np.maximum(hidden @ weight, 0.0)
    return (hidden @ weights[-1]).argmax(axis=1).astype(np.int64)


DATASET = Dataset(
    title="argmax of a random ReLU network",
    draw=draw,
    variants={
        f"mlp{depth}{suffix}": {"depth": depth, **extra}
        for depth in (3, 6, 9)
        for suffix, extra in (("", {}), ("-raw", {"balanced": False}))
    },
    tiny={"points": 120},
)
