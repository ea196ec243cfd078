# SPDX-License-Identifier: MIT
"""From a problem and a smooth row loss to a candidate: zero where it is optimal, factors and a bound else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.closed_forms_losses import ClosedForm, balanced_label_smoothing
from simulations.geometry.convex_form import Bound, Convex
from simulations.geometry.factorised_smooth import Factorised, Point, minimise
from simulations.geometry.solvers import Candidate, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.row_losses import RowLoss

    Array = NDArray[np.float64]

RESTARTS, LIFTS = 8, 4


def solve_smooth(problem: Problem, loss: RowLoss, guess: Array) -> Candidate:
    """The global minimum for feature_dim at least the full rank, a stationary point below; the bound always.

    guess (C, C): logits to start from, of full rank (up to the rows' shift), e.g. a closed form.
    """
    convex = Convex(problem, loss)
    bias, slope = convex.constant
    if convex.operator_norm(slope) <= convex.kappa:
        return at_zero(convex, bias, convex.bound(slope))
    rank = min(problem.feature_dim, convex.full_rank)
    accuracy = min(1e-8, 1e-2 * problem.tolerance)
    full = Factorised(convex, convex.full_rank)
    best, slope = descend(full, start(full, guess), budget=problem.max_iterations, accuracy=accuracy)
    bound = convex.bound(slope)
    if rank == convex.full_rank:
        return recovered(convex, best, bound)
    flat = truncated(convex, best, rank, problem.max_iterations - best.iterations, accuracy)
    settled = best.residual <= 1e-6 and flat.residual <= 1e-6
    return recovered(convex, flat, bound, settled=settled)


def descend(objective: Factorised, flat: Array, *, budget: int, accuracy: float) -> tuple[Point, Array]:
    """A point at full rank and the gradient of its rows: minimised, and again with its singular values lifted
    while the gradient's norm says that a vanished direction should grow."""
    convex, spent = objective.convex, 0
    for _ in range(LIFTS):
        point = minimise(objective, flat, budget=budget - spent, accuracy=accuracy)
        spent += point.iterations
        slope = gradient(convex, point)
        if spent >= budget or not convex.operator_norm(slope) > (1.0 + 1e-7) * convex.kappa:
            break
        scaled = point.left @ point.right.T
        if not np.any(scaled):  # zero is stationary whatever the gradient is
            scaled = 0.1 * convex.root[:, None] * (np.eye(objective.C) - 1.0 / objective.C)
        left, values, right = np.linalg.svd(scaled)
        scale = np.sqrt(np.maximum(values, 1e-3 * values[0])[: objective.rank])
        lifted = objective.join(
            left[:, : objective.rank] * scale, right[: objective.rank].T * scale, point.bias
        )
        flat = _centred(objective, lifted) if convex.loss.shift_invariant else lifted
    return replace(point, iterations=spent), slope


def simplex_guess(problem: Problem, smoothing: float) -> Array:
    """Logits of equal classes of the mean size; a small simplex where these are zero."""
    C = len(problem.counts)
    equal = balanced_label_smoothing(
        num_classes=C,
        samples_per_class=float(problem.counts.mean()),
        weight_decay=problem.weight_decay,
        feature_decay=problem.feature_decay,
        smoothing=smoothing,
    )
    return 0.1 * (np.eye(C) - 1.0 / C) if equal.trivial else equal.logits


def shrunken_candidate(convex: Convex, closed: ClosedForm, iterations: int) -> Candidate:
    """The closed form as a candidate, certified like any other; certified_dimension is its rank, and columns
    beyond feature_dim are dropped."""
    scaled = convex.root[:, None] * closed.logits
    left, values, right = np.linalg.svd(scaled, full_matrices=False)
    rank = int(np.sum(values > 1e-13 * max(values[0], 1e-300)))
    kept = min(rank, convex.problem.feature_dim)
    scale = np.sqrt(values[:kept])
    bias = np.zeros(len(values)) if closed.bias is None else closed.bias
    point = Point(left[:, :kept] * scale, right[:kept].T * scale, bias, residual=0.0, iterations=iterations)
    slope = gradient(convex, point) if closed.slope is None else closed.slope
    return replace(
        recovered(convex, point, convex.bound(slope)),
        certified_dimension=max(rank, 1),
        closed_form=closed.source or None,
    )


def start(objective: Factorised, guess: Array) -> Array:
    """Balanced factors of D guess, bias zero."""
    left, values, right = np.linalg.svd(objective.convex.root[:, None] * guess, full_matrices=False)
    scale = np.sqrt(values[: objective.rank])
    return objective.join(
        left[:, : objective.rank] * scale, right[: objective.rank].T * scale, np.zeros(objective.C)
    )


def truncated(convex: Convex, best: Point, rank: int, budget: int, accuracy: float) -> Point:
    """The best of several descents at a rank below the full one, the first from the largest directions."""
    objective = Factorised(convex, rank)
    left, values, right = np.linalg.svd(best.left @ best.right.T, full_matrices=False)
    scale = np.sqrt(values[:rank])
    first = objective.join(left[:, :rank] * scale, right[:rank].T * scale, best.bias)
    generator, spent, found = np.random.default_rng(0), best.iterations, []
    for number in range(RESTARTS):
        away = generator.normal(size=first.shape) * np.abs(first).max() if number else 0.0
        if convex.loss.shift_invariant:
            away = _centred(objective, away) if number else 0.0
        point = minimise(objective, first + away, budget=max(budget, 0), accuracy=accuracy)
        budget, spent = budget - point.iterations, spent + point.iterations
        flat = objective.join(point.left, point.right, point.bias)
        found.append((objective.value_and_gradient(flat)[0], point))
    chosen = min(found, key=lambda pair: pair[0])[1]
    return Point(chosen.left, chosen.right, chosen.bias, chosen.residual, spent)


def _centred(objective: Factorised, flat: Array | float) -> Array:
    left, right, bias = objective.split(np.asarray(flat))
    return objective.join(left, right - right.mean(axis=0), bias - bias.mean())


def gradient(convex: Convex, point: Point) -> Array:
    """Gradient of every row's loss at the point, (C, C)."""
    return convex.loss.slope(point.left @ point.right.T / convex.root[:, None] + point.bias)[1]


def recovered(
    convex: Convex, point: Point, bound: Bound, *, settled: bool = False, iterations: int | None = None
) -> Candidate:
    """W (C, d) and class means (C, d) from the factors: decays shared out, zero columns added; iterations:
    those of the point unless more were spent."""
    problem, rank = convex.problem, point.left.shape[1]
    tilt = problem.weight_decay**0.25 / problem.feature_decay**0.25
    shape = (len(convex.root), problem.feature_dim)
    weight, means = np.zeros(shape), np.zeros(shape)
    weight[:, :rank] = point.right / tilt
    means[:, :rank] = point.left / convex.root[:, None] * tilt
    return Candidate(
        weight,
        means,
        bound.value,
        point.iterations if iterations is None else iterations,
        settled=settled,
        bias=point.bias if problem.bias_decay is not None else None,
        dual=bound.slope,
        certified_dimension=convex.full_rank,
    )


def at_zero(convex: Convex, bias: Array, bound: Bound, iterations: int = 0) -> Candidate:
    """Zero features and classifier, with the best bias."""
    zero = np.zeros((len(convex.root), convex.problem.feature_dim))
    return Candidate(
        zero,
        zero.copy(),
        bound.value,
        iterations,
        bias=bias if convex.problem.bias_decay is not None else None,
        dual=bound.slope,
        certified_dimension=1,
    )
