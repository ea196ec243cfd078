# SPDX-License-Identifier: MIT
"""The unconstrained-features model with cross-entropy, solved with a certificate of global optimality.

    minimise (1/n) sum CE(W h) + (weight_decay/2) ||W||_F^2 + (feature_decay/2) sum ||h||^2

over the classifier W (C, d) and one free feature vector a sample; both sums run over all n samples. By
convexity all samples of a class share one vector at the optimum: the unknowns are W and C class means.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError, unknown
from simulations.geometry.closed_forms import balanced_optimum, centred_basis, zero_threshold
from simulations.geometry.factorised import FactorisedObjective, Factors, minimise
from simulations.geometry.program import Program

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOSSES = ("cross-entropy",)
OPTIMAL, TRIVIAL, NOT_CONVERGED, UNCERTIFIED = "optimal", "trivial", "not-converged", "uncertified"
RESTARTS = 16


class NotConverged(RuntimeError):
    """The value of a solve that ran out of budget was read; the message says what is known instead."""


@dataclass(frozen=True, eq=False)
class Solution:
    """What `solve` found and what is certified about it.

    objective: the objective at (weight, class_means), always an upper bound on the minimum.
    gap: objective minus a certified dual lower bound, absolute, >= 0 up to rounding.
    status: "optimal" (gap within tolerance), "trivial" (zero is optimal), "not-converged" (budget spent),
        "uncertified" (feature_dim < C - 1: a stationary point, the dual bound cannot certify it).
    weight (C, d), class_means (C, d), logits (C, C) with row c the logits of class c's mean.
    seconds: wall clock. iterations: quasi-Newton and Newton steps, over all starts.
    """

    objective: float
    gap: float
    status: str
    weight: NDArray[np.float64]
    class_means: NDArray[np.float64]
    logits: NDArray[np.float64]
    seconds: float
    iterations: int

    @property
    def value(self) -> float:
        """The primal objective; raises NotConverged when the solve failed."""
        if self.status == NOT_CONVERGED:
            raise NotConverged(
                f"solve spent its budget of iterations ({self.iterations} used): the minimum lies in "
                f"[{self.objective - self.gap:.6g}, {self.objective:.6g}], which is not within tolerance. "
                "Raise max_iterations, or read .objective and .gap if the interval is enough."
            )
        return self.objective


def solve(
    *,
    counts: Sequence[int] | NDArray[np.int64],
    weight_decay: float,
    feature_decay: float,
    loss: str = "cross-entropy",
    feature_dim: int | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
) -> Solution:
    """Globally minimise the (balanced or imbalanced) unconstrained-features model.

    counts (C,): samples in each class, positive integers, C >= 2. weight_decay, feature_decay: positive.
    feature_dim: d >= 1, C when omitted. tolerance: accepted gap, relative to min(1, value).
    max_iterations: budget of quasi-Newton and Newton steps.
    Raises InputError (a ValueError) on bad input. See `Solution` for the result.
    Sources: convex form and balanced optimum, Zhu et al. 2021 (arXiv:2105.02375); imbalanced, Hong & Ling
    2023 (arXiv:2309.09725).
    """
    began = time.perf_counter()
    if loss not in LOSSES:
        raise unknown("loss", loss, LOSSES)
    program = Program(
        counts=_checked_counts(counts),
        weight_decay=_checked_decay("weight_decay", weight_decay),
        feature_decay=_checked_decay("feature_decay", feature_decay),
    )
    C = len(program.counts)
    dimension = _checked_integer("feature_dim", C if feature_dim is None else feature_dim)
    budget = _checked_integer("max_iterations", max_iterations)
    if not (isinstance(tolerance, (int, float)) and tolerance > 0.0):
        raise InputError(f"solve: received tolerance = {tolerance!r}; a positive number is required.")

    if program.kappa >= zero_threshold(program.counts):
        weight, means, bound, spent, settled = (
            np.zeros((C, dimension)),
            np.zeros((C, dimension)),
            0.0,
            0,
            True,
        )
        bound = program.dual_value(np.zeros((C, C)))
    else:
        factors, bound, settled, spent = _search(program, min(dimension, C - 1), budget, tolerance)
        weight, means = _recover(program, factors, dimension)
    objective = program.objective(weight=weight, class_means=means)
    gap = objective - bound
    if gap <= tolerance * min(1.0, objective):
        status = OPTIMAL if np.any(weight) else TRIVIAL
    elif settled and dimension < C - 1:
        status = UNCERTIFIED
    else:
        status = NOT_CONVERGED
    return Solution(
        objective=objective,
        gap=gap,
        status=status,
        weight=weight,
        class_means=means,
        logits=means @ weight.T,
        seconds=time.perf_counter() - began,
        iterations=spent,
    )


def _search(program: Program, rank: int, budget: int, tolerance: float) -> tuple[Factors, float, bool, int]:
    """Best factors of the given rank, the certified lower bound, whether all converged, iterations spent.

    Below full rank the full-rank solve comes first: its dual bound holds for every feature dimension.
    """
    accuracy = min(1e-6, 1e-2 * tolerance)
    C = len(program.counts)
    full = FactorisedObjective(program, C - 1)
    best = minimise(full, _start(program, C - 1), max_iterations=budget, accuracy=accuracy)
    bound, spent = program.dual_value(full.logits(_flat(best))), best.iterations
    if rank == C - 1:
        return best, bound, best.residual <= accuracy, spent
    objective = FactorisedObjective(program, rank)
    left, values, right = np.linalg.svd(best.left @ best.right.T, full_matrices=False)
    scale = np.sqrt(values[:rank])
    starts = [np.concatenate([(left[:, :rank] * scale).ravel(), (right[:rank].T * scale).ravel()])]
    generator = np.random.default_rng(0)
    for _ in range(RESTARTS - 1):
        starts.append(starts[0] + generator.normal(size=starts[0].shape) * np.abs(starts[0]).max())
    found: list[tuple[float, Factors]] = []
    for start in starts:
        factors = minimise(objective, start, max_iterations=max(budget - spent, 0), accuracy=accuracy)
        spent += factors.iterations
        found.append((objective.value_and_gradient(_flat(factors))[0], factors))
    chosen = min(found, key=lambda pair: pair[0])[1]
    return chosen, bound, chosen.residual <= max(accuracy, 1e-6), spent


def _start(program: Program, rank: int) -> NDArray[np.float64]:
    """Factors of the closed form for equal classes of the mean size; a small simplex where it is zero."""
    C = len(program.counts)
    equal = balanced_optimum(
        num_classes=C,
        samples_per_class=1,
        weight_decay=program.weight_decay * float(program.counts.mean()),
        feature_decay=program.feature_decay,
    )
    gap = equal.logit_gap if equal.logit_gap > 0.0 else 0.1
    basis = centred_basis(C)
    left, values, right = np.linalg.svd(gap * program.root[:, None] * basis, full_matrices=False)
    scale = np.sqrt(values[:rank])
    return np.concatenate([(left[:, :rank] * scale).ravel(), (right[:rank].T * scale).ravel()])


def _recover(
    program: Program, factors: Factors, dimension: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """W (C, d) and class means (C, d) from the factors: decays shared out, zero columns added."""
    C, rank = len(program.counts), factors.left.shape[1]
    tilt = (program.weight_decay / program.feature_decay) ** 0.25
    weight, means = np.zeros((C, dimension)), np.zeros((C, dimension))
    weight[:, :rank] = centred_basis(C) @ factors.right / tilt
    means[:, :rank] = factors.left / program.root[:, None] * tilt
    return weight, means


def _flat(factors: Factors) -> NDArray[np.float64]:
    return np.concatenate([factors.left.ravel(), factors.right.ravel()])


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
