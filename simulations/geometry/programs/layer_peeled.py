# SPDX-License-Identifier: MIT
"""The layer-peeled model as a semidefinite program in CVXPY: an independent, slower reference.

With X = [H W]'[H W], of size 2C, class means in H and the classifier in W (Fang et al. 2021,
arXiv:2101.12699, convex relaxation, exact for d >= 2C; C - 1 suffices, by the nuclear-norm form of
models/layer_peeled.py):

    minimise sum_c (n_c/n) CE(X_HW[c], c)
    subject to sum_c v_c X_HH[c, c] <= E_H,   (1/C) trace X_WW <= E_W,   X >= 0,

v_c = 1/C ("class") or n_c/n ("sample"). With multipliers mu_H, mu_W of the traces and S of X >= 0,
stationarity is

    S = [[mu_H diag(v), G/2], [G'/2, (mu_W/C) I]],   G = diag(n_c/n) (softmax(X_HW) - I).

For any row-stochastic P in place of the softmax and any multipliers with S >= 0, sum_c (n_c/n) H(p_c) -
mu_H E_H - mu_W E_W is a lower bound (Gibbs for the loss, <S, X> >= 0 for the rest). `optimality` recomputes
all of this from what the solver read back, without the solver.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import entr

from simulations import losses
from simulations.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PeeledSDP:
    """What CVXPY returned; NaN throughout where it gave up.

    value: reported optimum. gram (2C, 2C): X, features first. feature_multiplier, classifier_multiplier:
    mu_H, mu_W. psd_dual (2C, 2C): S. share, feature_weight (C,): n_c/n and v. feature_budget,
    classifier_budget: E_H, E_W. status: CVXPY's word. seconds: wall clock.
    """

    value: float
    gram: NDArray[np.float64]
    feature_multiplier: float
    classifier_multiplier: float
    psd_dual: NDArray[np.float64]
    share: NDArray[np.float64]
    feature_weight: NDArray[np.float64]
    feature_budget: float
    classifier_budget: float
    status: str
    seconds: float

    @property
    def logits(self) -> NDArray[np.float64]:
        """X_HW (C, C), row c = class c."""
        C = len(self.share)
        return self.gram[:C, C:]

    @property
    def classifier_gram(self) -> NDArray[np.float64]:
        """W W' (C, C)."""
        C = len(self.share)
        return self.gram[C:, C:]

    def optimality(self) -> dict[str, float]:
        """Residuals and bounds, each zero (or zero gap) at an exact optimum.

        trace_excess: largest violation of the two budgets; gram_eigenvalue and dual_eigenvalue: least
        eigenvalue of X and S; complementarity: <S, X>; budget_slack: multipliers times unused budget;
        stationarity: largest entry of S minus its form above; upper_bound: loss of a feasible point near X;
        lower_bound: the bound above at softmax(X_HW), with the multipliers scaled up until S >= 0; gap:
        their difference.
        """
        C, G = len(self.share), self._slope()
        traces = np.array([self.feature_weight @ np.diag(self.gram)[:C], np.trace(self.classifier_gram) / C])
        budgets = np.array([self.feature_budget, self.classifier_budget])
        prices = np.array([self.feature_multiplier, self.classifier_multiplier])
        diagonal = [prices[0] * np.diag(self.feature_weight), prices[1] / C * np.eye(C)]
        formed = np.block([[diagonal[0], G / 2.0], [G.T / 2.0, diagonal[1]]])
        upper, lower = self._upper_bound(), self._lower_bound(G)
        return {
            "trace_excess": float(np.max(traces - budgets)),
            "gram_eigenvalue": float(np.linalg.eigvalsh(self.gram)[0]),
            "dual_eigenvalue": float(np.linalg.eigvalsh(self.psd_dual)[0]),
            "complementarity": float((self.psd_dual * self.gram).sum()),
            "budget_slack": float(prices @ (budgets - traces)),
            "stationarity": float(np.max(np.abs(self.psd_dual - formed))),
            "upper_bound": upper,
            "lower_bound": lower,
            "gap": upper - lower,
        }

    def _slope(self) -> NDArray[np.float64]:
        labels = np.arange(len(self.share))
        return self.share[:, None] * losses.get("cross-entropy").gradient(logits=self.logits, labels=labels)

    def _upper_bound(self) -> float:
        """Loss of X with its negative eigenvalues removed and both blocks scaled into their budgets."""
        C = len(self.share)
        values, vectors = np.linalg.eigh(self.gram)
        near = (vectors * np.maximum(values, 0.0)) @ vectors.T
        used = self.feature_weight @ np.diag(near)[:C], np.trace(near[C:, C:]) / C
        shrink = min(1.0, self.feature_budget / used[0]) * min(1.0, self.classifier_budget / used[1])
        logits = near[:C, C:] * np.sqrt(shrink)
        return float(self.share @ losses.get("cross-entropy").value(logits=logits, labels=np.arange(C)))

    def _lower_bound(self, slope: NDArray[np.float64]) -> float:
        """Entropy minus the price of the budgets; S >= 0 iff 4 mu_H mu_W >= C ||diag(1/sqrt v) G||_op^2."""
        C, chances = len(self.share), np.eye(len(self.share)) + slope / self.share[:, None]
        entropy = self.share @ entr(np.maximum(chances, 0.0)).sum(axis=1)
        norm = float(np.linalg.norm(slope / np.sqrt(self.feature_weight)[:, None], 2))
        prices = max(self.feature_multiplier, 0.0), max(self.classifier_multiplier, 0.0)
        if prices[0] * prices[1] == 0.0:
            return 0.0  # cross-entropy is never negative
        raise_by = max(1.0, norm * np.sqrt(C) / (2.0 * np.sqrt(prices[0] * prices[1])))
        return float(
            entropy - raise_by * (prices[0] * self.feature_budget + prices[1] * self.classifier_budget)
        )


