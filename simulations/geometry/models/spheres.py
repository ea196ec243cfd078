# SPDX-License-Identifier: MIT
"""Normalised features and classifiers: cross-entropy on a product of spheres at inverse temperature tau.

    minimise sum_c (n_c/n) CE(tau W h_c, c)   over ||w_j|| = ||h_c|| = 1 in R^d

(Yaras et al. 2022, arXiv:2209.09211; Graf et al. 2021, arXiv:2102.08817; one sphere, W = H: Lu &
Steinerberger 2022, arXiv:2012.08465). Samples of a class have the same problem, so one feature a class loses
nothing.

Known optima. Equal classes and d >= C - 1: the simplex, W = H, log(1 + (C-1) exp(-tau C/(C-1))) (theorem
yaras-2022-spheres, a bound for all unit vectors). Two classes of any sizes: opposite poles, log(1 + exp(-2
tau)), because no margin exceeds 2. d = 1: a of the rows are at one pole and C - a at the other, and every
class does best with h = w, so that its loss is log(k + (C - k) exp(-2 tau)), k the number of rows at its
pole; it grows with k, so the larger classes take the smaller pole, and a is found by trying all. Elsewhere
the point comes from L-BFGS and Newton steps from several starts and is bounded from below as
`_sphere_bounds` says: where the dual bound meets it, it is optimal; in d < C - 1 dimensions, where that
bound does not know of the dimension, it is left uncertified with the best of three bounds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp

from simulations.geometry.checks import checked_counts, checked_positive, checked_tolerance, checked_whole
from simulations.geometry.closed_forms import simplex_etf
from simulations.geometry.models import Example, Model
from simulations.geometry.models._codes import spread
from simulations.geometry.models._sphere_bounds import code_bound, dual_bound, rank_bound
from simulations.geometry.models._sphere_search import Found, minimise, on_unit_rows
from simulations.geometry.solution import NOT_CONVERGED, OPTIMAL, UNCERTIFIED, Solution, closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "spheres"
STARTS, LOW_STARTS = 2, 8
STATIONARY = 1e-6  # gradient relative to tau times the loss, of a search that has settled


def solve(
    *,
    counts: Sequence[int],
    inverse_temperature: float,
    feature_dim: int | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 20_000,
    seed: int = 0,
) -> Solution:
    """Least cross-entropy of unit features and unit rows.

    counts (C,): samples in each class; only their ratios matter. inverse_temperature tau > 0: factor of the
    cosines. feature_dim d >= 1, C when omitted. tolerance: accepted gap, relative to min(1, value).
    max_iterations: steps over all starts. seed: of the starts. objective: mean loss in nats. weight,
    class_means (C, d): unit rows. logits (C, C) with tau. details: lower_bounds, every bound by name;
    closed_form's source is in the module. Raises InputError: bad counts, an inverse temperature that is not
    positive and finite, a dimension below 1.
    """
    began = time.perf_counter()
    sizes = checked_counts(NAME, counts)
    reason = "at zero all logits are equal, at infinity the loss has no minimiser"
    tau = checked_positive(NAME, "inverse_temperature", inverse_temperature, reason)
    C, share = len(sizes), sizes / sizes.sum()
    d = C if feature_dim is None else checked_whole(NAME, "feature_dim", feature_dim)
    budget = checked_whole(NAME, "max_iterations", max_iterations)
    tolerance = checked_tolerance(NAME, tolerance)
    equal = bool(np.ptp(sizes) == 0.0)
    bounds = {"codes": code_bound(share, d, tau)}
    if equal:
        bounds["rank"] = rank_bound(C, d, tau)
    known, spent, settled = _closed_form(share, d, tau, equal), 0, True
    if known is not None:
        weight, means, closed_form, exact = known
        bounds["closed form"] = exact
    else:
        closed_form = None
        weight, means, bounds["dual"], spent, settled = _search(share, d, tau, budget, seed)
    objective = _loss(weight, means, share, tau)
    name = max(bounds, key=lambda key: bounds[key])
    gap = objective - bounds[name]
    return Solution(
        objective=objective,
        gap=gap,
        status=OPTIMAL
        if closes(objective, gap, tolerance)
        else UNCERTIFIED
        if settled and d < C - 1
        else NOT_CONVERGED,
        weight=weight,
        class_means=means,
        logits=tau * means @ weight.T,
        seconds=time.perf_counter() - began,
        iterations=spent,
        certificate=f"lower bound: {name}",
        closed_form=closed_form,
        details={"lower_bounds": bounds},
    )


def _loss(
    weight: NDArray[np.float64], means: NDArray[np.float64], share: NDArray[np.float64], tau: float
) -> float:
    """sum_c pi_c log(1 + sum_{j != c} exp(tau <w_j - w_c, h_c>))."""
    logits = tau * means @ weight.T
    away = logits - np.diag(logits)[:, None]
    np.fill_diagonal(away, -np.inf)
    return float(share @ np.logaddexp(0.0, logsumexp(away, axis=1)))


def _closed_form(
    share: NDArray[np.float64], d: int, tau: float, equal: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], str, float] | None:
    """Rows, features, name, exact least value; None where none is known."""
    C = len(share)
    if equal and d >= C - 1:
        frame = simplex_etf(C, d)
        return frame, frame, "simplex", float(np.log1p((C - 1) * np.exp(-tau * C / (C - 1))))
    if C > 2 and d > 1:
        return None
    order = np.argsort(-share)
    best: tuple[float, int] = (np.inf, 1)
    for a in range(1, C // 2 + 1):  # the a largest classes share one pole, the others the other
        near, far = (np.log1p(k - 1 + (C - k) * np.exp(-2.0 * tau)) for k in (a, C - a))
        best = min(best, (float(share[order[:a]].sum() * near + share[order[a:]].sum() * far), a))
    rows = np.zeros((C, d))
    rows[order, 0] = np.where(np.arange(C) < best[1], 1.0, -1.0)
    return rows, rows, "two poles", best[0]


def _search(
    share: NDArray[np.float64], d: int, tau: float, budget: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, int, bool]:
    """Rows and features (C, d), the dual bound, the iterations spent, whether the best start settled."""
    C, generator = len(share), np.random.default_rng(seed)
    wide = min(d, C) if d >= C - 1 else C
    frame = np.vstack([simplex_etf(C, wide)] * 2)
    starts = [frame + 0.1 * k * generator.normal(size=frame.shape) for k in range(1, STARTS + 1)]
    best, spent = _best(starts, share, tau, budget)
    bound = dual_bound(*_rows(best.point, C), share, tau)
    if d < C - 1:
        starts = [np.vstack([rows, rows]) for rows in generator.normal(size=(LOW_STARTS, C, d))]
        code = spread(starts[0][:C], budget=budget - spent).weight if spent < budget else starts[0][:C]
        starts[0] = np.vstack([code, code])
        best, low = _best(starts, share, tau, max(1, budget - spent))
        spent += low
    weight, means = np.zeros((C, d)), np.zeros((C, d))
    found = _rows(best.point, C)
    width = found[0].shape[1]
    weight[:, :width], means[:, :width] = found
    return weight, means, bound, spent, best.residual <= STATIONARY * tau * best.value


def _best(
    starts: list[NDArray[np.float64]], share: NDArray[np.float64], tau: float, budget: int
) -> tuple[Found, int]:
    """The best of the starts (2C, d), rows before features; iterations spent on all."""
    C, width = len(share), starts[0].shape[1]
    best, spent = None, 0
    for start in starts:
        if best is not None and spent >= budget:
            break
        function = on_unit_rows(lambda rows: _value_and_gradient(rows, C, share, tau), width)
        found = minimise(function, start.ravel(), budget=max(1, budget - spent), accuracy=1e-13)
        spent += found.iterations
        if best is None or found.value < best.value:
            best = found
    assert best is not None  # there is a start
    return best, spent


def _value_and_gradient(
    rows: NDArray[np.float64], C: int, share: NDArray[np.float64], tau: float
) -> tuple[float, NDArray[np.float64]]:
    weight, means = rows[:C], rows[C:]
    logits = tau * means @ weight.T
    away = logits - np.diag(logits)[:, None]
    np.fill_diagonal(away, -np.inf)
    each = np.logaddexp(0.0, logsumexp(away, axis=1))
    slope = np.exp(away - each[:, None])
    np.fill_diagonal(slope, -slope.sum(axis=1))
    slope *= tau * share[:, None]
    return float(share @ each), np.vstack([slope.T @ means, slope @ weight])


def _rows(flat: NDArray[np.float64], C: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows = flat.reshape(2 * C, -1)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return rows[:C], rows[C:]


def examples() -> list[Example]:
    """The simplex, two classes of unequal size, the line."""
    yaras = "theorem yaras-2022-spheres (Yaras et al. 2022, arXiv:2209.09211)"
    cases = [
        Example(
            {"counts": (3,) * C, "inverse_temperature": tau, "feature_dim": d},
            float(np.log1p((C - 1) * np.exp(-tau * C / (C - 1)))),
            yaras,
        )
        for C, tau, d in ((3, 1.0, 2), (10, 4.0, 9), (5, 20.0, 8))
    ]
    line = (3.0 * np.log(2.0 + np.exp(-2.0)) + 2.0 * np.log(1.0 + 2.0 * np.exp(-2.0))) / 5.0
    return [
        *cases,
        Example(
            {"counts": (9, 1), "inverse_temperature": 1.5},
            float(np.log1p(np.exp(-3.0))),
            "no margin exceeds 2",
        ),
        Example(
            {"counts": (2, 2, 1), "inverse_temperature": 1.0, "feature_dim": 1},
            float(line),
            "one of three rows alone at its pole, a class of two samples",
        ),
    ]


MODEL = Model(
    name=NAME,
    says="Least cross-entropy of unit features and unit classifier rows at a temperature, with dual bounds.",
    source="Yaras et al. 2022 (arXiv:2209.09211)",
    solve=solve,
    examples=examples,
    starved={"counts": (9, 3, 1, 1), "inverse_temperature": 3.0, "max_iterations": 1},
    refused=(
        ({"counts": (4,), "inverse_temperature": 1.0}, "two classes"),
        ({"counts": (4, 0), "inverse_temperature": 1.0}, "absent"),
        ({"counts": (4, 4), "inverse_temperature": 0.0}, "inverse_temperature"),
        ({"counts": (4, 4), "inverse_temperature": float("inf")}, "inverse_temperature"),
        ({"counts": (4, 4), "inverse_temperature": 1.0, "feature_dim": 0}, "feature_dim"),
    ),
)
