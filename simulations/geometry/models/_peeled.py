# SPDX-License-Identifier: MIT
"""The layer-peeled model as a convex program in the logits: dual bound and search for the multiplier.

Write pi_c = n_c/n for the weights of the loss and v_c for those of the features' budget. With class means m_c
(by convexity all samples of a class share one vector) the problem is

    minimise sum_c pi_c CE(Z_c, c),  Z = M W',   (1/C) ||W||^2 <= E_W,   sum_c v_c ||m_c||^2 <= E_H.

||diag(sqrt v) Z||_* is the least ||diag(sqrt v) M|| ||W|| over factorisations, so for d >= C - 1 it is the
same as the convex problem with the single constraint

    || diag(sqrt v) Z ||_* <= R,   R = sqrt(C E_W E_H).                                                   (1)

Lower bound. For a row-stochastic P, CE(z, c) >= H(p_c) + <p_c - e_c, z> (Gibbs), hence on (1)

    sum_c pi_c CE(Z_c, c) >= sum_c pi_c H(p_c) - R || diag(pi/sqrt v) (P - I) ||_op,                      (2)

for every row-stochastic P (theorem layer-peeled-imbalanced). At the optimum P = softmax(Z) gives equality,
the operator norm being the multiplier kappa of (1): the optimum of (1) is that of the penalised problem,
loss + kappa ||diag(sqrt v) Z||_*, whose nuclear norm falls as kappa rises. `search` looks for the kappa at
which it is R; an error in kappa costs the bounds only its square. Multipliers of the two budgets:
mu_W = kappa R/(2 E_W), mu_H = kappa R/(2 E_H).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.factorised import FactorisedObjective, minimise
from simulations.geometry.program import Program, entropies

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEARCHES, NARROWEST, REOPENED = 60, 1e-11, 1e-5


@dataclass(frozen=True, eq=False)
class Penalised(Program):
    """The penalised problem divided by kappa, so that tiny multipliers do no harm: decays 1, loss weights
    pi/kappa, and sqrt(v) in the nuclear norm."""

    loss_weight: NDArray[np.float64]
    norm_weight: NDArray[np.float64]

    @cached_property
    def share(self) -> NDArray[np.float64]:
        """pi_c/kappa, (C,)."""
        return self.loss_weight

    @cached_property
    def root(self) -> NDArray[np.float64]:
        """sqrt(v_c), (C,)."""
        return self.norm_weight


class Relative(FactorisedObjective):
    """The objective with a Hessian that keeps its relative precision where every loss is tiny."""

    def hessian_product(
        self, flat: NDArray[np.float64], direction: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Second derivative at ``flat`` applied to ``direction``. Logits are taken relative to the true one
        and the true entry of the slope as minus the sum of the others, so that no probability near 1 is
        subtracted."""
        (left, right), (d_left, d_right) = self.split(flat), self.split(direction)
        program = self.program
        wrong = program.wrong_probabilities((left / program.root[:, None]) @ right.T)
        change = (d_left @ right.T + left @ d_right.T) / program.root[:, None]
        change = change - np.diag(change)[:, None]
        d_slope = program.gradient(wrong * (change - (wrong * change).sum(axis=1, keepdims=True)))
        slope = program.gradient(wrong)
        out_left = d_slope @ right + slope @ d_right + program.kappa * d_left
        out_right = d_slope.T @ left + slope.T @ d_left + program.kappa * d_right
        return np.concatenate([out_left.ravel(), out_right.ravel()])


