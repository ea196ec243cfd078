# SPDX-License-Identifier: MIT
"""Cross-entropy with label smoothing, any smoothing in [0, 1), with or without a bias.

Targets (1 - smoothing) e_c + smoothing/C. Zero is optimal without bias from kappa = (1 - smoothing)
||D (I - J/C)||_op / N on: the gradient at zero is that of cross-entropy times 1 - smoothing; with a free bias
I - J/C is replaced by I - 1 n'/N. Balanced classes: `balanced_label_smoothing`. The bound:
`simulations.geometry.convex_form`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulations.geometry.closed_forms_losses import balanced_label_smoothing
from simulations.geometry.row_losses import SoftmaxRows
from simulations.geometry.smooth_search import simplex_guess, solve_smooth
from simulations.geometry.solvers import Candidate, Planted, Problem, Solver

if TYPE_CHECKING:
    from collections.abc import Sequence


def solve(problem: Problem) -> Candidate:
    """The global minimum for feature_dim >= C - 1, a stationary point below; the bound holds for both."""
    smoothing = float(problem.parameters["smoothing"])
    return solve_smooth(problem, SoftmaxRows(smoothing), simplex_guess(problem, smoothing))


def planted() -> Sequence[Planted]:
    """Balanced classes with no, a free and a regularised bias, at the default smoothing 0.1."""
    cases = []
    for C, n, decay in ((2, 5, 1e-2), (3, 10, 1e-3), (10, 50, 1e-4), (4, 20, 0.06)):
        decays = {"weight_decay": decay, "feature_decay": decay}
        closed = balanced_label_smoothing(num_classes=C, samples_per_class=n, smoothing=0.1, **decays)
        for bias_decay in (None, 0.0, 1e-2):
            cases.append(
                Planted(
                    arguments={"counts": (n,) * C, **decays, "feature_dim": C, "bias_decay": bias_decay},
                    value=closed.value,
                    logits=closed.logits,
                    status="trivial" if closed.trivial else "optimal",
                    source=closed.source,
                )
            )
    return cases


SOLVER = Solver(
    name="factorised-label-smoothing",
    loss="label-smoothing",
    says="Label smoothing with or without bias by L-BFGS and Newton steps on factors, certified by its dual.",
    solve=solve,
    planted=planted,
    starved={
        "counts": (500, 500, 50),
        "weight_decay": 5e-3,
        "feature_decay": 1e-5,
        "feature_dim": 10,
        "max_iterations": 2,
    },
    handles_bias=True,
)
