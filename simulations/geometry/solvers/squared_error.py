# SPDX-License-Identifier: MIT
"""Squared error ||z - e_c||^2/2, with or without a bias: singular values shrunk by N kappa.

Without bias, with a free one, and with a regularised one for equal classes or under enough decay the optimum
has a closed form (`simulations.geometry.closed_forms_losses`). For a regularised bias otherwise the best
features given b are still a shrinkage, D Z = shrink(D (I - 1 b')), and what remains is a function of b alone,
convex with gradient sum_c (n_c/N)(z_c + b - e_c) + beta b (a Moreau envelope plus (beta/2)||b||^2), which
L-BFGS minimises; the dual point is feasible at every b, and the gap is ||gradient||^2/(2 beta). The rank of
the best Z is at most C, with a free bias C - 1.

Below that rank, without bias or with a free one, the shrinkage is cut to its feature_dim largest singular
values, and that is the minimum there: with M = D, or D (I - 1 n'/N), von Neumann's trace inequality gives
||M - X||^2 >= sum_i (sigma_i(M) - sigma_i(X))^2 (Mirsky 1960), so that over X of rank d

    objective >= (1/2N) [sum_{i <= d} min(sigma_i(M), N kappa)^2 + sum_{i > d} sigma_i(M)^2]
                 + kappa sum_{i <= d} [sigma_i(M) - N kappa]_+,

each term minimised by itself; the rank goes to the largest sigma_i because each is worth
[sigma_i - N kappa]_+^2/(2N). With a regularised bias the answer below the rank is a stationary point only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.optimize import root as root_of

from simulations.geometry.closed_forms_losses import ClosedForm, squared_error_optimum
from simulations.geometry.convex_form import Convex
from simulations.geometry.row_losses import SquaredRows
from simulations.geometry.smooth_search import shrunken_candidate, solve_smooth
from simulations.geometry.solvers import Candidate, Planted, Problem, Solver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def solve(problem: Problem) -> Candidate:
    """The global minimum; with a regularised bias, below the rank of the best logits, a stationary point."""
    convex = Convex(problem, SquaredRows())
    closed = squared_error_optimum(
        problem.counts,
        weight_decay=problem.weight_decay,
        feature_decay=problem.feature_decay,
        bias_decay=problem.bias_decay,
    )
    spent = 0
    if closed is None:
        closed, spent = _over_bias(convex)
    found = shrunken_candidate(convex, closed, spent)
    if found.certified_dimension is not None and found.certified_dimension <= problem.feature_dim:
        return found
    if not problem.bias_decay:
        certificate = "closed form: shrinkage of the largest singular values, von Neumann and Mirsky 1960"
        return replace(found, lower_bound=_least_at_rank(convex), certificate=certificate)
    low = solve_smooth(problem, convex.loss, np.eye(len(problem.counts)))
    return replace(low, certified_dimension=found.certified_dimension)


def _least_at_rank(convex: Convex) -> float:
    """The least objective at feature_dim, without bias or with a free one, from singular values alone."""
    problem, total = convex.problem, float(convex.problem.counts.sum())
    centre = convex.share if problem.bias_decay == 0.0 else np.zeros(len(convex.root))
    scaled = convex.root[:, None] * (np.eye(len(convex.root)) - centre)
    values = np.linalg.svd(scaled, compute_uv=False)
    kept, lost = np.split(values, [problem.feature_dim])
    after = np.maximum(kept - total * convex.kappa, 0.0)
    return float(0.5 * (np.square(kept - after).sum() + lost @ lost) / total + convex.kappa * after.sum())


def _over_bias(convex: Convex) -> tuple[ClosedForm, int]:
    """The best bias by L-BFGS, everything else in closed form given it, and the iterations spent."""
    problem, root, total = convex.problem, convex.root, float(convex.problem.counts.sum())
    decay = problem.bias_decay or 0.0

    def shrunk(bias: Array) -> tuple[Array, Array, float]:
        left, before, right = np.linalg.svd(root[:, None] * (np.eye(len(root)) - bias))
        after = np.maximum(before - total * convex.kappa, 0.0)
        kept = np.minimum(before, total * convex.kappa)
        value = 0.5 * float(kept @ kept) / total + convex.kappa * float(after.sum())
        return (left * after) @ right, (left * kept) @ right, value + 0.5 * decay * float(bias @ bias)

    def scaled(bias: Array) -> tuple[float, Array]:
        _, kept, value = shrunk(bias)
        return value / unit, (decay * bias - root @ kept / total) / unit

    def gap(bias: Array) -> float:
        return float(np.square(unit * scaled(bias)[1]).sum()) / (2.0 * decay)

    bias = convex.share / (1.0 + decay)
    unit = shrunk(bias)[2]
    options = {"maxiter": problem.max_iterations, "ftol": 1e-16, "gtol": 0.0, "maxcor": 30}
    result = minimize(scaled, bias, jac=True, method="L-BFGS-B", options=options)
    bias, spent = np.asarray(result.x), int(result.nit)
    value = shrunk(bias)[2]
    if gap(bias) > 0.1 * problem.tolerance * min(1.0, value) and spent < problem.max_iterations:
        # The value has no more digits, its gradient has.
        with np.errstate(all="ignore"):
            limits = {"maxiter": min(50, problem.max_iterations - spent), "fatol": 1e-15}
            sharper = root_of(lambda point: scaled(point)[1], bias, method="krylov", options=limits)
        spent += int(sharper.nit)
        if np.all(np.isfinite(sharper.x)):
            bias = min((bias, np.asarray(sharper.x)), key=gap)
    moved, kept, value = shrunk(bias)
    return ClosedForm(value, moved / root[:, None], bias, "", -kept / root[:, None]), spent


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
    says="Squared error with or without bias: singular values shrunk, in closed form or given the best bias.",
    solve=solve,
    planted=planted,
    starved={
        "counts": (500, 500, 50),
        "weight_decay": 5e-3,
        "feature_decay": 1e-5,
        "feature_dim": 10,
        "bias_decay": 5e-3,
        "max_iterations": 1,
    },
    handles_bias=True,
)
