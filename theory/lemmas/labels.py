# SPDX-License-Identifier: MIT
"""One-hot labels y_cj: 1 for j = c, else 0.

That every row is 0 or 1 with sum 1 and y_cc = 1 says all; symmetry follows, from the mean of (y_cj - y_jc)^2.
"""

from __future__ import annotations

from functools import lru_cache

from theory.definitions_collapse import DIAGONAL, ROW_SUM, ZERO_OR_ONE, one_hot
from theory.expressions import Mean, eq, index, le, lt
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import C, c, j

c7, j7 = index("c7"), index("j7")


@lru_cache
def symmetric_labels() -> Theorem:
    """DIAGONAL, ROW_SUM, ZERO_OR_ONE |- y_cj = y_jc."""
    y, turned = one_hot(c, j), one_hot(j, c)
    own, total, binary = map(assume, (DIAGONAL, ROW_SUM, ZERO_OR_ONE))
    back = instantiate(binary, {c: j, j: c}, label="exchanged")
    sign = combine(le(0, y), {binary: 1}, slack=y**2, label="y >= 0")
    product = combine(le(0, y * turned), {sign: turned}, facts=[instantiate(sign, {c: j, j: c})])
    others = average(product, j, excluding=c, label="j != c")
    twice = combine(
        le(1, C * Mean(y * turned, j)),
        {others: C - 1, own: -1 - one_hot(c, c)},
        label="y_cc^2 = 1",
    )
    gap = y - turned
    mean = combine(
        le(Mean(gap**2, c, j), 0),
        {average(binary, c, j): 2, average(total, c): 2 / C, average(twice, c): 2 / C},
        label="mean of (y_cj - y_jc)^2",
    )
    square = visible(le(0, gap**2))
    row = average(instantiate(square, {j: j7}), j7, excluding=j, label="the rest of row c")
    elsewhere = average(instantiate(square, {c: c7}), j, label="another row")
    column = average(elsewhere, c7, excluding=c, label="the other rows")
    one = combine(
        le(gap**2, 0), {row: C - 1, column: C * (C - 1), mean: C**2}, label="one square is at most their sum"
    )
    room = combine(lt(0, 1 - gap**2), {one: 1}, slack=1)
    return combine(
        eq(y, turned),
        {binary: (3 * turned - y - 1) / (1 - gap**2), back: -(3 * y - turned - 1) / (1 - gap**2)},
        facts=[room],
        label="a difference that is its own cube, and less than 1",
    )
