# SPDX-License-Identifier: MIT
"""The two settings in which collapse is bounded, as smooth functions of free parameters.

A setting maps a flat vector to a configuration (W (C, d), H (C, N, d)) that satisfies its norm constraints
exactly, and gives the excess of the loss over its least value as a sum of non-negative terms:

* fixed norms, T = C alpha beta/(C-1): L - phi(T) = E KL(P_q || softmax z) + (T q/2) E||h/alpha - w/beta||^2;
* weight decay lambda, ||gamma|| = alpha: L_reg - psi(q*) = E KL(P_q* || softmax z)
  + (lambda/2) E||h - sqrt(C) w~||^2 + (lambda C/2) ||wbar||^2.

Both are the registered theorems loss-gap-identity and regularized-loss-identity; with them an excess of
1e-12 is as accurate as one of 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from scipy.special import logsumexp

from theory import scalars

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Configuration(NamedTuple):
    """weight (C, d) and features (C, N, d)."""

    weight: Array
    features: Array


class Setting(Protocol):
    """What the adversary needs of a setting."""

    @property
    def C(self) -> int:
        """Number of classes."""

    @property
    def samples(self) -> int:
        """Samples a class."""

    @property
    def dimension(self) -> int:
        """Feature dimension d."""

    @property
    def least(self) -> float:
        """Least attainable loss (for d >= C - 1)."""

    @property
    def best_margin(self) -> float:
        """Margin T of the collapsed optimum."""

    def configuration(self, flat: Array) -> Configuration:
        """The feasible configuration of a flat parameter vector."""

    def pull_back(self, flat: Array, slope: Configuration) -> Array:
        """Chain rule: gradient in the configuration to gradient in the flat vector."""

    def excess(self, point: Configuration) -> tuple[float, Configuration]:
        """Loss minus least loss, and its gradient in the configuration."""

    def loss(self, point: Configuration) -> float:
        """The loss from its definition, independent of the identity behind `excess`."""

    def pack(self, *, unit_weight: Array, unit_features: Array, margin: float) -> Array:
        """A flat vector from unit rows (C, d), unit-rms features (C, N, d) and a margin T."""


def label_divergence(logits: Array, q: float, T: float) -> tuple[float, Array]:
    """E KL(P_q || softmax z) over classes and samples, and its gradient in the logits.

    logits (C, N, C): row (c, i) belongs to class c. q = q(T). Computed as wrong-class spread plus margin
    spread, both non-negative, so nothing cancels near collapse. Returns a float and an array (C, N, C).
    """
    C, N, _ = logits.shape
    own = np.eye(C, dtype=bool)[:, None, :].repeat(N, axis=1)
    wrong = logits[~own].reshape(C, N, C - 1)
    average = wrong.mean(axis=-1)
    margins = logits[own].reshape(C, N) - average
    spread = wrong - average[..., None]
    masses = scalars.q(margins, C)
    curved = np.where(
        np.abs(spread) < 1e-2, _second_order(spread), np.expm1(np.minimum(spread, 500.0)) - spread
    )
    value = np.log1p(masses * curved.mean(axis=-1))
    if spread.max() >= 400.0:  # there expm1 is useless, and plain subtraction is accurate
        far = np.logaddexp(0.0, logsumexp(spread, axis=-1) - margins) - scalars.phi(margins, C)
        value = np.where(spread.max(axis=-1) < 400.0, value, far)
    value = value + scalars.bregman(margins, T, C)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    slope = np.exp(shifted)
    slope /= slope.sum(axis=-1, keepdims=True)
    slope -= np.where(own, 1.0 - q, q / (C - 1))
    return float(value.mean()), slope / (C * N)


def _second_order(y: Array) -> Array:
    """expm1(y) - y for |y| < 0.01, to full relative accuracy."""
    y = np.clip(y, -1e-2, 1e-2)
    return y * y * (0.5 + y * (1 / 6 + y * (1 / 24 + y * (1 / 120 + y * (1 / 720 + y / 5040)))))


@dataclass(frozen=True)
class FixedNorms:
    """E||h||^2 = alpha^2, (1/C) sum ||w_c - wbar||^2 = beta^2, in units alpha = beta = 1.

    Logits are T (C-1)/C <w, h>.

    C classes, ``samples`` a class, d = ``dimension``, margin T > 0. Parameters: (C d + C N d,).
    """

    C: int
    samples: int
    dimension: int
    T: float

    @cached_property
    def least(self) -> float:
        """phi(T)."""
        return float(scalars.phi(self.T, self.C))

    @property
    def best_margin(self) -> float:
        """T itself."""
        return self.T

    @cached_property
    def _q(self) -> float:
        return float(scalars.q(self.T, self.C))

    def configuration(self, flat: Array) -> Configuration:
        """Centred rows with mean square 1, features with mean square 1."""
        rows, samples = self._split(flat)
        centred = rows - rows.mean(axis=0)
        return Configuration(centred / _rms(centred), samples / _rms(samples))

    def pull_back(self, flat: Array, slope: Configuration) -> Array:
        """Gradient through the centring and the two normalisations."""
        rows, samples = self._split(flat)
        centred = rows - rows.mean(axis=0)
        back_rows = _through_norm(centred, slope.weight)
        back_samples = _through_norm(samples, slope.features)
        return np.concatenate([(back_rows - back_rows.mean(axis=0)).ravel(), back_samples.ravel()])

    def excess(self, point: Configuration) -> tuple[float, Configuration]:
        """L - phi(T) and its gradient."""
        scale = self.T * (self.C - 1) / self.C
        logits = scale * point.features @ point.weight.T
        divergence, slope = label_divergence(logits, self._q, self.T)
        apart = point.features - point.weight[:, None, :]
        strength = self.T * self._q / (self.C * self.samples)
        weight = scale * np.einsum("cnj,cnd->jd", slope, point.features) - strength * apart.sum(axis=1)
        features = scale * slope @ point.weight + strength * apart
        return divergence + 0.5 * strength * float(np.square(apart).sum()), Configuration(weight, features)

    def loss(self, point: Configuration) -> float:
        """E[CE]."""
        return direct_loss(point, scale=self.T * (self.C - 1) / self.C)

    def pack(self, *, unit_weight: Array, unit_features: Array, margin: float) -> Array:
        """The margin is fixed here, so only directions matter."""
        return np.concatenate([unit_weight.ravel(), unit_features.ravel()])

    def _split(self, flat: Array) -> tuple[Array, Array]:
        cut = self.C * self.dimension
        return flat[:cut].reshape(self.C, self.dimension), flat[cut:].reshape(
            self.C, self.samples, self.dimension
        )


@dataclass(frozen=True)
class WeightDecay:
    """Any W and H, penalised by (lambda/2)(E||h||^2 + ||W||_F^2), 0 < lambda < 1/sqrt(C)."""

    C: int
    samples: int
    dimension: int
    weight_decay: float

    @cached_property
    def least(self) -> float:
        """psi(q*)."""
        return float(scalars.least_regularized_loss(self.weight_decay, self.C))

    @cached_property
    def best_margin(self) -> float:
        """T* = log(sqrt(C)/lambda - (C-1))."""
        return float(scalars.optimal_T(self.weight_decay, self.C))

    @cached_property
    def _q(self) -> float:
        return float(scalars.optimal_q(self.weight_decay, self.C))

    def configuration(self, flat: Array) -> Configuration:
        """The parameters are the configuration."""
        cut = self.C * self.dimension
        return Configuration(
            flat[:cut].reshape(self.C, self.dimension),
            flat[cut:].reshape(self.C, self.samples, self.dimension),
        )

    def pull_back(self, flat: Array, slope: Configuration) -> Array:
        """Flatten."""
        return np.concatenate([slope.weight.ravel(), slope.features.ravel()])

    def excess(self, point: Configuration) -> tuple[float, Configuration]:
        """L_reg - psi(q*) and its gradient."""
        C, decay = self.C, self.weight_decay
        divergence, slope = label_divergence(point.features @ point.weight.T, self._q, self.best_margin)
        mean = point.weight.mean(axis=0)
        apart = point.features - np.sqrt(C) * (point.weight - mean)[:, None, :]
        strength = decay / (C * self.samples)
        pulled = -np.sqrt(C) * strength * apart.sum(axis=1)
        weight = np.einsum("cnj,cnd->jd", slope, point.features) + pulled - pulled.mean(axis=0) + decay * mean
        features = slope @ point.weight + strength * apart
        value = divergence + 0.5 * strength * np.square(apart).sum() + 0.5 * decay * C * (mean @ mean)
        return float(value), Configuration(weight, features)

    def loss(self, point: Configuration) -> float:
        """E[CE] + (lambda/2)(E||h||^2 + ||W||_F^2)."""
        return direct_loss(point, weight_decay=self.weight_decay)

    def pack(self, *, unit_weight: Array, unit_features: Array, margin: float) -> Array:
        """Norms alpha^2 = sqrt(C) alpha beta and beta^2 = alpha beta/sqrt(C), alpha beta = margin (C-1)/C."""
        product = margin * (self.C - 1) / self.C
        weight = np.sqrt(product / np.sqrt(self.C)) * unit_weight
        features = np.sqrt(product * np.sqrt(self.C)) * unit_features
        return np.concatenate([weight.ravel(), features.ravel()])


def direct_loss(point: Configuration, *, scale: float = 1.0, weight_decay: float = 0.0) -> float:
    """E[CE] of logits scale * H W', plus (weight_decay/2)(E||h||^2 + ||W||_F^2), from the definition alone.

    It shares nothing with the identities above, so the two can be checked against each other.
    """
    C, N, _ = point.features.shape
    logits = scale * point.features @ point.weight.T
    differences = logits - logits[np.arange(C), :, np.arange(C)][..., None]
    wrong = differences[~np.eye(C, dtype=bool)[:, None, :].repeat(N, axis=1)].reshape(C, N, C - 1)
    cross_entropy = float(np.logaddexp(0.0, logsumexp(wrong, axis=-1)).mean())
    norms = np.square(point.features).sum() / (C * N) + np.square(point.weight).sum()
    return cross_entropy + 0.5 * weight_decay * float(norms)


def _rms(rows: Array) -> float:
    """Root mean square norm of the vectors along the last axis."""
    return float(np.sqrt(np.square(rows).sum() / np.prod(rows.shape[:-1])))


def _through_norm(rows: Array, slope: Array) -> Array:
    """Gradient in ``rows`` of a function of rows/rms(rows) whose gradient there is ``slope``."""
    size = _rms(rows)
    unit = rows / size
    return (slope - unit * (np.vdot(unit, slope) / np.prod(rows.shape[:-1]))) / size
