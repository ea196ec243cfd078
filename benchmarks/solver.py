# SPDX-License-Identifier: MIT
"""Unconstrained-features optimum: simulations.solve against CVXPY's nuclear-norm form (Clarabel, SCS).

Tolerance 1e-8 for all, one run each, problem construction included. error: distance of the reported value
from the interval that our certificate leaves for the optimum, made with tolerance 1e-12. reported: the
method's own status, and whether it owned up where the error exceeds ten times the tolerance.
"""

from __future__ import annotations

from benchmarks._table import Row, timed

TOLERANCE = 1e-8
PROBLEMS = {
    "balanced, C = 4": ((10,) * 4, 5e-3, 5e-3),
    "imbalanced, C = 3": ((500, 500, 50), 5e-3, 1e-5),
    "minority collapse, C = 10": ((500,) * 5 + (100,) * 5, 3.4e-3, 3.4e-3),
    "long tail, C = 10": ((512, 256, 128, 64, 32, 16, 8, 4, 2, 1), 1e-3, 1e-3),
    "weak decay, C = 6": ((30, 20, 10, 5, 2, 1), 1e-5, 1e-5),
    "long tail, C = 30": (tuple(range(1, 31)), 1e-3, 1e-3),
    "starved (3 iterations), C = 3": ((500, 500, 50), 5e-3, 1e-5),
}
STARVED = {"ours": {"max_iterations": 3}, "CLARABEL": {"max_iter": 3}, "SCS": {"max_iters": 3}}
CONTESTANTS = {
    "CVXPY + Clarabel": (
        "CLARABEL",
        {"tol_gap_abs": TOLERANCE, "tol_gap_rel": TOLERANCE, "tol_feas": TOLERANCE},
    ),
    "CVXPY + SCS": ("SCS", {"eps_abs": TOLERANCE, "eps_rel": TOLERANCE, "max_iters": 20_000}),
}


def run() -> list[Row]:
    """Every problem with every method."""
    from simulations.geometry import solve, solve_conic

    solve_conic(counts=(2, 2), weight_decay=1e-2, feature_decay=1e-2)  # imports and caches, not timed
    solve(counts=(2, 3), weight_decay=1e-2, feature_decay=1e-2)
    rows = []
    for problem, (counts, weight_decay, feature_decay) in PROBLEMS.items():
        data = {"counts": counts, "weight_decay": weight_decay, "feature_decay": feature_decay}
        budgets = STARVED if problem.startswith("starved") else {}
        truth = solve(**data, tolerance=1e-12)
        interval = (truth.objective - max(truth.gap, 0.0), truth.objective)
        own = {"tolerance": TOLERANCE, **budgets.get("ours", {})}
        seconds, ours = timed(lambda data=data, own=own: solve(**data, **own))
        rows.append(_row(problem, "simulations.solve", seconds, ours.objective, ours.status, interval))
        for method, (solver, options) in CONTESTANTS.items():
            both = {**data, "solver": solver, **options, **budgets.get(solver, {})}
            seconds, found = timed(lambda both=both: solve_conic(**both))
            rows.append(_row(problem, method, seconds, found.value, found.status, interval))
    return rows


def _row(
    problem: str, method: str, seconds: float, value: float, status: str, interval: tuple[float, float]
) -> Row:
    low, high = interval
    error = max(low - value, value - high, 0.0) if value == value else float("inf")
    failed, claims = not error <= 10 * TOLERANCE, status == "optimal"
    verdict = {(False, True): "right", (True, True): "WRONG and did not say so"}.get(
        (failed, claims), "failed and said so" if failed else "right, but would not say so"
    )
    return Row(problem, method, seconds, error, f"{status}: {verdict}")
