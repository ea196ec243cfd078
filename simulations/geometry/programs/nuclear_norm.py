# SPDX-License-Identifier: MIT
"""The same problem as a conic program in CVXPY: an independent, slower reference for every solver.

    minimise sum_c (n_c/n) loss(Z_c, c) + kappa || diag(sqrt(n_c)) Z ||_*

with the conic form of the loss's own file. Exact for a feature_dim that is at least the rank of the best
logits, C - 1 for cross-entropy (convex form of Zhu et al. 2021, arXiv:2105.02375).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations import losses

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
    loss: str = "cross-entropy",
    solver: str = "CLARABEL",
    **options: Any,
) -> ConicSolution:
    """Solve the nuclear-norm form with CVXPY; ``options`` go to the solver (tolerances by its own names).

    counts (C,) positive integers; both decays positive; loss: any file of `simulations.losses`; feature_dim
    is taken to be at least C - 1 (C where the best logits have full rank).
    A solver that gives up leaves status other than "optimal" and value NaN. Raises InputError for an unknown
    loss.
    """
    form = losses.get(loss)
    import cvxpy  # costs seconds; nothing else here needs it

    began = time.perf_counter()
    sizes = np.asarray(counts, dtype=np.float64)
    share, kappa = sizes / sizes.sum(), np.sqrt(weight_decay) * np.sqrt(feature_decay)
    logits = cvxpy.Variable((len(sizes), len(sizes)))
    mean_loss = sum(  # a file's conic form sums over samples: one term for the classes of each size
        part * form.conic(cvxpy, logits=logits[share == part], labels=np.flatnonzero(share == part))
        for part in np.unique(share)
    )
    penalty = kappa * cvxpy.normNuc(cvxpy.diag(np.sqrt(sizes)) @ logits)
    problem = cvxpy.Problem(cvxpy.Minimize(mean_loss + penalty))
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
