# SPDX-License-Identifier: MIT
"""Structured starting points of the adversary: every way of spending a loss gap that is known to be cheap.

Each start is a pair (unit weight rows (C, d), features (C, N, d)) with margin; the adversary perturbs and
then optimises it. ``departure`` is roughly how much variability the loss gap can buy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.closed_forms import centred_basis, simplex_etf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.attack.settings import Setting

    Array = NDArray[np.float64]

Start = Callable[["Setting", float, np.random.Generator], "Array"]


def frame(C: int, dimension: int) -> Array:
    """Unit rows (C, d): a simplex where it fits, its normalised projection where d < C - 1."""
    if dimension >= C - 1:
        return simplex_etf(C, dimension)
    rows = centred_basis(C)[:, -dimension:].copy()
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(norms > 1e-9, rows / np.maximum(norms, 1e-9), 1.0 / np.sqrt(dimension))


def _noise(setting: Setting, generator: np.random.Generator) -> Array:
    """Within-class noise (C, N, d): zero class means, unit rms; orthogonal to W if it can be."""
    C, N, d = setting.C, setting.samples, setting.dimension
    noise = np.zeros((C, N, d))
    if d >= C:
        noise[..., C - 1] = np.where(np.arange(N) % 2 == 0, 1.0, -1.0)
    else:
        noise = generator.normal(size=(C, N, d))
    noise -= noise.mean(axis=1, keepdims=True)
    size = np.sqrt(np.square(noise).sum() / (C * N))
    return noise / size if size > 0 else noise


def _packed(setting: Setting, features: Array, departure: float, generator: np.random.Generator) -> Array:
    """Flat vector with ten per cent of the departure's scale in random perturbation."""
    rows = frame(setting.C, setting.dimension)
    features = features / np.sqrt(np.square(features).sum() / np.prod(features.shape[:-1]))
    flat = setting.pack(unit_weight=rows, unit_features=features, margin=setting.best_margin)
    size = np.sqrt(np.mean(np.square(flat)))
    return flat + 0.1 * np.sqrt(departure) * size * generator.normal(size=flat.shape)


def _collapsed(setting: Setting) -> Array:
    return np.repeat(frame(setting.C, setting.dimension)[:, None, :], setting.samples, axis=1)


def orthogonal_noise(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """Simplex with noise orthogonal to the span of W: it costs only the norm it uses."""
    features = np.sqrt(1.0 - departure) * _collapsed(setting) + np.sqrt(departure) * _noise(
        setting, generator
    )
    return _packed(setting, features, departure, generator)


def random_noise(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """Simplex with isotropic noise on every sample."""
    noise = generator.normal(size=(setting.C, setting.samples, setting.dimension)) / np.sqrt(
        setting.dimension
    )
    return _packed(setting, _collapsed(setting) + np.sqrt(departure) * noise, departure, generator)


def flipped_samples(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """One sample a class shrunk almost to zero and turned against its classifier row."""
    features = _collapsed(setting) + np.sqrt(departure) * _noise(setting, generator)
    features[:, 0] = -0.05 * frame(setting.C, setting.dimension)
    return _packed(setting, features, min(departure, 1e-2), generator)


def shrunk_norms(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """Simplex with feature norms spread over a decade."""
    sizes = generator.uniform(0.2, 1.5, size=(setting.C, setting.samples, 1))
    return _packed(setting, sizes * _collapsed(setting), departure, generator)


def abandoned_class(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """One class gives up its norm, and scatters, so that the others may keep theirs."""
    features = _collapsed(setting)
    features[0] = 0.05 * generator.normal(size=features[0].shape)
    return _packed(setting, features, departure, generator)


def random_configuration(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """No structure at all."""
    features = generator.normal(size=(setting.C, setting.samples, setting.dimension))
    rows = generator.normal(size=(setting.C, setting.dimension))
    rows /= np.sqrt(np.square(rows).sum() / setting.C)
    features /= np.sqrt(np.square(features).sum() / (setting.C * setting.samples))
    return setting.pack(unit_weight=rows, unit_features=features, margin=setting.best_margin)


STARTS: dict[str, Start] = {
    "orthogonal-noise": orthogonal_noise,
    "random-noise": random_noise,
    "flipped-samples": flipped_samples,
    "shrunk-norms": shrunk_norms,
    "abandoned-class": abandoned_class,
    "random": random_configuration,
}
