# SPDX-License-Identifier: MIT
"""A lower bound for deep cross-entropy, equal classes, C >= 3: one singular value cannot carry three classes.

This project (2026). Write T = sigma_1 u v' + T' with nuclear norms r of T and delta of T', n samples a class.

1. loss >= m(r) = log(1 + (C-1) e^{-r/(sqrt(n) (C-1))}), the least loss at that nuclear norm.
2. Let v be largest at j+ and least at j-. For a class c that is neither, u_c (v_c - v_j) <= 0 with j = j+
   where u_c >= 0 and j = j- otherwise: its margin against j comes from T' alone. There are C - 2 such
   classes; the C - 2 differences v_c - v_j of a unit vector have squares of sum C - 1 at most, so
   loss >= ((C-2)/C) log(1 + e^{-delta sqrt((C-1)/n)/(C-2)})      (theorem third-class-loss).
3. So at loss l, r >= r_0(l) and delta >= delta_0(l), both falling in l. Then sum_k sigma_k^p >= (r_0 -
   delta_0)^p + delta_0^p: for delta <= sigma_1 by the tangents of t^p at sigma_1 and delta, for delta >
   sigma_1 because every sigma_k <= r/2.

    optimum >= min over 0 < l <= log C of  l + price ((r_0 - delta_0)^p + delta_0^p)
                                                                   (theorem deep-linear-two-directions).

Between l_1 and l_2 this is at least l_1 + price (...) at l_2: the minimum over l is bounded by halving the
intervals that could hold it. It is never below the bound from ||T||_* alone, (...) >= r_0^p.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def two_directions_bound(
    *, num_classes: int, samples_per_class: float, price: float, exponent: float, accuracy: float = 2e-10
) -> float:
    """Certified lower bound of the deep objective, C >= 3 equal classes, 0 < exponent <= 1.

    accuracy: of the minimum over l, relative; the bound holds for any.
    """
    zero = float(np.log(num_classes))
    edges = np.concatenate([[0.0], np.geomspace(1e-3 * min(zero, price), zero, 400)])
    low, high = edges[:-1], edges[1:]
    best = zero  # the least value seen: intervals bounded by (1 - accuracy) of it are settled
    while len(low) and len(low) <= 200_000:
        cost = price * _directions(high, num_classes, samples_per_class, exponent)
        best = min(best, float(np.min(high + cost)))
        open_ = low + cost < best * (1.0 - accuracy)
        low, high = low[open_], high[open_]
        least = float(np.min(low + cost[open_], initial=best))
        middle = 0.5 * (low + high)
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    return min(least, best * (1.0 - accuracy)) * (1.0 - 1e-12)  # the last factor: rounding


def _directions(
    loss: NDArray[np.float64], num_classes: int, samples: float, exponent: float
) -> NDArray[np.float64]:
    """(r_0 - delta_0)^p + delta_0^p at each loss in (0, log C]."""
    C, root = num_classes, np.sqrt(samples)
    radius = root * (C - 1) * np.maximum(np.log((C - 1) / np.expm1(loss)), 0.0)
    rest = root * (C - 2) / np.sqrt(C - 1.0) * np.maximum(-np.log(np.expm1(loss * C / (C - 2))), 0.0)
    return np.asarray((radius - rest) ** exponent + rest**exponent)
