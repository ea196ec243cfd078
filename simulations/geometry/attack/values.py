# SPDX-License-Identifier: MIT
"""The values that a setting and a loss level fix, under the theorems' names.

They are kept in fifty digits: the level is least loss plus gap, and rounding it to float64 would leave few
digits of a small gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mpmath
from mpmath import mpf

from simulations.geometry.attack import precise
from simulations.geometry.attack.other_losses import Focal, SquaredError
from simulations.geometry.attack.settings import FixedNorms, WeightDecay

if TYPE_CHECKING:
    from simulations.geometry.attack.claims import Claim


def values_of(
    claim: Claim,
    setting: FixedNorms | WeightDecay,
    gap: float,
    units: tuple[float, float],
    delta: Any,
    decays: tuple[float | None, float | None],
) -> dict[str, Any]:
    """The values that the setting and the level fix, in fifty digits, under the theorems' names."""

    def build() -> dict[str, Any]:
        C, excess = mpf(setting.C), mpf(gap)
        found: dict[str, Any] = {"C": C, "bias_norm": mpf(0), "dimension": mpf(setting.dimension)}
        found["samples_per_class"] = mpf(setting.samples)
        if delta is not None:
            found["delta"] = delta
        if claim.centred:
            found["mean_norm"] = mpf(0)
        if isinstance(setting, WeightDecay):
            return found | _decay_values(setting, C, excess, decays)
        alpha, beta = (mpf(unit) for unit in units)
        T = C * alpha * beta / (C - 1)
        found |= {"alpha": alpha, "beta": beta, "T": T, "weight_frobenius": mpmath.sqrt(C) * beta}
        if claim.centred:
            found["alpha_centred"] = alpha
        found |= {"eps": excess}
        if not isinstance(setting, Focal):
            return found | {"L": precise.phi(T, C) + excess}
        gamma = mpf(setting.focal_gamma)

        def focal(t: Any) -> Any:
            return precise.q(t, C) ** gamma * precise.phi(t, C)

        level, start = focal(T) + excess, setting.contact(gap)[0] * setting.T
        tau = mpmath.findroot(lambda t: focal(t) / level - 1, mpf(start))
        return found | {"focal_gamma": gamma, "tau": tau, "L": level}

    return dict(precise.exact(build))


def _decay_values(
    setting: WeightDecay, C: Any, excess: Any, decays: tuple[float | None, float | None]
) -> dict[str, Any]:
    decay, features = mpf(decays[0] or 0.0), decays[1]
    effective = decay
    found = {"weight_decay": decay, "eps_reg": excess}
    if features is not None:
        found["feature_decay"] = mpf(features)
        effective = mpmath.sqrt(setting.samples * C * decay * mpf(features))
    if isinstance(setting, SquaredError):
        mu = effective * mpmath.sqrt(C)
        share = 1 - 1 / C if setting.bias else mpf(1)
        return found | {"L_square": share * (mu - mu**2 / 2) + excess}
    smoothing = mpf(setting.smoothing)
    least = precise.psi(smoothing + precise.optimal_q(effective, C), C)
    level = least + excess
    levels = {"L_reg": level, "L_smoothed": level, "L_free": level, "relative_excess": excess / least}
    return found | {"smoothing": smoothing} | levels
