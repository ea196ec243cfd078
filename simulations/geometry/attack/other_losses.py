# SPDX-License-Identifier: MIT
"""Settings of the theorems on other losses than cross-entropy: squared error with decay, focal loss.

Squared error, mu = lambda sqrt(C), P = I - 11'/C (theorems squared-error-identity,
squared-error-bias-identity):

* without bias: L - (mu - mu^2/2) = E||z - (1-mu) e_c||^2/2 + (lambda/2) E||h - sqrt(C) w_c||^2;
* free bias: L - (1-1/C)(mu - mu^2/2) = E||P z - (1-mu) P e_c||^2/2 + (C/2) E(zbar - 1/C)^2
  + (lambda/2)(E||h - sqrt(C) w~||^2 + C||wbar||^2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq

from simulations.geometry.attack.divergence import divergences, logits
from simulations.geometry.attack.settings import Configuration, FixedNorms, WeightDecay
from theory import scalars


@dataclass(frozen=True)
class SquaredError(WeightDecay):
    """E||z - e_c||^2/2 + (lambda/2)(E||h||^2 + ||W||_F^2), with a free bias or without."""

    @property
    def _mu(self) -> float:
        return float(self.weight_decay * np.sqrt(self.C))

    @property
    def _share(self) -> float:
        """||P e_c||^2 with a bias, ||e_c||^2 without."""
        return 1.0 - 1.0 / self.C if self.bias else 1.0

    @property
    def span(self) -> int:
        """A simplex with a bias, an orthogonal frame without."""
        return self.C - 1 if self.bias else self.C

    @cached_property
    def least(self) -> float:
        """(mu - mu^2/2), times 1 - 1/C with a bias."""
        return self._share * (self._mu - 0.5 * self._mu**2)

    @property
    def most(self) -> float:
        """Loss of zero logits: 1/2, times 1 - 1/C with the best bias."""
        return 0.5 * self._share

    @property
    def best_margin(self) -> float:
        """1 - mu with a bias; C/(C-1) times that for the norms of an orthogonal frame."""
        return (1.0 - self._mu) * (1.0 if self.bias else self.C / (self.C - 1))

    @property
    def price(self) -> float:
        """mu (1 - mu), times 1 - 1/C with a bias."""
        return self._share * self._mu * (1.0 - self._mu)

    def contact(self, gap: float) -> tuple[float, float]:
        """x = mu/m with m = 1 - sqrt(1 - 2 L/share) the misfit's own decay, and the margin 1 - m over x."""
        left = (1.0 - self._mu) ** 2 - 2.0 * gap / self._share  # (1 - m)^2
        root = float(np.sqrt(max(left, 0.0)))
        gain = self._mu / (self._mu + 2.0 * gap / self._share / (1.0 - self._mu + root))
        return gain, root / (1.0 - self._mu) * self.best_margin / gain

    def excess(self, point: Configuration) -> tuple[float, Configuration]:
        """L - least and its gradient, from the two squares."""
        C, decay, count = self.C, self.weight_decay, self.C * self.samples
        misfit = logits(point) - (1.0 - self._mu) * np.eye(C)[:, None, :]
        if self.bias:  # the mean logit is aimed at 1/C, not at (1 - mu)/C
            misfit = misfit - self._mu / C
        slope = misfit / count
        mean = point.weight.mean(axis=0) if self.bias else np.zeros(self.dimension)
        apart = point.features - np.sqrt(C) * (point.weight - mean)[:, None, :]
        strength = decay / count
        pulled = -np.sqrt(C) * strength * apart.sum(axis=1)
        weight = np.einsum("cnj,cnd->jd", slope, point.features) + pulled
        if self.bias:
            weight = weight - pulled.mean(axis=0) + decay * mean
        features = slope @ point.weight + strength * apart
        squares = np.square(misfit).sum() / count + strength * np.square(apart).sum()
        value = 0.5 * float(squares + decay * C * (mean @ mean))
        return value, Configuration(weight, features, slope.sum(axis=(0, 1)))

    def pack(self, *, unit_weight: np.ndarray, unit_features: np.ndarray, margin: float) -> np.ndarray:
        """As with cross-entropy, and the best bias: equal biases 1/C."""
        flat = super().pack(unit_weight=unit_weight, unit_features=unit_features, margin=margin)
        if self.bias:
            flat[-self.C :] = 1.0 / self.C
        return flat

    def loss(self, point: Configuration) -> float:
        """The definition."""
        target = np.eye(self.C)[:, None, :]
        count = self.C * self.samples
        norms = np.square(point.features).sum() / count + np.square(point.weight).sum()
        square = np.square(logits(point) - target).sum() / count
        return float(0.5 * square + 0.5 * self.weight_decay * norms)


