# SPDX-License-Identifier: MIT
"""Pan & Cao's measures: mean cosines over pairs of samples, over all pairs and over distinct pairs.

``direction(c, i, k)`` is the unit vector of a (centred) feature.  ``same(c, i, c, i2)`` is 1 for i2 = i and
0 otherwise; what is used of it is that a class has n samples and that it singles out the pair (i, i).
Source: Pan & Cao 2023, arXiv:2309.04644 (measures); their public code averages over distinct pairs.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer, Symbol

from theory.definitions import dot, sq
from theory.expressions import Mean, eq, index, lt
from theory.lemmas.polar import e as direction
from theory.symbols import atom, c, i, k, n

same = atom("same", r"\delta", "same(c, i, c, i2): 1 if i2 is i, 0 for two different samples of class c")
i2 = index("i2")

UNIT = eq(sq(lambda x: direction(c, i, x)), 1, c, i)
COUNT = eq(Mean(same(c, i, c, i2), i2), 1 / n, c, i)
ITSELF = eq(same(c, i, c, i2) * direction(c, i2, k), same(c, i, c, i2) * direction(c, i, k), c, i, i2, k)
MORE_THAN_ONE = lt(1, n)
HYPOTHESES = (UNIT, COUNT, ITSELF, MORE_THAN_ONE)


def pair_cosine(cc: Symbol, ii: Symbol, jj: Symbol, kk: Symbol) -> Expr:
    """<e_{cc,ii}, e_{jj,kk}>, sample ii of class cc against sample kk of class jj."""
    return dot(lambda x: direction(cc, ii, x), lambda x: direction(jj, kk, x))


def inter(cc: Symbol, jj: Symbol) -> Expr:
    """inter_{cc,jj}: mean cosine over the pairs of a sample of class cc and one of class jj."""
    return Mean(pair_cosine(cc, i, jj, i2), i, i2)


def intra(cc: Symbol = c) -> Expr:
    """intra_c: mean cosine over all pairs of samples of class c, each with itself too."""
    return inter(cc, cc)


def distinct(cc: Symbol = c) -> Expr:
    """The mean over pairs of different samples: n/(n-1) times the mean of (1 - same) cos."""
    other = 1 - same(cc, i, cc, i2)
    return n / (n - 1) * Mean(other * pair_cosine(cc, i, cc, i2), i, i2)


def table() -> dict[Any, Any]:
    """``same`` as a table, for witnesses."""
    return {same: lambda c, i, c2, i2: Integer(int(i == i2))}
