# SPDX-License-Identifier: MIT
"""The quantities of the field, written once in the statement language.

``u`` and ``v`` in ``dot`` and ``sq`` are functions of a coordinate index; everything else takes the class and
sample indices it belongs to.  Sources: Papyan, Han & Donoho 2020; Pan & Cao 2023 (arXiv:2309.04644).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Expr, Symbol, exp, log, sqrt

from theory.expressions import Mean, index, wrong_mean
from theory.losses.cross_entropy import phi as phi
from theory.losses.cross_entropy import psi as psi
from theory.losses.cross_entropy import q as q
from theory.symbols import C, b, c, d, h, i, j, k, lam, w, z

Vector = Callable[[Symbol], Expr]
c2, i2, j2 = index("c2"), index("i2"), index("j2")


def dot(u: Vector, v: Vector) -> Expr:
    """<u, v> = sum over coordinates."""
    return d * Mean(u(k) * v(k), k)


def sq(u: Vector) -> Expr:
    """||u||^2."""
    return d * Mean(u(k) ** 2, k)


# ---- one sample, with arbitrary logits z(c, i, j)


def lse(zf: Any = z, cc: Symbol = c, ii: Symbol = i) -> Expr:
    """log sum_j exp z_j."""
    return log(C * Mean(exp(zf(cc, ii, j)), j))


def cross_entropy(zf: Any = z, cc: Symbol = c, ii: Symbol = i) -> Expr:
    """log sum_j exp z_j - z_c for sample i of class c."""
    return lse(zf, cc, ii) - zf(cc, ii, cc)


def margin(zf: Any = z, cc: Symbol = c, ii: Symbol = i) -> Expr:
    """t = z_c - mean of the other logits."""
    return zf(cc, ii, cc) - wrong_mean(lambda jj: zf(cc, ii, jj), cc, C)


def kl(p: Any, zf: Any = z, cc: Symbol = c, ii: Symbol = i) -> Expr:
    """KL(P_p || softmax z), P_p = 1-p on the true class and p/(C-1) on each wrong one."""
    total = lse(zf, cc, ii)
    wrong = wrong_mean(lambda jj: log(p / (C - 1)) - zf(cc, ii, jj) + total, cc, C)
    return (1 - p) * (log(1 - p) - zf(cc, ii, cc) + total) + p * wrong


# ---- a linear classifier W, b on features h


def logit(cc: Symbol, ii: Symbol, jj: Symbol) -> Expr:
    """<w_j, h_ci> + b_j."""
    return dot(lambda x: w(jj, x), lambda x: h(cc, ii, x)) + b(jj)


def unbiased_logit(cc: Symbol, ii: Symbol, jj: Symbol) -> Expr:
    """<w_j, h_ci>."""
    return dot(lambda x: w(jj, x), lambda x: h(cc, ii, x))


def wbar(x: Symbol) -> Expr:
    """Mean of the classifier's rows, coordinate x."""
    return Mean(w(j2, x), j2)


def wt(cc: Symbol, x: Symbol) -> Expr:
    """Centred row w_c - wbar, coordinate x."""
    return w(cc, x) - wbar(x)


def mu(cc: Symbol, x: Symbol) -> Expr:
    """Class mean mu_c, coordinate x."""
    return Mean(h(cc, i2, x), i2)


def mu_global(x: Symbol) -> Expr:
    """Global mean mu_G = E h, coordinate x."""
    return Mean(h(c2, i2, x), c2, i2)


def mean_square_features() -> Expr:
    """E||h||^2."""
    return Mean(sq(lambda x: h(c, i, x)), c, i)


def mean_square_weights() -> Expr:
    """(1/C) sum ||w_c - wbar||^2."""
    return Mean(sq(lambda x: wt(c, x)), c)


def mean_square_raw_weights() -> Expr:
    """(1/C) ||W||_F^2."""
    return Mean(sq(lambda x: w(c, x)), c)


def mean_square_class_means() -> Expr:
    """(1/C) sum ||mu_c||^2."""
    return Mean(sq(lambda x: mu(c, x)), c)


def within_class_scatter() -> Expr:
    """E||h - mu_c||^2."""
    return Mean(sq(lambda x: h(c, i, x) - mu(c, x)), c, i)


def alignment() -> Expr:
    """E<w_c - wbar, h_ci>."""
    return Mean(dot(lambda x: wt(c, x), lambda x: h(c, i, x)), c, i)


def loss(zf: Any = logit) -> Expr:
    """Class-balanced mean cross-entropy."""
    return Mean(cross_entropy(zf), c, i)


def regularized_loss(scale: Any, zf: Any = logit) -> Expr:
    """Loss + (lambda/2)(scale + ||W||_F^2); ``scale`` stands for ||gamma||^2."""
    return loss(zf) + lam / 2 * (scale + C * mean_square_raw_weights())


def q_star() -> Expr:
    """q* = lambda (C-1)/sqrt(C)."""
    return lam * (C - 1) / sqrt(C)


def T_star() -> Expr:
    """T* = log(sqrt(C)/lambda - (C-1)), written so that the argument is one fraction."""
    return log((sqrt(C) - lam * (C - 1)) / lam)
