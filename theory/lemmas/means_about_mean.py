# SPDX-License-Identifier: MIT
"""Inner products of centred class means against a table, from those of the class means themselves.

With v_c = (mu_c - mu_G)/alpha, off = mu_G/alpha, any symmetric table f and any theta > 0, the mean of
f_cj (<v_c, v_j> + ||v_c||^2/(C-1)) is at most that of f_cj (K_cj - its mean over wrong j), K_cj =
<mu_c, mu_j>/alpha^2, plus C/(C-1) (o^2/theta + theta mean f^2)/2, o^2 = mean <off, v_c>^2; mean f^2 <= 1 and
the best theta make o of the last two.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr

from theory.definitions import dot
from theory.definitions_collapse import code
from theory.expressions import Mean, eq, index, le
from theory.kernel import Theorem
from theory.lemmas.equiangular import deviation, over_pairs, square_at_most_one, test
from theory.lemmas.near_unit import off, turn
from theory.lemmas.offsets import theta, without_split
from theory.lemmas.pair_angles import SYMMETRIC, tested_angles
from theory.lemmas.rows_about_mean import mean_test_square
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, c, d, j, k, real

_c = index("c4")
inner = real("inner_m", "z", "inner product of a class mean with a vector near 0")


def along(cc: Any) -> Expr:
    """<off, v_c>."""
    return dot(off, lambda x: code(cc, x))


BALANCED = eq(Mean(code(_c, k), _c), 0, k)


def _turned() -> Expr:
    """mean f (K_cj - its mean over wrong j), K of v + off."""

    def products(cc: Any, jj: Any) -> Expr:
        return dot(lambda x: turn(cc, x), lambda x: turn(jj, x))

    return over_pairs(lambda c_, j_: test(c_, j_) * deviation(products, c_, j_))


@lru_cache
def split_shift() -> Theorem:
    """``tested_angles`` <= ``_turned`` + C/(C-1) (o^2/theta + theta mean f^2)/2."""
    one = combine(
        le(-test(c, j) * inner, inner**2 / (2 * theta) + theta * test(c, j) ** 2 / 2),
        slack=(inner + theta * test(c, j)) ** 2 / (2 * theta),
        label="2 a b <= a^2 + b^2",
    )
    mine = instantiate(one, {inner: along(c)}, label="<off, v_c>")
    pairs = average(average(mine, j, excluding=c), c, label="mean over pairs")
    rate = C / (C - 1)
    one_flat = combine(
        eq(turn(c, k) * Mean(code(_c, k), _c), 0), {assume(BALANCED): turn(c, k)}, label="one coordinate"
    )
    flat = combine(
        eq(test(c, j) * dot(lambda x: turn(c, x), lambda x: Mean(code(_c, x), _c)), 0),
        {average(one_flat, k): d * test(c, j)},
        label="the vectors have mean 0",
    )
    symmetric = eq(test(c, j) * along(j), test(j, c) * along(j))
    swapped = combine(symmetric, {assume(SYMMETRIC): along(j)}, label="f is symmetric")
    zero, same = (average(average(t, j, excluding=c), c, label="mean over pairs") for t in (flat, swapped))
    return combine(
        le(tested_angles(), _turned() + rate / 2 * (_along_square() / theta + theta * mean_test_square())),
        {pairs: rate, same: -1, zero: rate},
        label="class means about the global mean",
    )


def _along_square() -> Expr:
    return Mean(along(c) ** 2, c)


@lru_cache
def shift() -> Theorem:
    """``tested_angles`` <= mean f (K_cj - its mean over wrong j) + C/(C-1) o, K of v + off."""
    rate = C / (C - 1)
    total = combine(
        le(tested_angles(), _turned() + rate / 2 * (_along_square() / theta + theta)),
        {split_shift(): 1, square_at_most_one(): rate * theta / 2},
    )
    return without_split(total, _turned(), rate / 2, _along_square())
