# SPDX-License-Identifier: MIT
"""Two settings with one consequence: L + T q(T) E s <= psi(q(T)) + eps, s a product of relative norms.

Fixed norms: mean squares at most beta^2 and alpha^2, T = C alpha beta/(C-1), and L <= phi(T) + eps; then E s
<= 1.  Weight decay lambda = sqrt(C)/(C-1+e^T): T is the optimal margin and L_reg <= psi(q(T)) + eps; then
the decay charges T q(T) for a unit of E s.  Nothing else about norms is used: a bound on cosines or on
class means from the line above holds in both settings.

Classes are split into their root mean square norm and the share of it that their mean carries,

    mu_c = a0 size_c share_c axis_c,   E_i ||h_ci||^2 = (a0 size_c)^2,   share_c = sqrt(1 - nu_c) in [0, 1],

nu_c = E_i ||h_ci - mu_c||^2 / E_i ||h_ci||^2 the relative variability of class c.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import (
    cross_entropy,
    dot,
    loss,
    margin,
    mu,
    phi,
    psi,
    q,
    sq,
    unbiased_logit,
    wbar,
    wt,
)
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas import dual_bound
from theory.lemmas.polar import NORMS_AT_MOST_ONE, class_scale, cosine, e, kappa, polar, rho, u
from theory.lemmas.weight_decay import DECAY, NORMS, SCALE, UNIT, regularized_gap
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import C, T, alpha, atom, beta, c, d, eps, h, i, j, k, p, z

HALF = Rational(1, 2)
size = atom("size", "r", "size(c): root mean square norm of the features of class c, relative to its scale")
share = atom("share", "a", "share(c): sqrt(1 - nu_c), nu_c the relative variability of class c")
axis = atom("axis", "m", "axis(c, k): direction of the mean of class c")
MARGIN = eq(T, C * alpha * beta / (C - 1))


SHARE_AT_MOST_ONE = le(share(c), 1, c)


def class_polar(weight_scale: Any, feature_scale: Any) -> tuple[Relation, ...]:
    """The hypotheses that split rows and class means into norms and directions at the given scales."""
    return (
        eq(wt(c, k), weight_scale * kappa(c) * u(c, k), c, k),
        eq(mu(c, k), feature_scale * size(c) * share(c) * axis(c, k), c, k),
        eq(Mean(sq(lambda x: h(c, i, x)), i), feature_scale**2 * size(c) ** 2, c),
        le(sq(lambda x: u(c, x)), 1, c),
        le(sq(lambda x: axis(c, x)), 1, c),
        le(0, kappa(c), c),
        le(0, size(c), c),
        le(0, share(c), c),
        SHARE_AT_MOST_ONE,
    )


CLASS_NORMS = (NORMS_AT_MOST_ONE[0], le(Mean(size(c) ** 2, c), 1))
CLASS_PRODUCT = kappa(c) * size(c)


def any_share(hypotheses: tuple[Relation, ...]) -> tuple[Relation, ...]:
    """The hypotheses without share_c <= 1, which Jensen's inequality gives and most bounds do not need."""
    return tuple(a for a in hypotheses if a != SHARE_AT_MOST_ONE)


@dataclass(frozen=True)
class Setting:
    """One of the two settings; ``rows`` and ``features`` are the scales of the polar split.

    samples, classes: the hypotheses with features split sample by sample, or class by class; the last one
    bounds the loss by ``eps``.
    """

    rows: Expr
    features: Expr
    samples: tuple[Relation, ...]
    classes: tuple[Relation, ...]
    decay: bool


SMALL_LOSS = le(loss(unbiased_logit), phi(T) + eps)
SMALL_REGULARIZED_LOSS = le(regularized_gap(), eps)
FIXED_NORMS = Setting(
    beta,
    alpha,
    (*polar(beta, alpha), *NORMS_AT_MOST_ONE, MARGIN, SMALL_LOSS),
    (*class_polar(beta, alpha), *CLASS_NORMS, MARGIN, SMALL_LOSS),
    False,
)
WEIGHT_DECAY = Setting(
    Integer(1),
    UNIT,
    (*polar(1, UNIT), *NORMS, SCALE, SMALL_REGULARIZED_LOSS),
    (*class_polar(1, UNIT), NORMS[0], SCALE, SMALL_REGULARIZED_LOSS),
    True,
)


def margin_scale(setting: Setting) -> Theorem:
    """T == C/(C-1) rows features: a hypothesis with fixed norms, an identity with weight decay."""
    if setting.decay:
        return combine(eq(T, C / (C - 1) * UNIT), label="the units give margin T")
    return assume(MARGIN)


