# SPDX-License-Identifier: MIT
"""What a loss gap can be spent on within the classes: departures from collapse, with their gradients.

Every function takes a `Configuration` and returns (value, gradient in the configuration). All are written
as sums of squares, so a departure of 1e-12 keeps its digits. Departures of one class (or one sample) come
from `of_classes` (`of_samples`): by symmetry it does not matter which. Departures between classes are in
`angles`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.attack.settings import Configuration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Departure = Callable[[Configuration], tuple[float, Configuration]]


def within_class_variability(point: Configuration) -> tuple[float, Configuration]:
    """nu = E||h - mu_c||^2 / E||h||^2, in [0, 1] (0 at collapse)."""
    features = point.features
    apart = features - features.mean(axis=1, keepdims=True)
    total = float(np.square(features).sum())
    value = float(np.square(apart).sum()) / total
    return value, Configuration(np.zeros_like(point.weight), 2.0 * (apart - value * features) / total)


def misalignment(point: Configuration) -> tuple[float, Configuration]:
    """1 - sqrt(1-nu) cos_F(W~, M) = E||h/alpha - w~/beta||^2 / 2, in [0, 2], 0 at collapse (fixed norms)."""
    apart = point.features - point.weight[:, None, :]
    scale = 1.0 / (apart.shape[0] * apart.shape[1])
    slope = Configuration(-scale * apart.sum(axis=1), scale * apart)
    return 0.5 * scale * float(np.square(apart).sum()), slope


def squared_misalignment(point: Configuration) -> tuple[float, Configuration]:
    """E||h/alpha - w~/beta||^2, in [0, 4] (fixed norms)."""
    value, slope = misalignment(point)
    return 2.0 * value, Configuration(2.0 * slope.weight, 2.0 * slope.features)


def spring(point: Configuration) -> tuple[float, Configuration]:
    """E||h - sqrt(C) w~||^2 (weight decay)."""
    C, N, _ = point.features.shape
    rows = np.sqrt(C) * (point.weight - point.weight.mean(axis=0))
    apart = point.features - rows[:, None, :]
    pulled = -np.sqrt(C) * apart.sum(axis=1)
    slope = Configuration(2.0 / (C * N) * (pulled - pulled.mean(axis=0)), 2.0 / (C * N) * apart)
    return float(np.square(apart).sum()) / (C * N), slope


def mean_row(point: Configuration) -> tuple[float, Configuration]:
    """||wbar||^2."""
    mean = point.weight.mean(axis=0)
    slope = np.tile(2.0 / len(point.weight) * mean, (len(point.weight), 1))
    return float(mean @ mean), Configuration(slope, np.zeros_like(point.features))


def cosine_spread(point: Configuration) -> tuple[float, Configuration]:
    """Class mean of 1 - intra_c, intra_c = ||mean_i h/||h|| ||^2, in [0, 1] (0 at collapse); h != 0."""
    return _mean(cosine_spreads, point)


def class_variability(point: Configuration) -> tuple[float, Configuration]:
    """Class mean of nu_c = E_i||h - mu_c||^2/E_i||h||^2, in [0, 1]; no class has only zeros."""
    return _mean(class_variabilities, point)


def sample_angle(point: Configuration) -> tuple[float, Configuration]:
    """Mean of 1 - cos(w~_c, h), in [0, 2]; h, w~ != 0."""
    return _mean(sample_angles, point)


def sample_squared_angle(point: Configuration) -> tuple[float, Configuration]:
    """Mean of 1 - cos(w~_c, h)^2, in [0, 1]; h, w~ != 0."""
    return _mean(sample_squared_angles, point)


def sample_weighted_angle(point: Configuration) -> tuple[float, Configuration]:
    """1 - mean of (||w~_c||/beta)^2 cos(w~_c, h)^2, in [0, 1]; h, w~ != 0."""
    sines, back = sample_squared_angles(point)
    rows = point.weight - point.weight.mean(axis=0)
    sizes = np.square(rows).sum(axis=1)
    share = sizes / sizes.mean()
    value = float((share[:, None] * sines).mean())
    slope = back(np.broadcast_to(share[:, None], sines.shape) / sines.size)
    apart = (sines.mean(axis=1) - value)[:, None] * rows
    extra = 2.0 / sizes.sum() * (apart - apart.mean(axis=0))
    return value, Configuration(slope.weight + extra, slope.features)


Back = Callable[["Array"], Configuration]
Parts = Callable[[Configuration], "tuple[Array, Back]"]


def cosine_spreads(point: Configuration) -> tuple[Array, Back]:
    """1 - intra_c of every class (C,), and the gradient of a weighted sum of them."""
    features = point.features
    norms = np.linalg.norm(features, axis=-1, keepdims=True)
    units = features / norms
    apart = units - units.mean(axis=1, keepdims=True)
    tangent = apart - units * (units * apart).sum(axis=-1, keepdims=True)

    def back(weights: Array) -> Configuration:
        scale = 2.0 / features.shape[1] * weights[:, None, None]
        return Configuration(np.zeros_like(point.weight), scale * tangent / norms)

    return np.square(apart).sum(axis=(1, 2)) / features.shape[1], back


def class_variabilities(point: Configuration) -> tuple[Array, Back]:
    """nu_c of every class (C,)."""
    features = point.features
    apart = features - features.mean(axis=1, keepdims=True)
    totals = np.square(features).sum(axis=(1, 2))
    values = np.square(apart).sum(axis=(1, 2)) / totals

    def back(weights: Array) -> Configuration:
        slope = 2.0 * (apart - values[:, None, None] * features)
        return Configuration(np.zeros_like(point.weight), (weights / totals)[:, None, None] * slope)

    return values, back


def sample_angles(point: Configuration) -> tuple[Array, Back]:
    """1 - cos(w~_c, h) = ||unit h - unit w~||^2/2 of every sample (C, N)."""
    rows = point.weight - point.weight.mean(axis=0)
    lengths, norms = np.linalg.norm(rows, axis=-1), np.linalg.norm(point.features, axis=-1)
    units, aims = point.features / norms[..., None], (rows / lengths[:, None])[:, None, :]
    apart = units - aims

    def back(weights: Array) -> Configuration:
        pull = weights[..., None] * apart
        features = (pull - units * (units * pull).sum(axis=-1, keepdims=True)) / norms[..., None]
        turned = -(pull - aims * (aims * pull).sum(axis=-1, keepdims=True)).sum(axis=1) / lengths[:, None]
        return Configuration(turned - turned.mean(axis=0), features)

    return 0.5 * np.square(apart).sum(axis=-1), back


def sample_squared_angles(point: Configuration) -> tuple[Array, Back]:
    """1 - cos(w~_c, h)^2 of every sample (C, N)."""
    angles, pull = sample_angles(point)
    return angles * (2.0 - angles), lambda weights: pull(weights * 2.0 * (1.0 - angles))


def _mean(parts: Parts, point: Configuration) -> tuple[float, Configuration]:
    values, back = parts(point)
    return float(values.mean()), back(np.full(values.shape, 1.0 / values.size))


def of_share(parts: Parts, count: int) -> Departure:
    """The mean of ``parts`` over the first ``count`` classes (or samples, class by class)."""

    def departure(point: Configuration) -> tuple[float, Configuration]:
        values, back = parts(point)
        weights = np.zeros(values.size)
        weights[:count] = 1.0 / count
        return float(values.ravel()[:count].mean()), back(weights.reshape(values.shape))

    return departure