@dataclass(frozen=True)
class Focal(FixedNorms):
    """Mean focal loss G(CE), G(u) = (1 - e^-u)^gamma u, at fixed norms; ``focal_gamma`` > 0.

    With u0 = phi(T) the excess over G(u0) is G'(u0) times that of cross-entropy, which has no cancellation,
    plus the mean of G(u) - G(u0) - G'(u0)(u - u0), which is of second order; G(u) - G(u0) is computed as
    G(u0) expm1(gamma log1p(a) + log1p(b)) with relative changes a of 1 - e^-u and b of u.
    """

    focal_gamma: float = 2.0

    def _focal(self, t: float) -> float:
        return float(scalars.q(t, self.C)) ** self.focal_gamma * float(scalars.phi(t, self.C))

    @cached_property
    def least(self) -> float:
        """F(T); a lower bound where the slope at T is below 1."""
        return self._focal(self.T)

    @cached_property
    def most(self) -> float:
        """F(0)."""
        return self._focal(0.0)

    @property
    def price(self) -> float:
        """T times the slope of F at T."""
        q, phi = self._q, float(scalars.phi(self.T, self.C))
        return self.T * q**self.focal_gamma * (q + self.focal_gamma * (1.0 - q) * phi)

    def contact(self, gap: float) -> tuple[float, float]:
        """x = tau/T with F(tau) = F(T) + gap."""
        level = self.least + gap
        return float(brentq(lambda x: self._focal(x * self.T) - level, 0.0, 1.0, xtol=1e-15)), self.T

    def _losses(self, point: Configuration) -> tuple[np.ndarray, np.ndarray]:
        """Cross-entropies (C, N) and softmax minus label (C, N, C)."""
        found = logits(point, self.T * (self.C - 1) / self.C)
        top = found.max(axis=-1, keepdims=True)
        odds = np.exp(found - top)
        total = odds.sum(axis=-1, keepdims=True)
        own = found[np.arange(self.C), :, np.arange(self.C)]
        wrong = total[..., 0] - np.exp(own - top[..., 0])
        ahead = own - top[..., 0]
        entropy = np.where(ahead == 0.0, np.log1p(wrong / np.exp(ahead)), np.log(total[..., 0]) - ahead)
        return entropy, odds / total - np.eye(self.C)[:, None, :]

    def excess(self, point: Configuration) -> tuple[float, Configuration]:
        """Mean focal loss minus F(T), and its gradient."""
        entropy, residual = self._losses(point)
        mass, g = -np.expm1(-entropy), self.focal_gamma
        slope = mass**g + g * mass ** (g - 1.0) * np.exp(-entropy) * entropy
        change = slope[..., None] * residual / (self.C * self.samples)
        scale = self.T * (self.C - 1) / self.C
        weight = scale * np.einsum("cnj,cnd->jd", change, point.features)
        gradient = Configuration(weight, scale * change @ point.weight, change.sum(axis=(0, 1)))
        first = self.price / (self.T * self._q)  # G'(u0): F' = G' phi', and phi' = -q
        spent, _ = super().excess(point)
        divergence, margins = divergences(logits(point, scale), self.T)
        least = float(scalars.phi(self.T, self.C))
        rise = divergence - self._q * (margins - self.T)  # CE - phi(T)
        a = -np.exp(-least) * np.expm1(-rise) / self._q
        second = self.least * np.expm1(g * np.log1p(a) + np.log1p(rise / least)) - first * rise
        return float(first * spent + second.mean()), gradient

    def loss(self, point: Configuration) -> float:
        """The mean focal loss."""
        entropy, _ = self._losses(point)
        return float(((-np.expm1(-entropy)) ** self.focal_gamma * entropy).mean())
