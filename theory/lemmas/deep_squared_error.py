# SPDX-License-Identifier: MIT
"""Squared error of a deep linear classifier, in singular values.

With M >= 2 linear layers above the features, decays on all M + 1 factors cost, at best,
((M+1)/2) Lambda sum_k sigma_k^{2/(M+1)} over the singular values of the logit matrix Z, where Lambda^{M+1} is
the product of the M + 1 decays (the variational form of the Schatten quasi-norm: used as it stands in the
literature, not proved in the kernel).  For n samples in each class and sigma = sqrt(n) y, each singular value
contributes a copy of

    g(y) = (1/2)(1 - y)^2 + A y^{2/(M+1)},   A = ((M+1)/2) C Lambda n^{1/(M+1)}.

Its least value is found here: at A* = ((M+1)/(2M)) ((M-1)/M)^{(M-1)/(M+1)}, y = 0 and y = (M-1)/M are equally
good.  Sources: Dang et al. 2023 (arXiv:2301.00437); Tirer & Bruna 2022 (arXiv:2202.08087); the inequality:
this project (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, exp, log, sympify

from theory.expressions import Mean, Relation, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas.squared_error_certificate import square_loss
from theory.proving import assume, average, cases, combine, instantiate, log_tangent
from theory.statement import Witness
from theory.symbols import C, atom, c, d, i, j, k, positive, real, z

more = positive("m_layers", "m", "number M of linear layers above the features, less one: M = m + 1")
y = positive("y_ratio", "y", "singular value of the logits relative to sqrt(n)")
best = positive("y_best", r"y_1", "the optimal singular value relative to sqrt(n)")
strength = positive("A_deep", "A", "((M+1)/2) C Lambda n^{1/(M+1)}, strength of the decays of all layers")
odds = positive("u_odds", "u", "2/y - 1")
ell = atom("ell", r"\ell", "ell(k): logarithm of singular value k of the logits relative to sqrt(n)")
left = atom("u_left", "U", "u_left(j, k): coordinate j of the left singular vector k, of norm at most 1")
right = atom("v_right", "V", "v_right(c, i, k): sqrt(n) times coordinate (c, i) of right singular vector k")

LAYERS = more + 1
EDGE = more / LAYERS
SHRINK = more / (more + 2)
ROOT = 2 / (more + 2)


def power(base: Any, exponent: Any) -> Expr:
    """base^exponent for a positive base and a symbolic exponent."""
    return exp(exponent * log(base))


def threshold() -> Expr:
    """A* = ((M+1)/(2M)) ((M-1)/M)^{(M-1)/(M+1)}."""
    return (LAYERS + 1) / (2 * LAYERS) * power(EDGE, SHRINK)


def reduced(at: Any, decay: Any) -> Expr:
    """g(y) = (1/2)(1-y)^2 + A y^{2/(M+1)}."""
    return (1 - at) ** 2 / 2 + decay * power(at, ROOT)


def _saving(at: Any) -> Relation:
    return le(at * (1 - at / 2), threshold() * power(at, ROOT))


@lru_cache
def _split(at: Expr) -> Theorem:
    """y = y^{2/(M+1)} y^{(M-1)/(M+1)}, for a visibly positive y."""
    one, two = real("a_exp", "a", "an exponent"), real("b_exp", "b", "an exponent")
    law = combine(eq(exp(one + two), exp(one) * exp(two)), label="e^(a+b) = e^a e^b")
    parts = instantiate(
        law, {one: ROOT * log(at), two: SHRINK * log(at)}, label="exponents 2/(M+1), (M-1)/(M+1)"
    )
    return combine(eq(at, power(at, ROOT) * power(at, SHRINK)), {parts: 1}, label="they sum to 1")


@lru_cache
def _small_ratio() -> Theorem:
    """The saving at y = 2/(1+u) < 2, by log x <= x - 1 at y, at 1 - y/2 and at the ratio of the sides."""
    at, rest = 2 / (1 + odds), odds / (1 + odds)
    ratio = threshold() * power(at, -SHRINK) / rest
    first = log_tangent(at / EDGE, label="log at y")
    second = log_tangent(rest * 2 * LAYERS / (LAYERS + 1), label="log at 1 - y/2")
    third = log_tangent(ratio, label="log of the ratio of the sides")
    return combine(
        _saving(at),
        {
            third: at * rest,
            first: at * rest * SHRINK,
            second: at * rest,
            _split(at): threshold() / power(at, SHRINK),
        },
        label="weighted arithmetic and geometric means",
    )


@lru_cache
def saving_is_paid() -> Theorem:
    """y (1 - y/2) <= A* y^{2/(M+1)} for every y > 0, with equality at y = (M-1)/M."""
    split = le(2, y)
    large = combine(_saving(y), {assume(split): y / 2}, slack=threshold() * power(y, ROOT), label="y >= 2")
    near = assume(lt(y, 2))
    room = combine(lt(0, 2 / y - 1), {near: 1 / y}, label="2/y > 1")
    small = combine(_saving(y), {instantiate(_small_ratio(), {odds: 2 / y - 1}, facts=[room]): 1})
    return cases(large, small, split=split, label="y against 2")


RANGE = (le(EDGE, best), lt(best, 1))


def critical_strength() -> Expr:
    """The A at which y_1 is a critical point of g: ((M+1)/2) (1 - y_1) y_1^{(M-1)/(M+1)}."""
    return (LAYERS + 1) / 2 * (1 - best) * power(best, SHRINK)


def least_value() -> Expr:
    """g(y_1) at that A: (1/2)(1 - y_1)^2 + ((M+1)/2)(1 - y_1) y_1."""
    return (1 - best) ** 2 / 2 + (LAYERS + 1) / 2 * (1 - best) * best


@lru_cache
def cost_of_a_direction() -> Theorem:
    """(m+1) y <= (m/2) y^2/y_1 + (m/2 + 1) y_1^{(M-1)/(M+1)} y^{2/(M+1)}: equal at y = y_1."""
    ratio = y / best
    first = log_tangent(ratio, label="log at y/y_1")
    second = log_tangent(power(ratio, -SHRINK), label="log at the power of y/y_1")
    return combine(
        le(
            LAYERS * y,
            more / 2 * y**2 / best + (LAYERS + 1) / 2 * power(best, SHRINK) * power(y, ROOT),
        ),
        {
            first: y * more / 2,
            second: y * (LAYERS + 1) / 2,
            _split(y): (LAYERS + 1) / 2 * power(best, SHRINK) / power(y, SHRINK),
        },
        label="arithmetic and geometric means",
    )


# ---- all singular values at once

# What is used of a singular value decomposition: the logits of the true classes, vectors no longer than
# 1, and a Frobenius norm no smaller than the singular values say.  The other logits are free.
SINGULAR = (
    eq(z(c, i, c), d * Mean(exp(ell(k)) * left(c, k) * right(c, i, k), k), c, i),
    le(C * Mean(left(j, k) ** 2, j), 1, k),
    le(C * Mean(right(c, i, k) ** 2, c, i), 1, k),
    le(d / C * Mean(exp(2 * ell(k)), k), C * Mean(z(c, i, j) ** 2, c, i, j)),
)


def deep_loss(decay: Any) -> Expr:
    """Squared error plus the decays of all layers at their best, A/C sum_k y_k^{2/(M+1)}."""
    return square_loss(z) + d / C * decay * Mean(exp(ROOT * ell(k)), k)


@lru_cache
def overlap_at_most_sum() -> Theorem:
    """E z_c <= (1/C) sum_k y_k: 2 u v <= u^2 + v^2 for every pair of singular vectors."""
    diagonal, unit_left, unit_right, _ = map(assume, SINGULAR)
    half, size = Rational(1, 2), exp(ell(k))
    apart = Mean(size * Mean((left(c, k) - right(c, i, k)) ** 2, c, i), k) * d / 2
    return combine(
        le(Mean(z(c, i, c), c, i), d / C * Mean(size, k)),
        {
            average(diagonal, c, i, label="E over samples"): 1,
            average(_scaled(unit_left), k): d / C * half,
            average(_scaled(unit_right), k): d / C * half,
        },
        slack=apart,
        label="every pair of singular vectors",
    )


@lru_cache
def loss_of_singular_values() -> Theorem:
    """1/2 + (1/C) sum_k (y_k^2/2 - y_k) <= squared error: the label has no more overlap than that."""
    half, size = Rational(1, 2), exp(ell(k))
    return combine(
        le(half + d / C * Mean(size**2 / 2 - size, k), square_loss(z)),
        {overlap_at_most_sum(): 1, assume(SINGULAR[3]): half},
        label="complete the square",
    )


def _scaled(unit: Theorem) -> Theorem:
    """y_k ||.||^2 <= y_k."""
    size = exp(ell(k))
    return combine(le(size * unit.relation.lhs, size), {unit: size})


def diagonal_witness(ratio: Any, values: Mapping[Symbol, Any], classes: int = 2) -> Witness:
    """Z = ratio times the labels, one sample a class: singular values sqrt(n) ratio."""
    at = sympify(ratio)

    def same(a: int, b: int) -> Any:
        return Integer(1) if a == b else Integer(0)

    return Witness(
        classes,
        1,
        classes,
        {
            ell: lambda k: log(at),
            left: lambda j, k: same(j, k),
            right: lambda c, i, k: same(c, k),
            z: lambda c, i, j: at * same(c, j),
        },
        dict(values),
        f"logits {at} times the labels, {classes} classes",
    )


@lru_cache
def overlap_at_most_length() -> Theorem:
    """E z_c <= E||z||^2/(2 y_1) + y_1/2: Cauchy-Schwarz for the labels, whatever the rank of Z."""
    square = combine(le(0, z(c, i, j) ** 2), slack=z(c, i, j) ** 2)
    others = average(square, j, excluding=c, label="squares of the wrong logits")
    one = combine(
        le(z(c, i, c), C * Mean(z(c, i, j) ** 2, j) / (2 * best) + best / 2),
        {others: (C - 1) / (2 * best)},
        slack=(z(c, i, c) - best) ** 2 / (2 * best),
        label="one sample",
    )
    return average(one, c, i, label="E over samples")
