# SPDX-License-Identifier: MIT
"""Cross-entropy without bias, with a free bias or with a regularised one, on factors of the logits.

A free bias takes over what the class sizes alone explain: features start to matter at
kappa = ||D (I - 1 n'/N)||_op / N, where p = n/N for every sample (derivation: the gradient of the constant
prediction). Balanced classes: the bias is zero and the optimum that of Zhu et al. 2021 (arXiv:2105.02375),
Theorem 3.1, who prove it for free and regularised bias. The bound: `simulations.geometry.convex_form`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.closed_forms import balanced_optimum
from simulations.geometry.row_losses import SoftmaxRows
from simulations.geometry.smooth_search import simplex_guess, solve_smooth
from simulations.geometry.solvers import Candidate, Planted, Problem, Solver

if TYPE_CHECKING:
    from collections.abc import Sequence


def solve(problem: Problem) -> Candidate:
    """The global minimum for feature_dim >= C - 1, a stationary point below; the bound holds for both."""
    return solve_smooth(problem, SoftmaxRows(), simplex_guess(problem, 0.0))


def planted() -> Sequence[Planted]:
    """Balanced classes with no, a free and a regularised bias, zero with its bias, two unequal classes."""
    cases = []
    for C, n, weight_decay, feature_decay in ((3, 10, 1e-4, 1e-2), (10, 50, 2e-3, 1e-5), (4, 20, 1.0, 1.0)):
        decays = {"weight_decay": weight_decay, "feature_decay": feature_decay}
        closed = balanced_optimum(num_classes=C, samples_per_class=n, **decays)
        for bias_decay in (None, 0.0, 1e-2):
            cases.append(
                Planted(
                    arguments={"counts": (n,) * C, **decays, "feature_dim": C, "bias_decay": bias_decay},
                    value=closed.value,
                    logits=closed.logits,
                    status="trivial" if closed.trivial else "optimal",
                    source="Zhu et al. 2021 (arXiv:2105.02375), Theorem 3.1",
                )
            )
    share = np.array([0.5, 0.3, 0.2])
    cases.append(
        Planted(
            arguments={
                "counts": (50, 30, 20),
                "weight_decay": 0.1,
                "feature_decay": 0.1,
                "bias_decay": 0.0,
            },
            value=float(-share @ np.log(share)),
            status="trivial",
            source="entropy of the class shares: bias alone",
        )
    )
    return cases


SOLVER = Solver(
    name="biased-cross-entropy",
    loss="cross-entropy",
    says="Cross-entropy with or without bias by L-BFGS and Newton steps on factors, certified by its dual.",
    solve=solve,
    planted=planted,
    starved={
        "counts": (500, 500, 50),
        "weight_decay": 5e-3,
        "feature_decay": 1e-5,
        "feature_dim": 10,
        "bias_decay": 1e-2,
        "max_iterations": 2,
    },
    handles_bias=True,
)
