# SPDX-License-Identifier: MIT
"""Sums of the classifier's rows with any weights: at most what the Frobenius norm of W~^T W~ allows.

For any table u and v_c = mean_{j != c} u_cj w~_j/beta,

    ||v_c||^2 <= Lambda/(C-1) mean_{j != c} u_cj^2,    Lambda = ||W~^T W~||_F/beta^2:

||v_c||^2 is the mean over j of u_cj <w~_j, v_c>/beta, at most half of gamma times the mean of u_cj^2 and of
1/gamma times that of <w~_j, v_c>^2/beta^2, and mean_j <w~_j, v>^2/beta^2 <= (Lambda/C) ||v||^2.  The
largest eigenvalue of W~^T W~ is smaller than its Frobenius norm, but no expression of the language; at the
simplex the two are C/(C-1) and C/(C-1)^(1/2), in units of beta^2.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Symbol, sqrt

from theory.definitions import dot, sq, wt
from theory.expressions import Mean, index, le, wrong_mean
from theory.kernel import Theorem, apply
from theory.lemmas.between_classes import tilted_sum
from theory.lemmas.equiangular import over_pairs, pair
from theory.lemmas.offsets import more
from theory.proving import average, combine, instantiate, visible
from theory.symbols import C, atom, beta, c, d, j, k

k2 = index("k2")
vector = atom("vector", "v", "vector(c, k): coordinate k of a vector of class c")


def second(one: Symbol, other: Symbol) -> Expr:
    """Entry of the mean of w~_j w~_j^T/beta^2."""
    return Mean(wt(j, one) * wt(j, other), j) / beta**2


NORM = d * sqrt(Mean(second(k, k2) ** 2, k, k2))  # ||W~^T W~||_F/(C beta^2)


def along(jj: Symbol) -> Expr:
    """<w~_j, v_c>/beta."""
    return dot(lambda x: wt(jj, x), lambda x: vector(c, x)) / beta


@lru_cache
def mean_along() -> Theorem:
    """mean_j <w~_j, v_c>^2/beta^2 <= NORM ||v_c||^2."""
    plain = apply(
        "cauchy_schwarz",
        u=vector(c, k) * vector(c, k2),
        v=second(k, k2),
        over=(k, k2),
        label="over coordinates",
    )
    size, most = Mean(along(j) ** 2, j), sq(lambda x: vector(c, x)) * NORM
    squared = combine(le(size**2, most**2), {plain: d**4})
    near = combine(
        le(size, most + more),
        {squared: 1 / (most + more + size)},
        slack=(2 * most * more + more**2) / (most + more + size),
        label="the root of both sides",
    )
    return apply("limit", near, symbol=more, label="eta -> 0")


@lru_cache
def weighted_rows() -> Theorem:
    """mean_c ||mean_{j != c} u_cj w~_j||^2 <= C NORM beta^2/(C-1) mean of u^2."""
    reach = C * NORM / (C - 1) + more
    both = visible(le(0, (reach * pair(c, j) - along(j)) ** 2 / (2 * reach)), label="2 a b <= a^2 + b^2")
    mean = average(both, j, excluding=c, label="mean over the wrong classes")
    value = tilted_sum(c, k, pair) / beta
    mean, whole = (
        instantiate(t, functions={vector: ((c, k), value)}, label="v := the mean")
        for t in (mean, mean_along())
    )
    size = sq(lambda x: tilted_sum(c, x, pair)) / beta**2
    own = dot(lambda x: wt(c, x), lambda x: tilted_sum(c, x, pair)) / beta**2
    square = wrong_mean(lambda jj: pair(c, jj) ** 2, c, C)
    one = combine(
        le(size, reach * square),
        {mean: 2, whole: C / ((C - 1) * reach)},
        slack=size * more / reach + own**2 / ((C - 1) * reach),
        label="one class",
    )
    one = apply("limit", one, symbol=more, label="eta -> 0")
    total = C * NORM * beta**2 / (C - 1) * over_pairs(lambda c_, j_: pair(c_, j_) ** 2)
    goal = le(Mean(beta**2 * size, c), total)
    return combine(goal, {average(one, c, label="mean over the classes"): beta**2})
