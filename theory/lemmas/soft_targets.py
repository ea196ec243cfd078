# SPDX-License-Identifier: MIT
"""Class shares and arbitrary soft targets: cross-entropy split at any row-stochastic matrix P.

With shares pi_c and P_cj = exp(log_p(c, j)) > 0, rows summing to one, and the bias-free classifier,

    sum_c pi_c E_i CE = sum_c pi_c [H(p_c) + E_i KL(p_c || softmax W h) - E_i <e_c - p_c, W h_ci>].

At equal shares and P = P_q this is the identity of the balanced case.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol, exp

from theory.definitions import cross_entropy, dot, lse, mu, sq, unbiased_logit
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate, log_tangent
from theory.symbols import C, atom, c, h, i, j, k, lam, w, z

share = atom("class_share", r"\pi", "class_share(c): share of class c in the loss, >= 0")
log_p = atom("log_p", r"\log P", "log_p(c, j): logarithm of the target's probability P_cj")

ROWS = eq(C * Mean(exp(log_p(c, j)), j), 1, c)
SHARES = le(0, share(c), c)


def weighted(body: Expr) -> Expr:
    """sum_c pi_c E_i body(c, i)."""
    return C * Mean(share(c) * body, c, i)


def entropy() -> Expr:
    """sum_c pi_c H(p_c), in nats."""
    return -(C**2) * Mean(share(c) * exp(log_p(c, j)) * log_p(c, j), c, j)


def divergence(zf: Any = z) -> Expr:
    """KL(p_c || softmax z) of sample i of class c."""
    return C * Mean(exp(log_p(c, j)) * (log_p(c, j) - zf(c, i, j) + lse(zf)), j)


def left_out(x: Symbol) -> Expr:
    """Coordinate x of the vector sum_j (delta_cj - P_cj) w_j."""
    return w(c, x) - C * Mean(exp(log_p(c, j)) * w(j, x), j)


def reward() -> Expr:
    """sum_c pi_c E_i <e_c - p_c, W h_ci>: what a step of the logits towards the labels gains."""
    return weighted(dot(left_out, lambda x: h(c, i, x)))


def loss() -> Expr:
    """sum_c pi_c E_i CE for the bias-free classifier."""
    return weighted(cross_entropy(unbiased_logit))


def penalty() -> Expr:
    """(lambda/2)(sum_c pi_c E_i ||h_ci||^2 + ||W||_F^2)."""
    return lam / 2 * (weighted(sq(lambda x: h(c, i, x))) + C * Mean(sq(lambda x: w(c, x)), c))


def column_bound() -> Relation:
    """The bilinear form of diag(sqrt pi)(I - P) at the columns of sqrt(pi) mu and of W, for every coordinate.

    sum_c pi_c mu_c (w_c - sum_j P_cj w_j) <= (lambda/2)(sum_c pi_c mu_c^2 + sum_j w_j^2); it holds for all
    vectors if and only if the operator norm of diag(sqrt pi)(I - P) is at most lambda.
    """
    form = C * Mean(share(c) * mu(c, k) * left_out(k), c)
    squares = C * Mean(share(c) * mu(c, k) ** 2, c) + C * Mean(w(j, k) ** 2, j)
    return le(form, lam / 2 * squares, k)


@lru_cache
def split() -> Theorem:
    """Rows sum to one |- loss = entropy + divergence - reward."""
    one = combine(
        eq(
            cross_entropy(),
            divergence() - C * Mean(exp(log_p(c, j)) * (log_p(c, j) - z(c, i, j)), j) - z(c, i, c),
        ),
        {assume(ROWS): -lse()},
        label="expand the KL divergence",
    )
    linear = instantiate(one, functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>")
    lhs, rhs = linear.relation.lhs, linear.relation.rhs
    scaled = combine(eq(share(c) * lhs, share(c) * rhs), {linear: share(c)}, label="times the share")
    goal = eq(loss(), entropy() + weighted(divergence(unbiased_logit)) - reward())
    return combine(goal, {average(scaled, c, i, label="E over samples"): C}, label="collect")


@lru_cache
def gibbs() -> Theorem:
    """Rows sum to one, shares >= 0 |- 0 <= sum_c pi_c E_i KL(p_c || softmax W h)."""
    ratio = log_tangent(exp(z(c, i, j) - lse() - log_p(c, j)), label="log x <= x - 1 at class j")
    lhs, rhs = ratio.relation.lhs, ratio.relation.rhs
    weight = exp(log_p(c, j))
    one = combine(le(weight * lhs, weight * rhs), {ratio: weight}, label="times P_cj")
    sample = combine(
        le(0, divergence()), {average(one, j): C, assume(ROWS): -1}, label="probabilities sum to 1"
    )
    linear = instantiate(sample, functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>")
    shares = assume(SHARES)
    scaled = combine(
        le(0, share(c) * linear.relation.rhs), {linear: share(c)}, facts=[shares], label="times the share"
    )
    return combine(le(0, weighted(divergence(unbiased_logit))), {average(scaled, c, i): C}, label="collect")
