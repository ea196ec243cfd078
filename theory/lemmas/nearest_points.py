# SPDX-License-Identifier: MIT
"""Codes with the points of the hulls nearest to their vectors, and the normals through these points.

y_c is the point nearest to w_c of the convex hull of the other rows, rho_c > 0 its distance and f_c the unit
vector with w_c - y_c = rho_c f_c.  The variational inequality of the nearest point, <w_c - w_j, f_c> >= rho_c
for j != c, is the hypothesis ``NEAREST``; <w_c, f_c> >= 0 follows, because y_c lies in the unit ball.  So
what ``theory.lemmas.bisectors`` assumes of normals holds, with pair margins rho_c.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Expr, Integer, Rational, Symbol

from theory.definitions import dot, sq
from theory.definitions_collapse import ZERO_OR_ONE, one_hot
from theory.expressions import Mean, eq, index, le, lt
from theory.kernel import Theorem
from theory.lemmas.bisectors import (
    FORWARD,
    LENGTH,
    LENGTH_SIGN,
    MARGINS,
    NOT_NEGATIVE,
    UNIT_NORMALS,
    UNIT_ROWS,
    M,
    along,
    f,
    nu,
    rows,
)
from theory.proving import assume, average, combine, cut, instantiate
from theory.statement import Witness
from theory.symbols import C, atom, c, d, j, k, positive, w

m = positive("m_code", "m", "one-vs-rest margin of a code: least distance of a row to the hull of the others")
a = atom("a_hull", "a", "a(c, j): weight of row j in a convex combination of the rows other than c")
rho = atom("rho_hull", r"\rho", "rho(c): distance of w_c from the hull of the other rows")
j2 = index("j2")
Table = Sequence[Sequence[Any]]


def away(cc: Symbol, x: Symbol) -> Expr:
    """w_cc - y_cc, y_cc a point of the hull of the rows, coordinate x."""
    return w(cc, x) - C * Mean(a(cc, j2) * w(j2, x), j2)


def beyond(cc: Symbol, jj: Symbol) -> Expr:
    """rho_cc for two different classes, 0 for one."""
    return (1 - one_hot(cc, jj)) * rho(cc)


IN_HULL = (le(0, a(c, j), c, j), eq(C * Mean(a(c, j), j), 1, c))
TOWARDS = eq(rho(c) * f(c, k), away(c, k), c, k)
DISTANCE = le(m, rho(c), c)
NEAREST = le(beyond(c, j), along(c, j), c, j)
CODE = (UNIT_ROWS, *IN_HULL, TOWARDS, UNIT_NORMALS, DISTANCE, NEAREST, LENGTH, LENGTH_SIGN)


def distance_positive() -> Theorem:
    """0 < rho_c."""
    return combine(lt(0, rho(c)), {assume(DISTANCE): 1}, slack=m, label="0 < m <= rho")


def forward() -> Theorem:
    """0 <= <w_c, f_c>, because the hull lies in the unit ball."""
    unit, sign, total, towards = map(assume, (UNIT_ROWS, *IN_HULL, TOWARDS))
    near = combine(
        le(rows(c, j), 1),
        {unit: Rational(1, 2), instantiate(unit, {c: j}): Rational(1, 2)},
        slack=sq(lambda x: w(c, x) - w(j, x)) / 2,
        label="<w_c, w_j> <= 1",
    )
    weighted = combine(le(a(c, j) * rows(c, j), a(c, j)), {near: a(c, j)}, facts=[sign])
    mean = average(weighted, j, label="<w_c, y_c> <= 1")
    scaled = combine(
        eq(rho(c) * w(c, k) * f(c, k), w(c, k) * away(c, k)), {towards: w(c, k)}, label="one coordinate"
    )
    rate = 1 / rho(c)
    return combine(
        le(0, dot(lambda x: w(c, x), lambda x: f(c, x))),
        {
            average(scaled, k, label="rho <w, f> = <w, w - y>"): -d * rate,
            mean: C * rate,
            unit: -rate,
            total: rate,
        },
        facts=[distance_positive()],
        label="<w_c, w_c - y_c> >= 0",
    )


def at_hull(found: Theorem) -> Theorem:
    """A statement on forward normals, and on pair margins, for the normals through the nearest points."""
    if MARGINS not in found.hypotheses:
        return cut(found, forward(), label="normals point forward")
    there = distance_positive()
    moved = instantiate(found, functions={M: ((c, j), beyond(c, j))}, label="pair margins rho_c")
    sign = combine(
        le(0, beyond(c, j)),
        {assume(ZERO_OR_ONE): rho(c)},
        slack=(1 - one_hot(c, j)) ** 2 * rho(c),
        facts=[there],
        label="margins are not negative",
    )
    lemmas = {FORWARD: forward(), NOT_NEGATIVE: sign}
    return cut(moved, *(lemma for needed, lemma in lemmas.items() if needed in found.hypotheses))


def code_witness(vectors: Table, hull: Table, distance: Expr, length: Expr) -> Witness:
    """A code with one distance, which is m, from the points of the hulls, and one length of all bisectors.

    vectors[c][k]; hull[c][j]: weights of the point of the hull of the rows other than c.
    """
    size, space = range(len(vectors)), range(len(vectors[0]))
    nearest = [[sum(hull[x][y] * vectors[y][z] for y in size) for z in space] for x in size]
    return Witness(
        len(vectors),
        1,
        len(vectors[0]),
        {
            w: lambda j, k: vectors[j][k],
            a: lambda c, j: hull[c][j],
            f: lambda c, k: (vectors[c][k] - nearest[c][k]) / distance,
            rho: lambda c: distance,
            nu: lambda c: length,
            one_hot: lambda c, j: Integer(c == j),
        },
        {m: distance},
        f"{len(vectors)} vectors in {len(vectors[0])} dimensions",
    )
