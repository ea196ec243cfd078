# SPDX-License-Identifier: MIT
"""Features and classifier rows split into norms and directions, and what a bias-free loss says of them.

    w_c - wbar = b0 kappa_c u_c,   h_ci = a0 rho_ci e_ci,   ||u_c|| <= 1, ||e_ci|| <= 1, kappa, rho >= 0,

with unit vectors e_ci wherever h_ci is not 0 (at 0, any vector of norm at most 1 will do).  The measured
cosine of class c is ||E_i e_ci||^2.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Rational

from theory.definitions import (
    dot,
    loss,
    margin,
    phi,
    q,
    sq,
    unbiased_logit,
    wt,
)
from theory.expressions import Mean, Relation, eq, index, le
from theory.kernel import Theorem, apply
from theory.lemmas import scalar_bound
from theory.lemmas.cosines import R, S, V, X, class_bound, sharp_class_bound
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, atom, c, d, h, i, j, k, real, z

kappa = atom("kappa", r"\kappa", "kappa(c): norm of w_c - wbar relative to its scale")
rho = atom("rho", r"\rho", "rho(c, i): norm of a feature relative to its scale")
u = atom("u", "u", "u(c, k): direction of w_c - wbar")
e = atom("e", "e", "e(c, i, k): direction of h_ci")
hole = real("hole", r"\cdot", "a place to substitute into")


def polar(weight_scale: Any, feature_scale: Any) -> tuple[Relation, ...]:
    """The hypotheses that split W and H into norms and directions at the given scales."""
    return (
        eq(wt(c, k), weight_scale * kappa(c) * u(c, k), c, k),
        eq(h(c, i, k), feature_scale * rho(c, i) * e(c, i, k), c, i, k),
        le(sq(lambda x: u(c, x)), 1, c),
        le(sq(lambda x: e(c, i, x)), 1, c, i),
        le(0, kappa(c), c),
        le(0, rho(c, i), c, i),
    )


NORMS_AT_MOST_ONE = (le(Mean(kappa(c) ** 2, c), 1), le(Mean(rho(c, i) ** 2, c, i), 1))


def class_cosine() -> Expr:
    """intra_c = ||E_i e_ci||^2, the mean cosine between two samples of class c."""
    return sq(lambda x: Mean(e(c, i, x), i))


def cosine() -> Expr:
    """<u_c, e_ci>."""
    return dot(lambda x: u(c, x), lambda x: e(c, i, x))


def class_scale() -> Expr:
    """kappa_c times the root mean square of rho over the class."""
    return (kappa(c) ** 2 * Mean(rho(c, i) ** 2, i)) ** Rational(1, 2)


@lru_cache
def loss_of_margins(weight_scale: Expr, feature_scale: Expr, margin_scale: Relation) -> Theorem:
    """E phi(T kappa rho cos) <= L for the bias-free classifier.

    ``margin_scale`` is the hypothesis or known equation T == C/(C-1) weight_scale feature_scale.
    """
    split_w, split_h = map(assume, polar(weight_scale, feature_scale)[:2])
    turn = cosine()
    s = kappa(c) * rho(c, i)
    one = combine(
        eq(wt(c, k) * h(c, i, k), weight_scale * feature_scale * s * u(c, k) * e(c, i, k)),
        {split_w: h(c, i, k), split_h: weight_scale * kappa(c) * u(c, k)},
        label="one coordinate of <w~, h>",
    )
    sample = instantiate(
        scalar_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )
    own = combine(
        eq(margin(unbiased_logit), T * s * turn),
        {average(one, k): C * d / (C - 1), assume(margin_scale): -s * turn},
        label="margin = T kappa rho cos",
    )
    same = apply("congruence", own, context=phi(hole), hole=hole)
    return combine(
        le(Mean(phi(T * s * turn), c, i), loss(unbiased_logit)),
        {average(sample, c, i): 1, average(same, c, i): -1},
        label="loss bounds the mean of phi(T kappa rho cos)",
    )


@lru_cache
def loss_of_cosines(weight_scale: Expr, feature_scale: Expr, margin_scale: Relation, at: Expr = T) -> Theorem:
    """0 <= L - phi(tau) + tau q(tau) (E kappa_c rms_i rho - 3/2 + (T/tau)^2 E intra_c/2), bias-free.

    ``at`` is tau: T for the linear form, or the symbol ``cosines.level`` under the condition (A').
    """
    _, _, unit_u, unit_e, kappa_sign, rho_sign = map(assume, polar(weight_scale, feature_scale))
    dear = loss_of_margins(weight_scale, feature_scale, margin_scale)
    turn = cosine()
    s = kappa(c) * rho(c, i)
    bound = instantiate(
        class_bound() if at == T else sharp_class_bound(),
        functions={
            S: ((c, i), s),
            X: ((c, i), turn),
            R: ((c,), class_scale() ** Rational(1, 2)),
            V: ((c,), class_cosine()),
        },
        label="norms and cosines",
    )
    bound = cut(
        bound,
        combine(le(0, s), {kappa_sign: rho(c, i)}, facts=[rho_sign], label="kappa rho >= 0"),
        cosine_at_least_minus_one(unit_u, unit_e),
        mean_cosine_bound(unit_u),
        label="the lemma's hypotheses",
    )
    goal = le(
        0,
        loss(unbiased_logit)
        - phi(at)
        + at
        * q(at)
        * (Mean(class_scale(), c) - Rational(3, 2) + (T / at) ** 2 * Mean(class_cosine(), c) / 2),
    )
    return combine(goal, {bound: 1, dear: 1}, label="loss, norms and cosines")


def cosine_at_least_minus_one(unit_u: Theorem, unit_e: Theorem) -> Theorem:
    """-1 <= <u_c, e_ci>."""
    square = sq(lambda x: u(c, x) + e(c, i, x)) / 2
    half = Rational(1, 2)
    return combine(le(-1, cosine()), {unit_u: half, unit_e: half}, slack=square, label="||u + e||^2 >= 0")


def sample_cosine_at_most_one(unit_u: Theorem, unit_e: Theorem) -> Theorem:
    """0 <= 1 - <u_c, e_ci>."""
    square = sq(lambda x: u(c, x) - e(c, i, x)) / 2
    half = Rational(1, 2)
    return combine(le(0, 1 - cosine()), {unit_u: half, unit_e: half}, slack=square, label="||u - e||^2 >= 0")


def mean_cosine_bound(unit_u: Theorem) -> Theorem:
    """(E_i <u_c, e_ci>)^2 <= intra_c."""
    centre = lambda x: Mean(e(c, i, x), i)  # noqa: E731
    schwarz = apply("cauchy_schwarz", u=u(c, k), v=centre(k), over=(k,), label="over coordinates")
    return combine(
        le(Mean(cosine(), i) ** 2, class_cosine()),
        {schwarz: d**2, unit_u: class_cosine()},
        label="mean cosine against the mean direction",
    )


def norm_budget() -> Theorem:
    """2 E kappa_c rms_i rho <= E kappa^2 + E rho^2 (a square, class by class)."""
    weight, feature = kappa(c) ** 2, Mean(rho(c, i) ** 2, i)
    one = combine(
        le(2 * class_scale(), weight + feature),
        slack=(weight ** Rational(1, 2) - feature ** Rational(1, 2)) ** 2,
        label="2 sqrt(A B) <= A + B",
    )
    return average(one, c, label="mean over classes")


def cosine_at_most_one() -> Theorem:
    """0 <= 1 - intra_c: the mean of vectors of norm at most 1 has norm at most 1."""
    unit = average(assume(polar(1, 1)[3]), i, label="mean of ||e||^2")
    spread = Mean(sq(lambda x: e(c, i, x) - Mean(e(c, index("i9"), x), index("i9"))), i)
    return combine(le(0, 1 - class_cosine()), {unit: 1}, slack=spread, label="variance of the directions")
