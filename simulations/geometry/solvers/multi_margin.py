# SPDX-License-Identifier: MIT
"""Multi-margin (1/C) sum_{j != c} max(0, 1 + z_j - z_c), with or without a bias: multipliers for its kinks.

The hinges are not smooth, and at an optimum many sit exactly at their kink. Each is replaced by its augmented
Lagrangian (`HingeRows`), a smooth problem that the factorised quasi-Newton solves; then the multipliers u
move to the maximising v and the width shrinks: the proximal point method on the dual (Rockafellar 1976,
Math. Oper. Res. 1(2)). v/C is in the dual's domain throughout, so that every round gives a certified
bound; the rounds end when the gap, taken with the loss itself, is within a tenth of the tolerance.

Without bias zero is optimal from kappa = ||D (I - J/C)||_op / N on, as for cross-entropy: at zero no hinge is
at its kink and the slopes are those of cross-entropy. Below rank C - 1 the rounds give a local answer only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.closed_forms_losses import balanced_multi_margin
from simulations.geometry.convex_form import Bound, Convex
from simulations.geometry.factorised_smooth import Factorised, Point, minimise
from simulations.geometry.row_losses import HingeRows
from simulations.geometry.smooth_search import at_zero, descend, recovered, start, truncated
from simulations.geometry.solvers import Candidate, Planted, Problem, Solver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SHRINK, NARROW, ROUNDS, LOW_ROUNDS = 0.3, 1e-3, 60, 12


@dataclass(frozen=True, eq=False)
class _Rounds:
    """The last point, its objective, the best bound of all rounds, the iterations spent."""

    point: Point
    objective: float
    bound: Bound
    spent: int


def solve(problem: Problem) -> Candidate:
    """The global minimum for feature_dim >= C - 1, a local one below; the bound holds for both."""
    C = len(problem.counts)
    convex = Convex(problem, HingeRows(np.zeros((C, C)), 1.0))
    bias, slope = convex.constant
    if problem.bias_decay is None and convex.operator_norm(slope) <= convex.kappa:
        return at_zero(convex, bias, convex.bound(slope))
    first = _first(convex)
    full = _full_rank(problem, first)
    nothing = np.zeros_like(full.point.left)
    zero = _objective(convex, Point(nothing, nothing, full.point.bias, residual=0.0, iterations=0))
    if zero - full.bound.value <= problem.tolerance * min(1.0, zero):
        return at_zero(convex, full.point.bias, full.bound, full.spent)
    if problem.feature_dim >= C - 1:
        return recovered(convex, full.point, full.bound, iterations=full.spent)
    point, spent = _low_rank(full, problem, first)
    settled = point.residual <= 1e-6 and full.objective - full.bound.value <= 1e-3 * full.objective
    return recovered(convex, point, full.bound, settled=settled, iterations=spent)


def _first(convex: Convex) -> HingeRows:
    """Multipliers of equal classes, kappa over its value from which on zero is optimal, and width 1, or more
    where tiny multipliers would lose their digits to those of the hinges."""
    C = len(convex.root)
    scale = min(1.0, convex.kappa / convex.operator_norm(convex.constant[1]))
    return HingeRows(np.full((C, C), scale), max(1.0, 1e-5 / scale))


def _full_rank(problem: Problem, hinges: HingeRows) -> _Rounds:
    """Rounds until the gap is closed or the budget spent."""
    C, spent, least = len(problem.counts), 0, NARROW * hinges.width
    convex = Convex(problem, hinges)
    flat = start(Factorised(convex, C - 1), np.eye(C) - 1.0 / C)
    bound = Bound(-np.inf, np.zeros((C, C)))
    for _ in range(ROUNDS):
        convex = Convex(problem, hinges)
        smoothed = Factorised(convex, C - 1)
        point, slope = descend(smoothed, flat, budget=problem.max_iterations - spent, accuracy=1e-9)
        spent += point.iterations
        bound = max(bound, convex.bound(slope), key=lambda each: each.value)
        objective = _objective(convex, point)
        if spent >= problem.max_iterations:
            break
        if objective - bound.value <= 0.1 * problem.tolerance * min(1.0, objective):
            break
        flat = smoothed.join(point.left, point.right, point.bias)
        hinges = _next(hinges, convex, point, least)
    return _Rounds(point, objective, bound, spent)


def _next(hinges: HingeRows, convex: Convex, point: Point, least: float) -> HingeRows:
    """The multipliers moved to the maximising v, and a smaller width."""
    return HingeRows(hinges.chosen(_logits(convex, point))[0], max(SHRINK * hinges.width, least))


def _low_rank(full: _Rounds, problem: Problem, hinges: HingeRows) -> tuple[Point, int]:
    """Rounds at rank feature_dim from the largest directions of the full-rank point."""
    spent, narrow = full.spent, NARROW * hinges.width
    convex = Convex(problem, hinges)
    point = truncated(convex, full.point, problem.feature_dim, problem.max_iterations - spent, 1e-9)
    spent += point.iterations - full.point.iterations
    best, least = point, _objective(convex, point)
    for _ in range(LOW_ROUNDS):
        if spent >= problem.max_iterations:
            break
        hinges = _next(hinges, convex, point, narrow)
        convex = Convex(problem, hinges)
        smoothed = Factorised(convex, problem.feature_dim)
        flat = smoothed.join(point.left, point.right, point.bias)
        point = minimise(smoothed, flat, budget=problem.max_iterations - spent, accuracy=1e-9)
        spent += point.iterations
        objective = _objective(convex, point)
        if objective < least:
            best, least = point, objective
    return best, spent


def _logits(convex: Convex, point: Point) -> Array:
    return np.asarray(point.left @ point.right.T / convex.root[:, None] + point.bias)


def _objective(convex: Convex, point: Point) -> float:
    """With the hinges themselves, not smoothed."""
    each = convex.loss.form.value(logits=_logits(convex, point), labels=np.arange(len(convex.root)))
    square = float(np.vdot(point.left, point.left) + np.vdot(point.right, point.right))
    decay = convex.problem.bias_decay or 0.0
    penalty = 0.5 * convex.kappa * square + 0.5 * decay * float(point.bias @ point.bias)
    return float(convex.share @ each) + penalty


def planted() -> Sequence[Planted]:
    """Balanced classes with no, a free and a regularised bias; zero; two classes of any sizes."""
    cases = []
    for C, n, decay in ((3, 10, 1e-3), (4, 20, 5e-3), (4, 20, 0.06), (6, 5, 1e-2)):
        decays = {"weight_decay": decay, "feature_decay": decay}
        closed = balanced_multi_margin(num_classes=C, samples_per_class=n, **decays)
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
    for counts in ((7, 3), (1000, 1)):
        kappa = 0.5 / np.sqrt(2.0 * sum(counts))
        cases.append(
            Planted(
                arguments={"counts": counts, "weight_decay": kappa, "feature_decay": kappa},
                value=0.25,
                logits=np.array([[0.5, -0.5], [-0.5, 0.5]]),
                source="logits (a, -a) and (-a, a) cost max(0, 1 - 2a)/2 + kappa a sqrt(2n): a = 1/2",
            )
        )
    return cases


SOLVER = Solver(
    name="hinge-multipliers",
    loss="multi-margin",
    says="Multi-margin with or without bias: proximal rounds of smoothed hinges, certified by the dual.",
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
    smooth=False,
)
