# SPDX-License-Identifier: MIT
"""From the arguments of `worst_case` to a problem: setting, loss gap, and the values that a bound takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from mpmath import mpf

from simulations.errors import InputError
from simulations.geometry.attack import precise
from simulations.geometry.attack.claims import Claim
from simulations.geometry.attack.other_losses import Focal, SquaredError
from simulations.geometry.attack.quantities import VALUES
from simulations.geometry.attack.settings import Configuration, FixedNorms, WeightDecay
from simulations.geometry.attack.starts import collapsed, frame
from simulations.geometry.attack.values import values_of


@dataclass(frozen=True)
class Problem:
    """A claim in a setting. alpha, beta: units of features and rows; gap: the loss allowed above the least;
    share: how many classes or samples a statement about the worst ones is about; values: in fifty digits."""

    claim: Claim
    setting: FixedNorms | WeightDecay
    alpha: float
    beta: float
    gap: float
    share: int
    values: dict[str, Any]

    @cached_property
    def measured(self) -> tuple[str, ...]:
        """Inputs of the bound that depend on the configuration."""
        return tuple(sorted(self._inputs - set(self.values)))

    @cached_property
    def _inputs(self) -> frozenset[str]:
        return frozenset(self.claim.formula.inputs) if self.claim.formula else frozenset()

    def values_at(self, point: Configuration) -> dict[str, Any]:
        """The values of the bound at a configuration. Raises InputError for one that nothing supplies."""
        unknown = set(self.measured) - set(VALUES)
        if unknown:
            raise InputError(
                f"worst_case: {self.claim.name} needs {', '.join(sorted(unknown))}, which is neither fixed "
                "by the setting nor measured on a configuration; see VALUES in attack/quantities.py."
            )
        return self.values | {name: VALUES[name](point)[0] for name in self.measured}

    def unmet(self, point: Configuration) -> list[str]:
        """Hypotheses of the theorem that a configuration at this level does not meet, in its own words."""
        if self.claim.entry is None:
            return []
        given = {name: float(x) for name, x in self.values_at(point).items() if name in self._inputs}
        return [str(reason) for reason in self.claim.entry.unmet(**given)]


def setting_of(
    claim: Claim,
    shape: tuple[int, int, int],
    *,
    T: float | None,
    alpha: float | None,
    beta: float | None,
    weight_decay: float | None,
    feature_decay: float | None,
    smoothing: float,
    focal_gamma: float,
) -> tuple[FixedNorms | WeightDecay, float, float]:
    """The setting and the units of features and rows. shape: C, samples per class, feature dimension."""
    C, samples, dimension = shape
    flags = {"centred": claim.centred, "bias": claim.bias}
    if claim.decay:
        decay, unit = _decay(claim, C, samples, weight_decay, feature_decay)
        if smoothing < 0.0 or smoothing + decay * (C - 1) / np.sqrt(C) >= (C - 1) / C:
            raise InputError(
                f"worst_case: received smoothing = {smoothing!r}; it must be at least 0, and smoothing + "
                f"lambda (C-1)/sqrt(C) below (C-1)/C = {(C - 1) / C:.6g}, or zero is optimal."
            )
        kind = SquaredError if claim.loss == "squared error" else WeightDecay
        return kind(C, samples, dimension, decay, smoothing=smoothing, **flags), unit, 1.0 / unit
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
    if claim.loss == "focal":
        if not focal_gamma > 0.0:
            raise InputError(f"worst_case: received focal_gamma = {focal_gamma!r}; it must be positive.")
        return Focal(C, samples, dimension, float(T), focal_gamma=focal_gamma, **flags), alpha, beta
    return FixedNorms(C, samples, dimension, float(T), **flags), float(alpha), float(beta)


def _decay(
    claim: Claim, C: int, samples: int, weight_decay: float | None, feature_decay: float | None
) -> tuple[float, float]:
    """The one effective decay, and the unit of features for which both norms are charged alike.

    With decays on W and on every feature, h = s h', W = W'/s with s^2 = lambda'/(lambda_H n C) and
    lambda' = sqrt(n C lambda_W lambda_H) give the objective of one weight decay lambda'.
    """
    limit = 1.0 / np.sqrt(C)
    if weight_decay is None or not weight_decay > 0.0:
        raise InputError(
            f"worst_case: {claim.name} needs weight_decay in (0, 1/sqrt(C)) = (0, {limit:.6g}); received "
            f"{weight_decay!r}."
        )
    decay, unit = float(weight_decay), 1.0
    if claim.feature_decay:
        if feature_decay is None or not feature_decay > 0.0:
            raise InputError(f"worst_case: {claim.name} needs feature_decay > 0; received {feature_decay!r}.")
        decay = float(np.sqrt(samples * C * weight_decay * feature_decay))
        unit = float(np.sqrt(decay / (feature_decay * samples * C)))
    if not decay < limit:
        raise InputError(
            f"worst_case: {claim.name} needs weight_decay in (0, 1/sqrt(C)) = (0, {limit:.6g}); received "
            f"{weight_decay!r}{' with feature_decay' if claim.feature_decay else ''}. Beyond it the zero "
            "classifier is optimal."
        )
    return decay, unit


def loss_gap_of(
    claim: Claim, setting: FixedNorms | WeightDecay, loss: float | None, loss_gap: float | None
) -> float:
    """The loss allowed above the least."""
    if claim.minimum:
        if loss is not None or loss_gap is not None:
            raise InputError(f"worst_case: {claim.name} minimises the loss; give neither loss nor loss_gap.")
        return 0.0
    if (loss is None) == (loss_gap is None):
        raise InputError(f"worst_case: {claim.name} needs one of loss and loss_gap.")
    gap = float(loss_gap) if loss_gap is not None else float(loss or 0.0) - setting.least
    room = setting.most - setting.least
    if not 0.0 < gap <= room:
        name = "log C" if claim.loss == "cross-entropy" else "loss of a constant network"
        raise InputError(
            f"worst_case: the loss gap is {gap:.6g}; it must lie in (0, {name} - least loss] = "
            f"(0, {room:.6g}], because at the loss of a constant network no collapse is guaranteed."
        )
    return gap


def share_of(claim: Claim, C: int, samples: int, delta: float | None) -> tuple[int, Any]:
    """How many classes or samples are the worst, and the fraction delta that they are, in fifty digits."""
    unit = claim.quantity.unit
    if not unit:
        if delta is not None:
            raise InputError(f"worst_case: {claim.name} is about averages, so delta has no meaning there.")
        return 0, None
    if unit == "pair":  # one of the C^2 ordered pairs, a class with itself included
        return 1, precise.exact(lambda: 1 / mpf(C) ** 2) if delta is None else mpf(delta)
    total = C if unit == "class" else C * samples
    count = total // C if delta is None else round(delta * total)
    if count < 1 or count > total or (delta is not None and abs(delta * total - count) > 1e-9 * total):
        raise InputError(
            f"worst_case: received delta = {delta!r}; a whole number of the {total} {unit}s is required, "
            f"delta = k/{total}."
        )
    return count, precise.exact(lambda: mpf(count) / total)


def setting_for(claim: Claim, problem: dict[str, Any]) -> FixedNorms | WeightDecay:
    """The setting that these arguments of `worst_case` describe."""
    shape = (problem["C"], problem["samples_per_class"], problem["feature_dim"])
    chosen = {name: problem.get(name) for name in ("T", "alpha", "beta", "weight_decay", "feature_decay")}
    smoothing, gamma = problem.get("smoothing", 0.0), problem.get("focal_gamma", 2.0)
    return setting_of(claim, shape, **chosen, smoothing=smoothing, focal_gamma=gamma)[0]


def pose(
    claim: Claim,
    *,
    C: int,
    samples_per_class: int,
    feature_dim: int,
    T: float | None = None,
    alpha: float | None = None,
    beta: float | None = None,
    loss: float | None = None,
    loss_gap: float | None = None,
    weight_decay: float | None = None,
    feature_decay: float | None = None,
    smoothing: float = 0.0,
    focal_gamma: float = 2.0,
    delta: float | None = None,
) -> Problem:
    """The problem that the arguments of `worst_case` describe. Raises InputError where they describe none."""
    for label, given, least in (
        ("C", C, 2),
        ("samples_per_class", samples_per_class, 1),
        ("feature_dim", feature_dim, 1),
    ):
        if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < least:
            raise InputError(
                f"worst_case: received {label} = {given!r}; a whole number, at least {least}, is required."
            )
    setting, *units = setting_of(
        claim,
        (C, samples_per_class, feature_dim),
        T=T,
        alpha=alpha,
        beta=beta,
        weight_decay=weight_decay,
        feature_decay=feature_decay,
        smoothing=smoothing,
        focal_gamma=focal_gamma,
    )
    gap = loss_gap_of(claim, setting, loss, loss_gap)
    share, fraction = share_of(claim, C, samples_per_class, delta)
    values = values_of(claim, setting, gap, (units[0], units[1]), fraction, (weight_decay, feature_decay))
    return Problem(claim, setting, units[0], units[1], gap, share, values)


def optimum_of(problem: Problem) -> Configuration:
    """The optimum of the loss where it fits, in the setting's units."""
    setting = problem.setting
    flat = setting.pack(
        unit_weight=frame(setting), unit_features=collapsed(setting), margin=setting.best_margin
    )
    return setting.configuration(flat)
