# SPDX-License-Identifier: MIT
"""`worst_case`: the configuration that comes closest to breaking a bound.

The adversary knows the theorems' settings and nothing of their proofs. What it reports as attained is
evaluated at a point that meets every constraint in floating point, so "attained <= bound" may be asserted
up to rounding; and it takes a bound of the user's own, which it will break if it is false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError, unknown
from simulations.geometry.attack.adversary import descend, spend
from simulations.geometry.attack.claims import CLAIMS, Bound, Claim
from simulations.geometry.attack.inputs import loss_gap_of, setting_of, values_of
from simulations.geometry.attack.settings import Configuration, Setting
from simulations.geometry.attack.starts import STARTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WorstCase:
    """The worst configuration found for one claim at one loss level.

    name, quantity, direction: the claim; bounds on cosines are stated for the departure 1 - cosine.
    attained: the quantity at an exactly feasible configuration. bound: the claim's (or the user's) bound.
    ratio: attained/bound for "<=", bound/attained for ">="; a true bound keeps it at most 1 (up to rounding),
        a tight one reaches 1.
    level: the loss allowed; loss: the loss at the configuration, from the definition of cross-entropy.
    slack: level - loss >= 0, evaluated by the loss-gap identity and so without cancellation (0 for minima).
    features (C N, d), labels (C N,), weight (C, d): the configuration, ready for `simulations.measure`.
    start: the starting structure that won. values: the inputs the bound was evaluated with.
    """

    name: str
    quantity: str
    direction: str
    attained: float
    bound: float
    ratio: float
    level: float
    loss: float
    slack: float
    features: Array
    labels: NDArray[np.int64]
    weight: Array
    start: str
    values: dict[str, float]


def worst_case(
    name: str,
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
    bound: Bound | None = None,
    starts: Sequence[str] | None = None,
    repeats: int = 1,
    seed: int = 0,
) -> WorstCase:
    """Attack the claim ``name`` (one of within-class-variability, self-duality-tradeoff, intra-class-cosine,
    minimum-cross-entropy with fixed norms; within-class-variability-weight-decay, minimum-regularized-loss
    with weight decay).

    C >= 2 classes, ``samples_per_class`` >= 1, ``feature_dim`` >= 1. Fixed norms: T = C alpha beta/(C-1), or
    alpha and beta. Weight decay: ``weight_decay`` in (0, 1/sqrt(C)). The level: ``loss`` (the regularised
    loss with weight decay) or ``loss_gap`` above the least; neither for the two minimum claims.
    bound: a claim of your own, called with keyword values C, L, eps, T, alpha, beta (or C, L_reg, eps_reg,
    weight_decay) and more, in the units of the quantity. starts: names of starting structures, all when
    omitted; repeats: how many random draws of each. Raises InputError on bad input.
    """
    if name not in CLAIMS:
        raise unknown("claim", name, list(CLAIMS))
    claim = CLAIMS[name]
    chosen = list(STARTS) if starts is None else list(starts)
    for start in chosen:
        if start not in STARTS:
            raise unknown("start", start, list(STARTS))
    for label, number, least in (
        ("C", C, 2),
        ("samples_per_class", samples_per_class, 1),
        ("feature_dim", feature_dim, 1),
    ):
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < least:
            raise InputError(
                f"worst_case: received {label} = {number!r}; a whole number, at least {least}, is required."
            )
    setting, alpha, beta = setting_of(claim, C, samples_per_class, feature_dim, T, alpha, beta, weight_decay)
    gap = loss_gap_of(claim, setting, loss, loss_gap)
    values = values_of(claim, setting, gap, alpha, beta)
    limit = float((bound or claim.bound)(**values))
    generator = np.random.default_rng(seed)
    scale = min(max(float(claim.bound(**values)) if bound is None else limit, 1e-14), 0.9)
    best: tuple[float, Configuration, float, str] | None = None
    for start in chosen:
        for _ in range(repeats):
            flat = STARTS[start](setting, scale if claim.departure else 0.5, generator)
            found = _climb(claim, setting, flat, gap, scale)
            if found is not None and (best is None or found[0] > best[0]):
                best = (*found, start)
    if best is None:
        raise InputError(
            f"worst_case: no configuration of {C} classes in dimension {feature_dim} reaches a loss "
            f"of {setting.least + gap:.6g} with these norms; for d < C - 1 the least loss is larger. "
            "Raise the level."
        )
    return _report(claim, setting, best, gap=gap, limit=limit, values=values, alpha=alpha, beta=beta)


def _climb(
    claim: Claim, setting: Setting, flat: Array, gap: float, scale: float
) -> tuple[float, Configuration, float] | None:
    """Score (greater is worse for the claim), configuration and loss excess reached from one start."""
    if claim.departure is None:
        point = setting.configuration(descend(setting, flat))
        excess = setting.excess(point)[0]
        return -excess, point, excess
    found = spend(setting, claim.departure, flat, gap=gap, scale=scale)
    if found is None:
        return None
    point = setting.configuration(found)
    return claim.departure(point)[0], point, setting.excess(point)[0]


def _report(
    claim: Claim,
    setting: Setting,
    best: tuple[float, Configuration, float, str],
    *,
    gap: float,
    limit: float,
    values: dict[str, float],
    alpha: float,
    beta: float,
) -> WorstCase:
    score, point, excess, start = best
    loss = setting.loss(point)
    attained = loss if claim.departure is None else score
    return WorstCase(
        name=claim.name,
        quantity=claim.quantity,
        direction=claim.direction,
        attained=attained,
        bound=limit,
        ratio=attained / limit if claim.direction == "<=" else limit / attained,
        level=setting.least + gap,
        loss=loss,
        slack=gap - excess if claim.departure is not None else 0.0,
        features=alpha * point.features.reshape(-1, setting.dimension),
        labels=np.repeat(np.arange(setting.C), setting.samples),
        weight=beta * point.weight,
        start=start,
        values=values,
    )
