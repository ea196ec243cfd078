# SPDX-License-Identifier: MIT
"""One-dimensional "digits" made by a program, after MNIST-1D (Greydanus 2020, arXiv:2011.14439).

As there, a sample is one of ten short templates, padded, shifted, scaled, sheared, given correlated and
independent noise, and brought to 40 numbers; a linear classifier does badly, a perceptron better, and a
convolutional network best. The templates are this project's own (steps between heights -1, 0 and 1), so
accuracies are not those of the published files.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulations.datasets import Dataset, Samples
from simulations.datasets._sampling import check_counts
from simulations.errors import InputError

NUM_CLASSES = 10
TEMPLATE_LENGTH = 12
# Heights of the four quarters of each class's template. No row is a shift or a positive multiple of another,
# since samples are shifted and scaled at random.
_HEIGHTS = (
    (1, 1, 1, 1),
    (0, 1, 0, 0),
    (1, -1, 0, 0),
    (1, 0, 1, 0),
    (-1, 1, 0, 0),
    (1, -1, 1, 0),
    (-1, -1, -1, -1),
    (1, 1, -1, -1),
    (-1, 0, -1, 0),
    (-1, 1, -1, 1),
)
# Least and greatest number of zeros that are put around a template (the published generator's).
_PADDING = (36, 60)
# Width, in samples of the result, of the Gaussian that correlates the noise (the published generator's).
_CORRELATION_WIDTH = 2.0


def templates() -> NDArray[np.float64]:
    """The noiseless pattern of each class, shape (10, 12)."""
    return np.repeat(np.array(_HEIGHTS, dtype=np.float64), TEMPLATE_LENGTH // 4, axis=1)


def draw(
    rng: np.random.Generator,
    *,
    points: int = 4000,
    length: int = 40,
    scale: float = 0.4,
    shear: float = 0.75,
    correlated_noise: float = 0.25,
    independent_noise: float = 0.02,
) -> Samples:
    """`points` sequences of `length` numbers, equally many of each of ten classes, in random order.

    A template of 12 numbers sits at a random place among 36 to 60 zeros, read at `length` equally spaced
    points; it is multiplied by a uniform number of 1 +- scale / 2, gets a straight line from 0 to a uniform
    slope of +- shear / 2 taken off, then noise of deviation `correlated_noise`, smoothed over neighbours, and
    independent noise. Defaults as published: 4000 training points, 0.4, 0.75, 0.25, 0.02.
    Raises InputError when the points cannot be shared equally or a number is out of range.
    """
    check_counts(points=points, num_classes=NUM_CLASSES, dimension=length, name="mnist1d")
    if points % NUM_CLASSES:
        raise InputError(
            f"dataset 'mnist1d': {points} points cannot be shared equally by {NUM_CLASSES} classes; ask for "
            f"a multiple of {NUM_CLASSES}"
        )
    sizes = {
        "scale": scale,
        "shear": shear,
        "correlated_noise": correlated_noise,
        "independent_noise": independent_noise,
    }
    for name, value in sizes.items():
        if not math.isfinite(value) or value < 0 or (name == "scale" and value >= 2):
            top = " and < 2 (a template must keep its sign)" if name == "scale" else ""
            raise InputError(f"dataset 'mnist1d': {name} = {value!r}; required is a finite number >= 0{top}")
    labels = rng.permutation(np.repeat(np.arange(NUM_CLASSES), points // NUM_CLASSES)).astype(np.int64)
    padding = rng.integers(_PADDING[0], _PADDING[1], size=points, endpoint=True)
    place = rng.integers(0, padding, endpoint=True)
    signal = _place(labels, padding, place, length)
    signal *= 1 + scale * (rng.random((points, 1)) - 0.5)
    signal -= shear * (rng.random((points, 1)) - 0.5) * np.linspace(0, 1, length)
    signal += correlated_noise * _correlated(rng, points, length)
    signal += independent_noise * rng.standard_normal((points, length))
    return Samples(
        signal.astype(np.float32),
        labels,
        NUM_CLASSES,
        "one-dimensional digits after MNIST-1D (Greydanus 2020)",
    )


def _place(
    labels: NDArray[np.int64], padding: NDArray[np.int64], place: NDArray[np.int64], length: int
) -> NDArray[np.float64]:
    """Templates among zeros, interpolated linearly at `length` points, shape (n, length)."""
    ends = TEMPLATE_LENGTH - 1 + padding
    positions = np.linspace(0, 1, length)[None] * ends[:, None] - place[:, None]
    signal = np.empty(positions.shape)
    for c, template in enumerate(templates()):
        member = labels == c
        signal[member] = np.interp(
            positions[member], np.arange(TEMPLATE_LENGTH), template, left=0.0, right=0.0
        )
    return signal


def _correlated(rng: np.random.Generator, points: int, length: int) -> NDArray[np.float64]:
    """White noise smoothed by a Gaussian along each sequence, scaled back to deviation 1 on average."""
    from scipy.ndimage import gaussian_filter1d

    smooth = gaussian_filter1d(rng.standard_normal((points, length)), _CORRELATION_WIDTH, axis=1, mode="wrap")
    kernel = gaussian_filter1d(np.eye(1, length)[0], _CORRELATION_WIDTH, mode="wrap")
    return smooth / np.linalg.norm(kernel)


DATASET = Dataset(
    title="one-dimensional digits made by a program, after MNIST-1D",
    draw=draw,
    variants={"mnist1d": {}},
    tiny={"points": 120},
)