@dataclass(frozen=True, eq=False)
class Peeled:
    """One instance. loss_weight pi (C,), summing to 1; norm_weight sqrt(v) (C,); radius R > 0."""

    loss_weight: NDArray[np.float64]
    norm_weight: NDArray[np.float64]
    radius: float

    @cached_property
    def zero_multiplier(self) -> float:
        """kappa from which zero is the penalised optimum: || diag(pi/sqrt v) (I - J/C) ||_op."""
        return self._operator_norm(np.full((len(self.loss_weight),) * 2, 1.0 / len(self.loss_weight)))

    def penalised(self, kappa: float) -> Penalised:
        """The penalised problem at that multiplier, divided by it."""
        return Penalised(self.loss_weight, 1.0, 1.0, self.loss_weight / kappa, self.norm_weight)

    def norm(self, logits: NDArray[np.float64]) -> float:
        """|| diag(sqrt v) Z ||_*."""
        return float(np.linalg.svd(self.norm_weight[:, None] * logits, compute_uv=False).sum())

    def on_sphere(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Logits (C, C) scaled so that (1) holds with equality."""
        return logits * (
            self.radius / np.linalg.svd(self.norm_weight[:, None] * logits, compute_uv=False).sum()
        )

    def loss(self, logits: NDArray[np.float64]) -> float:
        """sum_c pi_c CE(Z_c, c)."""
        return float(self.loss_weight @ self.penalised(1.0).losses(logits))

    def radial_multiplier(self, logits: NDArray[np.float64]) -> float:
        """-d loss/d R along the ray through logits on the sphere: kappa where they are optimal."""
        slope = self._slope(self.softmax(logits))
        return -float((slope * logits).sum()) / self.radius

    def lower_bound(self, wrong: NDArray[np.float64]) -> float:
        """The bound (2) at P with these wrong-class entries (C, C), >= 0, row sums at most 1."""
        return float(self.loss_weight @ entropies(wrong)) - self.radius * self._operator_norm(wrong)

    def softmax(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Wrong-class probabilities (C, C), zero diagonal, accurate entry by entry."""
        return self.penalised(1.0).wrong_probabilities(logits)

    def proximal(
        self, logits: NDArray[np.float64], kappa: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """One proximal gradient step of the penalised problem: the new logits, and wrong-class entries for
        (2).

        Factors of deficient rank are stationary in the directions they lack; the step opens those whose slope
        exceeds kappa. What the shrinking takes off, over the step length, has norm at most kappa and is minus
        the slope at the optimum: as the dual point its error counts only squared, that of the softmax singly.
        """
        wrong = self.softmax(logits)
        curvature = np.minimum(0.5, 2.0 * wrong.sum(axis=1)) * self.loss_weight / self.norm_weight**2
        step = 1.0 / max(float(curvature.max()), 1e-300)
        moved = self.norm_weight[:, None] * logits - step * self._slope(wrong) / self.norm_weight[:, None]
        left, values, right = np.linalg.svd(moved)
        taken = (left * np.minimum(values / step, kappa)) @ right
        shrunk = (left * np.maximum(values - step * kappa, 0.0)) @ right / self.norm_weight[:, None]
        dual = np.maximum(-(self.norm_weight / self.loss_weight)[:, None] * taken, 0.0)
        dual -= np.diag(np.diag(dual))
        return shrunk, dual / np.maximum(dual.sum(axis=1, keepdims=True), 1.0)

    def _slope(self, wrong: NDArray[np.float64]) -> NDArray[np.float64]:
        """diag(pi) (P - I) from the wrong-class entries of P (its diagonal is not read)."""
        wrong = wrong - np.diag(np.diag(wrong))
        return self.loss_weight[:, None] * (wrong - np.diag(wrong.sum(axis=1)))

    def _operator_norm(self, wrong: NDArray[np.float64]) -> float:
        """|| diag(pi/sqrt v) (P - I) ||_op."""
        return float(np.linalg.norm(self._slope(wrong) / self.norm_weight[:, None], 2))


@dataclass(eq=False)
class Bracket:
    """What the search knows: best feasible logits (C, C), their loss, the best lower bound, the multiplier at
    the best logits, and the inner iterations spent."""

    logits: NDArray[np.float64]
    upper: float
    lower: float
    kappa: float
    iterations: int = 0
    trace: list[tuple[float, float]] = field(default_factory=list)

    def within(self, tolerance: float) -> bool:
        """Whether the gap is at most tolerance, relative to min(1, upper)."""
        return self.upper - self.lower <= tolerance * min(1.0, self.upper)


def search(problem: Peeled, *, tolerance: float, budget: int) -> Bracket:
    """Safeguarded secant on log kappa, each penalised solve warm-started from the last; stops at the gap.

    budget: of the inner iterations, all solves together. Both bounds of the result are true whatever
    happened.
    """
    C = len(problem.loss_weight)
    start = problem.on_sphere(np.eye(C) - 1.0 / C)
    known = Bracket(
        start,
        problem.loss(start),
        problem.lower_bound(problem.softmax(start)),
        problem.radial_multiplier(start),
    )
    low, high = -np.inf, float(np.log(problem.zero_multiplier))
    at, guess = min(float(np.log(max(known.kappa, 1e-300))), high - 1e-3), start
    for _ in range(SEARCHES):
        if known.within(tolerance) or known.iterations >= budget or not known.kappa > 0.0:
            break
        logits, spent = penalised_optimum(
            problem,
            float(np.exp(at)),
            guess,
            budget=budget - known.iterations,
            accuracy=min(1e-6, 1e-2 * tolerance),
        )
        known.iterations += max(spent, 1)
        norm = problem.norm(logits)
        if not norm > 0.0:
            high, at, guess = at, at - 1.0, start
            continue
        fitted = logits * (problem.radius / norm)
        _remember(problem, known, logits, float(np.exp(at)))
        known.trace.append((at, norm - problem.radius))
        if norm > problem.radius:
            low = max(low, at)
        else:
            high = min(high, at)
        at = _next(known.trace, low, high, float(np.log(problem.radial_multiplier(fitted))))
        guess = problem.proximal(fitted, float(np.exp(at)))[0]
        if high - low < NARROWEST:  # an inexact solve fell on the wrong side
            low, high = low - REOPENED, min(high + REOPENED, float(np.log(problem.zero_multiplier)))
    return known


def penalised_optimum(
    problem: Peeled, kappa: float, guess: NDArray[np.float64], *, budget: int, accuracy: float
) -> tuple[NDArray[np.float64], int]:
    """Logits (C, C) stationary for loss + kappa ||diag(sqrt v) Z||_*, from ``guess``, and the steps spent."""
    objective = Relative(problem.penalised(kappa), len(guess) - 1)
    found = minimise(objective, _factors(problem, guess), max_iterations=budget, accuracy=accuracy)
    flat = np.concatenate([found.left.ravel(), found.right.ravel()])
    return objective.logits(flat), found.iterations


def _remember(problem: Peeled, known: Bracket, logits: NDArray[np.float64], kappa: float) -> None:
    """Keep the better of the old bounds and those from a penalised optimum at kappa."""
    fitted = problem.on_sphere(logits)
    upper = problem.loss(fitted)
    if upper < known.upper:
        known.logits, known.upper, known.kappa = fitted, upper, problem.radial_multiplier(fitted)
    for wrong in (problem.softmax(logits), problem.proximal(logits, kappa)[1]):
        known.lower = max(known.lower, problem.lower_bound(wrong))


def _next(trace: list[tuple[float, float]], low: float, high: float, radial: float) -> float:
    """The radial multiplier at first, then secants; bisection where they leave the bracket."""
    guess = radial
    if len(trace) >= 2 and trace[-1][1] != trace[-2][1]:
        (x0, y0), (x1, y1) = trace[-2:]
        guess = x1 - y1 * (x1 - x0) / (y1 - y0)
    if not low < guess < high:
        guess = radial
    if not low < guess < high:
        guess = 0.5 * (low + high) if np.isfinite(low) else high - 1.0
    return float(guess)


def _factors(problem: Peeled, logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Balanced factors (U, V) of diag(sqrt v) Z, of rank C - 1 for centred rows, as one flat vector."""
    left, values, right = np.linalg.svd(problem.norm_weight[:, None] * logits)
    root = np.sqrt(values[:-1])
    return np.concatenate([(left[:, :-1] * root).ravel(), (right[:-1].T * root).ravel()])
