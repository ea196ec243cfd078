# SPDX-License-Identifier: MIT
"""The same problem as a conic program in CVXPY: an independent, slower reference.

    minimise sum_c (n_c/n) CE(Z_c, c) + kappa || diag(sqrt(n_c)) Z ||_*

with exponential and semidefinite cones. Exact for feature_dim >= C - 1 (convex form of Zhu et al. 2021,
arXiv:2105.02375).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ConicSolution:
    """value: reported optimum; logits (C, C), row c = class c; status: CVXPY's word; seconds: wall clock."""

    value: float
    logits: NDArray[np.float64]
    status: str
    seconds: float


def solve_conic(
    *,
    counts: Sequence[int],
    weight_decay: float,
    feature_decay: float,
    solver: str = "CLARABEL",
    **options: Any,
) -> ConicSolution:
    """Solve the nuclear-norm form with CVXPY; ``options`` go to the solver (tolerances by its own names).

    counts (C,) positive integers; both decays positive; feature_dim is taken to be at least C - 1.
    A solver that gives up leaves status other than "optimal" and value NaN.
    """
    import cvxpy  # costs seconds; nothing else here needs it

    began = time.perf_counter()
    sizes = np.asarray(counts, dtype=np.float64)
    share, kappa = sizes / sizes.sum(), np.sqrt(weight_decay) * np.sqrt(feature_decay)
    logits = cvxpy.Variable((len(sizes), len(sizes)))
    loss = share @ (cvxpy.log_sum_exp(logits, axis=1) - cvxpy.diag(logits))
    problem = cvxpy.Problem(cvxpy.Minimize(loss + kappa * cvxpy.normNuc(cvxpy.diag(np.sqrt(sizes)) @ logits)))
    try:
        with warnings.catch_warnings():  # "may be inaccurate" is what the status says
            warnings.simplefilter("ignore", UserWarning)
            problem.solve(solver=solver, **options)
    except cvxpy.error.SolverError as error:
        return ConicSolution(
            np.nan, np.full(logits.shape, np.nan), f"failed: {error}", time.perf_counter() - began
        )
    if logits.value is None:
        return ConicSolution(
            np.nan, np.full(logits.shape, np.nan), problem.status, time.perf_counter() - began
        )
    return ConicSolution(float(problem.value), logits.value, problem.status, time.perf_counter() - began)
