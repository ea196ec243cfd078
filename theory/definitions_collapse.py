# SPDX-License-Identifier: MIT
"""The measures NC1-NC4 of Papyan, Han & Donoho 2020, and exact collapse, in the statement language.

``code(c, k)`` is coordinate k of the vector of class c (a codeword; a class mean less the global mean); the
functions that take a ``Vectors`` argument are written for it and serve class means and classifier rows alike.
``one_hot(c, j)`` is 1 for j = c and 0 otherwise: ``ONE_HOT`` and ``ROWS_AND_COLUMNS`` say what is used of it.
A standard deviation that does not occur in a statement's conclusion by itself is given by its square.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Abs, Expr, Symbol

from theory.definitions import dot, logit, mu, mu_global, sq, within_class_scatter
from theory.expressions import Mean, eq, index, le, wrong_mean
from theory.symbols import C, atom, b, c, h, i, j, k, positive, w

Vectors = Callable[[Symbol, Symbol], Expr]
c3, j3 = index("c3"), index("j3")

code = atom("code", "m", "code(c, k): coordinate k of the vector (codeword, centred mean) of class c")
one_hot = atom("one_hot", "y", "one_hot(c, j): 1 for j = c, 0 for every other class j")
inverse_distance = atom(
    "inverse_distance", "g", "inverse_distance(c, j): 1/||mu_c - mu_j||^2 for j != c, any number for j = c"
)
dual = atom(
    "dual", "m^+", "dual(j, k): coordinate k of column j of the pseudo-inverse of M = rows mu_c - mu_G"
)
feature = atom("feature", "x", "feature(k): coordinate k of any feature vector")
length = atom("length", r"\ell", "length(c): norm of the vector of class c, >= 0")
unit = atom("unit", "u", "unit(c, k): coordinate k of the unit vector along the vector of class c")
mean_length = positive("mean_length", r"\bar\ell", "mean over the classes of the norms of their vectors")

r = positive("r_M", "r", "||M||_F / sqrt(C), M = rows mu_c - mu_G")
s = positive("s_M", "s", "C r^2/(C-1): half the squared distance of two class means at collapse")
kappa_w = positive("kappa_w", r"\kappa", "factor of the classifier, W = kappa M")

# y is the identity matrix: a row of zeros and ones that sums to 1 and has its 1 on the diagonal.
DIAGONAL = eq(one_hot(c, c), 1, c)
ROW_SUM = eq(C * Mean(one_hot(c, j), j), 1, c)
ZERO_OR_ONE = eq(one_hot(c, j) ** 2, one_hot(c, j), c, j)
SYMMETRIC = eq(one_hot(c, j), one_hot(j, c), c, j)
ONE_HOT = (DIAGONAL, ROW_SUM, ZERO_OR_ONE)


def codeword(cc: Symbol, x: Symbol) -> Expr:
    """m_c, coordinate x."""
    return code(cc, x)


def row(cc: Symbol, x: Symbol) -> Expr:
    """w_c, coordinate x."""
    return w(cc, x)


def centred_mean(cc: Symbol, x: Symbol) -> Expr:
    """mu_c - mu_G, coordinate x."""
    return mu(cc, x) - mu_global(x)


def gram(cc: Symbol, jj: Symbol, vectors: Vectors = codeword) -> Expr:
    """<m_c, m_j>."""
    return dot(lambda x: vectors(cc, x), lambda x: vectors(jj, x))


def squared_distance(cc: Symbol, jj: Symbol, vectors: Vectors = codeword) -> Expr:
    """||m_c - m_j||^2."""
    return sq(lambda x: vectors(cc, x) - vectors(jj, x))


def mean_square(vectors: Vectors = codeword) -> Expr:
    """(1/C) sum ||m_c||^2."""
    return Mean(sq(lambda x: vectors(c, x)), c)


def pairs(body: Callable[[Symbol, Symbol], Expr]) -> Expr:
    """Mean of ``body(c, j)`` over the C(C-1) ordered pairs c != j."""
    return Mean(wrong_mean(lambda jj: body(c3, jj), c3, C), c3)


# ---- exact collapse

NC1 = eq(h(c, i, k), mu(c, k), c, i, k)


def simplex_gram(vectors: Vectors = codeword, scale: Any = s) -> Any:
    """NC2: the Gram matrix is scale (I - J/C), that is equal norms and cosines -1/(C-1)."""
    return eq(gram(c, j, vectors), scale * (one_hot(c, j) - 1 / C), c, j)


def self_dual(vectors: Vectors = codeword, scale: Any = kappa_w) -> Any:
    """NC3: W = scale M."""
    return eq(w(c, k), scale * vectors(c, k), c, k)


# ---- NC1


def class_variance(cc: Symbol, ii: Symbol = i) -> Expr:
    """v_c = mean over the samples of class c of ||h - mu_c||^2."""
    return Mean(sq(lambda x: h(cc, ii, x) - mu(cc, x)), ii)


def trace_ratio() -> Expr:
    """Tr Sigma_W / Tr Sigma_B, with r^2 = Tr Sigma_B."""
    return within_class_scatter() / r**2


def pinv_trace(duals: Vectors = lambda jj, x: dual(jj, x)) -> Expr:
    """Tr(Sigma_W Sigma_B^+)/C = sum_j E<m_j^+, h - mu_c>^2 (Papyan, Han & Donoho 2020, figure 6)."""
    inner = dot(lambda x: duals(j3, x), lambda x: h(c, i, x) - mu(c, x))
    return C * Mean(inner**2, j3, c, i)


def cdnv() -> Expr:
    """Mean over pairs of (v_c + v_j)/(2 ||mu_c - mu_j||^2) (Galanti, Gyorgy & Hutter 2022)."""
    return pairs(lambda cc, jj: (class_variance(cc) + class_variance(jj)) * inverse_distance(cc, jj) / 2)


# ---- NC2, for vectors m_c = length(c) unit(c)


POLAR = (
    eq(code(c, k), length(c) * unit(c, k), c, k),
    eq(sq(lambda x: unit(c, x)), 1, c),
    le(0, length(c), c),
)
MEAN_LENGTH = eq(mean_length, Mean(length(c), c))


def squared_spread(ddof: int = 0) -> Expr:
    """(Std_c ||m_c|| / Mean_c ||m_c||)^2, the standard deviation with divisor C - ``ddof``."""
    return C / (C - ddof) * (Mean(length(c) ** 2, c) - mean_length**2) / mean_length**2


def cosine(cc: Symbol, jj: Symbol) -> Expr:
    """cos(m_c, m_j)."""
    return dot(lambda x: unit(cc, x), lambda x: unit(jj, x))


def squared_angle_spread() -> Expr:
    """(Std over pairs c != j of cos(m_c, m_j))^2."""
    return pairs(lambda cc, jj: cosine(cc, jj) ** 2) - pairs(cosine) ** 2


def max_angle() -> Expr:
    """Mean over pairs c != j of |cos(m_c, m_j) + 1/(C-1)|."""
    return pairs(lambda cc, jj: Abs(cosine(cc, jj) + 1 / (C - 1)))


# ---- NC3 and NC4


def self_duality(weight_norm: Any, mean_norm: Any = r, vectors: Vectors = codeword) -> Expr:
    """||W/||W||_F - M/||M||_F||_F^2, the norms divided by sqrt(C)."""
    return Mean(sq(lambda x: w(c, x) / weight_norm - vectors(c, x) / mean_norm), c)


def nearer(cc: Symbol, jj: Symbol, feature: Callable[[Symbol], Expr]) -> Expr:
    """||h - mu_c||^2 - ||h - mu_j||^2: at least 0 where mu_j is as near to h as mu_c is."""
    return sq(lambda x: feature(x) - mu(cc, x)) - sq(lambda x: feature(x) - mu(jj, x))


# ---- two classifiers: least squares and maximal margin


def squared_error() -> Expr:
    """E||W h + b - e_c||^2 = E[sum_j z_j^2 - 2 z_c + 1], z_j = <w_j, h> + b_j."""
    return Mean(C * Mean(logit(c, i, j) ** 2, j) - 2 * logit(c, i, c) + 1, c, i)


def excess_over_collapse(factor: Any, vectors: Vectors = centred_mean) -> Expr:
    """(1/C) ||W - factor M||_F^2."""
    return Mean(sq(lambda x: w(c, x) - factor * vectors(c, x)), c)


def logit_difference(cc: Symbol, jj: Symbol, feature: Callable[[Symbol], Expr]) -> Expr:
    """(<w_c, h> + b_c) - (<w_j, h> + b_j)."""
    return dot(lambda x: w(cc, x) - w(jj, x), feature) + b(cc) - b(jj)
