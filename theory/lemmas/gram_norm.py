# SPDX-License-Identifier: MIT
"""Sums of vectors x_c with any weights: at most what the Frobenius norm of X^T X allows.

For any table u and v_c = mean_{j != c} u_cj x_j,

    ||v_c||^2 <= Lambda/(C-1) mean_{j != c} u_cj^2,    Lambda = ||X^T X||_F:

||v_c||^2 is the mean over j of u_cj <x_j, v_c>, at most half of gamma times the mean of u_cj^2 and of 1/gamma
times that of <x_j, v_c>^2, and mean_j <x_j, v>^2 <= (Lambda/C) ||v||^2.  For rows x = w~/beta, for class
means x = mu/alpha.  The largest eigenvalue of X^T X is smaller than its Frobenius norm, but no expression of
the language; at the simplex the two are C/(C-1) and C/(C-1)^(1/2).

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Symbol, sqrt

from theory.definitions import dot, mu, sq, wt
from theory.definitions_collapse import code
from theory.expressions import Mean, index, le, substitute_function, wrong_mean
from theory.kernel import Theorem, apply
from theory.lemmas.equiangular import over_pairs, pair
from theory.lemmas.offsets import more
from theory.proving import average, combine, instantiate, visible
from theory.symbols import C, alpha, atom, beta, c, d, j, k

k2 = index("k2")
vector = atom("vector", "v", "vector(c, k): coordinate k of a vector of class c")


def second(one: Symbol, other: Symbol) -> Expr:
    """Entry of the mean of x_j x_j^T."""
    return Mean(code(j, one) * code(j, other), j)


_NORM = d * sqrt(Mean(second(k, k2) ** 2, k, k2))
ROWS = ((c, k), wt(c, k) / beta)
MEANS = ((c, k), mu(c, k) / alpha)
NORM = substitute_function(_NORM, code, *ROWS)  # ||W~^T W~||_F/(C beta^2)
MEANS_NORM = substitute_function(_NORM, code, *MEANS)  # the same of the class means, over alpha^2


def along(jj: Symbol) -> Expr:
    """<x_j, v_c>."""
    return dot(lambda x: code(jj, x), lambda x: vector(c, x))


def weighted(x: Symbol) -> Expr:
    """mean_{j != c} u_cj x_j, coordinate x."""
    return wrong_mean(lambda jj: pair(c, jj) * code(jj, x), c, C)


@lru_cache
def mean_along() -> Theorem:
    """mean_j <x_j, v_c>^2 <= ||X^T X||_F/C ||v_c||^2."""
    product = vector(c, k) * vector(c, k2)
    plain = apply("cauchy_schwarz", u=product, v=second(k, k2), over=(k, k2), label="over coordinates")
    size, most = Mean(along(j) ** 2, j), sq(lambda x: vector(c, x)) * _NORM
    squared = combine(le(size**2, most**2), {plain: d**4})
    near = combine(
        le(size, most + more),
        {squared: 1 / (most + more + size)},
        slack=(2 * most * more + more**2) / (most + more + size),
        label="the root of both sides",
    )
    return apply("limit", near, symbol=more, label="eta -> 0")


@lru_cache
def weighted_vectors() -> Theorem:
    """mean_c ||mean_{j != c} u_cj x_j||^2 <= ||X^T X||_F/(C-1) mean of u^2."""
    reach = C * _NORM / (C - 1) + more
    both = visible(le(0, (reach * pair(c, j) - along(j)) ** 2 / (2 * reach)), label="2 a b <= a^2 + b^2")
    mean = average(both, j, excluding=c, label="mean over the wrong classes")
    mean, whole = (
        instantiate(t, functions={vector: ((c, k), weighted(k))}, label="v := the mean")
        for t in (mean, mean_along())
    )
    size, own = sq(weighted), dot(lambda x: code(c, x), weighted)
    square = wrong_mean(lambda jj: pair(c, jj) ** 2, c, C)
    one = combine(
        le(size, reach * square),
        {mean: 2, whole: C / ((C - 1) * reach)},
        slack=size * more / reach + own**2 / ((C - 1) * reach),
        label="one class",
    )
    one = apply("limit", one, symbol=more, label="eta -> 0")
    total = C * _NORM / (C - 1) * over_pairs(lambda c_, j_: pair(c_, j_) ** 2)
    return combine(le(Mean(size, c), total), {average(one, c, label="mean over the classes"): 1})


@lru_cache
def weighted_rows() -> Theorem:
    """mean_c ||mean_{j != c} u_cj w~_j||^2/beta^2 <= C NORM/(C-1) mean of u^2."""
    return instantiate(weighted_vectors(), functions={code: ROWS}, label="x := w~/beta")


@lru_cache
def weighted_means() -> Theorem:
    """mean_j ||mean_{c != j} u_cj mu_c||^2/alpha^2 <= C MEANS_NORM/(C-1) mean of u^2."""
    moved = instantiate(weighted_vectors(), functions={code: MEANS}, label="x := mu/alpha")
    moved = instantiate(moved, functions={pair: ((c, j), pair(j, c))}, label="columns of the table")
    spread = over_pairs(lambda c_, j_: pair(c_, j_) ** 2)
    return combine(le(moved.relation.lhs, C * MEANS_NORM / (C - 1) * spread), {moved: 1})
