# SPDX-License-Identifier: MIT
"""The unconstrained-features model as a convex program in CVXPY: the independent, slower reference.

    minimise sum_c (n_c/n) loss(Z_c + b, c) + kappa || diag(sqrt(n_c)) Z ||_* + (bias_decay/2) ||b||^2

over Z (C, C) and one bias b (C,) for all samples, with the conic form of the loss's own file; kappa =
sqrt(weight_decay feature_decay). Exact for a feature_dim that is at least the rank of the best Z, C - 1 for
cross-entropy (convex form of Zhu et al. 2021, arXiv:2105.02375; with counts, Hong & Ling 2023,
arXiv:2309.09725).

With X = diag(sqrt(n_c)) Z the nuclear norm is written out, ||X||_* = min (tr A + tr B)/2 over symmetric A, B
with [[A, X], [X', B]] positive semidefinite, so that CVXPY hands back the multiplier of that constraint. By
stationarity its diagonal blocks are kappa I/2 and twice its corner is the gradient G of the loss in X. What G
says about optimality is worked out here again, from the loss's own file and not from CVXPY
(`simulations.geometry.duals`):

    objective = the program's value at Z and b,      lower_bound = the dual's value at G made feasible,
    stationarity = sum_c (n_c/n) (loss + conjugate - <a_c, logits_c>), zero iff every a_c is a (sub)gradient,
    dual_norm = ||G||_op/kappa, at most 1 for a feasible G, and 1 unless X = 0.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations import losses
from simulations.geometry.checks import checked_bias_decay, checked_counts, checked_positive
from simulations.geometry.duals import dual_norm, dual_value, feasible_rows, has_dual, row_values

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ConicSolution:
    """What CVXPY returned, and its optimality derived again outside it; NaN where it returned nothing.

    value: optimum as reported. logits (C, C): row c = class c, the bias included. status: CVXPY's word
    ("optimal", "optimal_inaccurate", "infeasible", "unbounded", ...) or "failed: ..." with the solver's.
    seconds: wall clock. bias (C,): zero where the model has none. dual (C, C): row c = the gradient of class
    c's loss in its logits, from the multiplier. objective, lower_bound, stationarity, dual_norm: see the
    module; lower_bound and stationarity stay NaN for a loss whose conjugate `duals` does not know.
    """

    value: float
    logits: NDArray[np.float64]
    status: str
    seconds: float
    bias: NDArray[np.float64]
    dual: NDArray[np.float64]
    objective: float = math.nan
    lower_bound: float = math.nan
    stationarity: float = math.nan
    dual_norm: float = math.nan

    @property
    def gap(self) -> float:
        """objective - lower_bound, both recomputed: the distance to the optimum is at most this."""
        return self.objective - self.lower_bound


def solve_conic(
    *,
    counts: Sequence[int],
    weight_decay: float,
    feature_decay: float,
    loss: str | losses.Loss = "cross-entropy",
    bias_decay: float | None = None,
    solver: str = "CLARABEL",
    **options: Any,
) -> ConicSolution:
    """Solve the nuclear-norm form with CVXPY; ``options`` go to the solver (tolerances by its own names).

    counts (C,) positive integers, C >= 2; both decays positive; loss: any of `simulations.losses`, by name or
    as an object; bias_decay: None for no bias, 0 for a free one, positive for (bias_decay/2)||b||^2;
    feature_dim is taken to be at least C - 1 (C where the best logits have full rank).
    A solver that gives up leaves a status other than "optimal" and value NaN. Raises InputError on bad input.
    """
    form = losses.resolve(loss)
    sizes = checked_counts("solve_conic", counts)
    weight_decay = checked_positive("solve_conic", "weight_decay", weight_decay)
    feature_decay = checked_positive("solve_conic", "feature_decay", feature_decay)
    bias_decay = checked_bias_decay("solve_conic", bias_decay)
    import cvxpy  # costs seconds; nothing else here needs it

    began = time.perf_counter()
    share, kappa, C = sizes / sizes.sum(), float(np.sqrt(weight_decay) * np.sqrt(feature_decay)), len(sizes)
    logits = cvxpy.Variable((C, C))
    upper, lower = cvxpy.Variable((C, C), symmetric=True), cvxpy.Variable((C, C), symmetric=True)
    bias = cvxpy.Constant(np.zeros(C)) if bias_decay is None else cvxpy.Variable(C)
    shift = np.ones((C, 1)) @ cvxpy.reshape(bias, (1, C), order="C")
    mean_loss = sum(  # a file's conic form sums over samples: one term for the classes of each size
        part * form.conic(cvxpy, logits=logits[share == part], labels=np.flatnonzero(share == part))
        for part in np.unique(share)
    )
    scaled = cvxpy.diag(np.sqrt(sizes)) @ (logits - shift)
    semidefinite = cvxpy.bmat([[upper, scaled], [scaled.T, lower]]) >> 0
    nuclear = 0.5 * (cvxpy.trace(upper) + cvxpy.trace(lower))
    penalty = kappa * nuclear + 0.5 * (bias_decay or 0.0) * cvxpy.sum_squares(bias)
    problem = cvxpy.Problem(cvxpy.Minimize(mean_loss + penalty), [semidefinite])
    try:
        with warnings.catch_warnings():  # "may be inaccurate" is what the status says
            warnings.simplefilter("ignore", UserWarning)
            problem.solve(solver=solver, **options)
        status = str(problem.status)
    except cvxpy.error.SolverError as error:
        status = f"failed: {error}"
    seconds = time.perf_counter() - began
    returned = (logits.value, bias.value, semidefinite.dual_value)
    if not all(part is not None and np.isfinite(part).all() for part in returned):
        nothing = np.full((C, C), np.nan)
        return ConicSolution(np.nan, nothing, status, seconds, np.full(C, np.nan), nothing.copy())
    # Stationarity in the logits: the gradient of the loss in X is twice the multiplier's corner.
    dual = 2.0 * semidefinite.dual_value[:C, C:] * (sizes.sum() / np.sqrt(sizes))[:, None]
    found = ConicSolution(
        float(problem.value), np.asarray(logits.value), status, seconds, np.asarray(bias.value), dual
    )
    return _derive(found, form, sizes, kappa, bias_decay)


def _derive(
    found: ConicSolution,
    form: losses.Loss,
    sizes: NDArray[np.float64],
    kappa: float,
    bias_decay: float | None,
) -> ConicSolution:
    """The same solution with its optimality recomputed from logits, bias and dual alone."""
    share = sizes / sizes.sum()
    each = form.value(logits=found.logits, labels=np.arange(len(sizes)))
    scaled = np.sqrt(sizes)[:, None] * (found.logits - found.bias)
    nuclear = float(np.linalg.svd(scaled, compute_uv=False).sum())
    penalty = kappa * nuclear + 0.5 * (bias_decay or 0.0) * float(found.bias @ found.bias)
    objective = float(share @ each) + penalty
    if not has_dual(form):
        return replace(found, objective=objective, dual_norm=dual_norm(found.dual, sizes) / kappa)
    # A multiplier meets the conjugate's domain only to the solver's accuracy, so it is moved there first.
    inside = feasible_rows(form, found.dual, counts=sizes, kappa=max(kappa, dual_norm(found.dual, sizes)) * 2)
    excess = each - (inside * found.logits).sum(axis=1) - row_values(form, inside)
    return replace(
        found,
        objective=objective,
        lower_bound=dual_value(form, found.dual, counts=sizes, kappa=kappa, bias_decay=bias_decay),
        stationarity=float(share @ excess),
        dual_norm=dual_norm(found.dual, sizes) / kappa,
    )
