# SPDX-License-Identifier: MIT
"""Averaging: from f(c, i) <= g(c, i) for every c, i conclude E f <= E g; also over the classes j != c."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Symbol

from theory.expressions import Mean, is_index, sort_of, substitute
from theory.kernel import Inference, KernelError, Theorem
from theory.normal_form import normal
from theory.symbols import C


def infer(premise: Theorem, *, over: Sequence[Symbol], excluding: Symbol | None = None) -> Inference:
    """Average both sides over the indices ``over``, none of which may be free in a hypothesis.

    With ``excluding`` = c and ``over`` = (j,), the mean is over the C - 1 classes j != c.
    """
    relation = premise.relation
    for i in over:
        if not is_index(i):
            raise KernelError(f"{i} is not an index")
        guilty = [str(a) for a in premise.hypotheses if i in a.free_symbols]
        if guilty:
            raise KernelError(f"cannot average over {i}: the hypothesis {guilty[0]} speaks of one {i}")
    if excluding is None:
        result = relation.map(lambda side: Mean(side, *over))
    else:
        (j,) = over
        if sort_of(j) != "class" or sort_of(excluding) != "class" or j == excluding:
            raise KernelError(f"excluding needs two class indices, got {j} and {excluding}")
        result = relation.map(lambda side: (C * Mean(side, j) - substitute(side, {j: excluding})) / (C - 1))
    for side in (result.lhs, result.rhs):
        normal(side)  # refuses an average over classes that leaves a sample of that class unbound
    return Inference(result, premise.hypotheses, "averages are linear and monotone")
