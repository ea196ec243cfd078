# SPDX-License-Identifier: MIT
"""Squared error on free features and L layers with ReLU, equal classes: collapse, graphs or zero.

    min (1/(2N)) ||W_L relu(... relu(W_1 H)) - Y||^2 + sum_l (lambda_l/2) ||W_l||^2 + (lambda_H/2) ||H||^2

(Sukenik et al. 2023, arXiv:2305.13165). A collapsed solution has outputs y I and, with D = L + 1, p = 2/D and
A = (D/2) C (n lambda_H prod lambda_l)^{1/D}, the objective min_y (1-y)^2/2 + A y^p; it beats zero iff
n lambda_H prod lambda_l < (L-1)^{L-1}/(C^{L+1} L^{2L}), `deep_collapse_threshold`. For two classes it is
optimal (their theorem). For C >= 6 and L >= 4 it is not (Sukenik et al. 2024, arXiv:2405.14468): networks of
lower rank built on graphs (`_deep_graphs`) have the same outputs for less decay. What is returned is the best
of zero and of every way to cover the classes by single classes and triangular graphs.

Lower bound, for every H and W: a ReLU shortens, so ||Z||_* <= ||W_L||_F ||relu(...)||_F <= pi, the product
of all D Frobenius norms, and by the inequality of the means the decays cost at least (D/2) Lambda pi^p.
Mirsky's inequality and Cauchy-Schwarz give (1/(2N)) ||Z - Y||^2 >= (1-y)^2/2, y = ||Z||_*/(C sqrt(n)), where
y <= 1. So

    optimum >= min_y (1-y)^2/2 + C^{p-1} A y^p.

Where this is 1/2 zero is certified ("trivial"); elsewhere the status is "uncertified", with this gap.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError
from simulations.geometry.checks import checked_whole
from simulations.geometry.models import Example, Model
from simulations.geometry.models._deep import checked_problem
from simulations.geometry.models._deep_graphs import best_partition, build, forward
from simulations.geometry.models._deep_scalar import best_ratio
from simulations.geometry.solution import TRIVIAL, UNCERTIFIED, Solution

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "deep-relu-squared-error"


def solve(
    *,
    counts: Sequence[int] | NDArray[np.int64],
    depth: int,
    weight_decay: float | Sequence[float],
    feature_decay: float,
    feature_dim: int | None = None,
    max_iterations: int = 1,
) -> Solution:
    """The best of zero, collapse and graph networks, with the certified lower bound.

    counts (C,): equal. depth: L >= 2 layers. weight_decay: one number, or L of them, the layer next to the
    features first. feature_dim: width of the features and of every hidden layer, >= C, C when omitted.
    max_iterations: not used.

    Solution: weight (C, d) is the last layer and class_means (C, d) are the features; logits (C, C) the
    outputs of the whole network on them. details: structure, "zero", "collapse" or "graphs"; blocks, vertices
    of each graph, 0 for a single class; collapse_value; collapse_output y; lower_bound; layers, W_1 to W_L.
    Raises InputError: unequal counts, depth < 2, decays out of range, feature_dim < C.
    """
    began = time.perf_counter()
    problem = checked_problem(
        NAME,
        counts=counts,
        depth=checked_whole(NAME, "depth", depth, 2, "with one layer there is no ReLU: use deep-linear"),
        weight_decay=weight_decay,
        feature_decay=feature_decay,
        feature_dim=feature_dim,
    )
    C, n = len(problem.counts), float(problem.counts[0])
    if np.any(problem.counts != n):
        raise InputError(
            f"{NAME}: received counts = {problem.counts.tolist()}; equal counts are required: neither the "
            "graph networks nor the lower bound are known for classes of different sizes."
        )
    if problem.width < C:
        raise InputError(
            f"{NAME}: received feature_dim = {problem.width} for {C} classes; at least {C} is required: "
            "before the last layer every class has a coordinate of its own."
        )
    p = problem.exponent
    strength = problem.price * C * n ** (1.0 / problem.factors)
    collapse = best_ratio(strength, p)
    lower = best_ratio(C ** (p - 1.0) * strength, p).lower
    blocks = best_partition(C, depth, strength)
    means, layers = build(problem, blocks)
    logits = forward(means, layers)
    objective = 0.5 * float(np.square(logits - np.eye(C)).sum()) / C
    decays = problem.decays
    objective += 0.5 * float(decays[0] * n * np.square(means).sum())
    objective += 0.5 * sum(
        float(one * np.square(layer).sum()) for one, layer in zip(decays[1:], layers, strict=True)
    )
    gap = objective - lower
    zero = not np.any(logits)
    return Solution(
        objective=objective,
        gap=gap,
        status=TRIVIAL if zero and gap <= 1e-12 else UNCERTIFIED,
        weight=layers[-1],
        class_means=means,
        logits=logits,
        seconds=time.perf_counter() - began,
        iterations=0,
        certificate="nuclear norm against the product of the factors' norms",
        closed_form="Sukenik et al. 2023 (arXiv:2305.13165) and 2024 (arXiv:2405.14468)",
        details={
            "structure": "zero" if zero else "graphs" if any(blocks) else "collapse",
            "blocks": blocks,
            "collapse_value": collapse.value,
            "collapse_output": collapse.ratio,
            "lower_bound": lower,
            "layers": layers,
        },
    )


def deep_collapse_threshold(*, num_classes: int, depth: int, samples_per_class: int = 1) -> float:
    """The product of all L + 1 decays below which a collapsed deep solution beats zero (squared error).

    (L-1)^{L-1}/(n C^{L+1} L^{2L}); Sukenik et al. 2023 (arXiv:2305.13165) for C = 2, theorems
    sukenik-2023-zero-above and -collapse-below for any C. Linear and ReLU layers have the same. Just below it
    the true output is (L-1)/L, not small: the transition is a jump for L >= 2. depth = 1 gives 1/(n C^2).
    Raises InputError for numbers out of range.
    """
    caller = "deep_collapse_threshold"
    C = checked_whole(caller, "num_classes", num_classes, 2, "one class has nothing to collapse")
    L = checked_whole(caller, "depth", depth, 1, "the classifier is the first layer")
    n = checked_whole(caller, "samples_per_class", samples_per_class, 1, "it is a number of samples")
    rising = (L - 1) * math.log(L - 1) if L > 1 else 0.0
    return math.exp(rising - (L + 1) * math.log(C) - 2 * L * math.log(L) - math.log(n))


def _examples() -> list[Example]:
    decay = (0.25 * 0.75 ** (1.0 / 3.0)) / 2.0  # y = 3/4 solves (1-y) y^{1/3} = C d at C = 2, n = 1
    graph = 0.5 * deep_collapse_threshold(num_classes=6, depth=5) ** (1.0 / 6.0)
    return [
        Example(
            {"counts": [1, 1], "depth": 2, "weight_decay": decay, "feature_decay": decay},
            0.25**2 / 2 + 1.5 * 0.75 * 0.25,
            "Sukenik et al. 2023 (arXiv:2305.13165): two classes, collapse is optimal",
            status=UNCERTIFIED,
        ),
        Example(
            {"counts": [3, 3, 3], "depth": 3, "weight_decay": 0.5, "feature_decay": 0.5},
            0.5,
            "zero, by the nuclear-norm bound",
            status=TRIVIAL,
        ),
        Example(
            {"counts": [1] * 6, "depth": 5, "weight_decay": graph, "feature_decay": graph},
            math.nan,
            "Sukenik et al. 2024 (arXiv:2405.14468): no optimum is known",
            status=UNCERTIFIED,
        ),
    ]


_GOOD = {"counts": [2, 2, 2], "depth": 3, "weight_decay": 0.01, "feature_decay": 0.01}
MODEL = Model(
    name=NAME,
    says=(
        "Squared error on free features and layers with ReLU, equal classes: the best of zero, collapse and "
        "low-rank graph networks, with a certified lower bound."
    ),
    source="Sukenik et al. 2023, arXiv:2305.13165; low rank: Sukenik et al. 2024, arXiv:2405.14468",
    solve=solve,
    examples=_examples,
    starved=None,
    refused=[
        ({**_GOOD, "depth": 1}, "no ReLU"),
        ({**_GOOD, "counts": [2, 3, 2]}, "equal counts"),
        ({**_GOOD, "feature_dim": 2}, "at least 3"),
        ({**_GOOD, "weight_decay": 0.0}, "weight_decay"),
    ],
)
