# SPDX-License-Identifier: MIT
"""Squared error: in closed form where there is one, by quasi-Newton on factors where the bias is regularised
and the classes unequal.

The closed forms and their sources are in `simulations.geometry.closed_forms_losses`; they are certified like
every other point. The best logits have rank C in general, one less with a free bias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.closed_forms_losses import squared_error_optimum
from simulations.geometry.convex_form import Convex
from simulations.geometry.row_losses import SquaredRows
from simulations.geometry.smooth_search import closed_candidate, solve_smooth
from simulations.geometry.solvers import Candidate, Planted, Problem, Solver

if TYPE_CHECKING:
    from collections.abc import Sequence


def solve(problem: Problem) -> Candidate:
    """The global minimum where feature_dim reaches the rank of the best logits, a stationary point below."""
    loss = SquaredRows()
    closed = squared_error_optimum(
        problem.counts,
        weight_decay=problem.weight_decay,
        feature_decay=problem.feature_decay,
        bias_decay=problem.bias_decay,
    )
    if closed is not None:
        found = closed_candidate(Convex(problem, loss), closed)
        if found is not None:
            return found
    return solve_smooth(problem, loss, np.eye(len(problem.counts)))


def planted() -> Sequence[Planted]:
    """Frames written out entry by entry, not taken from the closed form that the solver uses."""
    n, C, kappa = 20.0, 4, 5e-3
    c = C * np.sqrt(n) * kappa  # (1 - c): how much of the label the frame keeps
    frame, simplex = np.eye(C), np.eye(C) - 1.0 / C
    decays = {"weight_decay": kappa, "feature_decay": kappa, "feature_dim": C}
    balanced = {"counts": (20,) * C, **decays}
    zhou, tirer = "Zhou et al. 2022 (arXiv:2203.01238)", "Tirer & Bruna 2022 (arXiv:2202.08087)"
    sizes, small = np.array([60.0, 30.0, 10.0]), 0.04
    lengths = np.maximum(1.0 - 100.0 * small / np.sqrt(sizes), 0.0)
    # regularised bias 1: twice the shrinkage along the mean, which keeps (1 - 2c)
    mean, b = 1.0 - 2.0 * c, c / C
    residual = np.array([(1 - c) - 1.0 + (mean - (1 - c)) / C + b] + [(mean - (1 - c)) / C + b] * (C - 1))
    regularised = 0.5 * residual @ residual + c / C * ((C - 1) * (1 - c) + mean) + 0.5 * C * b * b
    return [
        Planted(arguments=balanced, value=0.5 * (1 - (1 - c) ** 2), logits=(1 - c) * frame, source=tirer),
        Planted(
            arguments={**balanced, "bias_decay": 0.0},
            value=(C - 1) / C * 0.5 * (1 - (1 - c) ** 2),
            logits=(1 - c) * simplex + 1.0 / C,
            source=zhou,
        ),
        Planted(
            arguments={**balanced, "bias_decay": 1.0},
            value=float(regularised),
            logits=(1 - c) * frame + (mean - (1 - c)) / C + b,
            source=zhou,
        ),
        Planted(
            arguments={"counts": (60, 30, 10), "weight_decay": small, "feature_decay": small},
            value=float(0.5 * (sizes / 100.0) @ (1.0 - lengths) ** 2 + small * np.sqrt(sizes) @ lengths),
            logits=np.diag(lengths),
            source="Dang et al. 2023 (arXiv:2301.00437)",
        ),
        Planted(
            arguments={"counts": (20,) * C, "weight_decay": 0.06, "feature_decay": 0.06},
            value=0.5,
            logits=np.zeros((C, C)),
            status="trivial",
            source=tirer,
        ),
    ]


SOLVER = Solver(
    name="shrunken-squared-error",
    loss="squared-error",
    says="Squared error with or without bias: shrunken singular values, or factors where no closed form is.",
    solve=solve,
    planted=planted,
    starved={
        "counts": (500, 500, 50),
        "weight_decay": 5e-3,
        "feature_decay": 1e-5,
        "feature_dim": 10,
        "bias_decay": 0.1,
        "max_iterations": 2,
    },
    handles_bias=True,
)
