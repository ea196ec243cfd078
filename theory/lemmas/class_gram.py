# SPDX-License-Identifier: MIT
"""Supervised contrastive loss of classes of any sizes: atoms, hypotheses and the tangent of its logarithms.

``theory/theorems/literature/graf_2021_class_gram.py`` says what the symbols are.  The tangent is Jensen's
inequality for log-sum-exp: linear in the mean products g of the classes, at any reference matrix r.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, exp

from theory.definitions import dot
from theory.expressions import Mean, Relation, eq, index, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, log_tangent
from theory.symbols import C, atom, c, h, i, j

n = atom("class_size", "n", "n(j): number of samples of class j")
N = atom("compared", "N", "N(c, j): samples of class j that an anchor of class c is compared with")
chi = atom("chi_anchor", r"\chi", "chi(c, i, j, i'): 0 where both are the same sample, the anchor, else 1")
g = atom("class_product", "g", "g(c, j): mean product of an anchor of class c and another sample of class j")
r = atom("reference_product", "r", "r(c, j): any reference values of the mean products")
ell = atom("ell", r"\ell", "ell(c, i): log of the sum of exp <h_ci, h> over all samples but the anchor")
level = atom(
    "class_level", r"\Lambda", "level(c): log of the sum over classes j of N_cj e^{g_cj} or N_cj e^{r_cj}"
)
share = atom("class_share", r"\pi", "pi(c): weight of the anchors of class c in the loss")
other = index("i_o")


def product() -> Expr:
    """<h_ci, h_ji'>."""
    return dot(lambda x: h(c, i, x), lambda x: h(j, other, x))


def compared(body: Expr) -> Expr:
    """The sum of ``body`` over the samples of class j, the anchor left out."""
    return n(j) * Mean(chi(c, i, j, other) * body, other)


def level_of(products: Expr) -> Relation:
    """exp(level_c) = sum_j N_cj exp(products_cj)."""
    return eq(exp(level(c)), C * Mean(N(c, j) * exp(products), j), c)


SIGNS = (le(0, chi(c, i, j, other), c, i, j, other), le(0, n(j), j))
COUNTS = eq(compared(Integer(1)), N(c, j), c, i, j)
PARTITION = eq(exp(ell(c, i)), C * Mean(compared(exp(product())), j), c, i)
PRODUCTS = eq(Mean(compared(product()), i), N(c, j) * g(c, j), c, j)
BATCH = (*SIGNS, COUNTS, PARTITION, PRODUCTS)
SHARES = le(0, share(c), c)


def contrast() -> Expr:
    """Weighted loss of all classes; the mean over the positives of an anchor averages to g_cc."""
    return Mean(share(c) * (Mean(ell(c, i), i) - g(c, c)), c)


def line() -> Relation:
    """level_c + sum_j q_cj (g_cj - r_cj) <= mean of ell over class c, q_cj = N_cj e^{r_cj - level_c}."""
    rate = N(c, j) * exp(r(c, j) - level(c))
    return le(level(c) + C * Mean(rate * (g(c, j) - r(c, j)), j), Mean(ell(c, i), i))


@lru_cache
def tangent() -> Theorem:
    """Gibbs' inequality for one anchor at the probabilities q, then the mean over anchors."""
    sign, size, counts, partition, products = map(assume, BATCH)
    level_is = assume(level_of(r(c, j)))
    rate = exp(r(c, j) - level(c))
    near = log_tangent(exp(level(c) + product() - r(c, j) - ell(c, i)), label="x <= e^x - 1")
    factor = rate * n(j) * chi(c, i, j, other)
    weighted = combine(
        le(factor * near.relation.lhs, factor * near.relation.rhs), {near: factor}, facts=[sign, size]
    )
    offset = level(c) - r(c, j) - ell(c, i)
    pairs = combine(
        le(
            rate * (N(c, j) * (offset + 1) + compared(product())),
            exp(-ell(c, i)) * compared(exp(product())),
        ),
        {average(weighted, other): 1, counts: -rate * (offset + 1)},
        label="the pairs of an anchor with a class",
    )
    anchor = combine(
        le(level(c) + C * Mean(rate * (compared(product()) - N(c, j) * r(c, j)), j), ell(c, i)),
        {
            average(pairs, j, label="all classes"): C,
            partition: -exp(-ell(c, i)),
            level_is: exp(-level(c)) * (level(c) - ell(c, i) + 1),
        },
        label="probabilities of sum 1",
    )
    scaled = combine(eq(rate * Mean(compared(product()), i), rate * N(c, j) * g(c, j)), {products: rate})
    return combine(
        line(),
        {average(anchor, i, label="all anchors of a class"): 1, average(scaled, j): -C},
        label="mean products",
    )
