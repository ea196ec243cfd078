# SPDX-License-Identifier: MIT
"""Cross-entropy on nonnegative (ReLU) features, any class sizes, no bias, solved in closed form.

    min over W and H >= 0 of (1/N) sum CE(W h) + (lambda_W/2) ||W||_F^2 + (lambda_H/2) ||H||_F^2

(Dang et al. 2024, arXiv:2401.02058). Lower bound (theorem dang-2024-relu-imbalanced), for any p_c in (0, 1):

1. With probabilities 1 - p_c on class c and p_c/(C-1) elsewhere, lse(z) >= q'z + entropy(q) gives
   CE(z, c) >= psi(p_c) - p_c (C/(C-1)) (z_c - mean z),  psi(p) = -(1-p) log(1-p) - p log(p/(C-1)).
2. Let g_c = (n_c/N) p_c C/(C-1) and a_c = g_c times the class mean. What step 1 subtracts,
   sum_c <w_c - mean w, a_c> = sum_c <w_c, a_c - mean a>, is at most (lambda_W/2) ||W||^2 +
   (1/(2 lambda_W)) (sum ||a_c||^2 - ||sum a_c||^2/C). The a_c are nonnegative, so ||sum a_c||^2 >=
   sum ||a_c||^2: the classes decouple, and this is the only place where H >= 0 is used.
3. ((C-1)/C) g_c^2 <= lambda_W lambda_H n_c makes the rest at most (lambda_H/2) sum n_c ||mean_c||^2, which
   (Jensen) is at most the features' decay. So the objective is at least sum_c (n_c/N) psi(p_c) whenever
   p_c <= N kappa sqrt((C-1)/(C n_c)),  kappa = sqrt(lambda_W lambda_H).

Equality at p_c = min(N kappa sqrt((C-1)/(C n_c)), (C-1)/C) with orthogonal class means: logit gap
M_c = log((C-1)(1/p_c - 1)), ||mean_c||^2 = lambda_W M_c/g_c, W = (a - mean a)/lambda_W. Class c vanishes
iff N kappa >= sqrt(n_c (C-1)/C). With means of any sign the optimum is lower (a simplex for equal classes).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy

from simulations.geometry.checks import checked_whole
from simulations.geometry.models import Example, Model
from simulations.geometry.models._relu import checked_input, orthogonal_means
from simulations.geometry.program import Program
from simulations.geometry.solution import OPTIMAL, TRIVIAL, UNCERTIFIED, Solution, closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "relu-features"


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
    max_iterations: not used. details: logit_gaps (C,), true-class logit minus any other, 0 for a class that
    vanishes; wrong_mass (C,), the probability p_c off the true class; vanished (C,) bool.
    Raises InputError: counts or decays out of range, feature_dim below the number of classes kept.
    """
    began = time.perf_counter()
    sizes, decay, pull, dimension = checked_input(
        NAME, counts=counts, weight_decay=weight_decay, feature_decay=feature_decay, feature_dim=feature_dim
    )
    C, total = len(sizes), sizes.sum()
    kappa = math.sqrt(decay) * math.sqrt(pull)
    mass = np.minimum(total * kappa * np.sqrt((C - 1) / (C * sizes)), (C - 1) / C)
    gaps = np.maximum(np.log((C - 1) * (1.0 - mass) / mass), 0.0)
    gaps[mass >= (C - 1) / C] = 0.0
    reward = sizes / total * mass * C / (C - 1)
    means = orthogonal_means(NAME, np.sqrt(decay * gaps / reward), dimension)
    pulled = reward[:, None] * means
    weight = (pulled - pulled.mean(axis=0)) / decay
    logits = means @ weight.T
    program = Program(sizes, decay, pull)
    objective = float(
        program.share @ program.losses(logits)
        + 0.5 * decay * np.square(weight).sum()
        + 0.5 * pull * (sizes @ np.square(means).sum(axis=1))
    )
    lower = float(program.share @ (-(1.0 - mass) * np.log1p(-mass) - xlogy(mass, mass / (C - 1))))
    gap = objective - lower
    return Solution(
        objective=objective,
        gap=gap,
        status=(OPTIMAL if np.any(gaps) else TRIVIAL) if closes(objective, gap, 1e-9) else UNCERTIFIED,
        weight=weight,
        class_means=means,
        logits=logits,
        seconds=time.perf_counter() - began,
        iterations=0,
        certificate="closed form: dual bound at p_c, theorem dang-2024-relu-imbalanced",
        closed_form="Dang et al. 2024 (arXiv:2401.02058): orthogonal class means",
        details={"logit_gaps": gaps, "wrong_mass": mass, "vanished": gaps == 0.0},
    )


def relu_vanishing_threshold(*, count: int, total_count: int, num_classes: int) -> float:
    """Least kappa at which a class of ``count`` samples out of ``total_count`` vanishes: sqrt(n_c (C-1)/C)/N.

    Its class mean and the difference of its logits are then zero (see the module). Raises InputError when the
    counts are not positive or there are fewer than two classes.
    """
    caller = "relu_vanishing_threshold"
    n = checked_whole(caller, "count", count, 1, "it is a number of samples")
    N = checked_whole(caller, "total_count", total_count, n, "the class is part of the total")
    C = checked_whole(caller, "num_classes", num_classes, 2, "one class is always right")
    return math.sqrt(n * (C - 1) / C) / N


def _examples() -> list[Example]:
    """Values from the logit gaps, where the solver's own bound is written in probabilities."""
    source = "Dang et al. 2024 (arXiv:2401.02058), theorem dang-2024-relu-imbalanced"
    C, counts, kappa = 3, (40, 10, 1), 0.02
    value = 0.0
    for n in counts:
        reach = math.sqrt(n * C / (C - 1)) / (51 * kappa)
        gap = math.log((C - 1) * (reach - 1)) if reach > C / (C - 1) else 0.0
        value += n / 51 * math.log1p((C - 1) * math.exp(-gap)) + kappa * gap * math.sqrt(n * (C - 1) / C)
    return [
        Example({"counts": list(counts), "weight_decay": 0.04, "feature_decay": 0.01}, value, source),
        Example(
            {"counts": [4, 1], "weight_decay": 0.2, "feature_decay": 0.1},
            0.8 * (math.log(4) - 0.75 * math.log(3)) + 0.2 * math.log(2),
            f"{source}: the witness, whose small class has just vanished",
        ),
        Example(
            {"counts": [2, 2, 2], "weight_decay": 1.0, "feature_decay": 1.0},
            math.log(3),
            f"{source}: every class vanishes",
            status=TRIVIAL,
        ),
    ]


_GOOD = {"counts": [4, 2, 1], "weight_decay": 0.01, "feature_decay": 0.01}
MODEL = Model(
    name=NAME,
    says="Cross-entropy on nonnegative features without bias, any class sizes, in closed form.",
    source="Dang et al. 2024, arXiv:2401.02058",
    solve=solve,
    examples=_examples,
    starved=None,
    refused=[
        ({**_GOOD, "weight_decay": 0.0}, "weight_decay"),
        ({**_GOOD, "feature_decay": float("nan")}, "feature_decay"),
        ({**_GOOD, "counts": [3, -1]}, "positive whole number"),
        ({**_GOOD, "feature_dim": 1}, "orthogonal"),
    ],
)
