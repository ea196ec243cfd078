# SPDX-License-Identifier: MIT
"""Symmetry-reduced exact solves: the families in which the worst case is known in closed form.

By symmetry under permuting the classes and reflecting the samples, the optimum of a tight theorem can be
sought among few parameters, and there the loss budget is spent exactly:

* noise orthogonal to the collapsed optimum, features x w_c + sqrt(1 - x^2) v_ci: the margins stay equal, and
  x solves "loss at the shrunk margin = level" (`Setting.contact`); within classes v has zero class means,
  between classes it is constant on them and sums to zero;
* noise of any size at the optimum's own norm, orthogonal to the rows: only the spring pays;
* all rows of the classifier shifted: only its mean pays;
* aligned features and rows of another norm: only the logits pay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from simulations.geometry.attack.adversary import repair
from simulations.geometry.attack.settings import WeightDecay
from simulations.geometry.attack.starts import collapsed, frame
from theory import scalars

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.attack.quantities import Quantity
    from simulations.geometry.attack.settings import Setting

    Array = NDArray[np.float64]


def exact_witness(setting: Setting, quantity: Quantity, gap: float) -> Array | None:
    """A feasible flat vector of the family that suits the quantity, None where there is none or no room."""
    if setting.dimension < setting.span:
        return None
    flat = None
    if quantity.departure is None and quantity.parts is None:
        return _packed(setting, collapsed(setting), setting.best_margin)
    if quantity.kind in ("within", "sample"):
        flat = _orthogonal(setting, gap, within=quantity.kind == "within" or setting.samples > 1)
    elif quantity.name == "nc3.self_duality":
        flat = _orthogonal(setting, gap, within=False)
    elif quantity.kind == "mean-row" and isinstance(setting, WeightDecay):
        flat = _packed(setting, collapsed(setting), setting.best_margin)
        shift = np.zeros((setting.C, setting.dimension))
        shift[:, 0] = np.sqrt(2.0 * gap / (setting.weight_decay * setting.C))
        flat[: shift.size] += shift.ravel()
    elif quantity.kind == "spring" and isinstance(setting, WeightDecay):
        flat = _packed(setting, collapsed(setting), setting.best_margin)
        if setting.dimension == setting.span:
            return None
        noise = np.zeros((setting.C, setting.samples, setting.dimension))
        noise[..., setting.span] = np.sqrt(2.0 * gap / setting.weight_decay)
        start = setting.C * setting.dimension
        flat[start : start + noise.size] += noise.ravel()
    elif quantity.kind == "norm":
        flat = _packed(setting, collapsed(setting), _margin_at_divergence(setting, gap))
    return None if flat is None else repair(setting, flat, gap=gap)


def _packed(setting: Setting, features: Array, margin: float) -> Array:
    return setting.pack(unit_weight=frame(setting), unit_features=features, margin=margin)


def _orthogonal(setting: Setting, gap: float, *, within: bool) -> Array | None:
    free = setting.dimension - setting.span
    if free < 1 or (within and setting.samples < 2):
        return None
    gain, margin = setting.contact(gap)
    count = setting.samples if within else setting.C
    directions = _balanced(count, free)
    noise = np.zeros((setting.C, setting.samples, setting.dimension))
    noise[..., setting.span :] = directions[None] if within else directions[:, None]
    lost = (1.0 - gain) * (1.0 + gain)
    return _packed(setting, gain * collapsed(setting) + np.sqrt(lost) * noise, margin)


def _balanced(count: int, room: int) -> Array:
    """(count, room) vectors with sum zero and mean square 1, of equal length where that is possible."""
    if count % 2 == 0:
        rows = np.zeros((count, room))
        rows[:, 0] = np.where(np.arange(count) % 2 == 0, 1.0, -1.0)
        return rows
    rows = np.zeros((count, room))
    if room >= 2:
        angles = 2.0 * np.pi * np.arange(count) / count
        rows[:, 0], rows[:, 1] = np.cos(angles), np.sin(angles)
    else:
        rows[:, 0] = np.arange(count) - (count - 1) / 2.0
    rows = rows - rows.mean(axis=0)
    return np.asarray(rows / np.sqrt(np.square(rows).sum() / count))


def _margin_at_divergence(setting: Setting, gap: float) -> float:
    """The margin m > T with phi(m) - phi(T) + q(T)(m - T) = gap."""
    T = setting.best_margin

    def spent(m: float) -> float:
        return float(scalars.bregman(m, T, setting.C)) / gap - 1.0

    high = T + 1.0
    while spent(high) < 0.0:
        high = T + 2.0 * (high - T)
    return float(brentq(spent, T, high, xtol=1e-15, rtol=1e-15))
