# SPDX-License-Identifier: MIT
"""The max-margin unconstrained-features model as a semidefinite program in CVXPY: a slower reference.

    minimise (sum_c n_c X_HH[c, c] + trace X_WW)/2
    subject to delta_c Z_cc - delta_j Z_cj >= m_cj for all j != c,   Z = X_HW,   X >= 0,

X = [H W]'[H W] of size 2C: the least nuclear norm of diag(sqrt n) Z under the margins (Thrampoulidis et al.
2022, arXiv:2208.05512; scales delta of Behnia et al. 2023, arXiv:2303.07608). With multipliers lambda_cj >=
0 of the margins and Lambda of rows sum_j lambda_cj (delta_c e_c - delta_j e_j), stationarity is that the
dual of X >= 0 is

    S = [[diag(n)/2, -Lambda/2], [-Lambda'/2, I/2]],

and for any lambda >= 0, sum lambda_cj m_cj/||diag(1/sqrt n) Lambda||_op is a lower bound: scaled so, S >= 0.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class MarginSDP:
    """What CVXPY returned; NaN throughout where it gave up.

    value: reported optimum. gram (2C, 2C): X, features first. multipliers (C, C): lambda, zero diagonal.
    psd_dual (2C, 2C): S. counts, scales (C,), margins (C, C): the problem. status: CVXPY's word. seconds:
    wall clock.
    """

    value: float
    gram: NDArray[np.float64]
    multipliers: NDArray[np.float64]
    psd_dual: NDArray[np.float64]
    counts: NDArray[np.float64]
    scales: NDArray[np.float64]
    margins: NDArray[np.float64]
    status: str
    seconds: float

    @property
    def logits(self) -> NDArray[np.float64]:
        """Z (C, C), row c = class c."""
        C = len(self.counts)
        return self.gram[:C, C:]

    def optimality(self) -> dict[str, float]:
        """Residuals and bounds, each zero (or zero gap) at an exact optimum.

        shortfall: largest amount by which a margin is missed; gram_eigenvalue, dual_eigenvalue: least
        eigenvalue of X and S; least_multiplier; complementarity: <S, X>; margin_slack: sum of lambda times
        unused margin; stationarity: largest entry of S minus its form above; upper_bound: nuclear norm of
        diag(sqrt n) Z with the true logits raised until every margin is met; lower_bound: the one above
        with negative lambda set to zero.
        """
        C, wrong = len(self.counts), ~np.eye(len(self.counts), dtype=bool)
        own = np.diag(self.logits) * self.scales
        unused = own[:, None] - self.logits * self.scales - self.margins
        Lambda = self._matrix(self.multipliers)
        formed = 0.5 * np.block([[np.diag(self.counts), -Lambda], [-Lambda.T, np.eye(C)]])
        missed = np.maximum(-np.where(wrong, unused, np.inf).min(axis=1), 0.0)
        raised = self.logits + np.diag(missed / self.scales)
        upper = float(np.linalg.norm(np.sqrt(self.counts)[:, None] * raised, "nuc"))
        kept = np.maximum(self.multipliers, 0.0)
        norm = float(np.linalg.norm(self._matrix(kept) / np.sqrt(self.counts)[:, None], 2))
        lower = float((kept * self.margins)[wrong].sum()) / norm if norm > 0.0 else 0.0
        return {
            "shortfall": float(-unused[wrong].min()),
            "gram_eigenvalue": float(np.linalg.eigvalsh(self.gram)[0]),
            "dual_eigenvalue": float(np.linalg.eigvalsh(self.psd_dual)[0]),
            "least_multiplier": float(self.multipliers[wrong].min()),
            "complementarity": float((self.psd_dual * self.gram).sum()),
            "margin_slack": float((self.multipliers * unused)[wrong].sum()),
            "stationarity": float(np.max(np.abs(self.psd_dual - formed))),
            "upper_bound": upper,
            "lower_bound": lower,
            "gap": upper - lower,
        }

    def _matrix(self, multipliers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lambda (C, C) from lambda (C, C) with zero diagonal."""
        return np.diag(multipliers.sum(axis=1) * self.scales) - multipliers * self.scales


def solve_max_margin_sdp(
    *,
    counts: Sequence[float],
    scales: ArrayLike | None = None,
    margins: ArrayLike = 1.0,
    solver: str = "CLARABEL",
    **options: Any,
) -> MarginSDP:
    """Solve the program with CVXPY; ``options`` go to the solver.

    counts (C,) positive; scales (C,), 1 when omitted; margins: one number, one a class (C,), or (C, C) with
    a diagonal that is not read. A solver that gives up leaves its status and NaN. Raises InputError where
    scales or margins are not finite.
    """
    import cvxpy  # costs seconds; nothing else here needs it

    began = time.perf_counter()
    sizes = np.asarray(counts, dtype=np.float64)
    C = len(sizes)
    delta = np.ones(C) if scales is None else np.asarray(scales, dtype=np.float64)
    asked = np.asarray(margins, dtype=np.float64)
    if not (np.all(np.isfinite(delta)) and np.all(np.isfinite(asked))):
        raise InputError(
            f"max-margin program: received scales = {scales!r}, margins = {margins!r}; finite numbers are "
            "required: an infinite margin has no feasible point."
        )
    asked = np.broadcast_to(asked[:, None] if asked.ndim == 1 else asked, (C, C))
    gram = cvxpy.Variable((2 * C, 2 * C), symmetric=True)
    classes, others = np.nonzero(~np.eye(C, dtype=bool))
    logits, pick = gram[:C, C:], np.eye(C)[classes]
    own = cvxpy.multiply(delta[classes], cvxpy.diag(logits)[classes])
    rest = cvxpy.multiply(delta[others], cvxpy.sum(cvxpy.multiply(pick @ logits, np.eye(C)[others]), axis=1))
    constraints = [own - rest >= asked[classes, others], gram >> 0]
    diagonal = cvxpy.diag(gram)
    problem = cvxpy.Problem(
        cvxpy.Minimize((sizes @ diagonal[:C] + cvxpy.sum(diagonal[C:])) / 2.0), constraints
    )
    try:
        with warnings.catch_warnings():  # "may be inaccurate" is what the status says
            warnings.simplefilter("ignore", UserWarning)
            problem.solve(solver=solver, **options)
        status = str(problem.status)
    except cvxpy.error.SolverError as error:
        status = f"failed: {error}"
    known = gram.value is not None and constraints[1].dual_value is not None
    blank, multipliers = np.full((2 * C, 2 * C), np.nan), np.zeros((C, C))
    multipliers[classes, others] = constraints[0].dual_value if known else np.nan
    return MarginSDP(
        value=float(problem.value) if known else np.nan,
        gram=np.asarray(gram.value) if known else blank,
        multipliers=multipliers,
        psd_dual=constraints[1].dual_value if known else blank,
        counts=sizes,
        scales=delta,
        margins=np.array(asked),
        status=status,
        seconds=time.perf_counter() - began,
    )
