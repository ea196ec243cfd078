# SPDX-License-Identifier: MIT
"""The layer-peeled model: least cross-entropy under a budget for the classifier and one for the features.

    minimise sum_c (n_c/n) mean_i CE(W h_ci, c)
    subject to (1/C) sum_c ||w_c||^2 <= E_W and the features' budget, either of
        "class":   (1/C) sum_c (1/n_c) sum_i ||h_ci||^2 <= E_H     (every class counts alike),
        "sample":  (1/n) sum_c sum_i ||h_ci||^2 <= E_H             (every sample counts alike).

Fang et al. 2021 (arXiv:2101.12699), the layer-peeled model and its convex form; minority collapse there.
The reduction to one nuclear-norm constraint, which needs only d >= C - 1, and the lower bound are derived
in `_peeled`. Known optima: equal classes, log(1 + (C-1) exp(-(C/(C-1)) sqrt(E_W E_H))) at the simplex ETF
(theorem fang-2021-layer-peeled); two classes of any sizes under the "sample" budget, the same value,
because t -> log(1 + exp(-sqrt(t))) is convex, so that both classes take the same margin.

Minority collapse, exactly (this project, 2026). Where the classes of n_B samples share one classifier row,
the contrast of two of them is a singular vector of diag(pi/sqrt v)(I - P) of value pi_B/sqrt(v_B); at an
optimum no singular value exceeds kappa, so a collapsed optimum needs kappa >= pi_B/sqrt(v_B). From there on
some optimum is collapsed: theorems fang-2021-minority-collapse ("class", lambda_W = kappa, lambda_H =
kappa/C) and hong-ling-2023-minority-collapse ("sample", lambda_W = kappa, lambda_H = kappa/n); strictly
above, every optimum: layer-peeled-minority-collapse. `details` has both numbers.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq

from simulations import losses
from simulations.errors import InputError
from simulations.geometry.checks import checked_counts, checked_positive, checked_tolerance, checked_whole
from simulations.geometry.models import Example, Model
from simulations.geometry.models._constrained_inputs import dimension, split
from simulations.geometry.models._peeled import Peeled, penalised_optimum, search
from simulations.geometry.solution import NOT_CONVERGED, OPTIMAL, Solution

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "layer-peeled"
BUDGETS = ("class", "sample")
SMALLEST = 1e-250
REASON = "a zero budget leaves only zero logits, a negative one nothing, an infinite one no minimiser"


def solve(
    *,
    counts: Sequence[float],
    classifier_budget: float,
    feature_budget: float,
    budget: str = "class",
    feature_dim: int | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
) -> Solution:
    """Global minimum of the layer-peeled model, certified by the dual bound of `_peeled`.

    counts (C,): samples in each class, or any positive numbers in their ratio. classifier_budget E_W and
    feature_budget E_H: positive. budget: "class" (Fang et al. 2021) or "sample". feature_dim: at least C-1,
    C when omitted. tolerance: accepted gap, relative to min(1, value). max_iterations: of inner steps.
    objective: cross-entropy in nats, in (0, log C).
    details: kappa, the multiplier of the nuclear-norm constraint; classifier_multiplier and
    feature_multiplier, -d value/d E_W and -d value/d E_H; collapse_threshold (C,), the kappa from which
    classes of that size collapse onto one row; minority_cosine, the mean cosine between the rows of the
    smallest classes (NaN if there is but one, or if they vanish).
    Raises InputError: counts, budgets that are zero, negative or infinite, a feature_dim below C-1, budgets
    so large that the least loss is nothing but rounding.
    """
    began = time.perf_counter()
    sizes = checked_counts(NAME, counts, fractions=True)
    C = len(sizes)
    E_W = checked_positive(NAME, "classifier_budget", classifier_budget, REASON)
    E_H = checked_positive(NAME, "feature_budget", feature_budget, REASON)
    problem, share = _instance(sizes, E_W, E_H, budget), sizes / sizes.sum()
    width = dimension(NAME, C, feature_dim)
    tolerance = checked_tolerance(NAME, tolerance)
    found = search(problem, tolerance=tolerance, budget=checked_whole(NAME, "max_iterations", max_iterations))
    if found.upper < SMALLEST:
        raise InputError(
            f"{NAME}: received classifier_budget = {E_W:g} and feature_budget = {E_H:g}; smaller budgets are "
            f"required, because the least loss is below {SMALLEST:g} and cannot be told from zero in "
            "floating point. The limit of large budgets is the model max-margin."
        )
    weight, means = split(problem.norm_weight[:, None] * found.logits, problem.norm_weight, width)
    weight *= np.sqrt(C * E_W / problem.radius)
    means *= np.sqrt(E_H / problem.radius)
    logits = means @ weight.T
    objective = float(share @ losses.get("cross-entropy").value(logits=logits, labels=np.arange(C)))
    gap = objective - found.lower
    solved = -1e-10 * objective <= gap <= tolerance * min(1.0, objective)
    return Solution(
        objective=objective,
        gap=gap,
        status=OPTIMAL if solved else NOT_CONVERGED,
        weight=weight,
        class_means=means,
        logits=logits,
        seconds=time.perf_counter() - began,
        iterations=found.iterations,
        certificate="dual bound (Gibbs inequality and nuclear-norm duality)",
        closed_form=_closed_form(sizes, budget) if solved else None,
        details={
            "kappa": found.kappa,
            "classifier_multiplier": 0.5 * found.kappa * problem.radius / E_W,
            "feature_multiplier": 0.5 * found.kappa * problem.radius / E_H,
            "collapse_threshold": share / problem.norm_weight,
            "minority_cosine": mean_cosine(weight[sizes == sizes.min()], least=1e-5 * float(np.sqrt(E_W))),
        },
    )


def mean_cosine(rows: NDArray[np.float64], least: float = 0.0) -> float:
    """Mean cosine between distinct rows (k, d), -1..1; NaN for fewer than two rows or rows shorter than
    ``least``, whose direction is rounding."""
    norms = np.linalg.norm(rows, axis=1)
    if len(rows) < 2 or not np.all(norms > least):
        return float("nan")
    unit = rows / norms[:, None]
    return float((np.square(unit.sum(axis=0)).sum() - len(rows)) / (len(rows) * (len(rows) - 1)))


def collapse_ratio(
    *, large: int, small: int, classifier_budget: float, feature_budget: float, budget: str = "class"
) -> float:
    """Size of the large classes over that of the small ones at which the small ones collapse onto one row.

    large, small: numbers of classes, >= 1 and >= 2. There kappa = pi_B/sqrt(v_B) (module docstring), so the
    ratio is a root: the collapsed optimum of the penalised problem at that kappa, where it is still optimal,
    uses exactly the radius R. For the published experiment of Fang et al. 2021 (5 and 5 classes, E_W = 1,
    E_H = 5) it is 12.19245. Raises InputError for other inputs, and where it is beyond 1e6.
    """
    if min(large, small - 1) < 1:
        raise InputError(f"{NAME}: received large = {large}, small = {small}; at least 1 and 2 are required.")

    E_W = checked_positive(NAME, "classifier_budget", classifier_budget, REASON)
    E_H = checked_positive(NAME, "feature_budget", feature_budget, REASON)
    alike = np.eye(large + small)
    alike[large:, large:] = 1.0 / small
    guess = alike @ (np.eye(large + small) - 1.0 / (large + small)) @ alike

    def excess(log_ratio: float) -> float:
        sizes = np.exp(log_ratio * (np.arange(large + small) < large))
        problem = _instance(sizes, E_W, E_H, budget)
        kappa = float(problem.loss_weight[-1] / problem.norm_weight[-1])
        logits, _ = penalised_optimum(problem, kappa, guess, budget=2000, accuracy=1e-12)
        return problem.norm(logits) - problem.radius

    high = next((x for x in np.log(10.0) * np.arange(1, 7) if excess(x) > 0.0), None)
    if high is None:
        raise InputError(f"{NAME}: the small classes do not collapse up to a ratio of 1e6 at these budgets.")
    return float(np.exp(brentq(excess, 0.0, high, xtol=1e-12)))


def _instance(sizes: NDArray[np.float64], E_W: float, E_H: float, budget: str) -> Peeled:
    """The convex problem of `_peeled` from checked inputs; InputError for an unknown budget."""
    if budget not in BUDGETS:
        raise InputError(f"{NAME}: received budget = {budget!r}; one of {', '.join(BUDGETS)} is required.")
    C, share = len(sizes), sizes / sizes.sum()
    return Peeled(
        loss_weight=share,
        norm_weight=np.sqrt(np.full(C, 1.0 / C) if budget == "class" else share),
        radius=float(np.sqrt(C) * np.sqrt(E_W) * np.sqrt(E_H)),
    )


def equal_classes_value(num_classes: int, classifier_budget: float, feature_budget: float) -> float:
    """log(1 + (C-1) exp(-(C/(C-1)) sqrt(E_W E_H))): the least loss of equal classes (Fang et al. 2021)."""
    C = num_classes
    margin = C / (C - 1) * np.sqrt(classifier_budget) * np.sqrt(feature_budget)
    return float(np.log1p((C - 1) * np.exp(-margin)))


def _closed_form(sizes: NDArray[np.float64], budget: str) -> str | None:
    if np.all(sizes == sizes[0]):
        return "equal classes: simplex ETF (Fang et al. 2021)"
    return "two classes, sample budget: equal margins" if len(sizes) == 2 and budget == "sample" else None


def _two_classes_value(counts: tuple[float, float], E_W: float, E_H: float) -> float:
    """Two classes under the class budget: margins m_1, m_2 with m_1^2 + m_2^2 = 8 E_W E_H.

    The logits of two classes have rank one, Z = x (1, -1)/sqrt(2) with ||x||^2 <= 4 E_W E_H = 2 R^2 and
    margins sqrt(2) x_c; what is left is one angle, whose slope is solved for zero.
    """
    share, radius = np.asarray(counts) / np.sum(counts), np.sqrt(8.0 * E_W * E_H)

    def slope(angle: float) -> float:
        first, second = radius * np.cos(angle), radius * np.sin(angle)
        return float(share[0] * second / (1.0 + np.exp(first)) - share[1] * first / (1.0 + np.exp(second)))

    angle = brentq(slope, 1e-9, np.pi / 2 - 1e-9, xtol=1e-15)
    margins = radius * np.array([np.cos(angle), np.sin(angle)])
    return float(share @ np.log1p(np.exp(-margins)))


def examples() -> list[Example]:
    """Equal classes, and two classes of unequal sizes under either budget."""
    cases = []
    for C, E_W, E_H in ((2, 1.0, 0.5), (3, 1.0, 5.0), (10, 1.0, 5.0), (5, 40.0, 10.0)):
        arguments: dict[str, Any] = {"counts": (7,) * C, "classifier_budget": E_W, "feature_budget": E_H}
        cases.append(
            Example(
                arguments,
                equal_classes_value(C, E_W, E_H),
                source="Fang et al. 2021 (arXiv:2101.12699), balanced layer-peeled model",
            )
        )
    two: dict[str, Any] = {"counts": (9, 1), "classifier_budget": 2.0, "feature_budget": 3.0}
    return [
        *cases,
        Example(
            {**two, "budget": "sample"},
            equal_classes_value(2, 2.0, 3.0),
            source="Jensen's inequality for t -> log(1 + exp(-sqrt(t)))",
        ),
        Example(two, _two_classes_value((9, 1), 2.0, 3.0), source="rank-one logits, one angle"),
    ]


MODEL = Model(
    name=NAME,
    says="Least cross-entropy under norm budgets: quasi-Newton on factors in a search for the multiplier.",
    source="Fang et al. 2021 (arXiv:2101.12699), layer-peeled model",
    solve=solve,
    examples=examples,
    starved={
        "counts": (100, 100, 1, 1),
        "classifier_budget": 1.0,
        "feature_budget": 5.0,
        "max_iterations": 1,
    },
    refused=(
        ({"counts": (5, 0), "classifier_budget": 1.0, "feature_budget": 1.0}, "absent class"),
        ({"counts": (5,), "classifier_budget": 1.0, "feature_budget": 1.0}, "two classes"),
        ({"counts": (5, 5), "classifier_budget": 0.0, "feature_budget": 1.0}, "classifier_budget"),
        ({"counts": (5, 5), "classifier_budget": 1.0, "feature_budget": -1.0}, "feature_budget"),
        ({"counts": (5, 5), "classifier_budget": 1.0, "feature_budget": float("inf")}, "no minimiser"),
        ({"counts": (5, 5), "classifier_budget": 1.0, "feature_budget": 1.0, "budget": "class-"}, "sample"),
        ({"counts": (9, 1, 1), "classifier_budget": 1e4, "feature_budget": 1e4}, "max-margin"),
        ({"counts": (5,) * 4, "classifier_budget": 1.0, "feature_budget": 1.0, "feature_dim": 2}, "C - 1"),
    ),
)
