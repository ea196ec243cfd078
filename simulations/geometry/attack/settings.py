# SPDX-License-Identifier: MIT
"""The settings in which collapse is bounded, as smooth functions of free parameters.

A setting maps a flat vector to a configuration (W (C, d), H (C, N, d), b (C,) or None) that satisfies its
norm constraints exactly, and gives the excess of the loss over its least value as a sum of non-negative
terms:

* fixed norms, T = C alpha beta/(C-1): L - phi(T) = E KL(P_q || softmax z) + (T q/2) E||h/alpha - w/beta||^2;
* weight decay lambda, ||gamma|| = alpha: L_reg - psi(q*) = E KL(P_q* || softmax z)
  + (lambda/2) E||h - sqrt(C) w~||^2 + (lambda C/2) ||wbar||^2.

Both are the registered theorems loss-gap-identity and regularized-loss-identity (with a label smoothed by
sigma label-smoothing-identity); with them an excess of 1e-12 is as accurate as one of 1. A bias changes
neither: its class-balanced mean margin is zero. Other losses: `simulations.geometry.attack.other_losses`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from simulations.geometry.attack.divergence import direct_loss, label_divergence, logits, mass_gain
from theory import scalars

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Configuration", "FixedNorms", "Setting", "WeightDecay", "direct_loss", "label_divergence"]


class Configuration(NamedTuple):
    """weight (C, d), features (C, N, d) and bias (C,), None where there is none. Also a gradient in them."""

    weight: Array
    features: Array
    bias: Array | None = None


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
        """Least attainable loss (for d >= ``span``)."""

    @property
    def most(self) -> float:
        """Loss of a constant network, at which no collapse is guaranteed."""

    @property
    def best_margin(self) -> float:
        """Margin T of the collapsed optimum."""

    @property
    def price(self) -> float:
        """Loss that one unit of relative misalignment costs: T q(T)."""

    @property
    def span(self) -> int:
        """Dimensions that the collapsed optimum spans: C - 1 (simplex) or C (orthogonal frame)."""

    def contact(self, gap: float) -> tuple[float, float]:
        """Relative gain x and margin of the orthogonal-noise family at this gap; see `exact`."""

    def configuration(self, flat: Array) -> Configuration:
        """The feasible configuration of a flat parameter vector."""

    def pull_back(self, flat: Array, slope: Configuration) -> Array:
        """Chain rule: gradient in the configuration to gradient in the flat vector."""

    def excess(self, point: Configuration) -> tuple[float, Configuration]:
        """Loss minus least loss, and its gradient in the configuration."""

    def loss(self, point: Configuration) -> float:
        """The loss from its definition, independent of the identity behind `excess`."""

    def pack(self, *, unit_weight: Array, unit_features: Array, margin: float) -> Array:
        """A flat vector from unit rows (C, d), unit-rms features (C, N, d) and a margin T; bias zero."""


@dataclass(frozen=True)
class _Layout:
    """The flat vector: rows (C d), features (C N d) and, with ``bias``, biases (C).

    centred: features have global mean zero (the hypothesis of the theorems on centred features). With a
    centred setting and a bias, the bias stands for <w_j, mu_G> too: any global mean is allowed.
    """

    C: int
    samples: int
    dimension: int

    def _parts(self, flat: Array, centred: bool, bias: bool) -> Configuration:
        cut = self.C * self.dimension
        end = cut * (1 + self.samples)
        features = flat[cut:end].reshape(self.C, self.samples, self.dimension)
        if centred:
            features = features - features.mean(axis=(0, 1))
        return Configuration(
            flat[:cut].reshape(self.C, self.dimension), features, flat[end:] if bias else None
        )

    def _flat(self, weight: Array, features: Array, bias: Array | None) -> Array:
        parts = [weight.ravel(), features.ravel()]
        return np.concatenate(parts if bias is None else [*parts, bias])

    @property
    def span(self) -> int:
        """A simplex spans C - 1 dimensions."""
        return self.C - 1

    @property
    def most(self) -> float:
        """log C."""
        return float(np.log(self.C))


def _bias_slope(slope: Configuration, bias: bool, C: int) -> Array | None:
    if not bias:
        return None
    return np.zeros(C) if slope.bias is None else slope.bias


@dataclass(frozen=True)
class FixedNorms(_Layout):
    """E||h||^2 = alpha^2, (1/C) sum ||w_c - wbar||^2 = beta^2, in units alpha = beta = 1.

    Logits are T (C-1)/C <w, h> + b. C classes, ``samples`` a class, d = ``dimension``, margin T > 0.
    Parameters: (C d + C N d,), and C more with a bias.
    """

    T: float
    centred: bool = False
    bias: bool = False

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

    @property
    def price(self) -> float:
        """T q(T)."""
        return self.T * self._q

    def contact(self, gap: float) -> tuple[float, float]:
        """x = tau/T with phi(tau) = phi(T) + gap, and the margin T, which is fixed here."""
        lost = np.log1p(np.exp(self.least) * np.expm1(gap) / np.expm1(self.least)) / self.T
        return float(1.0 - lost), self.T

    def configuration(self, flat: Array) -> Configuration:
        """Centred rows with mean square 1, features with mean square 1."""
        rows, samples, bias = self._parts(flat, self.centred, self.bias)
        rows = rows - rows.mean(axis=0)
        return Configuration(rows / _rms(rows), samples / _rms(samples), bias)

    def pull_back(self, flat: Array, slope: Configuration) -> Array:
        """Gradient through the centring and the two normalisations."""
        rows, samples, _ = self._parts(flat, self.centred, self.bias)
        back_rows = _through_norm(rows - rows.mean(axis=0), slope.weight)
        back_samples = _through_norm(samples, slope.features)
        if self.centred:
            back_samples = back_samples - back_samples.mean(axis=(0, 1))
        back_bias = _bias_slope(slope, self.bias, self.C)
        return self._flat(back_rows - back_rows.mean(axis=0), back_samples, back_bias)

    def excess(self, point: Configuration) -> tuple[float, Configuration]:
        """L - phi(T) and its gradient."""
        scale = self.T * (self.C - 1) / self.C
        divergence, slope = label_divergence(logits(point, scale), self._q, self.T)
        apart = point.features - point.weight[:, None, :]
        strength = self.T * self._q / (self.C * self.samples)
        weight = scale * np.einsum("cnj,cnd->jd", slope, point.features) - strength * apart.sum(axis=1)
        features = scale * slope @ point.weight + strength * apart
        gradient = Configuration(weight, features, slope.sum(axis=(0, 1)))
        return divergence + 0.5 * strength * float(np.square(apart).sum()), gradient

    def loss(self, point: Configuration) -> float:
        """E[CE]."""
        return direct_loss(point, scale=self.T * (self.C - 1) / self.C)

    def pack(self, *, unit_weight: Array, unit_features: Array, margin: float) -> Array:
        """The margin is fixed here, so only directions matter."""
        return self._flat(unit_weight, unit_features, np.zeros(self.C) if self.bias else None)


@dataclass(frozen=True)
class WeightDecay(_Layout):
    """Any W and H, penalised by (lambda/2)(E||h||^2 + ||W||_F^2), 0 < lambda < 1/sqrt(C).

    smoothing: mass sigma >= 0 of the target on the wrong classes; sigma + lambda (C-1)/sqrt(C) < (C-1)/C.
    """

    weight_decay: float
    centred: bool = False
    bias: bool = False
    smoothing: float = 0.0

    @cached_property
    def least(self) -> float:
        """psi(q*)."""
        return float(scalars.psi(self._q, self.C))

    @cached_property
    def best_margin(self) -> float:
        """T*, the margin with q(T*) = q*: log(sqrt(C)/lambda - (C-1)) without smoothing."""
        return float(scalars.psi_prime(self._q, self.C))

    @cached_property
    def _q(self) -> float:
        return self.smoothing + float(scalars.optimal_q(self.weight_decay, self.C))

    @property
    def price(self) -> float:
        """T* (q* - sigma): what the spring charges."""
        return self.best_margin * (self._q - self.smoothing)

    def contact(self, gap: float) -> tuple[float, float]:
        """x = (q* - sigma)/(p - sigma) with psi(p) = psi(q*) + gap, and the margin T x = psi'(p) over x."""
        mass = self._q + mass_gain(C=self.C, q=self._q, excess=gap)
        gain = (self._q - self.smoothing) / (mass - self.smoothing)
        return gain, float(scalars.psi_prime(min(mass, (self.C - 1) / self.C), self.C)) / gain

    def configuration(self, flat: Array) -> Configuration:
        """The parameters are the configuration."""
        return self._parts(flat, self.centred, self.bias)

    def pull_back(self, flat: Array, slope: Configuration) -> Array:
        """Flatten, through the centring where there is one."""
        features = slope.features
        if self.centred:
            features = features - features.mean(axis=(0, 1))
        return self._flat(slope.weight, features, _bias_slope(slope, self.bias, self.C))

    def excess(self, point: Configuration) -> tuple[float, Configuration]:
        """L_reg - psi(q*) and its gradient."""
        C, decay = self.C, self.weight_decay
        divergence, slope = label_divergence(logits(point), self._q, self.best_margin)
        mean = point.weight.mean(axis=0)
        apart = point.features - np.sqrt(C) * (point.weight - mean)[:, None, :]
        strength = decay / (C * self.samples)
        pulled = -np.sqrt(C) * strength * apart.sum(axis=1)
        weight = np.einsum("cnj,cnd->jd", slope, point.features) + pulled - pulled.mean(axis=0) + decay * mean
        features = slope @ point.weight + strength * apart
        value = divergence + 0.5 * strength * np.square(apart).sum() + 0.5 * decay * C * (mean @ mean)
        return float(value), Configuration(weight, features, slope.sum(axis=(0, 1)))

    def loss(self, point: Configuration) -> float:
        """E[CE] (with the smoothed target) + (lambda/2)(E||h||^2 + ||W||_F^2)."""
        return direct_loss(point, weight_decay=self.weight_decay, smoothing=self.smoothing)

    def pack(self, *, unit_weight: Array, unit_features: Array, margin: float) -> Array:
        """Norms alpha^2 = sqrt(C) alpha beta and beta^2 = alpha beta/sqrt(C), alpha beta = margin (C-1)/C."""
        product = margin * (self.C - 1) / self.C
        weight = np.sqrt(product / np.sqrt(self.C)) * unit_weight
        features = np.sqrt(product * np.sqrt(self.C)) * unit_features
        return self._flat(weight, features, np.zeros(self.C) if self.bias else None)


def _rms(rows: Array) -> float:
    """Root mean square norm of the vectors along the last axis."""
    return float(np.sqrt(np.square(rows).sum() / np.prod(rows.shape[:-1])))


def _through_norm(rows: Array, slope: Array) -> Array:
    """Gradient in ``rows`` of a function of rows/rms(rows) whose gradient there is ``slope``."""
    size = _rms(rows)
    unit = rows / size
    return (slope - unit * (np.vdot(unit, slope) / np.prod(rows.shape[:-1]))) / size
