# SPDX-License-Identifier: MIT
"""What exact collapse says of logits, and sums with a one-hot factor.

The sifting lemma is the one place where "y is the identity matrix" is used through its zeros: a sum of
y_cj f_j over the wrong classes j is at most e sum f_j^2 for every e > 0, hence at most 0.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol

from theory.definitions import dot, logit, mu, mu_global, sq
from theory.definitions_collapse import (
    DIAGONAL,
    NC1,
    ROW_SUM,
    ZERO_OR_ONE,
    centred_mean,
    code,
    gram,
    j3,
    kappa_w,
    one_hot,
    s,
    self_dual,
    simplex_gram,
)
from theory.expressions import Mean, Relation, eq, index, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import slack_
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, b, c, d, h, i, j, k, real, w

residual = atom("residual", "x", "residual(c, i, k): coordinate k of h_ci - mu_c")
c6, i6 = index("c6"), index("i6")
shift = real("b_0", "b_0", "what all biases have in common")

NC2 = simplex_gram(centred_mean)
NC3 = self_dual(centred_mean)


def biases(scale: Any = kappa_w, common: Any = shift) -> Relation:
    """<w_c, mu_G> + b_c is the same for every class; without bias, the logits of mu_G are."""
    return eq(b(c), common - scale * dot(lambda x: centred_mean(c, x), mu_global), c)


BIAS = biases()
COLLAPSED = (NC1, NC2, NC3, BIAS)


@lru_cache
def wrong_labels_vanish() -> Theorem:
    """The mean over j != c of y_cj^2 is 0."""
    squares = average(assume(ZERO_OR_ONE), j, label="y^2 = y")
    diagonal = assume(DIAGONAL)
    total = (C * Mean(one_hot(c, j) ** 2, j) - one_hot(c, c) ** 2) / (C - 1)
    return combine(
        eq(total, 0),
        {squares: C / (C - 1), assume(ROW_SUM): 1 / (C - 1), diagonal: -(one_hot(c, c) + 1) / (C - 1)},
        label="the row sums to 1, which the diagonal takes",
    )


def own_label(products: Relation, scale: Any) -> Theorem:
    """<x_c, x_j> = scale (y_cj - 1/C) with scale > 0, y^2 = y |- y_cc = 1: ||x_c||^2 is not negative."""
    y = one_hot(c, c)
    own = instantiate(assume(products), {j: c}, label="||x_c||^2")
    norm = own.relation.lhs
    above = combine(lt(0, y), {own: 1 / scale}, slack=norm / scale + 1 / C, label="y_cc >= 1/C")
    binary = instantiate(assume(ZERO_OR_ONE), {j: c}, label="y_cc is 0 or 1")
    return combine(DIAGONAL.instance(), {binary: 1 / y}, facts=[above], label="y_cc = 1")


def sift(body: Callable[[Symbol], Expr]) -> Theorem:
    """sum_j y_cj f(j) <= f(c); with -f, the other way round."""
    e = slack_
    y, f = one_hot(c, j), body(j)
    one = combine(
        le(y * f, y**2 / (4 * e) + e * f**2), slack=e * (f - y / (2 * e)) ** 2, label="a wrong class"
    )
    wrong = average(one, j, excluding=c, label="mean over the wrong classes")
    goal = le(C * Mean(y * f, j) - one_hot(c, c) * body(c), e * (C * Mean(f**2, j) - body(c) ** 2))
    small = combine(goal, {wrong: C - 1, wrong_labels_vanish(): (C - 1) / (4 * e)}, label="y_cj = 0")
    none = apply("limit", small, symbol=e, label="for every e > 0")
    return combine(le(C * Mean(y * f, j), body(c)), {none: 1, assume(DIAGONAL): body(c)}, label="y_cc = 1")


@lru_cache
def collapsed_logits() -> Theorem:
    """COLLAPSED |- <w_j, h_ci> + b_j = kappa s (y_cj - 1/C) + b_0."""
    own = instantiate(assume(NC3), {c: j}, label="row j")
    one = combine(
        eq(w(j, k) * h(c, i, k), kappa_w * centred_mean(j, k) * mu(c, k)),
        {own: h(c, i, k), assume(NC1): kappa_w * centred_mean(j, k)},
        label="one coordinate",
    )
    return combine(
        eq(logit(c, i, j), kappa_w * s * (one_hot(c, j) - 1 / C) + shift),
        {
            average(one, k): d,
            instantiate(assume(BIAS), {c: j}): 1,
            assume(NC2): kappa_w,
        },
        label="logits at collapse",
    )


@lru_cache
def bessel() -> Theorem:
    """A Gram matrix s (I - J/C) |- sum_j <m_j, x>^2 <= s ||x||^2, for x = h - mu_c of any sample."""

    def inner(jj: Symbol) -> Expr:
        return dot(lambda x: code(jj, x), lambda x: residual(c6, i6, x))

    simplex = assume(simplex_gram())
    pair = combine(
        eq(inner(c) * inner(j) * gram(c, j), inner(c) * inner(j) * s * (one_hot(c, j) - 1 / C)),
        {simplex: inner(c) * inner(j)},
        label="the Gram matrix of the simplex",
    )
    sifted = average(sift(lambda jj: inner(c) * inner(jj)), c, label="y is the identity")
    rebuilt = C * Mean(inner(j3) * code(j3, k), j3) / s
    shorter = d * Mean((residual(c6, i6, k) - rebuilt) ** 2, k)
    return combine(
        le(C * Mean(inner(j) ** 2, j), s * sq(lambda x: residual(c6, i6, x))),
        {average(pair, c, j): C**2 / s, sifted: C},
        slack=s * shorter + C * Mean(inner(j), j) ** 2,
        label="x less its projection",
    )
