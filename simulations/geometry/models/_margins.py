# SPDX-License-Identifier: MIT
"""The max-margin program in the logits: feasible points, its dual bound, and ADMM for margins of any form.

With Y = diag(sqrt n) Z, Z the class-mean logits (row c = class c), the least (||W||^2 + ||H||^2)/2 at
logits Z is ||Y||_* for d >= rank Z, and the problem is

    minimise ||Y||_*   subject to   delta_c Y_cc - delta_j Y_cj >= b_cj = sqrt(n_c) m_cj   for all j != c.

Dual. For lambda >= 0 (zero diagonal) let Lambda have rows sum_j lambda_cj (delta_c e_c - delta_j e_j). Then
every feasible Y has sum lambda_cj b_cj <= <Lambda, Y> <= ||Lambda||_op ||Y||_*, so

    ||Y||_* >= sum lambda_cj b_cj / ||Lambda||_op,                                                        (1)

true for every lambda >= 0 that is not zero. ADMM alternates the proximal step of the nuclear norm (singular
values shrunk) with the exact projection of every row on its margins; the second leaves a feasible Y, and
its multipliers are a lambda >= 0 for (1). So both bounds hold after every iteration.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHECK_EVERY = 10


@dataclass(frozen=True, eq=False)
class Margins:
    """One instance. root sqrt(n) (C,), scales delta (C,), margins m (C, C) with a diagonal that is not
    read."""

    root: NDArray[np.float64]
    scales: NDArray[np.float64]
    margins: NDArray[np.float64]

    @cached_property
    def required(self) -> NDArray[np.float64]:
        """b_cj = sqrt(n_c) m_cj with zero diagonal, (C, C)."""
        required = self.root[:, None] * self.margins
        return required - np.diag(np.diag(required))

    def tight(self) -> NDArray[np.float64]:
        """Y (C, C) with every margin met exactly and Y (1/delta) = 0."""
        inverse = 1.0 / self.scales
        shift = (self.required @ inverse**2) / (inverse @ inverse)
        return (shift[:, None] - self.required) * inverse

    def multipliers(self, slope: NDArray[np.float64]) -> NDArray[np.float64]:
        """lambda (C, C) read off the off-diagonal of a matrix of the form Lambda; negative ones become
        zero."""
        found = np.maximum(-slope / self.scales, 0.0)
        return found - np.diag(np.diag(found))

    def lower_bound(self, multipliers: NDArray[np.float64]) -> float:
        """The bound (1); zero for multipliers that are all zero. multipliers (C, C) >= 0, zero diagonal."""
        matrix = np.diag(multipliers.sum(axis=1) * self.scales) - multipliers * self.scales
        norm = float(np.linalg.norm(matrix, 2))
        return float((multipliers * self.required).sum()) / norm if norm > 0.0 else 0.0

    def shortfall(self, scaled: NDArray[np.float64]) -> float:
        """Largest amount by which a margin is missed by Y = ``scaled``, in units of the logits; <= 0:
        feasible."""
        own = np.diag(scaled) * self.scales
        missing = (self.required - (own[:, None] - scaled * self.scales)) / self.root[:, None]
        return float(missing[~np.eye(len(own), dtype=bool)].max())

    def project(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        """Nearest Y (C, C) that meets every margin, row by row, exactly.

        With the true entry at t the others are min(y_j, (delta_c t - b_j)/delta_j), so t is the minimiser
        of a convex piecewise quadratic with breakpoints t_j = (delta_j y_j + b_j)/delta_c and curvatures
        (delta_c/delta_j)^2: the weighted mean of y_c and the largest breakpoints, as many as lie above it.
        """
        C = len(self.scales)
        own = np.diag(scaled)[:, None]
        breakpoints = (scaled * self.scales + self.required) / self.scales[:, None]
        curvature = (self.scales[:, None] / self.scales) ** 2
        breakpoints[np.arange(C), np.arange(C)] = -np.inf
        order = np.argsort(-breakpoints, axis=1)
        ordered = np.take_along_axis(breakpoints, order, axis=1)[:, : C - 1]
        weights = np.take_along_axis(curvature, order, axis=1)[:, : C - 1]
        sums = np.hstack([own, own + np.cumsum(weights * ordered, axis=1)])
        totals = 1.0 + np.hstack([np.zeros((C, 1)), np.cumsum(weights, axis=1)])
        # the mean over the first k breakpoints rises with k as long as the next one lies above it
        true = np.max(sums / totals, axis=1, keepdims=True)
        ceiling = (self.scales[:, None] * true - self.required) / self.scales
        result = np.minimum(scaled, ceiling)
        np.fill_diagonal(result, true[:, 0])
        return result


@dataclass(frozen=True, eq=False)
class Found:
    """A feasible Y (C, C), its nuclear norm, the best lower bound, its multipliers (C, C), iterations
    spent."""

    scaled: NDArray[np.float64]
    upper: float
    lower: float
    multipliers: NDArray[np.float64]
    iterations: int


def tight_point(problem: Margins) -> Found:
    """The point with every margin tight, and the multipliers that its polar factor gives, taken on the
    complement of 1/delta so that no rank has to be guessed."""
    scaled, C = problem.tight(), len(problem.root)
    basis = np.linalg.qr(np.column_stack([1.0 / problem.scales, np.eye(C)[:, 1:]]))[0][:, 1:]
    left, values, right = np.linalg.svd(scaled @ basis, full_matrices=False)
    multipliers = problem.multipliers(left @ (right @ basis.T))
    return Found(scaled, float(values.sum()), problem.lower_bound(multipliers), multipliers, 0)


def splitting(problem: Margins, start: Found, *, tolerance: float, budget: int) -> Found:
    """ADMM from ``start`` until the gap is at most tolerance times the value, or the budget is spent."""
    best, penalty = start, len(problem.root) / start.upper
    feasible, dual = start.scaled, np.zeros_like(start.scaled)
    for iteration in range(1, budget + 1):
        left, values, right = np.linalg.svd(feasible - dual)
        low_rank = (left * np.maximum(values - 1.0 / penalty, 0.0)) @ right
        before, mixed = feasible, 1.6 * low_rank + (1.0 - 1.6) * feasible
        feasible = problem.project(mixed + dual)
        dual = dual + mixed - feasible
        if iteration % CHECK_EVERY and iteration != budget:
            continue
        best = _better(problem, best, feasible, -penalty * dual, iteration)
        if best.upper - best.lower <= tolerance * best.upper:
            break
        if iteration % (10 * CHECK_EVERY) == 0:
            factor = _rebalance(low_rank, feasible, before, dual)
            penalty, dual = penalty * factor, dual / factor
    return best


def _rebalance(
    low_rank: NDArray[np.float64],
    feasible: NDArray[np.float64],
    before: NDArray[np.float64],
    dual: NDArray[np.float64],
) -> float:
    """Factor in [1/2, 2] on the penalty that evens out the relative primal and dual residuals."""
    primal = float(np.linalg.norm(low_rank - feasible) / np.linalg.norm(feasible))
    change = float(np.linalg.norm(feasible - before) / max(float(np.linalg.norm(dual)), 1e-300))
    return float(np.clip(np.sqrt(primal / max(change, 1e-300)), 0.5, 2.0))


def _better(
    problem: Margins, best: Found, feasible: NDArray[np.float64], slope: NDArray[np.float64], iteration: int
) -> Found:
    """The best feasible point and the best bound so far."""
    upper = float(np.linalg.svd(feasible, compute_uv=False).sum())
    multipliers = problem.multipliers(slope)
    lower = problem.lower_bound(multipliers)
    scaled, upper = (feasible, upper) if upper < best.upper else (best.scaled, best.upper)
    multipliers, lower = (multipliers, lower) if lower > best.lower else (best.multipliers, best.lower)
    return Found(scaled, upper, lower, multipliers, iteration)
