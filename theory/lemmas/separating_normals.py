# SPDX-License-Identifier: MIT
"""Unit vectors w_c separated by a margin along unit normals f_c, whichever way the normals point.

<w_c - w_j, f_c> >= m for j != c; the largest such m, if positive, is the one-vs-rest margin of the code, the
least distance of a vector to the convex hull of the others, whose nearest point gives the normal.  For the
bisectors of ``theory.lemmas.bisectors``, with a = nu_c and b = nu_j,

    4 <u_c, u_j> + 2 a b (M_cj + M_jc) + 4 b (b - a) M_cj <= 4 a b

for the margins M along any unit normals (this project, 2026).  So where a <= b and no margin is negative, the
cosine of two bisectors is at most 1 less the mean of the two margins.  The proof is two squares,
||x u_c - (p u_j - b (b - a) v_j)||^2 and ||b v_c - b v_j - (b - a) u_j||^2, p = 4 - b^2 = ||v_j||^2, where
x = b (p + (b - a)^2)/a up to what makes it positive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, Symbol

from theory.definitions import sq
from theory.definitions_collapse import one_hot
from theory.expressions import Relation, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.bisectors import (
    LENGTH,
    LENGTH_SIGN,
    MARGINS,
    NOT_NEGATIVE,
    UNIT_NORMALS,
    UNIT_ROWS,
    M,
    along,
    bisector,
    bisectors,
    difference,
    f,
    nu,
    swap,
)
from theory.proving import assume, cases, combine, instantiate
from theory.statement import Witness
from theory.symbols import c, j, positive, w

m = positive("m_code", "m", "one-vs-rest margin of a code: least distance of a row to the hull of the others")
weight = positive("x_weight", "x", "weight of a square")
slack_ = positive("eta_bisector", r"\eta", "what makes lengths positive, let go to 0")
Table = Sequence[Sequence[Any]]

SEPARATED = le((1 - one_hot(c, j)) * m, along(c, j), c, j)
CODE = (UNIT_ROWS, UNIT_NORMALS, SEPARATED, LENGTH, LENGTH_SIGN)
A, B = nu(c), nu(j)
REST = 4 - B**2  # ||v_j||^2
REACH = REST + (B - A) ** 2
HALF = Rational(1, 2)


def _products() -> Expr:
    return 4 * bisectors(c, j) + 2 * A * B * (along(c, j) + along(j, c)) + 4 * B * (B - A) * along(c, j)


@lru_cache
def _weighted() -> Theorem:
    """The inequality with a weight x of the first square, for every x > 0."""
    unit, normal, length = map(assume, (UNIT_ROWS, UNIT_NORMALS, LENGTH))
    spread = B - A

    def first(k: Symbol) -> Expr:
        return weight * bisector(c, k) - REST * bisector(j, k) + B * spread * difference(j, k)

    def second(k: Symbol) -> Expr:
        return B * difference(c, k) - B * difference(j, k) - spread * bisector(j, k)

    paid = weight * A**2 + REST * B**2 * REACH / weight - A * B * (REACH + REST + spread**2)
    return combine(
        le(_products(), 4 * A * B + paid / 2),
        {
            unit: -B * spread,
            normal: -B * spread,
            length: -(3 * B**2 - 2 * A * B + weight) / 2,
            swap(unit): B * spread * (2 * B**2 - A * B + 2 * weight - 4) / weight,
            swap(normal): B * spread * (4 - A * B) / weight,
            swap(length): (A**2 * B**2 - A**2 * weight - 2 * A * B**3 + 8 * B**2 - 16) / (2 * weight),
        },
        slack=sq(first) / (2 * weight) + sq(second) / 2,
        label="two squares",
    )


@lru_cache
def at_most_two() -> Theorem:
    """nu_c <= 2."""
    unit, normal, length, sign = map(assume, (UNIT_ROWS, UNIT_NORMALS, LENGTH, LENGTH_SIGN))
    square = combine(
        le(A**2, 4),
        {unit: 2, normal: 2, length: 1},
        slack=sq(lambda x: difference(c, x)),
        label="parallelogram",
    )
    above = combine(lt(0, A + 2), {sign: 1}, slack=2)
    return combine(le(A, 2), {square: 1 / (A + 2)}, facts=[above], label="nu <= 2")


@lru_cache
def any_normals() -> Theorem:
    """4 <u_c, u_j> + 2 a b (M_cj + M_jc) + 4 b (b - a) M_cj <= 4 a b, M the margins along the normals."""
    sign, short = assume(LENGTH_SIGN), swap(at_most_two())
    other = swap(sign)
    rest = combine(le(0, REST), {short: B + 2}, facts=[combine(le(0, B + 2), {other: 1}, slack=2)])
    more, longer = A + slack_, B + slack_
    top = REACH + slack_
    facts = [
        sign,
        other,
        rest,
        combine(lt(0, more), {sign: 1}, slack=slack_),
        combine(lt(0, longer), {other: 1}, slack=slack_),
        combine(lt(0, top), {rest: 1}, slack=(B - A) ** 2 + slack_),
        combine(lt(0, B + top), {rest: 1, other: 1}, slack=(B - A) ** 2 + slack_),
    ]
    at = instantiate(
        _weighted(), {weight: longer * top / more}, facts=facts, label="x := b (p + (b - a)^2)/a"
    )
    lost = slack_ * (A * (B + top) + REST * B)
    near = combine(
        le(_products(), 4 * A * B + lost / 2),
        {
            at: 1,
            sign: longer * top * slack_ / more * HALF,
            rest: B * more * slack_ * (B + top) / (longer * top) * HALF,
        },
        slack=HALF * A * B * (B - A) ** 2,
        facts=facts,
        label="both squares at their weights",
    )
    return apply("limit", near, symbol=slack_, label="eta -> 0")


Premises = Callable[[Expr, Expr, Callable[[Theorem], Theorem], Theorem], list[tuple[Theorem, Any]]]


def in_both_orders(goal: Relation, premises: Premises, *facts: Theorem) -> Theorem:
    """``goal`` where nu_c <= nu_j, and the same with c and j exchanged.

    premises(a, b, turn, order): premises of ``goal`` with coefficients, where ``order`` says a <= b and
    ``turn`` exchanges the classes of a theorem if a is nu_j.  ``facts`` supply signs.
    """
    ways: tuple[tuple[Expr, Expr, Callable[[Theorem], Theorem]], ...] = ((A, B, lambda x: x), (B, A, swap))
    proofs = []
    for a, b, turn in ways:
        order = assume(le(a, b))
        proofs.append(combine(goal, premises(a, b, turn, order), facts=[*facts, order]))
    return cases(*proofs, split=le(A, B), label="which of the two bisectors is shorter")


@lru_cache
def margins_and_cosines() -> Theorem:
    """<u_c, u_j> <= (1 - (M_cj + M_jc)/2) nu_c nu_j for margins M >= 0 along any unit normals."""
    margin, not_negative, sign = map(assume, (MARGINS, NOT_NEGATIVE, LENGTH_SIGN))

    def premises(
        a: Expr, b: Expr, turn: Callable[[Theorem], Theorem], order: Theorem
    ) -> list[tuple[Theorem, Any]]:
        return [
            (turn(any_normals()), Rational(1, 4)),
            (margin, A * B / 2),
            (swap(margin), A * B / 2),
            (turn(margin), b * (b - a)),
            (turn(not_negative), b * (b - a)),
        ]

    goal = le(bisectors(c, j), (1 - (M(c, j) + M(j, c)) / 2) * A * B)
    return in_both_orders(goal, premises, sign, swap(sign))


@lru_cache
def long_enough() -> Theorem:
    """(1 - y_cj) m <= nu_c: the bisector of a row that is separated from another one is no shorter than m."""
    unit, length, sign = map(assume, (UNIT_ROWS, LENGTH, LENGTH_SIGN))
    square = combine(
        le(2 * along(c, j), A**2),
        {unit: -1, instantiate(unit, {c: j}): 1, length: -1},
        slack=sq(lambda x: w(j, x) + f(c, x)),
        label="-<w_j, f_c> <= 1",
    )
    return combine(
        le((1 - one_hot(c, j)) * m, A),
        {assume(SEPARATED): 1, square: HALF, at_most_two(): A / 2},
        facts=[sign],
        label="m <= nu^2/2 <= nu",
    )


def code_witness(vectors: Table, normals: Table, margin: Expr, length: Expr) -> Witness:
    """A code with its normals, one margin and one length of all bisectors; vectors[c][k], normals[c][k]."""
    return Witness(
        len(vectors),
        1,
        len(vectors[0]),
        {
            w: lambda j, k: vectors[j][k],
            f: lambda c, k: normals[c][k],
            nu: lambda c: length,
            one_hot: lambda c, j: Integer(c == j),
        },
        {m: margin},
        f"{len(vectors)} vectors in {len(vectors[0])} dimensions",
    )
