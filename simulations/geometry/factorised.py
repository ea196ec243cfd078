# SPDX-License-Identifier: MIT
"""Quasi-Newton then Newton on the factors of the logit matrix.

diag(sqrt(n_c)) Z = U V', the columns of V centred (at an optimum the rows of W sum to zero; the gradient is
centred too, so they stay so). ||U V'||_* is the least (||U||^2 + ||V||^2)/2 over factorisations, so

    F(U, V) = sum_c (n_c/n) CE + (kappa/2)(||U||^2 + ||V||^2)

has the same minimum as the convex program once the factors have rank C - 1, and then no spurious local
minima. Below that rank it is what remains to be minimised when the feature dimension is too small for the
convex program. L-BFGS finds the basin; Newton steps with conjugate gradients give the last digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.program import Program


@dataclass(frozen=True, eq=False)
class Factors:
    """U and V (C, r), V's columns centred, the relative gradient norm there, and the iterations spent."""

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    residual: float
    iterations: int


class FactorisedObjective:
    """F(U, V), its gradient and its Hessian-vector product, on a flat vector of size 2 C r."""

    def __init__(self, program: Program, rank: int) -> None:
        self.program, self.rank, self.C = program, rank, len(program.counts)

    def split(self, flat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """U and V (C, r) as views of the flat vector."""
        left, right = flat.reshape(2, self.C, self.rank)
        return left, right

    def logits(self, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Z = diag(1/sqrt(n_c)) U V', (C, C)."""
        left, right = self.split(flat)
        return (left / self.program.root[:, None]) @ right.T

    def value_and_gradient(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """F and its gradient."""
        left, right = self.split(flat)
        program = self.program
        losses, wrong = program.losses_and_wrong((left / program.root[:, None]) @ right.T)
        slope = program.gradient(wrong)
        value = program.share @ losses + 0.5 * program.kappa * (flat @ flat)
        grad_left = slope @ right + program.kappa * left
        grad_right = slope.T @ left + program.kappa * right
        return float(value), np.concatenate([grad_left.ravel(), grad_right.ravel()])

    def hessian_product(
        self, flat: NDArray[np.float64], direction: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Second derivative of F at ``flat`` applied to ``direction``."""
        (left, right), (d_left, d_right) = self.split(flat), self.split(direction)
        program = self.program
        wrong = program.wrong_probabilities((left / program.root[:, None]) @ right.T)
        slope = program.gradient(wrong)
        full = wrong + np.diag(1.0 - wrong.sum(axis=1))
        d_logits = (d_left @ right.T + left @ d_right.T) / program.root[:, None]
        d_logits = d_logits - (full * d_logits).sum(axis=1, keepdims=True)
        d_slope = (program.share / program.root)[:, None] * full * d_logits
        out_left = d_slope @ right + slope @ d_right + program.kappa * d_left
        out_right = d_slope.T @ left + slope.T @ d_left + program.kappa * d_right
        return np.concatenate([out_left.ravel(), out_right.ravel()])

    def residual(self, flat: NDArray[np.float64], gradient: NDArray[np.float64]) -> float:
        """Gradient norm relative to the decay's own pull kappa ||(U, V)||."""
        return float(
            np.linalg.norm(gradient) / (self.program.kappa * max(float(np.linalg.norm(flat)), 1e-300))
        )


def minimise(
    objective: FactorisedObjective, start: NDArray[np.float64], *, max_iterations: int, accuracy: float
) -> Factors:
    """Alternate L-BFGS and Newton until the relative gradient is at ``accuracy`` or the budget is spent."""
    flat, spent = np.array(start), 0
    while True:
        _, gradient = objective.value_and_gradient(flat)
        residual, before = objective.residual(flat, gradient), spent
        if residual <= accuracy or spent >= max_iterations:
            break
        if spent < max_iterations:
            result = minimize(
                objective.value_and_gradient,
                flat,
                jac=True,
                method="L-BFGS-B",
                options={
                    "maxiter": max_iterations - spent,
                    "maxfun": 20 * max_iterations,
                    "ftol": 1e-14,
                    "gtol": 0.0,
                    "maxcor": 30,
                },
            )
            flat, spent = np.asarray(result.x), spent + int(result.nit)
        flat, steps = _newton(objective, flat, budget=max_iterations - spent, accuracy=accuracy)
        spent += steps
        _, gradient = objective.value_and_gradient(flat)
        if objective.residual(flat, gradient) > 0.5 * residual or spent == before:
            break
    left, right = objective.split(flat)
    return Factors(left, right, objective.residual(flat, objective.value_and_gradient(flat)[1]), spent)


def _newton(
    objective: FactorisedObjective, flat: NDArray[np.float64], *, budget: int, accuracy: float
) -> tuple[NDArray[np.float64], int]:
    """Newton-CG steps, each kept only if it shrinks the gradient; stops at the first that does not."""
    _, gradient = objective.value_and_gradient(flat)
    steps = 0
    while steps < budget and objective.residual(flat, gradient) > accuracy:
        step = _conjugate_gradient(objective, flat, gradient)
        trial = flat + step
        _, trial_gradient = objective.value_and_gradient(trial)
        steps += 1
        if not np.linalg.norm(trial_gradient) < 0.9 * np.linalg.norm(gradient):
            break
        flat, gradient = trial, trial_gradient
    return flat, steps


def _conjugate_gradient(
    objective: FactorisedObjective, flat: NDArray[np.float64], gradient: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Approximate -Hessian^{-1} gradient; stops at flat curvature (rotations of the factors)."""
    step, residual = np.zeros_like(flat), -gradient
    direction, size = residual.copy(), float(residual @ residual)
    goal = 1e-8 * size
    for _ in range(min(len(flat), 500)):
        curved = objective.hessian_product(flat, direction)
        curvature = float(direction @ curved)
        if curvature <= 1e-14 * objective.program.kappa * float(direction @ direction):
            break
        length = size / curvature
        step += length * direction
        residual -= length * curved
        new_size = float(residual @ residual)
        if new_size <= goal:
            break
        direction = residual + (new_size / size) * direction
        size = new_size
    return step
