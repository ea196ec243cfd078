# SPDX-License-Identifier: MIT
"""Two problems in one unknown that deep models reduce to, both solved globally.

`best_ratio`: min over 0 <= y <= 1 of g(y) = (1-y)^2/2 + A y^p, p = 2/D in (0, 1]. With e = 1 - y the sign of
g' is that of p A - e (1-e)^{1-p}, and e (1-e)^{1-p} rises to its maximum at e = 1/(2-p) and falls after it:
so g rises, falls, rises, and its minimum is at y = 0 or at the largest root of g'. Taking that root without
comparing it with zero is the error of the public scripts of Dang et al. 2023 (arXiv:2301.00437).

`least_with_power`: a lower bound of m(r) + c r^p over r >= 0 for a convex non-increasing m that is known only
through v(kappa) = min_r m(r) + kappa r. Every v(kappa) - kappa r lies below m. The upper envelope of finitely
many such lines plus the concave c r^p is concave between breakpoints, so its minimum is at a breakpoint: a
bound that holds whatever slopes were chosen. New slopes are added where that minimum is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq


@dataclass(frozen=True)
class Ratio:
    """y in [0, 1] with its value g(y), the lower bound of min g, and the largest root of g' (NaN: none)."""

    ratio: float
    value: float
    lower: float
    largest_root: float


def objective(shortfall: float, strength: float, exponent: float) -> float:
    """g at y = 1 - shortfall."""
    return 0.5 * shortfall**2 + strength * (1.0 - shortfall) ** exponent


def best_ratio(strength: float, exponent: float) -> Ratio:
    """Global minimum of (1-y)^2/2 + strength y^exponent over [0, 1]; zero wins only where strictly better."""
    top = 1.0 / (2.0 - exponent)
    goal = exponent * strength

    def excess(shortfall: float) -> float:
        return shortfall * (1.0 - shortfall) ** (1.0 - exponent) - goal

    if exponent == 1.0:
        if strength >= 1.0:
            return Ratio(0.0, 0.5, 0.5, np.nan)
        value = objective(strength, strength, 1.0)
        return Ratio(1.0 - strength, value, value, 1.0 - strength)
    if excess(top) <= 0.0:  # g never falls
        return Ratio(0.0, 0.5, 0.5, np.nan)
    root = float(brentq(excess, 0.0, top, xtol=1e-300, rtol=1e-15, maxiter=500))
    low, high = root * (1.0 - 4e-15), min(root * (1.0 + 4e-15), top)
    if not excess(low) <= 0.0 <= excess(high):
        low, high = root * (1.0 - 1e-12), min(root * (1.0 + 1e-12), top)
    value = objective(root, strength, exponent)
    # monotone parts: the error is least at the small end, the cost at the large one
    lower = min(0.5, 0.5 * low**2 + strength * (1.0 - high) ** exponent)
    if value > 0.5:
        return Ratio(0.0, 0.5, lower, 1.0 - root)
    return Ratio(1.0 - root, value, lower, 1.0 - root)


@dataclass(frozen=True)
class Envelope:
    """lower: a bound of min m(r) + c r^p. radius: where the bound is attained. slopes: those asked for."""

    lower: float
    radius: float
    slopes: tuple[float, ...]


def least_with_power(
    conjugate: Callable[[float], float],
    *,
    start: float,
    steepest: float,
    price: float,
    exponent: float,
    accuracy: float = 1e-12,
    budget: int = 60,
) -> Envelope:
    """Certified lower bound of m(r) + price r^exponent over r >= 0.

    conjugate(kappa): a lower bound of min_r m(r) + kappa r. start: m(0). steepest: a slope with
    m(r) >= start - steepest r. m must be >= 0. accuracy: stop when the bound grows by less, relative.
    """
    lines = {0.0: 0.0, steepest: start}
    bound, radius = -np.inf, 0.0
    for _ in range(budget):
        slopes, values = _upper_envelope(lines)
        breaks = np.maximum((values[:-1] - values[1:]) / (slopes[:-1] - slopes[1:]), 0.0)
        heights = np.maximum(values[:-1] - slopes[:-1] * breaks, 0.0) + price * breaks**exponent
        at = int(np.argmin(heights))
        steep, flat = slopes[at], slopes[at + 1]
        # a breakpoint is a quotient of differences: its rounding moves the height along the steeper line
        rounding = 1e-15 * float(values[at]) * (1.0 + steep / (steep - flat))
        new, radius = float(min(start, heights[at] - rounding)), float(breaks[at])
        if new >= start or new - bound <= accuracy * abs(new):
            bound = max(bound, new)
            break
        bound = new
        if steep - flat <= 1e-5 * steep:
            break
        slope = exponent * price * radius ** (exponent - 1.0)  # m' at a stationary point
        floor = flat if flat > 0.0 else steep * 1e-3
        if not 1.0001 * floor < slope < 0.9999 * steep or slope in lines:
            slope = float(np.sqrt(steep * floor))
        if slope in lines:
            break
        lines[slope] = conjugate(slope)
    return Envelope(bound, radius if bound < start else 0.0, tuple(sorted(lines)))


def _upper_envelope(lines: dict[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (falling) and values at 0 of the lines value - slope r that are highest somewhere on r >= 0."""
    kept: list[tuple[float, float]] = []
    for slope, value in sorted(lines.items(), reverse=True):
        while kept:
            (last, high) = kept[-1]
            hidden = value >= high  # flatter and not lower at zero: the steeper one is nowhere needed
            if not hidden and len(kept) > 1:
                hidden = _meet(kept[-2], (slope, value)) <= _meet(kept[-2], (last, high))
            if not hidden:
                break
            kept.pop()
        kept.append((slope, value))
    return np.array([slope for slope, _ in kept]), np.array([value for _, value in kept])


def _meet(steep: tuple[float, float], flat: tuple[float, float]) -> float:
    return (steep[1] - flat[1]) / (steep[0] - flat[0])
