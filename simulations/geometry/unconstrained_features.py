# SPDX-License-Identifier: MIT
"""The unconstrained-features model: `solve`, for every loss that has a solver file.

    minimise (1/n) sum loss(W h) + (weight_decay/2) ||W||_F^2 + (feature_decay/2) sum ||h||^2

over the classifier W (C, d) and one free feature vector a sample; both sums run over all n samples. The
solver proposes class means, one vector for all samples of a class, and a lower bound; what is reported about
them, the objective, the gap and the status, is worked out here from the loss's own file.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulations import losses
from simulations.errors import InputError
from simulations.geometry.solution import NOT_CONVERGED, OPTIMAL, TRIVIAL, UNCERTIFIED, Solution
from simulations.geometry.solvers import Candidate, Problem, choose

if TYPE_CHECKING:
    from numpy.typing import NDArray


def solve(
    *,
    counts: Sequence[int] | NDArray[np.int64],
    weight_decay: float,
    feature_decay: float,
    loss: str = "cross-entropy",
    feature_dim: int | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
    solver: str | None = None,
) -> Solution:
    """Globally minimise the (balanced or imbalanced) unconstrained-features model.

    counts (C,): samples in each class, positive integers, C >= 2. weight_decay, feature_decay: positive.
    loss: one that a solver handles. feature_dim: d >= 1, C when omitted. tolerance: accepted gap, relative
    to min(1, value). max_iterations: budget of the solver's steps. solver: by name, for a loss that several
    handle; the default one when omitted.
    Raises InputError (a ValueError) on bad input. See `Solution` for the result.
    Sources: the model and its convex form, Zhu et al. 2021 (arXiv:2105.02375); those of a method are in the
    solver's file.
    """
    began = time.perf_counter()
    chosen = choose(loss, solver)
    sizes = _checked_counts(counts)
    problem = Problem(
        counts=sizes,
        weight_decay=_checked_decay("weight_decay", weight_decay),
        feature_decay=_checked_decay("feature_decay", feature_decay),
        feature_dim=_checked_integer("feature_dim", len(sizes) if feature_dim is None else feature_dim),
        tolerance=_checked_tolerance(tolerance),
        max_iterations=_checked_integer("max_iterations", max_iterations),
    )
    candidate = chosen.solve(problem)
    objective = _objective(loss, problem, candidate)
    gap = objective - candidate.lower_bound
    return Solution(
        objective=objective,
        gap=gap,
        status=_status(problem, candidate, objective, gap),
        weight=candidate.weight,
        class_means=candidate.class_means,
        logits=candidate.class_means @ candidate.weight.T,
        seconds=time.perf_counter() - began,
        iterations=candidate.iterations,
    )


def _objective(loss: str, problem: Problem, candidate: Candidate) -> float:
    """The objective at the candidate, every sample sitting at its class mean, from the loss's own file."""
    weight, means = candidate.weight, candidate.class_means
    each = losses.get(loss).value(logits=means @ weight.T, labels=np.arange(len(problem.counts)))
    return float(
        problem.counts @ each / problem.counts.sum()
        + 0.5 * problem.weight_decay * np.square(weight).sum()
        + 0.5 * problem.feature_decay * (problem.counts @ np.square(means).sum(axis=1))
    )


def _status(problem: Problem, candidate: Candidate, objective: float, gap: float) -> str:
    """Success only where the gap says so: never where it is NaN or infinite, or where the lower bound lies
    above the objective by more than rounding, and so is none."""
    if -1e-12 * max(1.0, objective) <= gap <= problem.tolerance * min(1.0, objective):
        return OPTIMAL if np.any(candidate.weight) else TRIVIAL
    return UNCERTIFIED if candidate.settled else NOT_CONVERGED


def _checked_counts(counts: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float64]:
    try:
        array = np.asarray(counts, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"solve: received counts = {counts!r}; one positive integer a class is required."
        ) from None
    if array.ndim != 1 or len(array) < 2:
        raise InputError(
            f"solve: received counts of shape {array.shape}; at least two classes are required, because with "
            "one class the cross-entropy is zero whatever the network does. Give one count a class."
        )
    if not np.all(np.isfinite(array)) or np.any(array < 1) or np.any(array != np.round(array)):
        raise InputError(
            f"solve: received counts = {array.tolist()}; every class needs a positive whole number of "
            "samples (an absent class has no mean). Drop absent classes."
        )
    return array


def _checked_decay(name: str, value: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0.0):
        raise InputError(
            f"solve: received {name} = {value!r}; a positive finite number is required: without it the "
            "logits grow for ever, the cross-entropy only approaches its infimum and no minimiser exists."
        )
    return number


def _checked_integer(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InputError(f"solve: received {name} = {value!r}; a whole number >= 1 is required.")
    return int(value)


def _checked_tolerance(value: float) -> float:
    if not (isinstance(value, (int, float)) and value > 0.0):
        raise InputError(f"solve: received tolerance = {value!r}; a positive number is required.")
    return float(value)
