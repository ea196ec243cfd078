# SPDX-License-Identifier: MIT
"""The max-margin unconstrained-features model (UFM-SVM): least norms of W and H that separate every sample.

    minimise (||W||_F^2 + sum over all samples of ||h||^2)/2
    subject to delta_c w_c' h - delta_j w_j' h >= m_cj   for every sample h of class c and every j != c

delta = 1, m = 1: Thrampoulidis et al. 2022 (arXiv:2208.05512), whose minimiser is the SELI geometry, the
limit of cross-entropy under vanishing decay. Other delta: the class-dependent temperatures (CDT) of the
cost-sensitive SVM of Behnia et al. 2023 (arXiv:2303.07608); m_cj = 1/delta_c: their label-dependent
temperatures (LDT). The additive adjustments of the VS loss do not enter the margins of this limit. The
logits program and its dual: `_margins`.

Closed form: every margin is tight (for all class sizes, all delta > 0 and all m_cj = m_c; the SELI theorem
at delta = m = 1, the case delta_c = sqrt(n_c) in theorem behnia-2023-cdt-margin; in general this project,
2026). Let Delta = diag(delta), u = (1/delta_c), P = I - u u'/||u||^2, D = diag(n_c m_c^2). Then Y = D^(1/2)
Delta^-1 P has every margin tight and Y u = 0. By duality it is optimal if the polar factor U V' = Y
(Y'Y)^(+1/2) has no positive entry off the diagonal: its multipliers are lambda_cj = -(U V')_cj/delta_j, and
V' u = 0 makes it of the dual form. Now Y'Y = P E P with E = D Delta^-2 diagonal has the pseudo-inverse Q =
E^-1 - E^-1 u u' E^-1/(u' E^-1 u), a diagonal matrix minus one of rank one, whose root S = Q^(1/2) has no
positive entry off the diagonal (theorem m-matrix-square-root); nor has U V' = D^(1/2) Delta^-1 S. Hence no
sign condition is ever violated; the code still checks it, through the gap. The bound with these multipliers:
theorem max-margin-all-tight; with any others: max-margin-least-norms.

Margins m_cj that differ within a row may leave some slack; then ADMM solves the program
(`_margins.splitting`).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.errors import InputError
from simulations.geometry.checks import checked_counts, checked_tolerance, checked_whole
from simulations.geometry.models import Example, Model
from simulations.geometry.models._constrained_inputs import dimension, split
from simulations.geometry.models._margins import Margins, splitting, tight_point
from simulations.geometry.solution import NOT_CONVERGED, OPTIMAL, Solution

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NAME = "max-margin"


def solve(
    *,
    counts: Sequence[float],
    scales: ArrayLike | None = None,
    margins: ArrayLike = 1.0,
    feature_dim: int | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
) -> Solution:
    """Global minimum of the max-margin model, certified by the dual bound of `_margins`.

    counts (C,): samples in each class, or any positive numbers in their ratio. scales delta (C,): positive,
    1 when omitted. margins m: positive, one number, one a class (C,), or (C, C) with m_cj asked of class c
    against class j and a diagonal that is not read. feature_dim: at least C - 1, C when omitted. tolerance:
    accepted gap relative to the value. max_iterations: of ADMM, needed only where the margins of a class
    differ. objective: half the squared norms of W and of all features; in details: singular_values (C,) of
    diag(sqrt n) Z, multipliers (C, C) lambda >= 0 of the margins with which the bound is taken, and
    shortfall, the largest amount by which a margin is missed (rounding). Raises InputError: counts, scales
    or margins that are not positive and finite or of another shape, a feature_dim below C - 1.
    """
    began = time.perf_counter()
    sizes = checked_counts(NAME, counts, fractions=True)
    C = len(sizes)
    width, root = dimension(NAME, C, feature_dim), np.sqrt(sizes)
    delta = _checked("scales", np.ones(C) if scales is None else scales, (C,))
    problem = Margins(root, delta, _checked_margins(margins, C))
    tolerance = checked_tolerance(NAME, tolerance)
    budget = checked_whole(NAME, "max_iterations", max_iterations)
    found = tight_point(problem)
    closed = found.upper - found.lower <= tolerance * found.upper
    if not closed:
        found = splitting(problem, found, tolerance=tolerance, budget=budget)
    unit = (1.0 / delta) / np.linalg.norm(1.0 / delta)
    scaled = found.scaled - np.outer(found.scaled @ unit, unit)  # keeps every margin, shortens Y
    weight, means = split(scaled, root, width)
    objective = 0.5 * float(np.square(weight).sum() + sizes @ np.square(means).sum(axis=1))
    gap = objective - found.lower
    solved = -1e-12 * objective <= gap <= tolerance * objective
    return Solution(
        objective=objective,
        gap=gap,
        status=OPTIMAL if solved else NOT_CONVERGED,
        weight=weight,
        class_means=means,
        logits=means @ weight.T,
        seconds=time.perf_counter() - began,
        iterations=found.iterations,
        certificate="dual bound (margin multipliers, spectral norm)",
        closed_form=_closed_form(problem) if closed else None,
        details={
            "singular_values": np.linalg.svd(scaled, compute_uv=False),
            "multipliers": found.multipliers,
            "shortfall": problem.shortfall(root[:, None] * (means @ weight.T)),
        },
    )


def step_spectrum(num_classes: int, ratio: float, minority_fraction: float) -> NDArray[np.float64]:
    """Squared singular values over n_min of the SELI logits of all samples, (C - 1,), largest first.

    (1 - rho) C classes of R n_min samples and rho C of n_min: R (rho' C - 1 times, rho' = 1 - rho), R rho +
    1 - rho (once) and 1 (rho C - 1 times) (Thrampoulidis et al. 2022, the (R, rho)-STEP case; theorem
    thrampoulidis-2022-step-spectrum). Raises InputError unless rho C is a whole number between 1 and C - 1.
    """
    minority = round(minority_fraction * num_classes)
    if abs(minority - minority_fraction * num_classes) > 1e-9 or not 1 <= minority < num_classes:
        raise InputError(
            f"step_spectrum: received num_classes = {num_classes}, minority_fraction = {minority_fraction}; "
            "their product, the number of small classes, must be a whole number between 1 and C - 1."
        )
    rho = minority / num_classes
    values = [ratio] * (num_classes - minority - 1) + [ratio * rho + 1.0 - rho] + [1.0] * (minority - 1)
    return np.sort(np.asarray(values, dtype=np.float64))[::-1]


def _closed_form(problem: Margins) -> str:
    alike = np.all(problem.scales == problem.scales[0]) and np.all(problem.margins == problem.margins[0, 0])
    return "SELI (Thrampoulidis et al. 2022)" if alike else "every margin tight"


def _checked(name: str, given: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Positive finite float64 of that shape, or InputError."""
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.full((), np.nan)
    if array.shape != shape or not np.all(np.isfinite(array)) or np.any(array <= 0.0):
        raise InputError(
            f"{NAME}: received {name} = {given!r}; positive finite numbers of shape {shape} are required: a "
            "scale of zero takes its class out of the margins, and infinite margins have no feasible point."
        )
    return array