def solve_layer_peeled_sdp(
    *,
    counts: Sequence[float],
    classifier_budget: float,
    feature_budget: float,
    budget: str = "class",
    solver: str = "CLARABEL",
    **options: Any,
) -> PeeledSDP:
    """Solve the program with CVXPY; ``options`` go to the solver.

    counts (C,) positive; a negative budget leaves status "infeasible" and NaN. budget: "class" or "sample".
    A solver that gives up leaves its status and NaN. Raises InputError for another budget, and for a norm
    budget that is zero (the constraints have no interior point, so multipliers need not exist) or not
    finite.
    """
    for name, given in (("classifier_budget", classifier_budget), ("feature_budget", feature_budget)):
        if given == 0.0 or not np.isfinite(given):
            raise InputError(
                f"layer-peeled program: received {name} = {given!r}; a finite number other than zero is "
                "required: at zero no point is strictly inside and multipliers need not exist, without bound "
                "the loss only approaches its infimum."
            )
    if budget not in ("class", "sample"):
        raise InputError(f"layer-peeled program: received budget = {budget!r}; class or sample is required.")
    import cvxpy  # costs seconds; nothing else here needs it

    began = time.perf_counter()
    sizes = np.asarray(counts, dtype=np.float64)
    C, share = len(sizes), sizes / sizes.sum()
    weight = share if budget == "sample" else np.full(C, 1.0 / C)
    gram = cvxpy.Variable((2 * C, 2 * C), symmetric=True)
    form = losses.get("cross-entropy")
    loss = sum(
        part * form.conic(cvxpy, logits=gram[:C, C:][share == part], labels=np.flatnonzero(share == part))
        for part in np.unique(share)
    )
    diagonal = cvxpy.diag(gram)
    constraints = [
        weight @ diagonal[:C] <= feature_budget,
        cvxpy.sum(diagonal[C:]) / C <= classifier_budget,
        gram >> 0,
    ]
    problem = cvxpy.Problem(cvxpy.Minimize(loss), constraints)
    try:
        with warnings.catch_warnings():  # "may be inaccurate" is what the status says
            warnings.simplefilter("ignore", UserWarning)
            problem.solve(solver=solver, **options)
        status = str(problem.status)
    except cvxpy.error.SolverError as error:
        status = f"failed: {error}"
    known = gram.value is not None and constraints[2].dual_value is not None
    blank = np.full((2 * C, 2 * C), np.nan)
    return PeeledSDP(
        value=float(problem.value) if known else np.nan,
        gram=np.asarray(gram.value) if known else blank,
        feature_multiplier=float(constraints[0].dual_value) if known else np.nan,
        classifier_multiplier=float(constraints[1].dual_value) if known else np.nan,
        psd_dual=constraints[2].dual_value if known else blank,
        share=share,
        feature_weight=weight,
        feature_budget=float(feature_budget),
        classifier_budget=float(classifier_budget),
        status=status,
        seconds=time.perf_counter() - began,
    )
