# SPDX-License-Identifier: MIT
"""Balanced subsampling, standardisation, and balanced draws from a labelling function."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulations.errors import InputError

_MOST_ROUNDS = 10_000


def balanced_subset(
    rng: np.random.Generator, labels: NDArray[np.int64], per_class: int | None, name: str
) -> NDArray[np.int64]:
    """Sorted indices of `per_class` random samples of each class, without replacement.

    per_class None takes the size of the smallest class. Raises InputError when a class is smaller than asked.
    """
    counts = np.bincount(labels)
    wanted = int(counts.min()) if per_class is None else per_class
    if not 1 <= wanted <= counts.min():
        raise InputError(
            f"dataset {name!r}: per_class = {wanted} was asked, but the smallest class (class "
            f"{int(counts.argmin())}) has {int(counts.min())} samples; ask for a number from 1 to "
            f"{int(counts.min())}"
        )
    chosen = [rng.choice(np.flatnonzero(labels == c), size=wanted, replace=False) for c in range(len(counts))]
    return np.sort(np.concatenate(chosen))


def standardise(pixels: NDArray) -> NDArray[np.float32]:
    """Subtract the mean and divide by the standard deviation over all samples and pixels (one number each).

    One mean and one deviation for the whole set, as for a grey channel in Papyan, Han & Donoho 2020: pixels
    that are constant over the set (image borders) stay harmless, which a deviation per pixel would not.
    """
    values = pixels.astype(np.float64)
    return ((values - values.mean()) / values.std()).astype(np.float32)


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
