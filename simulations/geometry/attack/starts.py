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


def frame(setting: Setting) -> Array:
    """Unit rows (C, d) of the collapsed optimum: a simplex, or an orthogonal frame where ``span`` is C.

    Where it does not fit, a normalised projection of it.
    """
    C, dimension = setting.C, setting.dimension
    if dimension >= setting.span:
        return simplex_etf(C, dimension) if setting.span == C - 1 else np.eye(C, dimension)
    basis = centred_basis(C) if setting.span == C - 1 else np.eye(C)
    rows = basis[:, -dimension:].copy()
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(norms > 1e-9, rows / np.maximum(norms, 1e-9), 1.0 / np.sqrt(dimension))


def _noise(setting: Setting, generator: np.random.Generator) -> Array:
    """Within-class noise (C, N, d): zero class means, unit rms; orthogonal to W if it can be."""
    C, N, d = setting.C, setting.samples, setting.dimension
    noise = np.zeros((C, N, d))
    if d > setting.span:
        noise[..., setting.span] = np.where(np.arange(N) % 2 == 0, 1.0, -1.0)
    else:
        noise = generator.normal(size=(C, N, d))
    noise -= noise.mean(axis=1, keepdims=True)
    size = np.sqrt(np.square(noise).sum() / (C * N))
    return noise / size if size > 0 else noise


def _packed(
    setting: Setting,
    features: Array,
    departure: float,
    generator: np.random.Generator,
    rows: Array | None = None,
) -> Array:
    """Flat vector with ten per cent of the departure's scale in random perturbation."""
    rows = frame(setting) if rows is None else rows
    features = features / np.sqrt(np.square(features).sum() / np.prod(features.shape[:-1]))
    flat = setting.pack(unit_weight=rows, unit_features=features, margin=setting.best_margin)
    size = np.sqrt(np.mean(np.square(flat)))
    return flat + 0.1 * np.sqrt(departure) * size * generator.normal(size=flat.shape)


def collapsed(setting: Setting) -> Array:
    """Features (C, N, d) at the unit rows."""
    return np.repeat(frame(setting)[:, None, :], setting.samples, axis=1)


def orthogonal_noise(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """Simplex with noise orthogonal to the span of W: it costs only the norm it uses."""
    features = np.sqrt(1.0 - departure) * collapsed(setting) + np.sqrt(departure) * _noise(setting, generator)
    return _packed(setting, features, departure, generator)


def random_noise(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """Simplex with isotropic noise on every sample."""
    noise = generator.normal(size=(setting.C, setting.samples, setting.dimension)) / np.sqrt(
        setting.dimension
    )
    return _packed(setting, collapsed(setting) + np.sqrt(departure) * noise, departure, generator)


def flipped_samples(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """One sample a class shrunk almost to zero and turned against its classifier row."""
    features = collapsed(setting) + np.sqrt(departure) * _noise(setting, generator)
    features[:, 0] = -0.05 * frame(setting)
    return _packed(setting, features, min(departure, 1e-2), generator)


def shrunk_norms(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """Simplex with feature norms spread over a decade."""
    sizes = generator.uniform(0.2, 1.5, size=(setting.C, setting.samples, 1))
    return _packed(setting, sizes * collapsed(setting), departure, generator)


def abandoned_class(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """One class gives up its norm, and scatters, so that the others may keep theirs."""
    features = collapsed(setting)
    features[0] = 0.05 * generator.normal(size=features[0].shape)
    return _packed(setting, features, departure, generator)


def random_configuration(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """No structure at all."""
    features = generator.normal(size=(setting.C, setting.samples, setting.dimension))
    rows = generator.normal(size=(setting.C, setting.dimension))
    rows /= np.sqrt(np.square(rows).sum() / setting.C)
    features /= np.sqrt(np.square(features).sum() / (setting.C * setting.samples))
    return setting.pack(unit_weight=rows, unit_features=features, margin=setting.best_margin)


def two_groups(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """Only the first class scatters; the others stay collapsed."""
    features = collapsed(setting)
    noise = _noise(setting, generator)[0]
    features[0] = np.sqrt(1.0 - min(departure, 0.9)) * features[0] + np.sqrt(departure) * noise
    return _packed(setting, features, min(departure, 1e-2), generator)


def _following(setting: Setting, rows: Array, departure: float, generator: np.random.Generator) -> Array:
    """Features that sit at perturbed rows."""
    rows = rows - rows.mean(axis=0)
    features = np.repeat(rows[:, None, :], setting.samples, axis=1)
    return _packed(setting, features, departure, generator, rows)


def scaled_class(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """One row and its class mean a little longer: a symmetric change of the norms."""
    rows = frame(setting)
    rows[0] *= 1.0 + np.sqrt(departure)
    return _following(setting, rows, departure, generator)


def opposed_pair(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """Two rows and their class means turned towards each other: a change of one angle."""
    rows = frame(setting)
    rows[0], rows[1] = (
        rows[0] + np.sqrt(departure) * rows[1],
        rows[1] + np.sqrt(departure) * rows[0],
    )
    return _following(setting, rows, departure, generator)


def orthogonal_means(setting: Setting, departure: float, generator: np.random.Generator) -> Array:
    """Class means leave the span of W: self-duality pays, the margins do not."""
    features = collapsed(setting)
    if setting.dimension > setting.span:
        signs = np.where(np.arange(setting.C) % 2 == 0, 1.0, -1.0)
        features[..., setting.span] = np.sqrt(departure) * (signs - signs.mean())[:, None]
    return _packed(setting, features, departure, generator)


STARTS: dict[str, Start] = {
    "orthogonal-noise": orthogonal_noise,
    "random-noise": random_noise,
    "flipped-samples": flipped_samples,
    "shrunk-norms": shrunk_norms,
    "abandoned-class": abandoned_class,
    "two-groups": two_groups,
    "scaled-class": scaled_class,
    "opposed-pair": opposed_pair,
    "orthogonal-means": orthogonal_means,
    "random": random_configuration,
}
#: Not optimised: the closed form of `simulations.geometry.attack.exact`.
EXACT = "exact-witness"
_WITHIN = ("orthogonal-noise", "random-noise", "flipped-samples", "shrunk-norms", "abandoned-class", "random")
_BETWEEN = ("scaled-class", "opposed-pair", "orthogonal-means", "random-noise", "abandoned-class", "random")
#: Starts that suit a kind of quantity; the others are known to lead to the same points, or nowhere.
SUITABLE = {
    "within": (EXACT, *_WITHIN),
    "sample": (EXACT, *_WITHIN),
    "share": ("two-groups", *_WITHIN),
    "spring": (EXACT, *_WITHIN),
    "between": (EXACT, *_BETWEEN),
    "mean-row": (EXACT, "random-noise", "random"),
    "norm": (EXACT, "random-noise", "random"),
}
