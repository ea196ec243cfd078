# SPDX-License-Identifier: MIT
"""Supervised contrastive loss over free features: normalised at a temperature, or with feature decay; any
class sizes.

    minimise (1/n) sum over anchors a of [ log sum_{b != a} exp(tau <h_a, h_b>) - mean over b != a of a's
    class of tau <h_a, h_b> ]       either over ||h_a|| = 1, or with tau = 1 and + (feature_decay/2) sum_a
    ||h_a||^2.

One batch holds every sample, the anchor is left out of the sum, and the mean over positives stands outside
the logarithm (the form of Graf et al. 2021, arXiv:2102.08817, and of the registered theorem; their average
over random batches is another loss). Unregularised features with decay: Behnia & Thrampoulidis 2024
(arXiv:2402.18884), whose convex relaxation in the Gram matrix is what follows, reduced to the classes (this
project, 2026; theorems graf-2021-class-gram for the reduction, graf-2021-unequal-classes for the dual).

Reduction. The loss is convex in the Gram matrix G (log-sum-exp minus linear) and unchanged by permutations
within a class, so averaging over them costs nothing: G has entries D_c on the diagonal, g_c between two
samples of class c and M_cd between classes. It is positive semidefinite iff D_c >= g_c and M is, where M_cc
= (D_c + (n_c - 1) g_c)/n_c. With
    l_c(g, M) = log((n_c - 1) exp(tau g_c) + sum_{d != c} n_d exp(tau M_cd)) - tau g_c,
which falls in g_c: with decay, at a given M_cc both the loss and the decay term n_c D_c = n_c (n_c M_cc -
(n_c - 1) g_c) fall in g_c, so g_c = D_c = M_cc and classes collapse; on the sphere D_c = 1 and g_c = (n_c
M_cc - 1)/(n_c - 1), with M_cc <= 1, and collapse is M_cc = 1. Left is a convex program over C x C matrices M
>= 0, solved on factors M = U U', whose rows are the class features.

Certificates. S, the symmetric gradient in M at the point M', gives L(M) >= L(M') + <S, M - M'>.
- Sphere: over M >= 0 with diagonal <= 1, <S, M> >= -sum y for y >= 0 with S + diag(y) >= 0; y_c = -<(S U)_c,
  u_c>, raised by the least eigenvalue of S + diag(y) where that is negative.
- Decay, R = (feature_decay/2) diag(n_c): L >= L_inf = sum (n_c/n) log(n_c - 1) everywhere, so for t in [0,
  1] the objective is at least t (L(M') - <S, M'>) + (1 - t) L_inf if t S + R >= 0; t = 1 at an optimum.
Both hold for every dimension and for features that are not collapsed. Equal classes, d >= C - 1: the
simplex, on the sphere by theorem graf-2021-supervised-contrastive, log(m + (m + 1)(C-1) exp(-tau C/(C-1))),
m + 1 samples a class.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp

from simulations.errors import InputError
from simulations.geometry.checks import checked_counts, checked_positive, checked_tolerance, checked_whole
from simulations.geometry.closed_forms import simplex_etf
from simulations.geometry.models import Example, Model
from simulations.geometry.models._sphere_search import Found, minimise, on_unit_rows
from simulations.geometry.solution import NOT_CONVERGED, OPTIMAL, TRIVIAL, UNCERTIFIED, Solution, closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "supervised-contrastive"
LOW_STARTS = 8
STATIONARY = (
    1e-6  # largest entry of the gradient of a search that has settled, relative to the loss above L_inf
)


class Contrast:
    """The reduced loss for counts (C,) at tau; decay None on the sphere."""

    def __init__(self, counts: NDArray[np.float64], tau: float, decay: float | None) -> None:
        self.counts, self.tau, self.decay = counts, tau, decay
        self.share = counts / counts.sum()
        self.least = float(self.share @ np.log(counts - 1.0))
        self.weights = np.log(counts[None, :] / (counts[:, None] - 1.0))

    def excess(self, gram: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """L - L_inf at collapsed classes, M (C, C), and its symmetric gradient in M with g_c = M_cc."""
        away = self.weights + self.tau * (gram - np.diag(gram)[:, None])
        np.fill_diagonal(away, -np.inf)
        each = np.logaddexp(0.0, logsumexp(away, axis=1))
        slope = np.exp(away - each[:, None]) * (self.tau * self.share)[:, None]
        np.fill_diagonal(slope, -slope.sum(axis=1))
        return float(self.share @ each), 0.5 * (slope + slope.T)

    def objective(self, rows: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """L - L_inf plus the decay term, and its gradient in the class features (C, d)."""
        value, slope = self.excess(rows @ rows.T)
        gradient = 2.0 * slope @ rows
        if self.decay is not None:
            value += 0.5 * self.decay * float(self.counts @ np.square(rows).sum(axis=1))
            gradient = gradient + self.decay * self.counts[:, None] * rows
        return value, gradient

    def gap(self, rows: NDArray[np.float64]) -> float:
        """Objective minus the bound of the module's docstring; a bound for all features in every
        dimension."""
        gram = rows @ rows.T
        value, slope = self.excess(gram)
        if self.decay is None:
            slope[np.diag_indices_from(slope)] *= self.counts / (self.counts - 1.0)
            multipliers = np.maximum(-((slope @ rows) * rows).sum(axis=1), 0.0)
            short = max(0.0, -float(np.linalg.eigvalsh(slope + np.diag(multipliers))[0]))
            return float((slope * gram).sum() + (multipliers + short).sum())
        root = np.sqrt(0.5 * self.decay * self.counts)
        largest = float(np.linalg.eigvalsh(-slope / root[:, None] / root)[-1])
        t = 1.0 if largest <= 1.0 else 1.0 / largest
        penalty = float(np.square(root) @ np.diag(gram))
        return (1.0 - t) * value + penalty + t * float((slope * gram).sum())


def solve(
    *,
    counts: Sequence[int],
    inverse_temperature: float | None = None,
    feature_decay: float | None = None,
    feature_dim: int | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
    seed: int = 0,
) -> Solution:
    """Least supervised contrastive loss of one batch of all samples.

    counts (C,): samples in each class, at least 2. Exactly one of inverse_temperature tau > 0 (unit
    features) and feature_decay > 0 (free features, tau = 1). feature_dim d >= 1, C when omitted. tolerance:
    accepted gap, relative to min(1, |value|). max_iterations: steps over all starts. seed: of the starts.
    objective: mean over anchors, nats, decay included. class_means (C, d): the feature of every sample of a
    class; weight: the same, for there is no classifier. logits (C, C): tau <h_c, h_d>. details: least_loss,
    L_inf = sum (n_c/n) log(n_c - 1), which the loss exceeds at any features; gram (C, C). Raises InputError:
    a class of fewer than two samples (its anchor has no positive), both or neither of temperature and decay,
    values that are not positive and finite, a dimension below 1.
    """
    began = time.perf_counter()
    reason = "an anchor of a class of one sample has nothing to be drawn to"
    sizes = checked_counts(NAME, counts, least=2, reason=reason)
    if (inverse_temperature is None) == (feature_decay is None):
        raise InputError(
            f"{NAME}: received inverse_temperature = {inverse_temperature!r} and feature_decay = "
            f"{feature_decay!r}; exactly one is required: unit features, or free ones with decay."
        )
    tau, decay = 1.0, None
    if feature_decay is None:
        tau = checked_positive(
            NAME, "inverse_temperature", inverse_temperature, "the cosines are scaled by it"
        )
    else:
        decay = checked_positive(NAME, "feature_decay", feature_decay)
    C, budget = len(sizes), checked_whole(NAME, "max_iterations", max_iterations)
    d = C if feature_dim is None else checked_whole(NAME, "feature_dim", feature_dim)
    tolerance = checked_tolerance(NAME, tolerance)
    problem = Contrast(sizes, tau, decay)
    rows, closed_form = _closed_form(problem, d), None
    spent, settled = 0, True
    if rows is not None:
        closed_form, gap = "simplex" if rows.any() else "zero", problem.gap(rows)
    else:
        rows, bound, spent, settled = _search(problem, d, budget, seed)
        gap = problem.objective(rows)[0] - bound
    objective = problem.least + problem.objective(rows)[0]
    certified = closes(objective, gap, tolerance)
    good = OPTIMAL if rows.any() else TRIVIAL
    return Solution(
        objective=objective,
        gap=gap,
        status=good if certified else UNCERTIFIED if settled and d < C - 1 else NOT_CONVERGED,
        weight=rows,
        class_means=rows,
        logits=tau * rows @ rows.T,
        seconds=time.perf_counter() - began,
        iterations=spent,
        certificate="dual bound of the convex program in the Gram matrix",
        closed_form=closed_form,
        details={"least_loss": problem.least, "gram": rows @ rows.T},
    )


def _closed_form(problem: Contrast, d: int) -> NDArray[np.float64] | None:
    """Zero where the decay leaves nothing else; the simplex for equal classes; None elsewhere."""
    C, n = len(problem.counts), float(problem.counts[0])
    zero = np.zeros((C, d))
    if problem.decay is not None and problem.gap(zero) <= 0.0:
        return zero
    if np.ptp(problem.counts) > 0.0 or d < C - 1:
        return None
    frame = simplex_etf(C, d)
    if problem.decay is None:
        return frame
    wrong = (
        0.5 * problem.decay * n * (C - 1)
    )  # probability that stationarity in ||h||^2 leaves to the wrong classes
    odds = n * (C - 1) * max(1.0 - wrong, 0.0) / ((n - 1.0) * wrong)
    return frame * np.sqrt(
        np.log(max(odds, 1.0)) * (C - 1) / C
    )  # at the threshold rounding leaves less than 1


def _search(
    problem: Contrast, d: int, budget: int, seed: int
) -> tuple[NDArray[np.float64], float, int, bool]:
    """Class features (C, d), the lower bound on objective - L_inf, iterations, whether the best start
    settled."""
    C, generator = len(problem.counts), np.random.default_rng(seed)
    wide = min(d, C) if d >= C - 1 else C
    start = simplex_etf(C, wide) + 0.1 * generator.normal(size=(C, wide))
    best = _descend(problem, start, budget)
    spent, rows = best.iterations, _rows(problem, best, C)
    bound = problem.objective(rows)[0] - problem.gap(rows)
    if d < C - 1:
        starts = generator.normal(size=(LOW_STARTS, C, d))
        best = _descend(problem, starts[0], max(1, budget - spent))
        spent += best.iterations
        for start in starts[1:]:
            if spent >= budget:
                break
            found = _descend(problem, start, budget - spent)
            spent += found.iterations
            best = min(best, found, key=lambda one: one.value)
        rows = _rows(problem, best, C)
    full = np.zeros((C, d))
    full[:, : rows.shape[1]] = rows
    settled = best.residual <= STATIONARY * max(best.value, 1e-300) * max(1.0, problem.tau)
    return full, bound, spent, settled


def _descend(problem: Contrast, start: NDArray[np.float64], budget: int) -> Found:
    width = start.shape[1]
    if problem.decay is None:
        function = on_unit_rows(problem.objective, width)
    else:

        def function(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            value, gradient = problem.objective(flat.reshape(-1, width))
            return value, gradient.ravel()

    return minimise(function, start.ravel(), budget=budget, accuracy=1e-13)


def _rows(problem: Contrast, found: Found, C: int) -> NDArray[np.float64]:
    rows = found.point.reshape(C, -1)
    return rows if problem.decay is not None else rows / np.linalg.norm(rows, axis=1, keepdims=True)


def examples() -> list[Example]:
    """The simplex on the sphere and with decay, and zero."""
    graf = "theorem graf-2021-supervised-contrastive (Graf et al. 2021, arXiv:2102.08817)"
    cases = [
        Example(
            {"counts": (n,) * C, "inverse_temperature": tau, "feature_dim": d},
            float(np.log(n - 1 + n * (C - 1) * np.exp(-tau * C / (C - 1)))),
            graf,
        )
        for C, n, tau, d in ((2, 2, 1.0, 1), (4, 5, 2.0, 3), (6, 3, 10.0, 9))
    ]
    C, n, wrong = 3, 4, 0.1
    margin = np.log(n * (C - 1) * (1 - wrong) / ((n - 1) * wrong))
    decay = 2 * wrong / (n * (C - 1))
    value = np.log((n - 1) / (1 - wrong)) + 0.5 * decay * n * C * margin * (C - 1) / C
    free = "stationarity of the simplex solved for the decay (Behnia & Thrampoulidis 2024, arXiv:2402.18884)"
    return [
        *cases,
        Example({"counts": (n,) * C, "feature_decay": decay}, float(value), free),
        Example({"counts": (3, 2), "feature_decay": 5.0}, float(np.log(4.0)), "zero features", "trivial"),
    ]


MODEL = Model(
    name=NAME,
    says="Least supervised contrastive loss of unit or decayed features, a convex program in Gram matrices.",
    source="Graf et al. 2021 (arXiv:2102.08817); Behnia & Thrampoulidis 2024 (arXiv:2402.18884)",
    solve=solve,
    examples=examples,
    starved={"counts": (20, 5, 3, 2), "inverse_temperature": 4.0, "max_iterations": 1},
    refused=(
        ({"counts": (4,), "inverse_temperature": 1.0}, "two"),
        ({"counts": (4, 1), "inverse_temperature": 1.0}, "one sample"),
        ({"counts": (4, 4)}, "exactly one"),
        ({"counts": (4, 4), "inverse_temperature": 1.0, "feature_decay": 0.1}, "exactly one"),
        ({"counts": (4, 4), "inverse_temperature": -1.0}, "inverse_temperature"),
        ({"counts": (4, 4), "feature_decay": 0.0}, "feature_decay"),
        ({"counts": (4, 4), "inverse_temperature": 1.0, "feature_dim": 0}, "feature_dim"),
    ),
)
