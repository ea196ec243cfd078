# SPDX-License-Identifier: MIT
"""A bound on every sample's loss bounds the mean loss however the samples are weighted (class imbalance)."""

from __future__ import annotations

from sympy import Expr

from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine
from theory.symbols import atom, c, i

share = atom("share", r"\pi", "share(c, i): weight of sample i of class c in the mean loss; 1 on average")
SHARES = (le(0, share(c, i), c, i), eq(Mean(share(c, i), c, i), 1))


def weighted_mean(loss: Expr) -> Expr:
    """The mean of ``loss``, an expression in c and i, with the weights ``share``."""
    return Mean(share(c, i) * loss, c, i)


def weighted_bound(sample: Theorem) -> Theorem:
    """From bound <= loss(c, i) for every sample, ``bound`` free of c and i: bound <= the weighted mean."""
    bound, loss = sample.relation.lhs, sample.relation.rhs
    weight, total = map(assume, SHARES)
    weighted = combine(
        le(share(c, i) * bound, share(c, i) * loss),
        {sample: share(c, i)},
        facts=[weight],
        label="a sample, weighted",
    )
    return combine(
        le(bound, weighted_mean(loss)),
        {average(weighted, c, i, label="E over samples"): 1, total: -bound},
        label="the weights are 1 on average",
    )
