# SPDX-License-Identifier: MIT
"""One-vs-rest margins of a code: the distance of each row to the convex hull of the others, from both sides.

dist(w_k, conv{w_j : j != k}) is the length of the shortest sum_j a_j x_j, x_j = w_k - w_j, a >= 0, sum a =
1. Nonnegative least squares gives it without a penalty parameter: the minimiser b of ||X b||^2 + (sum b -
1)^2 is a multiple of the best a, because for b = s a the best s leaves ||X a||^2/(1 + ||X a||^2), which
increases with ||X a||. Both sides are certified whatever nonnegative least squares did: v = X a is a point
of the hull of the x_j, so the distance is at most ||v||; and with h = v/||v|| the hyperplane across h
separates, so it is at least min_j <x_j, h>, which is also the margin of the HardMax problem (Jiang et al.
2024, arXiv:2310.05351).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import lsq_linear, nnls

if TYPE_CHECKING:
    from numpy.typing import NDArray

NARROW = 1e-10  # width of a certified interval with which one method is enough


@dataclass(frozen=True, eq=False)
class Margins:
    """lower, upper (C,): certified bounds on every row's distance to the hull of the others, in [0, 2].

    features (C, d): unit vectors h_k with min_j <w_k - w_j, h_k> = lower_k where lower_k > 0, and w_k itself
    where the distance is zero.
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    features: NDArray[np.float64]


def margins(weight: NDArray[np.float64]) -> Margins:
    """Distances of the rows of weight (C, d), C >= 2, to the hulls of the other rows."""
    C = len(weight)
    lower, upper, features = np.zeros(C), np.full(C, np.inf), weight.copy()
    for k in range(C):
        differences = weight[k] - np.delete(weight, k, axis=0)
        for method in (_by_nnls, _by_bounded_squares, _away_from_the_origin):
            vector = method(differences, weight[k])
            length = float(np.linalg.norm(vector))
            if method is not _away_from_the_origin:
                upper[k] = min(upper[k], length)
            separates = float((differences @ vector).min()) / length if length > 0.0 else 0.0
            if separates > lower[k]:
                lower[k], features[k] = separates, vector / length
            if upper[k] - lower[k] <= NARROW:
                break
    return Margins(lower, upper, features)


def _by_nnls(points: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
    """A short vector of the convex hull of the rows of points; now and then not the shortest."""
    system, goal = _system(points)
    try:
        share, _ = nnls(system, goal)
    except RuntimeError:  # its budget: any convex weights still give both bounds
        share = np.ones(len(points))
    return (share / share.sum()) @ points


def _by_bounded_squares(points: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same by bounded-variable least squares, slower, where the first left a wide interval."""
    system, goal = _system(points)
    share = np.maximum(lsq_linear(system, goal, bounds=(0.0, np.inf), method="bvls", tol=1e-15).x, 0.0)
    return (share / share.sum()) @ points if share.sum() > 0.0 else points.mean(axis=0)


def _away_from_the_origin(points: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
    """The row itself as the normal of a separating hyperplane: what the largest cosine gives."""
    return row


def _system(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    system = np.vstack([points.T, np.ones(len(points))])
    goal = np.zeros(len(system))
    goal[-1] = 1.0
    return system, goal
