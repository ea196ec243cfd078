# SPDX-License-Identifier: MIT
"""Margins of which a bias and a global mean have no part: classes are compared in pairs.

Let d(ci, j) = z_ci,c - z_ci,j be what sample i of class c has over class j.  The logarithm is concave, so
CE_ci >= mean_{j != c} phi(d(ci, j)).  A bias b adds b_c - b_j to d(ci, j) and b_j - b_c to d(ji', c), and
phi is convex: the loss is at least the mean of phi at the paired margin (d(ci, j) + d(ji', c))/2, and at

    y_ci = mean over j != c and i' of (d(ci, j) + d(ji', c))/2.

For a linear classifier, y_ci = (t'_ci + E t')/2 with t'_ci = C/(C-1) <w_c - wbar, h_ci - mu_G>: the global
mean has gone too.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, exp

from theory.definitions import alignment, cross_entropy, dot, logit, loss, mu_global, phi, q, wt
from theory.expressions import Mean, Relation, eq, index, le, substitute
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate, log_tangent
from theory.symbols import C, atom, c, h, i, j, real, z

i3 = index("i3")
HALF = Rational(1, 2)
at_ = real("y_margin", "y", "a margin")
other = real("x_margin", "x", "another margin")
Y = atom("Y", "y", "y(c, i): mean over the other classes of the paired margins of a sample")


def over(cc: Any, ii: Any, jj: Any, zf: Any = z) -> Expr:
    """What sample ii of class cc has over class jj: z_c - z_j."""
    return zf(cc, ii, cc) - zf(cc, ii, jj)


def pair(zf: Any = z) -> Expr:
    """The paired margin of sample i of class c and sample i3 of class j."""
    return HALF * (over(c, i, j, zf) + over(j, i3, c, zf))


def mean_of_pairs(zf: Any = z) -> Expr:
    """The mean of the paired margins of sample i of class c, over i' and over j != c."""
    body = Mean(pair(zf), i3)
    return (C * Mean(body, j) - substitute(body, {j: c})) / (C - 1)


@lru_cache
def tangent() -> Theorem:
    """phi(y) - q(y) (x - y) <= phi(x) for all real x, y: Gibbs' inequality for two events."""
    right = log_tangent(exp(phi(at_) - phi(other)), label="the true class")
    wrong = log_tangent(exp(at_ - other + phi(at_) - phi(other)), label="a wrong class")
    return combine(
        le(phi(at_) - q(at_) * (other - at_), phi(other)),
        {right: 1 - q(at_), wrong: q(at_)},
        facts=[combine(le(0, 1 - q(at_)), slack=exp(at_) / (C - 1 + exp(at_)), label="q <= 1")],
        label="probabilities sum to 1",
    )


@lru_cache
def compared() -> Theorem:
    """mean_{j != c} phi(z_c - z_j) <= CE: the logarithm is concave."""
    one = log_tangent(
        (1 + (C - 1) * exp(-over(c, i, j))) * exp(z(c, i, c)) / (C * Mean(exp(z(c, i, j)), j)),
        label="log x <= x - 1",
    )
    mean = average(one, j, excluding=c, label="mean over the wrong classes")
    wrong = (C * Mean(phi(over(c, i, j)), j) - phi(over(c, i, c))) / (C - 1)
    return combine(le(wrong, cross_entropy()), {mean: 1}, label="concavity of the logarithm")


def pairs_have_mean() -> Relation:
    """y_ci is the mean of the paired margins, for every sample."""
    return eq(mean_of_pairs(), Y(c, i), c, i)


@lru_cache
def paired() -> Theorem:
    """``pairs_have_mean`` |- E phi(y_ci) <= L, for any logits."""
    own = instantiate(tangent(), {at_: Y(c, i)}, label="tangent at y_ci")
    mine = instantiate(own, {other: over(c, i, j)}, label="c over j")
    theirs = instantiate(own, {other: over(j, i3, c)}, label="j over c")
    goal = le(
        phi(Y(c, i)) - q(Y(c, i)) * (pair() - Y(c, i)),
        HALF * (phi(over(c, i, j)) + phi(over(j, i3, c))),
    )
    both = combine(goal, {mine: HALF, theirs: HALF}, label="half of each")
    both = average(both, i3, label="mean over the samples of class j")
    both = average(both, j, excluding=c, label="mean over the other classes")
    sample = combine(
        le(phi(Y(c, i)), both.relation.rhs),
        {both: 1, assume(pairs_have_mean()): q(Y(c, i))},
        label="the mean of the pairs is y",
    )
    return combine(
        le(Mean(phi(Y(c, i)), c, i), Mean(cross_entropy(), c, i)),
        {average(sample, c, i, label="E over samples"): 1, average(compared(), c, i): 1},
        label="every pair counts once from each side",
    )


def centred_margin() -> Expr:
    """t'_ci = C/(C-1) <w_c - wbar, h_ci - mu_G>."""
    return C / (C - 1) * dot(lambda x: wt(c, x), lambda x: h(c, i, x) - mu_global(x))


def mean_centred_margin() -> Expr:
    """E t' = C/(C-1) E<w_c - wbar, h>: the global mean drops out, because the centred rows sum to zero."""
    return C / (C - 1) * alignment()


def halfway() -> Expr:
    """(t'_ci + E t')/2."""
    return (centred_margin() + mean_centred_margin()) / 2


@lru_cache
def loss_of_centred_margins() -> Theorem:
    """E phi((t'_ci + E t')/2) <= L, for a linear classifier with any bias.

    That (t'_ci + E t')/2 is the mean of the paired margins is an identity, so the hypothesis disappears.
    """
    linear = instantiate(
        paired(),
        functions={z: ((c, i, j), logit(c, i, j)), Y: ((c, i), halfway())},
        label="logits <w_j, h> + b_j",
    )
    return combine(le(Mean(phi(halfway()), c, i), loss()), {linear: 1})
