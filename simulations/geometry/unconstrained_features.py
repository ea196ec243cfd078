# SPDX-License-Identifier: MIT
"""The unconstrained-features model: `solve`, for every loss that has a solver file.

    minimise (1/n) sum loss(W h + b) + (weight_decay/2) ||W||_F^2 + (feature_decay/2) sum ||h||^2
                                     + (bias_decay/2) ||b||^2

over the classifier W (C, d), one free feature vector a sample and, if asked for, a bias b (C,); both sums run
over all n samples. The losses are convex, so that all samples of a class share one vector at an optimum. The
solver proposes these class means and a lower bound; what is reported about them, the objective, the gap and
the status, is worked out here from the loss's own file, and compared with the closed form where one is known.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations import losses
from simulations.geometry.checks import (
    checked_bias_decay,
    checked_counts,
    checked_decays,
    checked_tolerance,
    checked_whole,
)
from simulations.geometry.closed_forms_losses import known_optimum
from simulations.geometry.solution import NOT_CONVERGED, OPTIMAL, TRIVIAL, UNCERTIFIED, Solution, closes
from simulations.geometry.solvers import Candidate, Problem, choose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.losses import Loss

CLOSED_FORM_AGREEMENT = 1e-9


def solve(
    *,
    counts: Sequence[int] | NDArray[np.int64],
    weight_decay: float,
    feature_decay: float,
    loss: str | Loss = "cross-entropy",
    feature_dim: int | None = None,
    bias_decay: float | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
    solver: str | None = None,
) -> Solution:
    """Globally minimise the (balanced or imbalanced) unconstrained-features model.

    counts (C,): samples in each class, positive integers, C >= 2. weight_decay, feature_decay: positive.
    loss: the name of one that a solver handles (cross-entropy, label-smoothing, multi-margin, squared-error),
    or an object, such as `simulations.losses.get("label-smoothing", smoothing=0.2)`. feature_dim: d >= 1, C
    when omitted. bias_decay: None for no bias, 0 for a free bias, positive for a regularised one. tolerance:
    accepted gap, relative to min(1, value). max_iterations: budget of the solver's steps. solver: by name,
    for a loss that several handle; the default one when omitted.
    Solution.logits are those of the class means, bias included. Solution.details: "dual" (C, C), the dual
    point that proves the bound, row c a slope of the loss of class c, where the solver hands it out;
    "certified_dimension", a feature_dim from which on the minimum over all of them is known to be attained;
    "closed_form_value" where a closed form is known.
    Raises InputError (a ValueError) on bad input. See `Solution` for the result.
    Sources: the model and its convex form, Zhu et al. 2021 (arXiv:2105.02375); those of a method are in the
    solver's file.
    """
    began = time.perf_counter()
    form: Any = losses.resolve(loss)
    decay = checked_bias_decay("solve", bias_decay)
    chosen = choose(form.name, solver, biased=decay is not None)
    sizes = checked_counts("solve", counts)
    fields = dataclasses.fields(form) if dataclasses.is_dataclass(form) else ()
    decays = checked_decays("solve", weight_decay, feature_decay)
    problem = Problem(
        counts=sizes,
        weight_decay=decays[0],
        feature_decay=decays[1],
        feature_dim=checked_whole("solve", "feature_dim", len(sizes) if feature_dim is None else feature_dim),
        tolerance=checked_tolerance("solve", tolerance),
        max_iterations=checked_whole("solve", "max_iterations", max_iterations),
        bias_decay=decay,
        parameters={entry.name: getattr(form, entry.name) for entry in fields},
    )
    candidate = chosen.solve(problem)
    objective = _objective(form, problem, candidate)
    gap = objective - candidate.lower_bound
    closed_form, details = _explained(form, problem, candidate, objective)
    logits = candidate.class_means @ candidate.weight.T
    return Solution(
        objective=objective,
        gap=gap,
        status=_status(problem, candidate, objective, gap),
        weight=candidate.weight,
        class_means=candidate.class_means,
        logits=logits if candidate.bias is None else logits + candidate.bias,
        seconds=time.perf_counter() - began,
        iterations=candidate.iterations,
        bias=candidate.bias,
        certificate=(candidate.certificate or "dual bound") if np.isfinite(candidate.lower_bound) else "none",
        closed_form=closed_form,
        details=details,
    )


def _explained(
    form: Any, problem: Problem, candidate: Candidate, objective: float
) -> tuple[str | None, dict[str, Any]]:
    """The closed form that was met, if one is known and the values agree, and the details of the solution."""
    C, dimension = len(problem.counts), candidate.certified_dimension
    details: dict[str, Any] = {"certified_dimension": C - 1 if dimension is None else dimension}
    if candidate.dual is not None:
        details["dual"] = candidate.dual
    known = known_optimum(form, problem)
    if known is None:
        return candidate.closed_form, details
    details["closed_form_value"] = known.value
    agrees = abs(objective - known.value) <= CLOSED_FORM_AGREEMENT * known.value
    return candidate.closed_form or (known.source if agrees else None), details


def _objective(form: Loss, problem: Problem, candidate: Candidate) -> float:
    """The objective at the candidate, every sample sitting at its class mean, from the loss's own file."""
    weight, means = candidate.weight, candidate.class_means
    bias = np.zeros(len(weight)) if candidate.bias is None else candidate.bias
    each = form.value(logits=means @ weight.T + bias, labels=np.arange(len(problem.counts)))
    return float(
        problem.counts @ each / problem.counts.sum()
        + 0.5 * problem.weight_decay * np.square(weight).sum()
        + 0.5 * problem.feature_decay * (problem.counts @ np.square(means).sum(axis=1))
        + 0.5 * (problem.bias_decay or 0.0) * np.square(bias).sum()
    )


def _status(problem: Problem, candidate: Candidate, objective: float, gap: float) -> str:
    """Success only where the gap says so."""
    if closes(objective, gap, problem.tolerance):
        return OPTIMAL if np.any(candidate.weight) else TRIVIAL
    return UNCERTIFIED if candidate.settled else NOT_CONVERGED
