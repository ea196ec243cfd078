# SPDX-License-Identifier: MIT
"""One class's best feature for a fixed classifier: cross-entropy under a decay or in a ball, with its
duality gap.

With p = softmax(W h) and g = W'(p - e_c), the gradient, CE(W x) >= H(p) + <g, x> for every x, with equality
at h (Gibbs). So for every h, whatever the optimiser did,
    CE(W h) + (mu/2)||h||^2 - min <= ||g + mu h||^2/(2 mu),          decay mu,
    CE(W h) - min over ||x|| <= rho <= <g, h> + rho ||g||,           ball.
Both are computed from sums over the wrong classes, g = sum_{j != c} p_j (w_j - w_c), which do not cancel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp

if TYPE_CHECKING:
    from numpy.typing import NDArray

ACCURATE = 1e-7  # relative gradient from where on Newton's full steps are taken
SHORTEST = 1e-12
SMALLEST = 1e-280  # least multiplier: the ball is not active


class Spent(Exception):
    """The budget of Newton steps is used up; `best` holds the last point."""

    def __init__(self, best: NDArray[np.float64]) -> None:
        super().__init__()
        self.best = best


@dataclass
class ClassProblem:
    """away (C-1, r): w_j - w_c for the wrong classes, in coordinates that span the rows. steps: spent so
    far."""

    away: NDArray[np.float64]
    budget: int
    steps: int = 0

    def __post_init__(self) -> None:
        self.lengths = np.linalg.norm(self.away, axis=1)

    def value(self, h: NDArray[np.float64]) -> float:
        """Cross-entropy log(1 + sum_j exp <w_j - w_c, h>)."""
        return float(np.logaddexp(0.0, logsumexp(self.away @ h)))

    def slope(self, h: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Wrong probabilities (C-1,) and the gradient (r,)."""
        p = np.exp(self.away @ h - self.value(h))
        return p, p @ self.away

    def decayed(self, mu: float, start: NDArray[np.float64]) -> NDArray[np.float64]:
        """Minimiser of CE + (mu/2)||h||^2 by damped Newton; raises Spent."""
        h, previous = start, np.inf
        while True:
            p, gradient = self.slope(h)
            total = gradient + mu * h
            scale = float(p @ self.lengths) + mu * float(
                np.linalg.norm(h)
            )  # of the terms that cancel in total
            residual = float(np.linalg.norm(total)) / scale if scale else 0.0
            if scale == 0.0 or residual <= 1e-15 or (residual <= ACCURATE and residual > 0.1 * previous):
                return h  # as good as rounding lets it be
            if self.steps >= self.budget:
                raise Spent(h)
            self.steps, previous = self.steps + 1, residual
            weighted = p[:, None] * self.away
            curvature = self.away.T @ weighted - np.outer(gradient, gradient) + mu * np.eye(len(h))
            size = float(np.trace(curvature)) / len(h)
            move = -np.linalg.solve(curvature / size, total / size)
            rate, before, slope = 1.0, self.value(h) + 0.5 * mu * float(h @ h), float(total @ move)
            while residual > ACCURATE and rate > SHORTEST:
                trial = h + rate * move
                if self.value(trial) + 0.5 * mu * float(trial @ trial) <= before + 1e-4 * rate * slope:
                    break
                rate *= 0.5
            h = h + rate * move

    def in_ball(self, rho: float) -> NDArray[np.float64]:
        """Minimiser of CE over ||h|| <= rho: the decay whose minimiser has norm rho; raises Spent."""
        here = np.zeros(self.away.shape[1])
        pull = float(np.linalg.norm(self.slope(here)[1]))
        if pull == 0.0:
            return here
        high = pull / rho  # the gradient only shrinks along the path, so here the norm is at most rho
        low = high
        try:
            while True:
                low *= 0.1
                here = self.decayed(low, here)
                if np.linalg.norm(here) >= rho:
                    break
                if low < SMALLEST or low * rho * rho < 1e-17 * self.value(here):
                    return here
                high = low
            trail = here

            def excess(logarithm: float) -> float:
                nonlocal trail
                trail = self.decayed(float(np.exp(logarithm)), trail)
                return float(np.log(np.linalg.norm(trail) / rho))

            excess_root = float(
                brentq(excess, np.log(low), np.log(high * (1 + 1e-9)), xtol=1e-14, rtol=1e-14)
            )
            here = self.decayed(float(np.exp(excess_root)), trail)
        except Spent as stop:
            here = stop.best
            norm = float(np.linalg.norm(here))
            raise Spent(here if norm <= rho else here * (rho / norm)) from None
        return here * (rho / np.linalg.norm(here))

    def gap_decayed(self, h: NDArray[np.float64], mu: float) -> float:
        """Objective minus its dual bound, CE + (mu/2)||h||^2."""
        return _square_over(self.slope(h)[1] + mu * h, 2.0 * mu)

    def gap_ball(self, h: NDArray[np.float64], rho: float) -> float:
        """Objective minus its dual bound, CE over the ball."""
        gradient = self.slope(h)[1]
        size = float(np.abs(gradient).max())  # squares of tiny entries underflow
        return size * float((gradient / size) @ h + rho * np.linalg.norm(gradient / size)) if size else 0.0


def _square_over(vector: NDArray[np.float64], number: float) -> float:
    """||vector||^2/number, without the underflow of a square."""
    return float(np.square(vector / np.sqrt(number)).sum())
