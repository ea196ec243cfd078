# SPDX-License-Identifier: MIT
"""Squared error on nonnegative (ReLU) features, any class sizes, no bias: the orthogonal frame.

    min over W and H >= 0 of (1/(2N)) ||W H - Y||_F^2 + (lambda_W/2) ||W||_F^2 + (lambda_H/2) ||H||_F^2

(Tirer & Bruna 2022, arXiv:2202.08087, nonnegative features). Leaving out H >= 0 can only lower the minimum,
and the minimum without it is known for any class sizes: sum_c (n_c/N)(s_c - s_c^2/2) with s_c =
min(N kappa/sqrt(n_c), 1) (Dang et al. 2023, arXiv:2301.00437; theorem dang-2023-imbalanced-mse). Attained by
orthogonal class means with true logits 1 - s_c, which can be laid along the coordinate axes and are then
nonnegative: the constraint costs nothing, unlike for cross-entropy. Class c vanishes iff sqrt(n_c) <= N
kappa.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulations.geometry.models import Example, Model
from simulations.geometry.models._relu import checked_input, orthogonal_means
from simulations.geometry.solution import OPTIMAL, TRIVIAL, UNCERTIFIED, Solution, closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "relu-features-squared-error"


def solve(
    *,
    counts: Sequence[int] | NDArray[np.int64],
    weight_decay: float,
    feature_decay: float,
    feature_dim: int | None = None,
    max_iterations: int = 1,
) -> Solution:
    """The global minimum.

    counts (C,): samples of each class. feature_dim: at least the number of classes kept, C when omitted.
    max_iterations: not used. details: shortfalls (C,) s_c, one minus the true logit; vanished (C,) bool.
    Raises InputError: counts or decays out of range, feature_dim below the number of classes kept.
    """
    began = time.perf_counter()
    sizes, decay, pull, dimension = checked_input(
        NAME, counts=counts, weight_decay=weight_decay, feature_decay=feature_decay, feature_dim=feature_dim
    )
    total = sizes.sum()
    kappa = math.sqrt(decay) * math.sqrt(pull)
    shortfalls = np.minimum(total * kappa / np.sqrt(sizes), 1.0)
    true = 1.0 - shortfalls
    ratio = np.sqrt(sizes) * math.sqrt(pull) / math.sqrt(decay)  # length of the row over that of the mean
    means = orthogonal_means(NAME, np.sqrt(true / ratio), dimension)
    weight = ratio[:, None] * means
    logits = means @ weight.T
    objective = float(
        0.5 * (sizes / total) @ np.square(logits - np.eye(len(sizes))).sum(axis=1)
        + 0.5 * decay * np.square(weight).sum()
        + 0.5 * pull * (sizes @ np.square(means).sum(axis=1))
    )
    lower = float(sizes / total @ (shortfalls - 0.5 * shortfalls**2))
    gap = objective - lower
    return Solution(
        objective=objective,
        gap=gap,
        status=(OPTIMAL if np.any(true) else TRIVIAL) if closes(objective, gap, 1e-9) else UNCERTIFIED,
        weight=weight,
        class_means=means,
        logits=logits,
        seconds=time.perf_counter() - began,
        iterations=0,
        certificate="closed form: theorem dang-2023-imbalanced-mse, features of any sign",
        closed_form="Tirer & Bruna 2022 (arXiv:2202.08087): orthogonal frame",
        details={"shortfalls": shortfalls, "vanished": true <= 0.0},
    )


def _examples() -> list[Example]:
    c = 4 * math.sqrt(10) * 0.02
    return [
        Example(
            {"counts": [10] * 4, "weight_decay": 0.04, "feature_decay": 0.01},
            0.5 * (1 - (1 - c) ** 2),
            "Tirer & Bruna 2022 (arXiv:2202.08087): equal classes",
        ),
        Example(
            {"counts": [4, 1], "weight_decay": 0.2, "feature_decay": 0.2},
            0.8 * (0.5 - 0.125) + 0.2 * 0.5,
            "theorem dang-2023-imbalanced-mse, its witness: the small class has just vanished",
        ),
        Example(
            {"counts": [5, 5], "weight_decay": 0.5, "feature_decay": 0.5},
            0.5,
            "Zhou et al. 2022 (arXiv:2203.01238): zero above the threshold",
            status=TRIVIAL,
        ),
    ]


_GOOD = {"counts": [4, 2, 1], "weight_decay": 0.01, "feature_decay": 0.01}
MODEL = Model(
    name=NAME,
    says="Squared error on nonnegative features without bias, any class sizes: an orthogonal frame.",
    source="Tirer & Bruna 2022, arXiv:2202.08087; any class sizes: Dang et al. 2023, arXiv:2301.00437",
    solve=solve,
    examples=_examples,
    starved=None,
    refused=[
        ({**_GOOD, "weight_decay": -0.1}, "weight_decay"),
        ({**_GOOD, "feature_decay": 0.0}, "feature_decay"),
        ({**_GOOD, "counts": "abc"}, "counts"),
        ({**_GOOD, "feature_dim": 2}, "orthogonal"),
    ],
)
