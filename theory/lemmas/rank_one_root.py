# SPDX-License-Identifier: MIT
"""The square root of a diagonal matrix minus a matrix of rank one, by its eigenvectors.

S = sum_l sigma_l v_l v_l', sigma_l >= 0, with s S^2 = s diag(y_c^2) - a a', y_c > 0.  From s (y_c^2 -
sigma_l^2) v_lc = a_c <a, v_l>, divided by y_c + sigma_l and used for c and then for j,

    sum_l (y_c - sigma_l) v_lc v_lj = a_c (sum_l <a, v_l> v_lj + a_j R_cj/s)/(s (y_c + y_j)),
    R_cj = sum_l <a, v_l>^2/((y_c + sigma_l)(y_j + sigma_l)) >= 0.

For an orthonormal basis the left side is diag(y) - S and the first sum on the right a_j: where a >= 0, S has
no positive entry off the diagonal.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr

from theory.expressions import Mean, Relation, eq, index, le, lt
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, j, positive

diagonal = atom("y_diag", "y", "y_diag(c): square root of diagonal entry c, > 0")
removed = atom("a_rank", "a", "a_rank(c): entry c of the vector of the rank-one matrix")
vector = atom("v_eig", "v", "v_eig(l, c): entry c of eigenvector l")
root = atom("sigma_eig", r"\sigma", "sigma_eig(l): square root of eigenvalue l, >= 0")
strength = positive("s_rank", "s", "the rank-one matrix is a a'/s")
at, c6 = index("c_l"), index("c6")

POSITIVE: Relation = lt(0, diagonal(c), c)
ROOTS: Relation = le(0, root(c), c)


def along(f: Any, ll: Any = at) -> Expr:
    """<f, v_l>, ``f`` a function of a class."""
    return C * Mean(f(c6) * vector(ll, c6), c6)


def expansion(f: Any, jj: Any = j) -> Expr:
    """sum_l <f, v_l> v_l, at class jj."""
    return C * Mean(along(f) * vector(at, jj), at)


EIGEN: Relation = eq(
    strength * root(at) ** 2 * vector(at, c),
    strength * diagonal(c) ** 2 * vector(at, c) - removed(c) * along(removed),
    at,
    c,
)


def difference(cc: Any = c, jj: Any = j, y: Any = diagonal) -> Expr:
    """sum_l (y_c - sigma_l) v_lc v_lj: entry (c, j) of diag(y) - S, for a basis."""
    return C * Mean((y(cc) - root(at)) * vector(at, cc) * vector(at, jj), at)


def tail() -> Expr:
    """R_cj."""
    return C * Mean(along(removed) ** 2 / ((diagonal(c) + root(at)) * (diagonal(j) + root(at))), at)


def closed_form() -> Expr:
    """The same without differences, for any vectors."""
    return (
        removed(c)
        / (strength * (diagonal(c) + diagonal(j)))
        * (expansion(removed) + removed(j) * tail() / strength)
    )


@lru_cache
def facts() -> tuple[Theorem, ...]:
    """0 < y_c, 0 < y_c + sigma_l, the same for j, and 0 < y_c + y_j."""
    size = assume(POSITIVE)
    grown = combine(
        lt(0, diagonal(c) + root(at)),
        {size: 1, instantiate(assume(ROOTS), {c: at}, label="eigenvalue l"): 1},
        label="y + sigma > 0",
    )
    others = [instantiate(t, {c: j}, label="class j") for t in (size, grown)]
    pair = combine(lt(0, diagonal(c) + diagonal(j)), {size: 1, others[0]: 1}, label="y_c + y_j > 0")
    return size, grown, *others, pair


@lru_cache
def identity() -> Theorem:
    """0 < y, 0 <= sigma, eigenvectors |- the closed form."""
    signs, pair = facts(), diagonal(c) + diagonal(j)
    shared, over = along(removed), diagonal(c) + root(at)
    one = combine(
        eq(strength * (diagonal(c) - root(at)) * vector(at, c), removed(c) * shared / over),
        {assume(EIGEN): -1 / over},
        facts=signs[1:2],
        label="divide by y + sigma",
    )
    other = instantiate(one, {c: j}, label="class j")
    first = combine(
        eq(one.relation.lhs * vector(at, j), one.relation.rhs * vector(at, j)),
        {one: vector(at, j)},
        facts=signs[1:2],
        label="times v_lj",
    )
    second = combine(
        eq(
            strength * pair * shared / over * vector(at, j),
            strength * shared * vector(at, j) + shared / over * other.relation.rhs,
        ),
        {other: shared / over},
        facts=signs[1:4:2],
        label="y_c + y_j = (y_c + sigma) + (y_j - sigma)",
    )
    return combine(
        eq(difference(), closed_form()),
        {
            average(first, at, label="sum over eigenvectors"): C / strength,
            average(second, at, label="sum over eigenvectors"): C * removed(c) / (strength**2 * pair),
        },
        facts=[signs[1], *signs[3:]],
        label="both halves",
    )


@lru_cache
def nonnegative_tail() -> Theorem:
    """0 <= R_cj."""
    part = along(removed) ** 2 / ((diagonal(c) + root(at)) * (diagonal(j) + root(at)))
    each = combine(le(0, part), slack=part, facts=facts()[1:4:2], label="each eigenvector's part")
    return combine(le(0, tail()), {average(each, at, label="sum over eigenvectors"): C}, facts=facts()[1:4:2])
