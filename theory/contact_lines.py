# SPDX-License-Identifier: MIT
"""The best of the lines that bound cosines at any loss, vectorised in float64.

The theorems intra-class-cosine-any-loss, sample-cosine-any-loss and intra-class-cosine-weight-decay-any-loss
give a valid bound for every margin tau > 0 (and cosine of contact x) that meets their condition.  These
functions take the largest over a fixed set of margins, which always contains the one that makes the bound
sharp where it is sharp.  Arguments broadcast; results are float64.  Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory import scalars

Floats = NDArray[np.float64]
_STEPS = np.linspace(0.02, 2.0, 100)  # margins tau relative to T


def best_class_line(L: ArrayLike, T: ArrayLike, C: ArrayLike) -> Floats:
    """Largest x^2 (3 - 2 (L - phi + q T x)/(tau q)) with x <= 1 and phi + q tau (1/x + 3/2) <= log C.

    phi and q at tau. L: losses in (0, log C]; T > 0; C >= 2. At least 0, which says nothing.
    """

    def line(tau: Floats, L: Floats, T: Floats, C: Floats) -> Floats:
        room, spent = _room_and_spent(tau, L, C)
        height = 3 - 2 * spent
        x = np.clip(height * tau / (3 * T), 1 / (np.maximum(room, 2.5) - 1.5), 1.0)
        return np.where(room >= 2.5, x**2 * (height - 2 * x * T / tau), 0.0)

    return _best(line, scalars.phi_inverse(L, C), L, T, C, floor=0.0)


def best_sample_line(L: ArrayLike, T: ArrayLike, C: ArrayLike) -> Floats:
    """Largest x (2 - (L - phi + q T x)/(tau q)) with x <= 1 and phi + q tau (1/x + 2) <= log C.

    phi and q at tau. L: losses in (0, log C]; T > 0; C >= 2. At least -1, which says nothing.
    """

    def line(tau: Floats, L: Floats, T: Floats, C: Floats) -> Floats:
        room, spent = _room_and_spent(tau, L, C)
        height = 2 - spent
        x = np.clip(height * tau / (2 * T), 1 / (np.maximum(room, 3.0) - 2.0), 1.0)
        return np.where(room >= 3.0, x * (height - x * T / tau), -1.0)

    return _best(line, scalars.phi_inverse(L, C), L, T, C, floor=-1.0)


def best_decay_line(L_reg: ArrayLike, weight_decay: ArrayLike, C: ArrayLike) -> Floats:
    """Largest x^2 (3 - 2 (L_reg - phi)/(tau q)), x = q*/q <= 1 and phi + q tau (1/x + 3/2) <= log C.

    phi and q at tau. L_reg in (0, log C); weight_decay in (0, 1/sqrt(C)); C >= 2. At least 0.
    """
    best = scalars.optimal_T(weight_decay, C)
    mass = scalars.psi_inverse(L_reg, C)

    def line(tau: Floats, L: Floats, T: Floats, C: Floats) -> Floats:
        room, spent = _room_and_spent(tau, L, C)
        x = _mass(T, C) / _mass(tau, C)
        return np.where((room >= 1 / x + 1.5) & (x <= 1), x**2 * (3 - 2 * spent), 0.0)

    return _best(line, scalars.psi_prime(mass, C), L_reg, best, C, floor=0.0)


def _mass(tau: Floats, C: Floats) -> Floats:
    """q(tau) for tau >= 0."""
    odds = (C - 1) * np.exp(-tau)
    return odds / (1 + odds)


def _room_and_spent(tau: Floats, L: Floats, C: Floats) -> tuple[Floats, Floats]:
    """(log C - phi(tau))/(tau q(tau)) and (L - phi(tau))/(tau q(tau))."""
    least, price = np.log1p((C - 1) * np.exp(-tau)), tau * _mass(tau, C)
    return (np.log(C) - least) / price, (L - least) / price


def _best(
    line: Callable[..., Floats], sharp: ArrayLike, L: ArrayLike, T: ArrayLike, C: ArrayLike, *, floor: float
) -> Floats:
    """The largest line at tau = ``sharp`` (where positive) and at the steps times T; at least ``floor``."""
    own, L, T, C = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (sharp, L, T, C)))
    result = np.full(L.shape, floor)
    with np.errstate(all="ignore"):
        if L.size <= 1000:
            shape = (len(_STEPS), *(1,) * L.ndim)
            lines = line(_STEPS.reshape(shape) * T, L, T, C)
            result = np.fmax(result, np.max(np.where(np.isnan(lines), floor, lines), axis=0))
        else:
            for step in _STEPS:
                result = np.fmax(result, line(step * T, L, T, C))
        at_own = line(np.where(own > 0, own, 1.0), L, T, C)
    return np.asarray(np.where(own > 0, np.fmax(result, at_own), result))
