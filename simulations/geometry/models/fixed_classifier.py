# SPDX-License-Identifier: MIT
"""A classifier that is not trained: the best features for it, class by class, certified.

    cross-entropy:   minimise sum_c (n_c/n) mean_i CE(W h_ci, c)
                     either + (feature_decay/2) sum_ci ||h_ci||^2   or subject to ||h_ci|| <= feature_norm
    dot regression:  minimise sum_c (n_c/n) mean_i (<w_c, h_ci> - r rho)^2/(2 r rho)   (+ the same decay)

over the features alone, W (C, d) fixed: the simplex equiangular tight frame unless another is given (Yang et
al. 2022, arXiv:2203.09081). Both are convex and every sample has a problem of its own, that of its class, so
the class sizes change the value and, at a given n feature_decay, no feature. Cross-entropy is solved by
Newton steps and certified by the gap of `_fixed_newton`; the gaps of the classes add up with weights n_c/n.

Known optima. For a simplex with rows of norm r in the ball, h = (rho/r) w_c, value phi(C rho r/(C-1)) with
phi(t) = log(1 + (C-1) e^-t) whatever the class sizes (theorem yang-2022-fixed-simplex); with decay h = t
w_c, t the root of n feature_decay t = (C/(C-1)) q(C r^2 t/(C-1)), q = -phi'. Dot regression, rows of norm r:
h = t w_c with t = 1/(r/rho + n feature_decay), value n feature_decay r rho t/2, which is zero without decay
(theorem yang-2022-dot-regression: zero loss is collapse); there the objective is a convex quadratic of <w_c,
h> and ||h||, and setting its gradient to zero gives t.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq

from simulations.errors import InputError, unknown
from simulations.geometry.checks import checked_counts, checked_positive, checked_tolerance, checked_whole
from simulations.geometry.closed_forms import simplex_etf
from simulations.geometry.models import Example, Model
from simulations.geometry.models._fixed_newton import ClassProblem, Spent
from simulations.geometry.models._sphere_inputs import checked_matrix
from simulations.geometry.solution import NOT_CONVERGED, OPTIMAL, TRIVIAL, Solution, closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "fixed-classifier"
LOSSES = ("cross-entropy", "dot-regression")
ZERO_LOSS = "dot regression without decay: h = t w_c, zero loss"
ROUNDING = 1e-9  # rows whose norms, sums and angles agree to this are a simplex


def solve(
    *,
    counts: Sequence[int],
    classifier: Any = None,
    row_norm: float = 1.0,
    feature_norm: float | None = None,
    feature_decay: float | None = None,
    loss: str = "cross-entropy",
    tolerance: float = 1e-9,
    max_iterations: int = 100_000,
) -> Solution:
    """The best features for a fixed classifier.

    counts (C,): samples in each class. classifier: (C, d) finite, or None for the simplex with rows of norm
    row_norm in C - 1 dimensions. feature_norm rho > 0: radius of the ball (cross-entropy), or sqrt(E_H), the
    norm that the target r rho stands for (dot regression, which needs it). feature_decay > 0: of the sum
    over samples of ||h||^2/2. Cross-entropy takes exactly one of the two. loss: "cross-entropy" or
    "dot-regression"; the latter needs rows of equal norm. tolerance: accepted gap, relative to min(1,
    value). max_iterations: Newton steps, all classes. objective: loss in nats (dot regression: the units of
    r rho) plus the decay term. class_means (C, d), every sample of a class at its mean. details:
    class_values (C,), every class's own loss plus decay; class_gaps (C,). Raises InputError: bad counts, a
    classifier of the wrong shape or not finite, a budget or decay that is not positive, both or neither
    given, an unknown loss, dot regression with rows of different norms.
    """
    began = time.perf_counter()
    sizes = checked_counts(NAME, counts)
    weight = _classifier(len(sizes), classifier, row_norm)
    if loss not in LOSSES:
        raise unknown("loss of the fixed classifier", loss, LOSSES)
    rho, mu = _budget(loss, feature_norm, feature_decay, sizes.sum())
    budget = checked_whole(NAME, "max_iterations", max_iterations)
    tolerance = checked_tolerance(NAME, tolerance)
    share, steps, closed_form = sizes / sizes.sum(), 0, None
    if loss == "dot-regression":
        means, values, gaps = _dot_regression(weight, rho, mu)
        closed_form = ZERO_LOSS if mu is None else "dot regression: h = t w_c"
    else:
        simplex = _on_simplex(weight, rho, mu)
        closed_form = "fixed simplex: h along w_c" if simplex is not None else None
        means, values, gaps, steps = _cross_entropy(weight, rho, mu, budget, simplex)
    objective, gap = float(share @ values), float(share @ gaps)
    certified = closes(objective, gap, tolerance)
    certified = certified or (closed_form == ZERO_LOSS and gap <= _rounding(weight, rho))
    return Solution(
        objective=objective,
        gap=gap,
        status=(OPTIMAL if means.any() else TRIVIAL) if certified else NOT_CONVERGED,
        weight=weight,
        class_means=means,
        logits=means @ weight.T,
        seconds=time.perf_counter() - began,
        iterations=steps,
        certificate="Fenchel duality, class by class",
        closed_form=closed_form,
        details={"class_values": values, "class_gaps": gaps},
    )


def _classifier(C: int, classifier: Any, row_norm: float) -> NDArray[np.float64]:
    if classifier is None:
        length = checked_positive(NAME, "row_norm", row_norm, "rows of zero tell nothing apart")
        return length * simplex_etf(C)
    weight = checked_matrix(NAME, "classifier", classifier)
    if len(weight) != C:
        raise InputError(
            f"{NAME}: received a classifier of shape {weight.shape} for {C} counts; give one row a class."
        )
    return weight


def _budget(
    loss: str, feature_norm: float | None, feature_decay: float | None, n: float
) -> tuple[float | None, float | None]:
    """rho, or None without ball; n feature_decay, or None without decay."""
    if loss == "cross-entropy" and (feature_norm is None) == (feature_decay is None):
        raise InputError(
            f"{NAME}: received feature_norm = {feature_norm!r} and feature_decay = {feature_decay!r}; "
            "cross-entropy takes exactly one of them: with neither the features grow for ever."
        )
    if loss == "dot-regression" and feature_norm is None:
        raise InputError(
            f"{NAME}: received no feature_norm; dot regression pulls <w_c, h> to row norm times feature_norm."
        )
    reason = "a zero one leaves nothing to choose, without one the features grow for ever"
    rho = None if feature_norm is None else checked_positive(NAME, "feature_norm", feature_norm, reason)
    decay = None if feature_decay is None else checked_positive(NAME, "feature_decay", feature_decay, reason)
    return rho, None if decay is None else n * decay


def _cross_entropy(
    weight: NDArray[np.float64],
    rho: float | None,
    mu: float | None,
    budget: int,
    candidate: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], int]:
    """Class means (C, d), every class's objective and gap (C,), Newton steps spent."""
    basis = np.linalg.svd(weight - weight.mean(axis=0), full_matrices=False)[2]
    rows, spent = weight @ basis.T, 0
    means, values, gaps = np.zeros_like(weight), np.zeros(len(weight)), np.zeros(len(weight))
    for c in range(len(weight)):
        one = ClassProblem(np.delete(rows, c, axis=0) - rows[c], budget - spent)
        if candidate is not None:
            h = basis @ candidate[c]
        else:
            try:
                h = one.in_ball(rho) if rho is not None else one.decayed(mu or 0.0, np.zeros(len(basis)))
            except Spent as stop:
                h = stop.best
        spent += one.steps
        gaps[c] = one.gap_ball(h, rho) if rho is not None else one.gap_decayed(h, mu or 0.0)
        values[c] = one.value(h) + (0.0 if mu is None else 0.5 * mu * float(h @ h))
        means[c] = h @ basis
    return means, values, gaps, spent


