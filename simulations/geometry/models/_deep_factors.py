# SPDX-License-Identifier: MIT
"""Quasi-Newton on the D factors themselves: the deep objective is smooth there, and not in the logits.

With T = diag(sqrt(n_c)) Z = A_0 A_1 ... A_L V', V an orthonormal basis of the centred vectors (centring the
columns keeps the loss and shortens the classifier), and every factor scaled to the mean decay Lambda,

    F(A) = sum_c (n_c/N) CE(T_c/sqrt(n_c)) + (Lambda/2) sum_j ||A_j||_F^2.

A structure of rank k is searched among factors of width k. In wider factors it is as good a local minimum:
for D > 2 a further singular value sigma saves O(sigma) and costs sigma^{2/D}.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from simulations.geometry.closed_forms import centred_basis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.models._deep import DeepProblem
    from simulations.geometry.program import Program


@dataclass(frozen=True, eq=False)
class Found:
    """value: F. logits (C, C). residual: gradient norm over the decays' pull, Lambda ||A||."""

    value: float
    logits: NDArray[np.float64]
    residual: float
    iterations: int


class DeepObjective:
    """F and its gradient on a flat vector, for factors of one width."""

    def __init__(self, problem: DeepProblem, program: Program, width: int) -> None:
        C, D = len(problem.counts), problem.factors
        self.problem, self.program, self.width = problem, program, width
        self.basis = centred_basis(C)
        self.shapes = [(C, width), *[(width, width)] * (D - 2), (width, C - 1)]

    def split(self, flat: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """The factors A_0 (C, k), A_1 to A_{L-1} (k, k), A_L (k, C-1), views of the flat vector."""
        parts, at = [], 0
        for rows, columns in self.shapes:
            parts.append(flat[at : at + rows * columns].reshape(rows, columns))
            at += rows * columns
        return parts

    def logits(self, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Z (C, C)."""
        product = np.linalg.multi_dot([*self.split(flat), self.basis.T])
        return product / self.problem.root[:, None]

    def value_and_gradient(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """F and its gradient."""
        factors, decay = self.split(flat), self.problem.mean_decay
        before = [np.eye(len(factors[0]))]
        for factor in factors:
            before.append(before[-1] @ factor)
        logits = before[-1] @ self.basis.T / self.problem.root[:, None]
        slope = self.program.gradient(self.program.wrong_probabilities(logits)) @ self.basis
        pieces, after = [], slope
        for at in range(len(factors) - 1, -1, -1):
            pieces.append((before[at].T @ after if at else after) + decay * factors[at])
            after = after @ factors[at].T
        value = self.program.share @ self.program.losses(logits) + 0.5 * decay * (flat @ flat)
        return float(value), np.concatenate([piece.ravel() for piece in reversed(pieces)])

    def balanced(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Flat balanced factors of the best approximation of ``logits`` of rank k."""
        left, values, right = np.linalg.svd(self.problem.root[:, None] * (logits @ self.basis))
        k = self.width
        shares = values[:k] ** (1.0 / self.problem.factors)
        parts = [left[:, :k] * shares, *[np.diag(shares)] * (self.problem.factors - 2)]
        return np.concatenate([part.ravel() for part in (*parts, shares[:, None] * right[:k])])

    def residual(self, flat: NDArray[np.float64]) -> float:
        """Gradient norm relative to the decays' own pull."""
        gradient = self.value_and_gradient(flat)[1]
        pull = self.problem.mean_decay * max(float(np.linalg.norm(flat)), 1e-300)
        return float(np.linalg.norm(gradient)) / pull


def polish(
    problem: DeepProblem,
    program: Program,
    start: NDArray[np.float64],
    *,
    rank: int,
    max_iterations: int,
    noise: float = 0.0,
    seed: int = 0,
) -> Found:
    """A stationary point near the logits ``start``, in factors of width ``rank``.

    noise: size of a random perturbation of the factors, relative to their largest entry.
    """
    objective = DeepObjective(problem, program, rank)
    flat = objective.balanced(start)
    if noise:
        flat = flat + noise * np.abs(flat).max() * np.random.default_rng(seed).normal(size=flat.shape)
    spent, unit = 0, 1.0 / problem.mean_decay  # F in units of the decay, for the line search

    def scaled(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = objective.value_and_gradient(point)
        return unit * value, unit * gradient

    with np.errstate(over="ignore", invalid="ignore"):  # a trial step may overshoot; it is then refused
        for _ in range(4):  # L-BFGS stops where a step no longer lowers F; fresh curvature goes on
            if spent >= max_iterations or objective.residual(flat) <= 1e-8:
                break
            before = scaled(flat)[0]
            options = {
                "maxiter": max_iterations - spent,
                "maxfun": 20 * max_iterations,
                "ftol": 0.0,
                "gtol": 0.0,
                "maxcor": 30,
            }
            result = minimize(scaled, flat, jac=True, method="L-BFGS-B", options=options)
            spent += int(result.nit)
            if not result.fun < before:
                break
            flat = np.asarray(result.x)
            if 0.5 * problem.mean_decay * (flat @ flat) <= 1e-12 * objective.value_and_gradient(flat)[0]:
                flat = np.zeros_like(flat)  # on its way to zero, which is stationary
    value = objective.value_and_gradient(flat)[0]
    return Found(value, objective.logits(flat), objective.residual(flat), spent)