@lru_cache
def budget(setting: Setting, kind: str) -> Theorem:
    """L + T q(T) E s <= phi(T) + T q(T) + eps.

    ``kind`` says which s: "sample" kappa_c rho_ci, "rms" kappa_c rms_i rho_ci, or "class" kappa_c size_c.
    """
    weight = kappa(c) ** 2
    s, feature, over = {
        "sample": (kappa(c) * rho(c, i), rho(c, i) ** 2, (c, i)),
        "rms": (class_scale(), Mean(rho(c, i) ** 2, i), (c,)),
        "class": (CLASS_PRODUCT, size(c) ** 2, (c,)),
    }[kind]
    root = {"sample": rho(c, i), "rms": sqrt(feature), "class": size(c)}[kind]
    row = sqrt(weight) if kind == "rms" else kappa(c)
    rate = T * q(T)
    goal = le(loss(unbiased_logit) + rate * Mean(s, *over), phi(T) + rate + eps)
    if not setting.decay:
        one = combine(le(2 * s, weight + feature), slack=(row - root) ** 2, label="a square")
        norms = setting.classes[9:11] if kind == "class" else NORMS_AT_MOST_ONE
        return combine(
            goal,
            {
                assume(SMALL_LOSS): 1,
                average(one, *over, label="mean"): rate / 2,
                assume(norms[0]): rate / 2,
                assume(norms[1]): rate / 2,
            },
            label="norms at most 1",
        )
    price = combine(
        le(rate * s, DECAY / 2 * (UNIT**2 * feature + C * weight)),
        slack=DECAY / 2 * (UNIT * root - sqrt(C) * row) ** 2,
        label="the decay charges T q(T): a square",
    )
    if kind == "class":
        spent = average(assume(setting.classes[2]), c)
    else:
        spent = average(assume(NORMS[1]), c, i)
    return combine(
        goal,
        {
            assume(SMALL_REGULARIZED_LOSS): 1,
            average(price, *over, label="mean"): 1,
            average(assume(NORMS[0]), c): -DECAY * C / 2,
            spent: -DECAY / 2,
            visible(le(0, sq(wbar))): DECAY * C / 2,
            assume(SCALE): DECAY / 2,
        },
        label="the decay pays for the norms",
    )


def _dual() -> Theorem:
    """psi(p) - p t <= CE for the bias-free classifier."""
    return instantiate(
        dual_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )


def sample_loss() -> Expr:
    """CE of sample i of class c, bias-free."""
    return cross_entropy(unbiased_logit)


def class_loss() -> Expr:
    """Mean CE of class c, bias-free."""
    return Mean(sample_loss(), i)


@lru_cache
def sample_dual(setting: Setting) -> Theorem:
    """p < 1 |- psi(p) - p T kappa_c rho_ci <u_c, e_ci> <= CE_ci."""
    split_w, split_h = map(assume, polar(setting.rows, setting.features)[:2])
    product = kappa(c) * rho(c, i)
    one = combine(
        eq(wt(c, k) * h(c, i, k), setting.rows * setting.features * product * u(c, k) * e(c, i, k)),
        {split_w: h(c, i, k), split_h: setting.rows * kappa(c) * u(c, k)},
        label="one coordinate of <w~, h>",
    )
    own = combine(
        eq(margin(unbiased_logit), T * product * cosine()),
        {average(one, k): C * d / (C - 1), margin_scale(setting): -product * cosine()},
        label="margin = T kappa rho cos",
    )
    return combine(
        le(psi(p) - p * T * product * cosine(), sample_loss()), {_dual(): 1, own: p}, label="margins"
    )


def class_turn() -> Expr:
    """<u_c, m_c>."""
    return dot(lambda x: u(c, x), lambda x: axis(c, x))


@lru_cache
def turned_class_dual(setting: Setting) -> Theorem:
    """p < 1 |- psi(p) - p T kappa_c size_c share_c <u_c, m_c> <= E_i CE_ci."""
    split_w, split_m = map(assume, class_polar(setting.rows, setting.features)[:2])
    product = CLASS_PRODUCT * share(c)
    one = combine(
        eq(wt(c, k) * mu(c, k), setting.rows * setting.features * product * u(c, k) * axis(c, k)),
        {split_w: mu(c, k), split_m: setting.rows * kappa(c) * u(c, k)},
        label="one coordinate of <w~, mu>",
    )
    own = combine(
        eq(Mean(margin(unbiased_logit), i), T * product * class_turn()),
        {average(one, k): C * d / (C - 1), margin_scale(setting): -product * class_turn()},
        label="mean margin of a class",
    )
    return combine(
        le(psi(p) - p * T * product * class_turn(), class_loss()),
        {average(_dual(), i, label="mean over the class"): 1, own: p},
        label="the class mean's margin",
    )


@lru_cache
def class_dual(setting: Setting) -> Theorem:
    """p < 1 |- psi(p) - p T kappa_c size_c share_c <= E_i CE_ci."""
    unit_u, unit_m, *signs = map(assume, class_polar(setting.rows, setting.features)[3:8])
    product = CLASS_PRODUCT * share(c)
    turned = combine(
        le(class_turn(), 1),
        {unit_u: HALF, unit_m: HALF},
        slack=sq(lambda x: u(c, x) - axis(c, x)) / 2,
        label="||u - m||^2 >= 0",
    )
    return combine(
        le(psi(p) - p * T * product, class_loss()),
        {turned_class_dual(setting): 1, turned: p * T * product},
        facts=signs,
        label="a turned mean has less margin",
    )


@lru_cache
def product_nonnegative(kind: str) -> Theorem:
    """0 <= kappa_c rho_ci ("sample") or 0 <= kappa_c size_c ("class")."""
    factor = rho(c, i) if kind == "sample" else size(c)
    signs = (le(0, kappa(c), c), le(0, rho(c, i), c, i) if kind == "sample" else le(0, size(c), c))
    row, feature = map(assume, signs)
    return combine(le(0, kappa(c) * factor), {row: factor}, facts=[feature], label="a product of norms")


@lru_cache
def class_scalar(setting: Setting) -> Theorem:
    """phi(T kappa_c size_c share_c) <= E_i CE_ci: the dual bound at the class's own margin."""
    own = T * CLASS_PRODUCT * share(c)
    at_q = instantiate(class_dual(setting), {p: q(own)}, label="p := q(margin of the class)")
    return combine(le(phi(own), class_loss()), {at_q: 1}, label="psi(q(t)) - q(t) t = phi(t)")


@lru_cache
def class_square() -> Theorem:
    """2 kappa_c size_c <= kappa_c^2 + size_c^2."""
    square = (kappa(c) - size(c)) ** 2
    return combine(le(2 * CLASS_PRODUCT, kappa(c) ** 2 + size(c) ** 2), slack=square, label="a square")
