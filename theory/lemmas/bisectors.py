# SPDX-License-Identifier: MIT
"""Bisectors of unit vectors w_c and unit normals f_c: how close two of them can be, given the pair margins.

With u_c = w_c + f_c, v_c = w_c - f_c and nu_c = ||u_c||: u_c and v_c are orthogonal, ||v_c||^2 = 4 - nu_c^2,

    <w_c - w_j, f_c> + <w_j - w_c, f_j> = (||u_c - u_j||^2 - ||v_c - v_j||^2)/4.

Where <w_c, f_c> >= 0, ||v_c||^2 <= 2 <= nu_c^2, so ||v_c + v_j|| <= nu_c + nu_j, and Cauchy-Schwarz for
<v_c - v_j, v_c + v_j> = nu_j^2 - nu_c^2 gives ||v_c - v_j|| >= |nu_c - nu_j|.  In angles, nu_c = 2 cos t_c
and ||v_c|| = 2 sin t_c, t_c <= pi/4, where the cosine changes no faster than the sine (this project, 2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational, Symbol

from theory.definitions import dot, sq
from theory.expressions import eq, le, lt
from theory.kernel import Theorem
from theory.proving import assume, combine, instantiate
from theory.symbols import atom, c, j, w

f = atom("f_normal", "f", "f(c, k): coordinate k of the unit normal of a hyperplane that separates row c")
nu = atom("nu_bisector", r"\nu", "nu(c): norm of w_c + f_c, the bisector of row c and its normal")
M = atom("pair_margin", r"M", "M(c, j): margin of row c over row j along the normal of row c, 0 for j = c")


def bisector(cc: Symbol, x: Symbol) -> Expr:
    """u_cc = w_cc + f_cc, coordinate x."""
    return w(cc, x) + f(cc, x)


def difference(cc: Symbol, x: Symbol) -> Expr:
    """v_cc = w_cc - f_cc, coordinate x."""
    return w(cc, x) - f(cc, x)


def rows(cc: Symbol, jj: Symbol) -> Expr:
    """<w_cc, w_jj>."""
    return dot(lambda x: w(cc, x), lambda x: w(jj, x))


def along(cc: Symbol, jj: Symbol) -> Expr:
    """<w_cc - w_jj, f_cc>, the pair margin that the normal of row cc attains."""
    return dot(lambda x: w(cc, x) - w(jj, x), lambda x: f(cc, x))


def bisectors(cc: Symbol, jj: Symbol) -> Expr:
    """<u_cc, u_jj>."""
    return dot(lambda x: bisector(cc, x), lambda x: bisector(jj, x))


UNIT_ROWS = eq(rows(c, c), 1, c)
UNIT_NORMALS = eq(sq(lambda x: f(c, x)), 1, c)
FORWARD = le(0, dot(lambda x: w(c, x), lambda x: f(c, x)), c)
LENGTH = eq(nu(c) ** 2, sq(lambda x: bisector(c, x)), c)
LENGTH_SIGN = le(0, nu(c), c)
MARGINS = le(M(c, j), along(c, j), c, j)
NOT_NEGATIVE = le(0, M(c, j), c, j)
HYPOTHESES = (UNIT_ROWS, UNIT_NORMALS, FORWARD, LENGTH, LENGTH_SIGN, MARGINS)


def swap(theorem: Theorem) -> Theorem:
    """The same with classes c and j exchanged."""
    return instantiate(theorem, {c: j, j: c}, label="classes exchanged")


@lru_cache
def at_least_two() -> Theorem:
    """2 <= nu_c^2."""
    unit, normal, forward, length = map(assume, HYPOTHESES[:4])
    return combine(
        le(2, nu(c) ** 2), {unit: -1, normal: -1, forward: 2, length: -1}, label="nu^2 = 2 + 2 <w, f>"
    )


@lru_cache
def positive_length() -> Theorem:
    """0 < nu_c, in the form 1 <= nu_c."""
    above = combine(lt(0, nu(c) + 1), {assume(LENGTH_SIGN): 1}, slack=1, label="nu + 1 > 0")
    one = combine(le(1, nu(c)), {at_least_two(): 1 / (nu(c) + 1)}, slack=1 / (nu(c) + 1), facts=[above])
    return combine(lt(0, nu(c)), {one: 1}, slack=1, label="nu > 0")


@lru_cache
def product_at_least_two() -> Theorem:
    """2 <= nu_c nu_j."""
    a, b = nu(c), nu(j)
    signs = [positive_length(), swap(positive_length())]
    total = combine(lt(0, a * b + 2), {signs[0]: b}, slack=2, facts=[signs[1]], label="nu_c nu_j + 2 > 0")
    return combine(
        le(2, a * b),
        {at_least_two(): b**2 / (a * b + 2), swap(at_least_two()): 2 / (a * b + 2)},
        facts=[total],
        label="nu_c^2 nu_j^2 >= 4",
    )


@lru_cache
def product_at_most_four() -> Theorem:
    """nu_c nu_j <= 4."""
    unit, normal, _, length = map(assume, HYPOTHESES[:4])
    one = combine(
        le(nu(c) ** 2, 4),
        {unit: 2, normal: 2, length: 1},
        slack=sq(lambda x: difference(c, x)),
        label="parallelogram",
    )
    half = (nu(c) - nu(j)) ** 2 / 2
    return combine(le(nu(c) * nu(j), 4), {one: Rational(1, 2), swap(one): Rational(1, 2)}, slack=half)


@lru_cache
def sum_of_differences() -> Theorem:
    """||v_c + v_j||^2 <= (nu_c + nu_j)^2."""
    unit, normal, _, length = map(assume, HYPOTHESES[:4])
    small, other = at_least_two(), swap(at_least_two())
    return combine(
        le(sq(lambda x: difference(c, x) + difference(j, x)), (nu(c) + nu(j)) ** 2),
        {
            small: 3,
            other: 3,
            product_at_least_two(): 2,
            unit: 4,
            normal: 4,
            length: 2,
            swap(unit): 4,
            swap(normal): 4,
            swap(length): 2,
        },
        slack=sq(lambda x: difference(c, x) - difference(j, x)),
        label="||v||^2 <= 2 <= nu^2",
    )
