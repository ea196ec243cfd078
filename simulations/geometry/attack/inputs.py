# SPDX-License-Identifier: MIT
"""From the arguments of `worst_case` to a setting, a loss gap and the values a bound is evaluated with."""

from __future__ import annotations

import numpy as np

from simulations.errors import InputError
from simulations.geometry.attack.claims import Claim
from simulations.geometry.attack.settings import FixedNorms, WeightDecay


def setting_of(
    claim: Claim,
    C: int,
    samples: int,
    dimension: int,
    T: float | None,
    alpha: float | None,
    beta: float | None,
    weight_decay: float | None,
) -> tuple[FixedNorms | WeightDecay, float, float]:
    if claim.regularized:
        if weight_decay is None or not 0.0 < weight_decay < 1.0 / np.sqrt(C):
            raise InputError(
                f"worst_case: {claim.name} needs weight_decay in (0, 1/sqrt(C)) = (0, {1 / np.sqrt(C):.6g}); "
                f"received {weight_decay!r}. Beyond it the zero classifier is optimal."
            )
        return WeightDecay(C, samples, dimension, float(weight_decay)), 1.0, 1.0
    if T is None and alpha is not None and beta is not None:
        T = C * alpha * beta / (C - 1)
    elif T is not None and alpha is None and beta is None:
        alpha = beta = float(np.sqrt(T * (C - 1) / C)) if T > 0 else 0.0
    else:
        raise InputError(f"worst_case: {claim.name} needs either T, or alpha and beta.")
    if not (np.isfinite(T) and T > 0.0 and alpha > 0.0 and beta > 0.0):
        raise InputError(
            f"worst_case: received T = {T!r}, alpha = {alpha!r}, beta = {beta!r}; all must be positive."
        )
    return FixedNorms(C, samples, dimension, float(T)), float(alpha), float(beta)


def loss_gap_of(
    claim: Claim, setting: FixedNorms | WeightDecay, loss: float | None, loss_gap: float | None
) -> float:
    if claim.departure is None:
        if loss is not None or loss_gap is not None:
            raise InputError(f"worst_case: {claim.name} minimises the loss; give neither loss nor loss_gap.")
        return 0.0
    if (loss is None) == (loss_gap is None):
        raise InputError(f"worst_case: {claim.name} needs one of loss and loss_gap.")
    gap = float(loss_gap) if loss_gap is not None else float(loss or 0.0) - setting.least
    room = float(np.log(setting.C)) - setting.least
    if not 0.0 < gap <= room:
        raise InputError(
            f"worst_case: the loss gap is {gap:.6g}; it must lie in (0, log C - least loss] = "
            f"(0, {room:.6g}], because at the loss log C of a constant network no collapse is guaranteed."
        )
    return gap


def values_of(
    claim: Claim, setting: FixedNorms | WeightDecay, gap: float, alpha: float, beta: float
) -> dict[str, float]:
    level = setting.least + gap
    if isinstance(setting, WeightDecay):
        return {
            "C": setting.C,
            "weight_decay": setting.weight_decay,
            "L_reg": level,
            "eps_reg": gap,
            "bias_norm": 0.0,
        }
    frobenius = float(np.sqrt(setting.C) * beta)
    norms = {"alpha": alpha, "beta": beta, "weight_frobenius": frobenius, "bias_norm": 0.0, "mean_norm": 0.0}
    return {"C": setting.C, "T": setting.T, "L": level, "eps": gap, **norms}
