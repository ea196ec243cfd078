# SPDX-License-Identifier: MIT
"""Spherical codes: C unit vectors in d dimensions whose largest cosine is small (the Tammes problem).

`spread` lowers a smooth maximum of the cosines, (1/b) log sum_{j<k} exp(b <w_j, w_k>), by L-BFGS at rising
b, and then solves linear programs: the cosines linearised, in a trust region that shrinks when a step does
not help. Local minima abound; the result of one start is a good code, seldom proved the best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog, minimize
from scipy.sparse import coo_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARPER = (1_000.0, 10_000.0)
NEAR = 0.02  # cosines this close to the largest enter the linear program
POLISH = 60  # linear programs a code
STATIONARY = 1e-9


@dataclass(frozen=True, eq=False)
class Code:
    """weight (C, d), unit rows; cosine: the largest between two rows; iterations spent; settled: whether no
    small step lowers the linearised cosines by more than STATIONARY."""

    weight: NDArray[np.float64]
    cosine: float
    iterations: int
    settled: bool


def unit_rows(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows divided by their norms, none of which is zero."""
    return array / np.linalg.norm(array, axis=1, keepdims=True)


def largest_cosine(weight: NDArray[np.float64]) -> float:
    """The largest inner product of two different rows."""
    gram = weight @ weight.T
    np.fill_diagonal(gram, -np.inf)
    return float(gram.max())


def spread(start: NDArray[np.float64], *, budget: int, sharpness: float = 30.0) -> Code:
    """A code near ``start`` (C, d) with locally least largest cosine.

    budget: iterations of either kind; sharpness: of the first smooth maximum, which decides the basin.
    """
    weight, spent = unit_rows(start), 0
    pairs = np.triu_indices(len(weight), 1)
    for sharp in (sharpness, *SHARPER):
        if spent >= budget:
            return Code(weight, largest_cosine(weight), spent, False)
        result = minimize(
            _smooth_maximum,
            weight.ravel(),
            args=(sharp, weight.shape, pairs),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": min(300, budget - spent), "maxfun": 10 * budget + 10, "gtol": 1e-9},
        )
        weight, spent = unit_rows(result.x.reshape(weight.shape)), spent + int(result.nit)
    return _polish(weight, spent, budget)


def _smooth_maximum(
    flat: NDArray[np.float64],
    sharpness: float,
    shape: tuple[int, int],
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> tuple[float, NDArray[np.float64]]:
    """Smooth maximum of the cosines of the rows of ``flat``, whose norms do not matter, and its gradient."""
    raw = flat.reshape(shape)
    norms = np.linalg.norm(raw, axis=1, keepdims=True)
    weight = raw / norms
    cosines = (weight @ weight.T)[pairs]
    top = cosines.max()
    mass = np.exp(sharpness * (cosines - top))
    total = mass.sum()
    slope = np.zeros((shape[0], shape[0]))
    slope[pairs] = mass / total
    gradient = (slope + slope.T) @ weight
    gradient = (gradient - (gradient * weight).sum(axis=1, keepdims=True) * weight) / norms
    return float(top + np.log(total) / sharpness), gradient.ravel()


def _polish(weight: NDArray[np.float64], spent: int, budget: int) -> Code:
    """Linear programs in a trust region, until they promise nothing more."""
    cosine, radius, settled = largest_cosine(weight), 0.05, False
    for _ in range(min(POLISH, budget - spent)):
        spent += 1
        step, promised = _linear_step(weight, cosine, radius)
        settled = promised <= STATIONARY
        if step is None or promised <= 1e-16:
            break
        trial = unit_rows(weight + step)
        gained = cosine - largest_cosine(trial)
        if gained > 0.0:
            weight, cosine = trial, cosine - gained
        if gained > 0.75 * promised:
            radius *= 2.0
        elif gained < 0.25 * promised:
            radius /= 4.0
        if radius < 1e-15:
            break
    return Code(weight, cosine, spent, settled)


def _linear_step(
    weight: NDArray[np.float64], cosine: float, radius: float
) -> tuple[NDArray[np.float64] | None, float]:
    """The step (C, d) that lowers the linearised largest cosine most, |entries| <= radius, and how much."""
    C, d = weight.shape
    gram = weight @ weight.T
    near = max(NEAR, 4.0 * radius * np.sqrt(d))
    first, second = np.nonzero(np.triu(gram >= cosine - near, 1))
    count, rows = len(first), np.arange(len(first))
    columns = np.arange(d)
    data = np.concatenate([weight[second].ravel(), weight[first].ravel(), -np.ones(count)])
    row = np.concatenate([np.repeat(rows, d), np.repeat(rows, d), rows])
    column = np.concatenate(
        [
            (first[:, None] * d + columns).ravel(),
            (second[:, None] * d + columns).ravel(),
            np.full(count, C * d),
        ]
    )
    cosines = coo_matrix((data, (row, column)), shape=(count, C * d + 1))
    tangent = coo_matrix(
        (weight.ravel(), (np.repeat(np.arange(C), d), np.arange(C * d))), shape=(C, C * d + 1)
    )
    # scaled by the radius, so that the solver's tolerances stay relative to the step
    goal = np.zeros(C * d + 1)
    goal[-1] = 1.0
    found = linprog(
        goal,
        A_ub=cosines.tocsr(),
        b_ub=(cosine - gram[first, second]) / radius,
        A_eq=tangent.tocsr(),
        b_eq=np.zeros(C),
        bounds=[(-1.0, 1.0)] * (C * d) + [(None, None)],
        method="highs",
    )
    if found.status != 0:
        return None, 0.0
    return radius * found.x[:-1].reshape(C, d), -radius * float(found.x[-1])


def loosen(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows that can move away from all others, the others fixed, moved to where their own largest cosine is
    least.

    The linear programs of the polish leave a free row leaning on its neighbours; no other row's cosines grow
    above the largest one.
    """
    weight = weight.copy()
    for k in range(len(weight)):
        others, radius = np.delete(weight, k, axis=0), 0.1
        own = float((others @ weight[k]).max())
        for _ in range(20):
            step, promised = _own_step(weight[k], others, radius)
            if promised < 1e-8:
                break
            trial = (weight[k] + step) / np.linalg.norm(weight[k] + step)
            cosine = float((others @ trial).max())
            if cosine < own:
                weight[k], own = trial, cosine
            else:
                radius /= 4.0
    return weight


def _own_step(
    row: NDArray[np.float64], others: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.float64], float]:
    """The tangent step of one row that lowers its linearised largest cosine most, and how much."""
    d = len(row)
    cosines = others @ row
    found = linprog(
        np.append(np.zeros(d), 1.0),
        A_ub=np.hstack([others, -np.ones((len(others), 1))]),
        b_ub=(cosines.max() - cosines) / radius,
        A_eq=np.append(row, 0.0)[None],
        b_eq=[0.0],
        bounds=[(-1.0, 1.0)] * d + [(None, None)],
        method="highs",
    )
    return (radius * found.x[:-1], -radius * float(found.x[-1])) if found.status == 0 else (np.zeros(d), 0.0)
