# SPDX-License-Identifier: MIT
"""The claims under attack: which departure, in which setting, is bounded by what.

Bounds are in the units of the departure and take keyword values (C, T, eps, ...); they are written without
cancellation, so that a departure of 1e-10 is bounded to ten digits. The statements and their proofs are
the registered theorems of the same name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError
from simulations.geometry.attack import departures
from theory import scalars

if TYPE_CHECKING:
    from simulations.geometry.attack.settings import Configuration

Bound = Callable[..., float]


@dataclass(frozen=True)
class Claim:
    """One inequality. regularized: weight-decay setting instead of fixed norms. quantity: what is bounded,
    in words. departure: None when the loss itself is minimised. direction: "<=" (departure at most bound)
    or ">=" (loss at least bound)."""

    name: str
    quantity: str
    direction: str
    regularized: bool
    departure: Callable[[Configuration], tuple[float, Configuration]] | None
    bound: Bound


def margin_loss(*, C: int, T: float, eps: float) -> float:
    """1 - tau/T with tau = phi^{-1}(phi(T) + eps): the relative margin that a loss gap eps can cost."""
    least = float(scalars.phi(T, C))
    return float(np.log1p(np.exp(least) * np.expm1(eps) / np.expm1(least))) / T


def _within_class(*, C: int, T: float, eps: float, **_: float) -> float:
    lost = margin_loss(C=C, T=T, eps=eps)
    return lost * (2.0 - lost)


def _tradeoff(*, C: int, T: float, eps: float, **_: float) -> float:
    return margin_loss(C=C, T=T, eps=eps)


def mass_gain(*, C: int, weight_decay: float, eps_reg: float) -> float:
    """psi^{-1}(psi(q*) + eps_reg) - q*, to full relative accuracy however small the excess.

    psi(q + x) - psi(q) = T x - KL(q + x || q) between two-point laws, T = psi'(q); Newton on that polishes
    the plain difference where it cancels.
    """
    q = float(scalars.optimal_q(weight_decay, C))
    gain = float(scalars.psi_inverse(scalars.psi(q, C) + eps_reg, C)) - q
    if gain > 0.1 * q:
        return gain
    margin = float(scalars.optimal_T(weight_decay, C))
    gain = eps_reg / margin
    for _ in range(20):
        p = q + gain
        divergence = p * np.log1p(gain / q) + (1.0 - p) * np.log1p(-gain / (1.0 - q))
        step = (margin * gain - divergence - eps_reg) / float(scalars.psi_prime(p, C))
        gain -= step
        if abs(step) <= 1e-15 * gain:
            break
    return float(gain)


def _within_class_decay(*, C: int, weight_decay: float, eps_reg: float, **_: float) -> float:
    q = float(scalars.optimal_q(weight_decay, C))
    gain = mass_gain(C=C, weight_decay=weight_decay, eps_reg=eps_reg)
    return gain * (gain + 2.0 * q) / (gain + q) ** 2


def _cosine(*, C: int, T: float, eps: float, **_: float) -> float:
    least = float(scalars.threshold(2.5, C))
    if least * (1.0 - 1e-12) > T:
        raise InputError(
            f"worst_case: intra-class-cosine needs T = C alpha beta/(C-1) >= T_5/2({C}) = {least:.6g}; "
            f"received T = {T:.6g}. Below it shrunk, flipped samples break the bound. Raise the norms, or "
            "pass bound= to attack a claim of your own there."
        )
    return 2.0 * eps / (T * float(scalars.q(T, C)))


def _least_loss(*, C: int, T: float, **_: float) -> float:
    return float(scalars.phi(T, C))


def _least_regularized(*, C: int, weight_decay: float, **_: float) -> float:
    return float(scalars.least_regularized_loss(weight_decay, C))


CLAIMS: dict[str, Claim] = {
    claim.name: claim
    for claim in (
        Claim(
            "within-class-variability",
            "within_class_variability",
            "<=",
            False,
            departures.within_class_variability,
            _within_class,
        ),
        Claim(
            "self-duality-tradeoff",
            "1 - sqrt(1 - within_class_variability) * cos_F(W, M)",
            "<=",
            False,
            departures.misalignment,
            _tradeoff,
        ),
        Claim(
            "within-class-variability-weight-decay",
            "within_class_variability",
            "<=",
            True,
            departures.within_class_variability,
            _within_class_decay,
        ),
        Claim(
            "intra-class-cosine",
            "1 - intra_class_cosine.mean",
            "<=",
            False,
            departures.cosine_spread,
            _cosine,
        ),
        Claim("minimum-cross-entropy", "loss", ">=", False, None, _least_loss),
        Claim("minimum-regularized-loss", "regularized_loss", ">=", True, None, _least_regularized),
    )
}