def _checked_margins(given: ArrayLike, num_classes: int) -> NDArray[np.float64]:
    """margins as (C, C), from one number, one a class, or the matrix; its diagonal is ignored."""
    try:
        array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        return _checked("margins", given, (num_classes, num_classes))
    if array.ndim == 0:
        array = np.full(num_classes, float(array))
    if array.ndim == 1:
        return np.repeat(_checked("margins", array, (num_classes,))[:, None], num_classes, axis=1)
    if array.ndim == 2 and array.shape[0] == array.shape[1]:
        np.fill_diagonal(array, 1.0)
    return _checked("margins", array, (num_classes, num_classes))


def examples() -> list[Example]:
    """Equal classes, STEP, the scales that undo the class sizes, two classes, and multipliers on a cycle."""
    step = np.sqrt(step_spectrum(6, 20.0, 0.5)).sum()
    sizes = (400.0, 90.0, 12.0, 1.0)
    two: dict[str, Any] = {"counts": (9, 2), "scales": (2.0, 0.5), "margins": [[1.0, 3.0], [1.5, 1.0]]}
    cycle = [[1.0, 2.0, 0.5], [0.5, 1.0, 2.0], [2.0, 0.5, 1.0]]
    return [
        Example({"counts": (4,) * 5}, 8.0, source="singular values of 2 (I - J/5): simplex ETF"),
        Example(
            {"counts": (60, 60, 60, 3, 3, 3)},
            float(np.sqrt(3.0) * step),
            source="Thrampoulidis et al. 2022 (arXiv:2208.05512), (R, rho)-STEP spectrum",
        ),
        Example(
            {"counts": sizes, "scales": np.sqrt(sizes)},
            3.0,
            source="theorem behnia-2023-cdt-margin: C - 1 singular values 1 at delta_c = sqrt(n_c)",
        ),
        Example(
            two,
            float(np.sqrt(9 * 3.0**2 + 2 * 1.5**2) / np.hypot(2.0, 0.5)),
            source="two classes: logits of rank one along (delta_1, -delta_2)",
        ),
        # Lambda = I - S, S the cyclic shift, has both non-zero singular values sqrt(3); so Y = I - S is
        # optimal: margins 2 along the cycle are tight, and 1 > 0.5 against it
        Example({"counts": (1, 1, 1), "margins": cycle}, 2.0 * np.sqrt(3.0), source="planted multipliers"),
    ]


MODEL = Model(
    name=NAME,
    says="Least norms that separate every sample: SELI in closed form or ADMM, certified by multipliers.",
    source="Thrampoulidis et al. 2022 (arXiv:2208.05512); Behnia et al. 2023 (arXiv:2303.07608)",
    solve=solve,
    examples=examples,
    starved={"counts": (5, 2, 1), "margins": [[1, 9, 1], [1, 1, 7], [5, 1, 1]], "max_iterations": 1},
    refused=(
        ({"counts": (5, 0)}, "absent class"),
        ({"counts": (5, 5), "scales": (1.0, 0.0)}, "scales"),
        ({"counts": (5, 5), "scales": (1.0, -1.0)}, "scales"),
        ({"counts": (5, 5), "margins": float("inf")}, "no feasible point"),
        ({"counts": (5, 5), "margins": [1.0, 1.0, 1.0]}, "shape"),
        ({"counts": (5, 5), "margins": [[1.0, 2.0], [1.0]]}, "shape"),
        ({"counts": (5,) * 4, "feature_dim": 2}, "C - 1"),
    ),
)
