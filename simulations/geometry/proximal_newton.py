# SPDX-License-Identifier: MIT
"""Newton's method for a smooth convex function of a matrix plus kappa times its nuclear norm.

One step: X + a dX (Newton), then Y = (X + a dX) - tau slope, then X = shrink(Y), which lowers every singular
value of Y by tau kappa, to zero at least (the proximal map; it finds the rank). dX solves

    (Hessian of the loss + curvature of the norm) dX = -(slope + (Y - X)/tau),

the semismooth Newton equation of Y -> slope(shrink Y) + (Y - shrink Y)/tau = 0, whose zeros are the optima.
In the singular basis of Y the norm's curvature is diagonal on symmetric and on antisymmetric parts, and so is
the preconditioner of the conjugate gradients that solve it. Convergence is quadratic where no singular value
of the optimal slope outside the support equals kappa; elsewhere the steps of the proximal map still descend.

The certificate comes with the step: (Y - X)/tau has spectral norm at most kappa by construction and equals
-slope at the optimum, so it is a dual feasible point whose gap is of second order in the distance.
Source of the method: Newton steps between proximal ones, Bareilles, Iutzeler & Malick 2022 (Newton
acceleration on manifolds identified by proximal gradient methods, doi:10.1007/s10107-022-01873-w).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import svd as slow_svd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.block_program import BlockProgram, BlockState

LONGEST_STEP = 6.0  # logits move at most this far in one step: their curvature is exponential
MOST_INNER = 250
MOST_STALLS = 5
SINGLE_FROM = 150  # groups


@dataclass(frozen=True, eq=False)
class BlockPoint:
    """K = matrix (G, G), its state and objective (value), what it was shrunk from, and a lower bound.

    left (G, G), unshrunk (G,), right (G, G): Y = left diag(unshrunk) right; shrunk (G,): the singular
    values of K. step: tau. defect (G, G): slope + (Y - K)/tau, zero at the optimum; residual: its Frobenius
    norm over kappa sqrt(G). between, within, bound: the dual point and its value as computed
    (`BlockProgram.certified` rounds it safely). caution: tau is this times the estimate. iterations:
    Newton's and the inner ones.
    """

    matrix: NDArray[np.float64]
    state: BlockState
    value: float
    left: NDArray[np.float64]
    unshrunk: NDArray[np.float64]
    shrunk: NDArray[np.float64]
    right: NDArray[np.float64]
    step: float
    defect: NDArray[np.float64]
    residual: float
    between: NDArray[np.float64]
    within: NDArray[np.float64]
    bound: float
    caution: float
    iterations: int

    @property
    def rank(self) -> int:
        """Number of positive singular values of K."""
        return int(np.count_nonzero(self.shrunk))


def minimise_blocks(
    program: BlockProgram,
    start: NDArray[np.float64],
    *,
    tolerance: float,
    accuracy: float,
    max_iterations: int,
) -> BlockPoint:
    """Iterate from K = ``start`` (G, G) until the gap is within tolerance * min(1, value) and the residual
    within ``accuracy``, or rounding ends all progress, or the budget, >= 1, is spent."""
    state, still = program.evaluate(start), np.zeros_like(start)
    value = state.value + program.kappa * float(_svd(start)[1].sum())
    point, stalls = _advance(program, start, state, value, still, caution=1.0), 0
    while point.iterations < max_iterations:
        close = point.value - point.bound <= tolerance * min(1.0, point.value)
        if close and point.residual <= accuracy:
            break
        direction, spent = _newton_direction(program, point, max_iterations - point.iterations - 1)
        found = _advance(program, point.matrix, point.state, point.value, direction, point.caution)
        if found.bound < point.bound:
            found = replace(found, between=point.between, within=point.within, bound=point.bound)
        found = replace(found, iterations=point.iterations + 1 + spent)
        noise = 1e-14 * abs(point.value)
        moved = found.value < point.value - noise or found.bound > point.bound + noise
        stalls = 0 if moved or found.residual < 0.7 * point.residual else stalls + 1
        if found.residual < point.residual or not close:
            point = found
        else:
            point = replace(point, iterations=found.iterations)
        if stalls >= (1 if close else MOST_STALLS):
            break
    return point


def _advance(
    program: BlockProgram,
    matrix: NDArray[np.float64],
    state: BlockState,
    value: float,
    direction: NDArray[np.float64],
    caution: float,
) -> BlockPoint:
    """The longest tried part of ``direction``, then the proximal map, that does not raise the objective.

    Without the direction the map alone descends once tau is small enough, which ``caution`` sees to.
    """
    logits = direction / program.scale
    farthest = float(np.abs(logits - np.diag(logits)[:, None]).max())
    part = min(1.0, LONGEST_STEP / farthest) if farthest > 0.0 else 0.0
    while True:
        base = matrix + part * direction if part > 0.0 else matrix
        ahead = program.evaluate(base) if part > 0.0 else state
        step = caution / program.steepness(ahead)
        moved = base - step * ahead.slope
        left, unshrunk, right = _svd(moved)
        shrunk = np.maximum(unshrunk - step * program.kappa, 0.0)
        rank = int(np.count_nonzero(shrunk))
        found = (left[:, :rank] * shrunk[:rank]) @ right[:rank]
        arrived = program.evaluate(found)
        reached = arrived.value + program.kappa * float(shrunk.sum())
        if reached <= value + 1e-14 * abs(value) or caution < 1e-12:
            break
        if part == 0.0:
            caution *= 0.25
        part = 0.5 * part if part > 0.1 else 0.0
    pull = (left * np.minimum(unshrunk / step, program.kappa)) @ right
    between, within = program.wrong_of_slope(-pull, arrived)
    defect = arrived.slope + pull
    return BlockPoint(
        matrix=found,
        state=arrived,
        value=reached,
        left=left,
        unshrunk=unshrunk,
        shrunk=shrunk,
        right=right,
        step=step,
        defect=defect,
        residual=float(np.linalg.norm(defect)) / (program.kappa * np.sqrt(len(found))),
        between=between,
        within=within,
        bound=program.dual_value(between, within),
        caution=min(1.0, 2.0 * caution),
        iterations=1,
    )


@dataclass(frozen=True, eq=False)
class _Split:
    """A linear map of (G, G) matrices: ``even`` on entries of the symmetric part, ``odd`` of the other."""

    mean: NDArray[np.float64]
    half: NDArray[np.float64]

    @classmethod
    def of(cls, even: NDArray[np.float64], odd: NDArray[np.float64]) -> _Split:
        return cls(0.5 * (even + odd), 0.5 * (even - odd))

    def astype(self, kind: Any) -> _Split:
        return _Split(self.mean.astype(kind), self.half.astype(kind))

    def __call__(self, matrix: NDArray[Any]) -> NDArray[Any]:
        return self.mean * matrix + self.half * matrix.T


def _curvatures(program: BlockProgram, point: BlockPoint) -> tuple[NDArray[np.bool_], _Split, _Split]:
    """In the singular basis and over kappa: the free entries, the norm's curvature, and the preconditioner.

    With theta the slope of the proximal map on a symmetric or antisymmetric pair, (1 - theta)/(tau theta).
    """
    alive, high, low = point.shrunk > 0.0, point.unshrunk, point.shrunk
    both, free = alive[:, None] & alive[None, :], alive[:, None] | alive[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        even = np.where(both, 1.0, np.subtract.outer(low, low) / np.subtract.outer(high, high))
        odd = np.add.outer(low, low) / np.add.outer(high, high)
    even, odd = np.where(free, even, 1.0), np.where(free, odd, 1.0)
    length = point.step * program.kappa
    even, odd = (1.0 - even) / (length * even), (1.0 - odd) / (length * odd)
    state, classes = point.state, max(len(high) - 1, 1)
    row = program.share * (state.between / program.scale**2).sum(axis=1) / (classes * program.kappa)
    typical = (point.left**2).T @ row
    typical = 0.5 * np.add.outer(typical, typical)
    with np.errstate(divide="ignore"):
        inverse = _Split.of(
            np.where(free, 1.0 / (typical + even), 0.0), np.where(free, 1.0 / (typical + odd), 0.0)
        )
    return free, _Split.of(even, odd), inverse


def _newton_direction(
    program: BlockProgram, point: BlockPoint, budget: int
) -> tuple[NDArray[np.float64], int]:
    """dX (G, G) by conjugate gradients in the singular basis of Y, and the number of their steps.

    Everything is divided by kappa. The direction is needed to a few digits only, the next step corrects it,
    so large systems are solved in single precision; the defect itself never is.
    """
    free, norm_curvature, inverse = _curvatures(program, point)
    rest = -np.where(free, point.left.T @ point.defect @ point.right.T, 0.0) / program.kappa
    size = max(float(np.linalg.norm(rest)), 1e-300)
    kind: Any = np.float32 if len(rest) >= SINGLE_FROM else np.float64
    left, right, rest = point.left.astype(kind), point.right.T.astype(kind), (rest / size).astype(kind)
    norm_curvature, inverse = norm_curvature.astype(kind), inverse.astype(kind)
    curvature = program.curvature(point.state, kind)
    found, search, product = np.zeros_like(rest), np.zeros_like(rest), 1.0
    goal, steps = min(0.1, max(1e-4, float(np.sqrt(point.residual)))), 0
    while steps < min(budget, MOST_INNER):
        mended = inverse(rest)
        fresh = float(np.vdot(rest, mended))
        if not fresh > 0.0:
            break
        search = mended + kind(fresh / product) * search if steps else mended
        product = fresh
        curved = left.T @ curvature(left @ search @ right.T) @ right
        curved = np.where(free, curved, kind(0.0)) + norm_curvature(search)
        bend = float(np.vdot(search, curved))
        steps += 1
        if not bend > 0.0:
            break
        found += kind(product / bend) * search
        rest -= kind(product / bend) * curved
        if np.linalg.norm(rest) <= goal:
            break
    return size * (point.left @ found.astype(np.float64) @ point.right), steps


def _svd(
    matrix: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Full singular value decomposition; the slower driver where the faster one does not converge."""
    try:
        return np.linalg.svd(matrix)
    except np.linalg.LinAlgError:
        return slow_svd(matrix, lapack_driver="gesvd")
