# SPDX-License-Identifier: MIT
"""Lower bounds on the largest cosine among C unit vectors in d dimensions, true for every such code.

`cosine_bound` returns the best of
- pigeonhole (d = 1, C >= 3): two of the vectors coincide, cosine 1;
- the simplex: 0 <= ||sum w||^2 <= C + C(C-1) gamma, so gamma >= -1/(C-1) (theorem
  rankin-1955-simplex-cosine);
- Rankin (1955), theorem rankin-1955-radon-cosine: C >= d + 2 vectors cannot all have negative cosines with
  one another, gamma >= 0 (of d + 2 vectors take a linear and an affine relation, so sum t_j w_j = 0 and
  sum t_j = 0 with t != 0; with A the indices of t_j > 0 and B those of t_j < 0, x = sum_A t_j w_j =
  sum_B |t_j| w_j has ||x||^2 = <x, x> < 0 if all cosines between A and B were negative);
- the plane (d = 2): C arcs sum to 2 pi, so one is at most 2 pi/C and gamma >= cos(2 pi/C);
- three dimensions: Fejes Toth (1943), some two of C points on the sphere are within
  sqrt(4 - 1/sin^2(pi C/(6 (C-2)))), attained at C = 3, 4, 6, 12;
- linear programming (Delsarte, Goethals & Seidel 1977). If f = sum_l f_l G_l in Gegenbauer polynomials with
  G_l(1) = 1, f_0 > 0, f_l >= 0, and f <= 0 on [-1, s], then a code with cosines <= s has at most f(1)/f_0
  vectors: f_0 C^2 <= sum_jk f(<w_j, w_k>) <= C f(1). The polynomials taken are Levenshtein's (1979),
  (t - s) K(t, s)^2 and (t + 1)(t - s) K(t, s)^2, whose sign on [-1, s] is manifest; their coefficients are
  computed by Gauss quadrature, exact for their degree, and a negative coefficient -e, rounding or not, is
  removed by adding e (G_l - 1) <= 0, at the price of e in f_0. The bound is the largest s with f(1)/f_0 < C.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import eval_jacobi, roots_jacobi

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_DEGREE = 25
SAFETY = 1e-12  # relative rounding of the code-size bound


@lru_cache(maxsize=1024)
def cosine_bound(C: int, d: int) -> tuple[float, str]:
    """(gamma, source): every code of C >= 2 unit vectors in d >= 1 dimensions has a cosine >= gamma."""
    if d + 1 >= C:
        return -1.0 / (C - 1), "the sum of the vectors has a norm"
    if d == 1:
        return 1.0, "three signs are not all different"
    if d == 2:
        return float(np.cos(2.0 * np.pi / C)), "arcs of the circle"
    if 2 * d >= C:
        return 0.0, "Rankin 1955"
    bounds = [(levenshtein(C, d), "linear programming (Levenshtein 1979)"), (0.0, "Rankin 1955")]
    if d == 3:
        bounds.append((fejes_toth(C), "Fejes Toth 1943"))
    return max(bounds)


def fejes_toth(C: int) -> float:
    """Largest cosine of C >= 3 points on the sphere of three dimensions, at least."""
    return float(1.0 / (2.0 * np.sin(np.pi * C / (6.0 * (C - 2))) ** 2) - 1.0)


def levenshtein(C: int, d: int) -> float:
    """Largest s for which a Levenshtein polynomial shows that fewer than C vectors have all cosines <= s."""
    best = 0.0
    for degree in range(2, MAX_DEGREE + 1):

        def excess(s: float, degree: int = degree) -> float:
            return np.log(code_size_bound(s, d, degree) / C) + SAFETY

        # a degree is good on an interval of s only: bracket the end of it
        grid = np.linspace(best, 1.0 - 1e-6, 60)
        values = np.array([excess(s) for s in grid])
        below = np.flatnonzero(values < 0.0)
        if not len(below):
            continue
        low = float(grid[below[-1]])
        high = float(grid[min(below[-1] + 1, len(grid) - 1)])
        for _ in range(50):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if excess(middle) < 0.0 else (low, middle)
        best = max(best, low)
    return best


def code_size_bound(s: float, d: int, degree: int) -> float:
    """f(1)/f_0 for Levenshtein's polynomial of that degree at s in [0, 1); infinite where it proves
    nothing."""
    alpha = 0.5 * (d - 3)
    nodes, weights, gegenbauer = _quadrature(d, degree)
    even = degree % 2 == 0
    values = (nodes - s) * _kernel(nodes, s, alpha, even, (degree - 1) // 2) ** 2
    at_one = (1.0 - s) * float(_kernel(np.ones(1), s, alpha, even, (degree - 1) // 2)[0]) ** 2
    if even:
        values, at_one = values * (nodes + 1.0), 2.0 * at_one
    moments = gegenbauer @ (weights * values)  # proportional to f_l with positive factors
    squares = gegenbauer**2 @ weights
    coefficients = moments / squares
    f_0 = float(coefficients[0] - np.maximum(-coefficients[1:], 0.0).sum())
    return at_one / f_0 if f_0 > 1e-13 * at_one else np.inf


@lru_cache(maxsize=256)
def _quadrature(d: int, degree: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Gauss nodes and weights of (1 - t^2)^((d-3)/2), and G_l (degree + 1, nodes) there, G_l(1) = 1."""
    alpha = 0.5 * (d - 3)
    nodes, weights = roots_jacobi(degree + 2, alpha, alpha)
    table = np.stack(
        [eval_jacobi(l, alpha, alpha, nodes) / eval_jacobi(l, alpha, alpha, 1.0) for l in range(degree + 1)]
    )
    return nodes, weights / weights.sum(), table


def _kernel(t: NDArray[np.float64], s: float, alpha: float, even: bool, order: int) -> NDArray[np.float64]:
    """Christoffel-Darboux kernel sum_{i <= order} p_i(t) p_i(s) of (1-t)^(alpha+1) (1+t)^(alpha + even)."""
    a, b = alpha + 1.0, alpha + float(even)
    nodes, weights = _kernel_quadrature(a, b, order)
    total = np.zeros_like(t)
    for i in range(order + 1):
        norm = float(weights @ eval_jacobi(i, a, b, nodes) ** 2)
        total = total + eval_jacobi(i, a, b, t) * (eval_jacobi(i, a, b, s) / norm)
    return total


@lru_cache(maxsize=256)
def _kernel_quadrature(a: float, b: float, order: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = roots_jacobi(order + 1, a, b)
    return nodes, weights / weights.sum()
