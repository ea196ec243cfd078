# SPDX-License-Identifier: MIT
"""Cross-entropy on unconstrained features and L linear layers: the best point known and a certified bound.

    min sum_c (n_c/N) CE(Z_c, c) + (D/2) Lambda sum_k sigma_k(T)^p,    T = diag(sqrt(n_c)) Z,

with D = L + 1 and p = 2/D (Garrod & Keating 2024, arXiv:2410.23169, at equal decays; Lambda is the
geometric mean of all D decays, and the reduction from layers to T is in `_deep`). For L = 1 the problem is
convex. For L > 1 it is not, and collapse loses to structures of lower rank: where the objective found lies
below details["collapse_value"], the least of all collapsed solutions, the optimum is not a collapsed one,
whatever the gap is.

Lower bound. For p <= 1, sum_k sigma_k^p >= (sum_k sigma_k)^p = ||T||_*^p, so with m(r) the least loss under
||T||_* <= r (convex, non-increasing)

    optimum >= min_r m(r) + (D/2) Lambda r^p        (theorems schatten-power-sum, deep-linear-least-loss).

Its conjugate, min_r m(r) + kappa r, is the one-layer problem: in closed form for equal classes (Zhu et al.
2021, arXiv:2105.02375), otherwise by the dual bound of `simulations.geometry.solve`; `_deep_scalar` turns any
such values into a bound of the minimum over r. It is tight for L = 1, and for two classes at any depth, where
the centred T has rank one; then the status is "optimal". For three and more equal classes one singular value
cannot serve all: `_deep_bound` has a larger bound (theorem deep-linear-two-directions). Both hold for every
feature_dim. Elsewhere the gap is the distance to the better one and the status "uncertified", or "trivial"
where zero is certified.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.checks import checked_tolerance, checked_whole
from simulations.geometry.closed_forms import balanced_optimum, zero_threshold
from simulations.geometry.models import Example, Model
from simulations.geometry.models._deep import (
    DeepProblem,
    balanced_factors,
    checked_problem,
    penalty,
)
from simulations.geometry.models._deep_bound import two_directions_bound
from simulations.geometry.models._deep_factors import polish
from simulations.geometry.models._deep_scalar import Envelope, least_with_power
from simulations.geometry.models._deep_structures import Competitor, all_rays
from simulations.geometry.program import Program
from simulations.geometry.solution import NOT_CONVERGED, OPTIMAL, TRIVIAL, UNCERTIFIED, Solution
from simulations.geometry.unconstrained_features import solve as solve_one_layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "deep-linear"
STATIONARY = 1e-6  # gradient norm over the decays' pull; the objective is off by about its square


def solve(
    *,
    counts: Sequence[int] | NDArray[np.int64],
    depth: int,
    weight_decay: float | Sequence[float],
    feature_decay: float,
    feature_dim: int | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 5_000,
    restarts: int = 16,
) -> Solution:
    """The best stationary point found from the structures of `deep_linear_competitors` and random starts.

    counts (C,): samples of each class. depth: L >= 1 linear layers. weight_decay: one number, or L of them,
    the layer next to the features first. feature_dim: width of the features and of every hidden layer, >= 1,
    C when omitted. tolerance: accepted gap, relative to min(1, value). max_iterations: of quasi-Newton, each
    start. restarts: random starts, half of ranks 2, 3, ... and half near the best so far.

    Solution: weight (C, d) is the product of the layers. details: structure, the competitor met or "rank-k";
    rank; singular_values (C,) of T; layers, W_1 to W_L; collapse_value, least of the simplex ray;
    lower_bound; structure_values, by name. Raises InputError: counts, depth, decays, feature_dim or budgets
    out of range.
    """
    began = time.perf_counter()
    problem = checked_problem(
        NAME,
        counts=counts,
        depth=depth,
        weight_decay=weight_decay,
        feature_decay=feature_decay,
        feature_dim=feature_dim,
    )
    accuracy = checked_tolerance(NAME, tolerance)
    budget = checked_whole(NAME, "max_iterations", max_iterations, 1, "it is the budget of every start")
    tries = checked_whole(NAME, "restarts", restarts, 0, "it is a number of random starts")
    bound = lower_bound(problem)
    rays = all_rays(problem)
    best, spent, settled = _search(problem, rays, budget, tries, bound, accuracy)
    factors = balanced_factors(problem, best)
    logits = factors.class_means @ factors.weight.T
    objective = float(
        Program(problem.counts, 1.0, 1.0).losses(logits) @ problem.counts / problem.counts.sum()
    )
    objective += penalty(problem, factors)
    gap = objective - bound.lower
    values = np.linalg.svd(problem.root[:, None] * logits, compute_uv=False)
    rank = int(np.sum(values > 1e-6 * max(values[0], 1e-300)))
    if -1e-9 * objective <= gap <= accuracy * min(1.0, objective):
        status = OPTIMAL if rank else TRIVIAL
    else:
        status = UNCERTIFIED if settled else NOT_CONVERGED
    met = [ray.name for ray in rays if abs(ray.value - objective) <= 1e-9 * objective]
    return Solution(
        objective=objective,
        gap=gap,
        status=status,
        weight=factors.weight,
        class_means=factors.class_means,
        logits=logits,
        seconds=time.perf_counter() - began,
        iterations=spent,
        certificate="Schatten quasi-norm against nuclear norms, exact minimum in one unknown",
        details={
            "structure": "zero" if rank == 0 else met[0] if met else f"rank-{rank}",
            "rank": rank,
            "singular_values": values,
            "layers": factors.layers,
            "collapse_value": next(ray.value for ray in rays if ray.name == "collapse"),
            "lower_bound": bound.lower,
            "structure_values": {ray.name: ray.value for ray in rays},
        },
    )


def lower_bound(problem: DeepProblem) -> Envelope:
    """The larger of the two bounds; radius: the nuclear norm where the first is attained."""
    C, counts = len(problem.counts), problem.counts
    equal = bool(np.all(counts == counts[0]))

    def conjugate(kappa: float) -> float:
        if equal:
            return balanced_optimum(
                num_classes=C, samples_per_class=int(counts[0]), weight_decay=kappa, feature_decay=kappa
            ).value
        found = solve_one_layer(counts=counts.astype(np.int64), weight_decay=kappa, feature_decay=kappa)
        return found.objective - found.gap

    bound = least_with_power(
        conjugate,
        start=float(np.log(C)),
        steepest=zero_threshold(counts),
        price=problem.price,
        exponent=problem.exponent,
    )
    if C == 2 or not equal or problem.exponent == 1.0:
        return bound
    larger = two_directions_bound(
        num_classes=C, samples_per_class=float(counts[0]), price=problem.price, exponent=problem.exponent
    )
    return replace(bound, lower=max(bound.lower, larger))


def _search(
    problem: DeepProblem, rays: list[Competitor], budget: int, tries: int, bound: Envelope, accuracy: float
) -> tuple[NDArray[np.float64], int, bool]:
    """Best logits, iterations spent, and whether they are stationary and the budget cut no start off."""
    C = len(problem.counts)
    program, widest = Program(problem.counts, 1.0, 1.0), min(problem.width, C - 1)
    best, value, rank = np.zeros((C, C)), float(np.log(C)), 2
    spent, stationary, cut = 0, True, False
    starts = _structured_starts(problem, rays, widest, bound)
    scale = max((ray.scale for ray in rays), default=0.0) or 1.0
    for number in range(len(starts) + (tries if C > 2 else 0)):
        if value - bound.lower <= 0.1 * accuracy * min(1.0, value):
            break
        if number < len(starts):
            start, noise = starts[number]
        else:  # first a code of every low rank, then more near the best rank
            seed = number - len(starts)
            width = 2 + seed if 2 * seed < tries else rank + seed % 3 - 1
            start, noise = (scale * _random_gram(C, int(np.clip(width, 1, widest)), seed), 0.0)
        width = min(int(np.linalg.matrix_rank(start)), widest)
        found = polish(problem, program, start, rank=width, max_iterations=budget, noise=noise, seed=number)
        spent += found.iterations
        cut = cut or (found.iterations >= budget and found.residual > STATIONARY)
        if found.value < value:
            best, value, rank = found.logits, found.value, width
            stationary = found.residual <= STATIONARY
    return best, spent, stationary and not cut


def _structured_starts(
    problem: DeepProblem, rays: list[Competitor], widest: int, bound: Envelope
) -> list[tuple[NDArray[np.float64], float]]:
    """Logits and noise: the convex solution where it is no simplex, each structure plain and perturbed."""
    kept = sorted((ray for ray in rays if ray.scale > 0.0), key=lambda ray: ray.value)
    starts = [(ray.logits, noise) for ray in kept for noise in (0.0, 0.1)]
    if np.any(problem.counts != problem.counts[0]):  # with the slope at which the bound is attained
        slope = problem.price * problem.exponent * max(bound.radius, 1e-3) ** (problem.exponent - 1.0)
        convex = solve_one_layer(
            counts=problem.counts.astype(np.int64), weight_decay=slope, feature_decay=slope
        ).logits
        if np.any(convex):
            starts.insert(0, (convex, 0.0))
    return starts


def _random_gram(num_classes: int, rank: int, seed: int) -> NDArray[np.float64]:
    """Gram matrix (C, C) of random unit vectors in ``rank`` dimensions."""
    code = np.random.default_rng(seed).normal(size=(num_classes, rank))
    code /= np.linalg.norm(code, axis=1, keepdims=True)
    return np.asarray(code @ code.T)


def _two_classes(depth: int, decay: float, samples: int) -> float:
    """Two equal classes: min over the gap a of log(1 + e^-a) + (D/2) decay (sqrt(samples) a)^p, on a grid."""
    gap = np.linspace(1e-3, 40.0, 2_000_001)
    D = depth + 1
    return float(np.min(np.logaddexp(0.0, -gap) + 0.5 * D * decay * (np.sqrt(samples) * gap) ** (2.0 / D)))


def _examples() -> list[Example]:
    source = "Zhu et al. 2021 (arXiv:2105.02375), Theorem 3.1"
    equal = balanced_optimum(num_classes=4, samples_per_class=5, weight_decay=5e-3, feature_decay=5e-3)
    return [
        Example(
            {"counts": [5] * 4, "depth": 1, "weight_decay": 5e-3, "feature_decay": 5e-3}, equal.value, source
        ),
        Example(
            {"counts": [3, 3], "depth": 3, "weight_decay": 0.02, "feature_decay": 0.02},
            _two_classes(3, 0.02, 3),
            "two classes: one singular value, a problem in the logit gap alone",
        ),
        Example(
            {"counts": [2] * 5, "depth": 2, "weight_decay": 1.0, "feature_decay": 1.0},
            float(np.log(5.0)),
            "zero above the threshold of the nuclear-norm bound",
            status=TRIVIAL,
        ),
        Example(
            {"counts": [1] * 4, "depth": 2, "weight_decay": 0.05, "feature_decay": 0.05},
            float("nan"),
            "Garrod & Keating 2024 (arXiv:2410.23169): non-convex, no optimum certified",
            status=UNCERTIFIED,
        ),
    ]


_GOOD = {"counts": [4, 2, 1], "depth": 2, "weight_decay": 0.01, "feature_decay": 0.01}
MODEL = Model(
    name=NAME,
    says=(
        "Cross-entropy on free features and any number of linear layers: the best of collapse, low-rank "
        "structures and random starts, with a certified lower bound."
    ),
    source="Garrod & Keating 2024, arXiv:2410.23169",
    solve=solve,
    examples=_examples,
    starved={
        "counts": [3, 2, 2, 1],
        "depth": 2,
        "weight_decay": 0.02,
        "feature_decay": 0.02,
        "max_iterations": 1,
    },
    refused=[
        ({**_GOOD, "depth": 0}, "depth"),
        ({**_GOOD, "depth": 1.5}, "depth"),
        ({**_GOOD, "weight_decay": -0.1}, "weight_decay"),
        ({**_GOOD, "weight_decay": [0.1]}, "depth = 2"),
        ({**_GOOD, "feature_decay": 0.0}, "no minimiser exists"),
        ({**_GOOD, "counts": [4, 2.5]}, "whole number"),
        ({**_GOOD, "feature_dim": 0}, "hidden layer"),
        ({**_GOOD, "tolerance": 0.0}, "tolerance"),
    ],
)
