# SPDX-License-Identifier: MIT
"""Departures between classes, with gradients: angles, self-duality, and the values that bounds depend on.

Functions as in `departures`. The Gram deviations are sums of absolute values and the positive parts of
cosines have kinks; there the gradient is one of the subgradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.attack.settings import Configuration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Quantity = Callable[[Array], tuple[float, Array]]


def self_duality(point: Configuration) -> tuple[float, Configuration]:
    """||W/||W||_F - M/||M||_F||_F^2, rows of M = mu_c - mu_G, in [0, 4]: 0 at collapse."""
    means = point.features.mean(axis=1)
    means = means - means.mean(axis=0)
    sizes = np.linalg.norm(point.weight), np.linalg.norm(means)
    rows, aims = point.weight / sizes[0], means / sizes[1]
    apart = rows - aims
    weight = 2.0 * (apart - rows * np.vdot(rows, apart)) / sizes[0]
    pull = -2.0 * (apart - aims * np.vdot(aims, apart)) / sizes[1]
    return float(np.square(apart).sum()), Configuration(weight, _to_samples(point, pull - pull.mean(axis=0)))


def gram_deviation_weights(point: Configuration) -> tuple[float, Configuration]:
    """Mean over pairs of |<x_c, x_j> - mean over j|, x = (w_c - wbar)/beta."""
    rows = point.weight - point.weight.mean(axis=0)
    value, slope = _gram_deviation(rows, float(np.square(rows).mean(axis=0).sum()))
    slope_sum = slope[0] + slope[1] * 2.0 * rows / len(rows)
    return value, Configuration(slope_sum - slope_sum.mean(axis=0), np.zeros_like(point.features))


def gram_deviation_means(point: Configuration) -> tuple[float, Configuration]:
    """Mean over pairs of |<x_c, x_j> - mean over j|, x = mu_c/alpha."""
    count = point.features.shape[0] * point.features.shape[1]
    square = float(np.square(point.features).sum()) / count
    value, slope = _gram_deviation(point.features.mean(axis=1), square)
    features = _to_samples(point, slope[0]) + slope[1] * 2.0 * point.features / count
    return value, Configuration(np.zeros_like(point.weight), features)


def _gram_deviation(rows: Array, square: float) -> tuple[float, tuple[Array, float]]:
    """Deviation of rows/sqrt(square), its gradient in the rows at fixed ``square``, and in ``square``."""
    C = len(rows)
    gram = rows @ rows.T / square
    wrong = ~np.eye(C, dtype=bool)
    level = np.where(wrong, gram, 0.0).sum(axis=1) / (C - 1)
    apart = np.where(wrong, gram - level[:, None], 0.0)
    value = float(np.abs(apart).sum()) / (C * (C - 1))
    signs = np.sign(apart) / (C * (C - 1))
    signs = np.where(wrong, signs - signs.sum(axis=1, keepdims=True) / (C - 1), 0.0)
    return value, ((signs + signs.T) @ rows / square, -value / square)


def gram_spread_weights(point: Configuration) -> tuple[float, Configuration]:
    """V, the mean over pairs of (<x_c, x_j> + ||x_c||^2/(C-1))^2, x = (w_c - wbar)/beta."""
    rows = point.weight - point.weight.mean(axis=0)
    C, square = len(rows), float(np.square(rows).sum()) / len(rows)
    gram = rows @ rows.T / square
    apart = gram + np.diag(gram)[:, None] / (C - 1)
    np.fill_diagonal(apart, 0.0)
    value = float(np.square(apart).mean() * C / (C - 1))
    pull = 2.0 * apart / (C * (C - 1))
    slope = (pull + pull.T) @ rows + 2.0 * pull.sum(axis=1)[:, None] / (C - 1) * rows
    slope = (slope - 4.0 * value * rows / C) / square
    return value, Configuration(slope - slope.mean(axis=0), np.zeros_like(point.features))


def positive_cosines(point: Configuration) -> tuple[float, Configuration]:
    """Mean over pairs of the positive part of <u_c, u_j> + 1/(C-1), u_c = mean_i h/||h||; h != 0."""
    C = len(point.weight)
    excess, back = _cosine_excess(point)
    positive = np.where((excess > 0.0) & ~np.eye(C, dtype=bool), 1.0 / (C * (C - 1)), 0.0)
    return float((positive * excess).sum()), back(positive)


def largest_cosine(point: Configuration) -> tuple[float, Configuration]:
    """<u_0, u_1> + 1/(C-1): the pair is any pair, by symmetry."""
    excess, back = _cosine_excess(point)
    weights = np.zeros_like(excess)
    weights[0, 1] = 1.0
    return float(excess[0, 1]), back(weights)


def _of_rows(quantity: Quantity, point: Configuration) -> tuple[float, Configuration]:
    """A quantity of the raw rows, and its gradient."""
    value, slope = quantity(point.weight)
    return value, Configuration(slope, np.zeros_like(point.features))


def _of_means(quantity: Quantity, point: Configuration) -> tuple[float, Configuration]:
    """The same of the centred class means."""
    means = point.features.mean(axis=1)
    value, slope = quantity(means - means.mean(axis=0))
    slope = slope - slope.mean(axis=0)
    return value, Configuration(np.zeros_like(point.weight), _to_samples(point, slope))


def max_angle_weights(point: Configuration) -> tuple[float, Configuration]:
    """Mean over pairs of |cos(w_c, w_j) + 1/(C-1)|, rows not centred and not 0."""
    return _of_rows(_max_angle, point)


def max_angle_means(point: Configuration) -> tuple[float, Configuration]:
    """Mean over pairs of |cos(x_c, x_j) + 1/(C-1)|, x = mu_c - mu_G, none of them 0."""
    return _of_means(_max_angle, point)


def _max_angle(rows: Array) -> tuple[float, Array]:
    C, lengths = len(rows), np.linalg.norm(rows, axis=1, keepdims=True)
    units = rows / lengths
    apart = units @ units.T + 1.0 / (C - 1)
    np.fill_diagonal(apart, 0.0)
    pull = 2.0 * np.sign(apart) @ units / (C * (C - 1))
    slope = (pull - units * (units * pull).sum(axis=1, keepdims=True)) / lengths
    return float(np.abs(apart).sum()) / (C * (C - 1)), slope


def equinorm_weights(point: Configuration) -> tuple[float, Configuration]:
    """Standard deviation over mean of ||w_c||, rows not centred and not 0."""
    return _of_rows(_equinorm, point)


def equinorm_means(point: Configuration) -> tuple[float, Configuration]:
    """Standard deviation over mean of ||mu_c - mu_G||, none of them 0."""
    return _of_means(_equinorm, point)


def _equinorm(rows: Array) -> tuple[float, Array]:
    """The ratio and its gradient in the rows; at equal norms the gradient is taken as 0."""
    lengths = np.linalg.norm(rows, axis=1)
    mean, spread = float(lengths.mean()), float(lengths.std())
    pull = ((lengths - mean) / spread - spread / mean if spread > 0.0 else 0.0 * lengths) / (len(rows) * mean)
    return spread / mean, (pull / lengths)[:, None] * rows


def equiangular_weights(point: Configuration) -> tuple[float, Configuration]:
    """Standard deviation over pairs of cos(w_c, w_j), rows not centred and not 0."""
    return _of_rows(_equiangular, point)


def equiangular_means(point: Configuration) -> tuple[float, Configuration]:
    """Standard deviation over pairs of cos(x_c, x_j), x = mu_c - mu_G, none of them 0."""
    return _of_means(_equiangular, point)


def _equiangular(rows: Array) -> tuple[float, Array]:
    """The deviation and its gradient in the rows; at equal angles the gradient is taken as 0."""
    lengths, pairs = np.linalg.norm(rows, axis=1, keepdims=True), len(rows) * (len(rows) - 1)
    units = rows / lengths
    apart = units @ units.T
    np.fill_diagonal(apart, 0.0)
    apart -= apart.sum() / pairs
    np.fill_diagonal(apart, 0.0)
    spread = float(np.sqrt((apart**2).sum() / pairs))
    pull = 2.0 * apart @ units / (pairs * spread) if spread > 0.0 else 0.0 * units
    return spread, (pull - units * (units * pull).sum(axis=1, keepdims=True)) / lengths


def frobenius(point: Configuration) -> tuple[float, Configuration]:
    """||W||_F of raw rows."""
    value = float(np.linalg.norm(point.weight))
    return value, Configuration(point.weight / value, np.zeros_like(point.features))


def _cosine_excess(point: Configuration) -> tuple[Array, Callable[[Array], Configuration]]:
    """<u_c, u_j> + 1/(C-1), shape (C, C), and the gradient of a weighted sum of them."""
    features = point.features
    norms = np.linalg.norm(features, axis=-1, keepdims=True)
    units = features / norms
    means = units.mean(axis=1)

    def back(weights: Array) -> Configuration:
        pull = _to_samples(point, (weights + weights.T) @ means)
        tangent = pull - units * (units * pull).sum(axis=-1, keepdims=True)
        return Configuration(np.zeros_like(point.weight), tangent / norms)

    return means @ means.T + 1.0 / (len(means) - 1), back


def spectral_weights(point: Configuration) -> tuple[float, Configuration]:
    """Largest squared singular value of the rows (w_c - wbar)/beta."""
    rows = point.weight - point.weight.mean(axis=0)
    square = float(np.square(rows).sum()) / len(rows)
    top, slope = _top(rows)
    slope = (slope - 2.0 * top / square * rows / len(rows)) / square
    return top / square, Configuration(slope - slope.mean(axis=0), np.zeros_like(point.features))


def spectral_means(point: Configuration) -> tuple[float, Configuration]:
    """Largest squared singular value of the rows mu_c/alpha."""
    count = point.features.shape[0] * point.features.shape[1]
    square = float(np.square(point.features).sum()) / count
    top, slope = _top(point.features.mean(axis=1))
    features = (_to_samples(point, slope) - 2.0 * top / square * point.features / count) / square
    return top / square, Configuration(np.zeros_like(point.weight), features)


def _top(rows: Array) -> tuple[float, Array]:
    left, singular, right = np.linalg.svd(rows, full_matrices=False)
    return float(singular[0]) ** 2, 2.0 * float(singular[0]) * np.outer(left[:, 0], right[0])


def feature_norm(point: Configuration) -> tuple[float, Configuration]:
    """alpha = sqrt(E||h||^2)."""
    count = point.features.shape[0] * point.features.shape[1]
    value = float(np.sqrt(np.square(point.features).sum() / count))
    return value, Configuration(np.zeros_like(point.weight), point.features / (count * value))


def weight_norm(point: Configuration) -> tuple[float, Configuration]:
    """beta = sqrt((1/C) sum ||w_c - wbar||^2)."""
    rows = point.weight - point.weight.mean(axis=0)
    value = float(np.sqrt(np.square(rows).sum() / len(rows)))
    return value, Configuration(rows / (len(rows) * value), np.zeros_like(point.features))


def mean_norm(point: Configuration) -> tuple[float, Configuration]:
    """||mu_G||/alpha; the gradient at mu_G = 0 is taken as 0."""
    alpha, back = feature_norm(point)
    mean = point.features.mean(axis=(0, 1))
    size = float(np.linalg.norm(mean))
    if size == 0.0:
        return 0.0, Configuration(np.zeros_like(point.weight), np.zeros_like(point.features))
    count = point.features.shape[0] * point.features.shape[1]
    slope = np.broadcast_to(mean / (size * count), point.features.shape)
    return size / alpha, Configuration(
        np.zeros_like(point.weight), slope / alpha - size / alpha**2 * back.features
    )


def opposition(point: Configuration) -> tuple[float, Configuration]:
    """Largest of -(<x_c, x_j> + ||x_c||^2/(C-1)), x = (w_c - wbar)/beta, at least 0; without a gradient."""
    rows = point.weight - point.weight.mean(axis=0)
    C = len(rows)
    gram = rows @ rows.T / (np.square(rows).sum() / C)
    apart = gram + np.diag(gram)[:, None] / (C - 1)
    np.fill_diagonal(apart, 0.0)
    zero = Configuration(np.zeros_like(point.weight), np.zeros_like(point.features))
    return max(float(-apart.min()), 0.0), zero


def _to_samples(point: Configuration, pull: Array) -> Array:
    """Gradient in the class means to gradient in the features."""
    N = point.features.shape[1]
    return np.repeat(pull[:, None, :] / N, N, axis=1)
