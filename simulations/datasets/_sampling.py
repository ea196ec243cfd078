# SPDX-License-Identifier: MIT
"""Balanced draws from a labelling function."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulations.errors import InputError

_MOST_ROUNDS = 10_000


def draw_points(
    rng: np.random.Generator,
    *,
    points: int,
    num_classes: int,
    dimension: int,
    balanced: bool,
    label: Callable[[NDArray[np.float64]], NDArray[np.int64]],
    name: str,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Standard normal points of R^dimension and their labels.

    balanced: draw until every class has points / num_classes members and keep each class's first ones, in the
    order of the draw (rejection sampling: within a class the distribution is the raw one). Otherwise the
    first `points` draws are kept as they are. Raises InputError when counts cannot be equal or when a class
    stays too rare.
    """
    check_counts(points=points, num_classes=num_classes, dimension=dimension, name=name)
    if not balanced:
        inputs = rng.standard_normal((points, dimension))
        return inputs.astype(np.float32), label(inputs)
    if points % num_classes:
        raise InputError(
            f"dataset {name!r}: {points} points cannot be shared equally by {num_classes} classes; ask for a "
            f"multiple of {num_classes}, or for the raw draw"
        )
    wanted = points // num_classes
    missing = np.full(num_classes, wanted)
    kept_inputs: list[NDArray] = []
    kept_labels: list[NDArray] = []
    for _ in range(_MOST_ROUNDS):
        inputs = rng.standard_normal((points, dimension))
        labels = label(inputs)
        # Rank of each sample within its class: those beyond what the class still misses are dropped.
        onehot = labels[:, None] == np.arange(num_classes)
        rank = np.take_along_axis(onehot.cumsum(axis=0), labels[:, None], axis=1)[:, 0]
        keep = rank <= missing[labels]
        kept_inputs.append(inputs[keep])
        kept_labels.append(labels[keep])
        missing -= np.bincount(labels[keep], minlength=num_classes)
        if not missing.any():
            return np.concatenate(kept_inputs).astype(np.float32), np.concatenate(kept_labels)
    raise InputError(
        f"dataset {name!r}: class {int(missing.argmax())} still misses {int(missing.max())} of {wanted} "
        f"samples after {_MOST_ROUNDS * points} draws; take another seed, or the raw draw"
    )


def check_counts(*, points: int, num_classes: int, dimension: int, name: str) -> None:
    """Raise InputError unless there are two classes, a dimension and a point for every class."""
    if num_classes < 2 or dimension < 1 or points < num_classes:
        raise InputError(
            f"dataset {name!r}: received points = {points}, num_classes = {num_classes}, dimension = "
            f"{dimension}; required are num_classes >= 2, dimension >= 1 and at least one point for each "
            "class"
        )
