# SPDX-License-Identifier: MIT
"""Radon partitions: weights p and q on different classes, with the same weighted mean of the vectors.

Radon 1921: C >= d + 2 vectors in d dimensions have such weights.  They satisfy one linear relation that is
also affine, sum_c t_c u_c = 0 and sum_c t_c = 0 with t not 0 (d + 1 equations, at least d + 2 unknowns); p is
the positive part of t and q the negative part, both divided by sum_c |t_c|/2.  Existence is outside the
statement language, which has no fixed C and d; what follows from the weights is proved.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Symbol

from theory.definitions import sq
from theory.definitions_collapse import one_hot
from theory.expressions import Mean, Relation, eq, index, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine
from theory.symbols import C, atom, c, d, j, k

p = atom("p_radon", "p", "p(c): weight of class c on one side of a Radon partition")
q = atom("q_radon", "q", "q(c): weight of class c on the other side of a Radon partition")
j3 = index("j3")
Vectors = Callable[[Symbol, Symbol], Expr]

SIGNS = (le(0, p(c), c), le(0, q(c), c))
SUMS = (eq(C * Mean(p(c), c), 1), eq(C * Mean(q(c), c), 1))
APART = eq(p(c) * q(j) * one_hot(c, j), 0, c, j)


def point(vectors: Vectors, weight: Callable[[Symbol], Expr], x: Symbol) -> Expr:
    """sum_c weight_c u_c, coordinate x."""
    return C * Mean(weight(j3) * vectors(j3, x), j3)


def same_point(vectors: Vectors) -> Relation:
    """Both sides have the same weighted mean."""
    return eq(point(vectors, p, k), point(vectors, q, k), k)


def products(vectors: Vectors) -> Theorem:
    """||sum_c p_c u_c||^2 = sum_cj p_c q_j <u_c, u_j>."""
    body = p(c) * q(j) * d * Mean(vectors(c, k) * vectors(j, k), k)
    here = assume(same_point(vectors))
    x = point(vectors, p, k)
    scaled = combine(eq(x**2, x * point(vectors, q, k)), {here: x}, label="one coordinate")
    return combine(
        eq(sq(lambda y: point(vectors, p, y)), C**2 * Mean(body, c, j)),
        {average(scaled, k, label="the point of Radon"): d},
        label="its square as a double sum",
    )