def _on_simplex(
    weight: NDArray[np.float64], rho: float | None, mu: float | None
) -> NDArray[np.float64] | None:
    """The closed form for a simplex classifier, None for another classifier."""
    C = len(weight)
    gram = weight @ weight.T
    square = float(np.trace(gram)) / C
    simplex = square * (C * np.eye(C) - 1.0) / (C - 1)
    if square == 0.0 or np.abs(gram - simplex).max() > ROUNDING * square:
        return None
    if rho is not None:
        return weight * (rho / np.sqrt(square))
    decay = mu or 0.0

    def slope(t: float) -> float:
        return decay * t - C / (1.0 + np.exp(C * square * t / (C - 1)) / (C - 1)) / (C - 1)

    top = min(C / (C - 1) / decay, 300.0 / square)
    if slope(top) < 0.0:  # a decay of less than exp(-300): left to the search
        return None
    return weight * float(brentq(slope, 0.0, top, xtol=1e-300, rtol=1e-15))


def _dot_regression(
    weight: NDArray[np.float64], rho: float | None, mu: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The closed form; its gap is the strong-convexity bound of the gradient that is left, zero without
    decay."""
    norms = np.linalg.norm(weight, axis=1)
    if np.ptp(norms) > ROUNDING * norms.max() or norms.min() == 0.0:
        raise InputError(
            f"{NAME}: received a classifier of row norms from {norms.min():.6g} to {norms.max():.6g}; "
            "dot regression needs rows of one positive norm: its target is row norm times feature_norm."
        )
    radius, decay = float(rho or 0.0), 0.0 if mu is None else mu
    r = float(norms.mean())
    t = 1.0 / (r / radius + decay)
    means = t * weight
    missing = (means * weight).sum(axis=1) - r * radius
    values = missing**2 / (2.0 * r * radius) + 0.5 * decay * np.square(means).sum(axis=1)
    residual = (missing / (r * radius))[:, None] * weight + decay * means
    gaps = np.square(residual).sum(axis=1) / (2.0 * decay) if decay else values
    return means, values, gaps


def _rounding(weight: NDArray[np.float64], rho: float | None) -> float:
    """What dot regression leaves of zero where <w_c, h> misses r rho by its rounding, 1e-14 of it."""
    return 0.5e-28 * float(np.linalg.norm(weight[0])) * (rho or 0.0)


def examples() -> list[Example]:
    """The simplex under a ball and under decay, dot regression, two orthogonal rows."""
    cases = []
    for C, rho, r in ((3, 2.0, 1.0), (10, 3.0, 2.0)):
        value = np.log1p((C - 1) * np.exp(-C * rho * r / (C - 1)))
        given = {"counts": (5, *(1,) * (C - 1)), "feature_norm": rho, "row_norm": r}
        cases.append(Example(given, float(value), "theorem yang-2022-fixed-simplex"))
    # rows e_1, e_2: the logit gap is that of x = <e_1 - e_2, h> alone, so h = +-rho (e_1 - e_2)/sqrt 2
    cases.append(
        Example(
            {"counts": (7, 2), "classifier": ((1.0, 0.0), (0.0, 1.0)), "feature_norm": 1.5},
            float(np.log1p(np.exp(-1.5 * np.sqrt(2.0)))),
            "two classes: the feature along the difference of the rows",
        )
    )
    # simplex with decay: choose the wrong probability q, and the decay that goes with it
    C, q = 4, 0.2
    margin = np.log((C - 1) * (1.0 - q) / q)
    t = margin * (C - 1) / C
    mu = C / (C - 1) * q / t
    cases.append(
        Example(
            {"counts": (2, 3, 4, 1), "feature_decay": mu / 10.0},
            float(-np.log1p(-q) + 0.5 * mu * t * t),
            "simplex with decay, stationarity solved for the decay",
        )
    )
    cases.append(
        Example(
            {"counts": (2, 1, 1), "feature_norm": 2.0, "feature_decay": 0.25, "loss": "dot-regression"},
            1.0 * 2.0 / (0.5 + 1.0) / 2.0,
            "dot regression with decay: t = 1/(r/rho + n decay)",
        )
    )
    return cases


MODEL = Model(
    name=NAME,
    says="Features for a fixed classifier, a simplex or any other, class by class with a dual certificate.",
    source="Yang et al. 2022 (arXiv:2203.09081)",
    solve=solve,
    examples=examples,
    starved={
        "counts": (3, 2, 1),
        "classifier": ((1.0, 0.0), (0.3, 1.0), (-1.0, -0.2)),
        "feature_decay": 1e-3,
        "max_iterations": 1,
    },
    refused=(
        ({"counts": (3,), "feature_norm": 1.0}, "two classes"),
        ({"counts": (3, 2), "classifier": ((1.0, 0.0),), "feature_norm": 1.0}, "shape"),
        ({"counts": (3, 2), "classifier": ((1.0, np.nan), (0.0, 1.0)), "feature_norm": 1.0}, "NaN"),
        ({"counts": (3, 2)}, "exactly one"),
        ({"counts": (3, 2), "feature_norm": 1.0, "feature_decay": 1.0}, "exactly one"),
        ({"counts": (3, 2), "feature_norm": -1.0}, "feature_norm"),
        ({"counts": (3, 2), "feature_decay": 0.0}, "feature_decay"),
        ({"counts": (3, 2), "feature_norm": 1.0, "loss": "hinge"}, "hinge"),
        (
            {"counts": (1, 1), "classifier": ((1.0,), (2.0,)), "feature_norm": 1.0, "loss": "dot-regression"},
            "row norms",
        ),
    ),
)
