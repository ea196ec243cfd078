# SPDX-License-Identifier: MIT
"""Sums of powers of singular values: for exponents p <= 1 they are at least the power of the sum.

sigma_l = exp(a_l) > 0 for l over the classes; a singular value 0 adds nothing to either side.  Source:
subadditivity of t -> t^p (Rotfel'd's inequality for the Schatten quasi-norm, in the commuting case).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, exp, log

from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, log_tangent, visible
from theory.symbols import C, atom, c, j, positive

log_value = atom("log_sigma", r"\log\sigma", "log_sigma(j): logarithm of singular value j")
power = positive("p_schatten", "p", "exponent of the singular values: 2/(number of factors)")
CONCAVE = le(power, 1)


def total_value() -> Expr:
    """The sum of the singular values."""
    return C * Mean(exp(log_value(j)), j)


def power_sum(exponent: Any = power) -> Expr:
    """The sum of their powers."""
    return C * Mean(exp(exponent * log_value(j)), j)


@lru_cache
def power_of_sum() -> Theorem:
    """p <= 1 |- (sum sigma)^p <= sum sigma^p."""
    own, total = exp(log_value(c)), total_value()
    room = combine(le(0, 1 - power), {assume(CONCAVE): 1})
    others = average(visible(le(0, exp(log_value(j)))), j, excluding=c, label="the other singular values")
    below = combine(
        le(log_value(c) - log(total), 0),
        {log_tangent(own / total, label="log x <= x - 1"): 1, others: (C - 1) / total},
        label="one is at most the sum",
    )
    ratio = exp((1 - power) * (log(total) - log_value(c)))
    rises = log_tangent(ratio, label="x <= e^x - 1")
    each = own * total ** (power - 1)
    one = combine(
        le(each, exp(power * log_value(c))),
        {rises: each, below: each * (1 - power)},
        facts=[room],
        label="each power",
    )
    return combine(le(total**power, power_sum()), {average(one, c, label="sum"): C}, label="collect")
