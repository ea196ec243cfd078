# SPDX-License-Identifier: MIT
"""What a loss gap can be spent on: non-negative departures from collapse, with their gradients.

Every function takes a `Configuration` and returns (value, gradient in the configuration). All are written
as sums of squares, so a departure of 1e-12 keeps its digits.
"""

from __future__ import annotations

import numpy as np

from simulations.geometry.attack.settings import Configuration


def within_class_variability(point: Configuration) -> tuple[float, Configuration]:
    """nu = E||h - mu_c||^2 / E||h||^2, in [0, 1] (0 at collapse)."""
    features = point.features
    apart = features - features.mean(axis=1, keepdims=True)
    total = float(np.square(features).sum())
    value = float(np.square(apart).sum()) / total
    return value, Configuration(np.zeros_like(point.weight), 2.0 * (apart - value * features) / total)


def misalignment(point: Configuration) -> tuple[float, Configuration]:
    """1 - sqrt(1-nu) cos_F(W~, M) = E||h/alpha - w~/beta||^2 / 2, in [0, 2], 0 at collapse."""
    apart = point.features - point.weight[:, None, :]
    scale = 1.0 / (apart.shape[0] * apart.shape[1])
    slope = Configuration(-scale * apart.sum(axis=1), scale * apart)
    return 0.5 * scale * float(np.square(apart).sum()), slope


def cosine_spread(point: Configuration) -> tuple[float, Configuration]:
    """Class mean of 1 - intra_c, intra_c = ||mean_i h/||h|| ||^2, in [0, 1] (0 at collapse); h != 0."""
    features = point.features
    norms = np.linalg.norm(features, axis=-1, keepdims=True)
    units = features / norms
    apart = units - units.mean(axis=1, keepdims=True)
    scale = 1.0 / (features.shape[0] * features.shape[1])
    tangent = apart - units * (units * apart).sum(axis=-1, keepdims=True)
    slope = Configuration(np.zeros_like(point.weight), 2.0 * scale * tangent / norms)
    return scale * float(np.square(apart).sum()), slope
