# SPDX-License-Identifier: MIT
"""Squared error on unconstrained features and L linear layers, any class sizes, solved in closed form.

    min (1/(2N)) ||W_L ... W_1 H - Y||_F^2 + sum_l (lambda_l/2) ||W_l||_F^2 + (lambda_H/2) ||H||_F^2

(Dang et al. 2023, arXiv:2301.00437). Certificate: with X = W_L ... W_1 H the decays cost at least
(D/2) Lambda sum_k sigma_k(X)^p (see `_deep`), and ||X - Y||_F^2 >= sum_k (sigma_k(X) - sqrt(n_k))^2 with
both sequences sorted (von Neumann's trace inequality; Mirsky 1960), since Y has singular values sqrt(n_k). So
with sigma_k = sqrt(n_k) y_k and at most d of them positive, nothing has less than

    sum_k (n_k/N) min_y [(1-y)^2/2 + A_k y^p],    A_k = (D/2) Lambda N n_k^{1/D - 1},

and the classes beyond the d largest pay n_k/(2N). Each scalar problem is solved globally (`_deep_scalar`),
and the singular vectors of Y with the balanced factors attain the sum: logits y_k times the identity.

With b = L N (N lambda_H prod_l lambda_l)^{1/L} and y = x^L/(1 + x^L) the critical equation is the paper's
b/n_k = L x^{L-1}/(1 + x^L)^2. A class is kept iff b/n_k <= (L-1)^{(L-1)/L}/L, where y = (L-1)/L; between that
and the largest b/n_k that has a root, the root is a critical point worse than zero. L = 1 is the general
orthogonal frame, y_k = [1 - N kappa/sqrt(n_k)]_+ (balanced: Zhou et al. 2022, arXiv:2203.01238).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.models import Example, Model
from simulations.geometry.models._deep import (
    DeepProblem,
    balanced_factors,
    checked_problem,
    penalty,
)
from simulations.geometry.models._deep_scalar import best_ratio
from simulations.geometry.solution import OPTIMAL, TRIVIAL, UNCERTIFIED, Solution, closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "deep-linear-squared-error"


def solve(
    *,
    counts: Sequence[int] | NDArray[np.int64],
    depth: int,
    weight_decay: float | Sequence[float],
    feature_decay: float,
    feature_dim: int | None = None,
    max_iterations: int = 1,
) -> Solution:
    """The global minimum.

    counts (C,): samples of each class. depth: L >= 1 linear layers. weight_decay: one number, or L of them,
    the layer next to the features first. feature_dim: width of the features and of every hidden layer, >= 1,
    C when omitted; below C only the feature_dim largest classes can be kept. max_iterations: not used.

    Solution: weight (C, d) is the product of the layers; a dropped class has zero logits. details:
    ratios (C,) y_k; largest_roots (C,), the largest critical point, NaN where there is none; singular_values
    (C,) of the layers' product times the features, sqrt(n_k) y_k; layers, W_1 to W_L; dropped (C,) bool.
    Raises InputError: counts, depth, decays or feature_dim out of range.
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
    sizes, total = problem.counts, problem.counts.sum()
    found = [best_ratio(strength, problem.exponent) for strength in class_strengths(problem)]
    kept = np.zeros(len(sizes), dtype=bool)
    kept[np.argsort(-sizes, kind="stable")[: problem.width]] = True
    ratios = np.where(kept, [one.ratio for one in found], 0.0)
    lower = float(sizes / total @ np.where(kept, [one.lower for one in found], 0.5))
    factors = balanced_factors(problem, np.diag(ratios))
    logits = factors.class_means @ factors.weight.T
    error = float(sizes / total @ np.square(logits - np.eye(len(sizes))).sum(axis=1))
    objective = 0.5 * error + penalty(problem, factors)
    gap = objective - lower
    return Solution(
        objective=objective,
        gap=gap,
        status=(OPTIMAL if np.any(ratios) else TRIVIAL) if closes(objective, gap, 1e-9) else UNCERTIFIED,
        weight=factors.weight,
        class_means=factors.class_means,
        logits=logits,
        seconds=time.perf_counter() - began,
        iterations=0,
        certificate="closed form: von Neumann's trace inequality and one scalar problem a class",
        closed_form="Dang et al. 2023 (arXiv:2301.00437), with zero where it is better",
        details={
            "ratios": ratios,
            "largest_roots": np.array([one.largest_root for one in found]),
            "singular_values": np.sqrt(sizes) * ratios,
            "layers": factors.layers,
            "dropped": ratios == 0.0,
        },
    )


def class_strengths(problem: DeepProblem) -> NDArray[np.float64]:
    """A_k = (D/2) Lambda N n_k^{1/D - 1}, (C,): what a class's singular value costs, relative to n_k/N."""
    return problem.price * problem.counts.sum() * problem.counts ** (1.0 / problem.factors - 1.0)


def _two_layers() -> float:
    """Two layers, C = 4, n = 1, all decays d: y = 3/4 solves (1-y) y^{1/3} = 4 d, so d is given below."""
    return 0.25 * 0.75 ** (1.0 / 3.0) / 4.0


def _examples() -> list[Example]:
    c = 4 * math.sqrt(10) * 0.01
    imbalanced = sum(
        n / 111 * (s - s * s / 2) for n, s in ((100, 0.111), (10, 1.11 / math.sqrt(10)), (1, 1.0))
    )
    source = "Dang et al. 2023 (arXiv:2301.00437)"
    return [
        Example(
            {"counts": [10] * 4, "depth": 1, "weight_decay": 0.01, "feature_decay": 0.01},
            0.5 * (1 - (1 - c) ** 2),
            "Zhou et al. 2022 (arXiv:2203.01238): one layer, balanced",
        ),
        Example(
            {"counts": [100, 10, 1], "depth": 1, "weight_decay": 0.01, "feature_decay": 0.01},
            imbalanced,
            f"{source}: one layer, the smallest class vanishes",
        ),
        Example(
            {"counts": [1] * 4, "depth": 2, "weight_decay": _two_layers(), "feature_decay": _two_layers()},
            0.25**2 / 2 + 1.5 * 0.75 * 0.25,
            f"{source}: two layers at y = 3/4 (theorem dang-2023-deep-mse-value)",
        ),
        Example(
            {"counts": [1, 1], "depth": 2, "weight_decay": 19 / 81, "feature_decay": 19 / 81},
            0.5,
            "theorem dang-2023-largest-root: a critical point exists and zero is better",
            status=TRIVIAL,
        ),
    ]


_GOOD = {"counts": [4, 2, 1], "depth": 2, "weight_decay": 0.01, "feature_decay": 0.01}
MODEL = Model(
    name=NAME,
    says=(
        "Squared error on free features and any number of linear layers with their own decays, any class "
        "sizes: the global minimum, one scalar problem a class."
    ),
    source="Dang et al. 2023, arXiv:2301.00437; one layer: Zhou et al. 2022, arXiv:2203.01238",
    solve=solve,
    examples=_examples,
    starved=None,
    refused=[
        ({**_GOOD, "depth": 0}, "depth"),
        ({**_GOOD, "weight_decay": 0.0}, "weight_decay"),
        ({**_GOOD, "weight_decay": [0.1, 0.1, 0.1]}, "depth = 2"),
        ({**_GOOD, "feature_decay": -1.0}, "feature_decay"),
        ({**_GOOD, "counts": [4, 0, 1]}, "Drop absent classes"),
        ({**_GOOD, "counts": [4]}, "at least two"),
        ({**_GOOD, "feature_dim": 0}, "feature_dim"),
    ],
)
