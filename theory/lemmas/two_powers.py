# SPDX-License-Identifier: MIT
"""Powers of singular values whose sum, and whose sum without the largest, are at least given numbers.

sigma_1 >= sigma_l, sigma_1 + delta >= x + y, delta = sum_l sigma_l >= y, p <= 1: then sigma_1^p + sum
sigma_l^p >= x^p + y^p.  For delta <= sigma_1 by tangents at sigma_1 and delta, otherwise by one at the mean.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Rational, exp

from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.power_tangent import contact, power_falls, power_tangent, x
from theory.lemmas.schatten import log_value, power, power_of_sum, power_sum, total_value
from theory.lemmas.two_directions import top
from theory.proving import assume, average, cases, combine, cut, instantiate
from theory.symbols import C, c, positive

most = positive("x_most", "x", "what the largest singular value and the rest must carry, less y_rest")
rest = positive("y_least_rest", "y", "what the singular values without the largest must carry, > 0")

BELOW: Relation = le(exp(log_value(c)), top, c)
TOGETHER: Relation = le(most + rest, top + total_value())
APART: Relation = le(rest, total_value())


def conclusion(factor: object = 1) -> Relation:
    """x^p + y^p <= sigma_1^p + sum_l sigma_l^p."""
    return le(factor * (most**power + rest**power), top**power + power_sum())  # type: ignore[operator]


def _falls(larger: object, smaller: object) -> Theorem:
    return instantiate(power_falls(), {x: larger, contact: smaller}, label="a falling power")


def _below(at: object, number: object) -> Theorem:
    return instantiate(power_tangent(), {x: number, contact: at}, label="below the tangent")


def _one_large() -> Theorem:
    """delta <= sigma_1: the rest counts as one number."""
    total, together, apart = total_value(), assume(TOGETHER), assume(APART)
    return combine(
        conclusion(),
        {
            _below(top, most): 1,
            _below(total, rest): 1,
            power_of_sum(): 1,
            together: power * top ** (power - 1),
            _falls(top, total): power * (total - rest),
        },
        facts=[apart],
        label="tangents at sigma_1 and delta",
    )


def _none_large() -> Theorem:
    """sigma_1 <= delta: every singular value is at most the mean of the two."""
    half = (top + total_value()) / 2
    split = assume(le(top, total_value()))
    falls = cut(
        instantiate(power_falls(), {x: half, contact: top}, label="a falling power"),
        combine(le(top, half), {split: Rational(1, 2)}),
    )
    below = cut(_falls(top, exp(log_value(c))), assume(BELOW))
    each = combine(
        le(exp(log_value(c)) * top ** (power - 1), exp(power * log_value(c))),
        {below: exp(log_value(c))},
        label="each power",
    )
    return combine(
        conclusion(),
        {
            _below(half, most): 1,
            _below(half, rest): 1,
            average(each, c, label="sum"): C,
            falls: 2 * half,
            assume(TOGETHER): power * half ** (power - 1),
        },
        label="a tangent at the mean",
    )


@lru_cache
def two_powers() -> Theorem:
    """p <= 1, sigma_l <= sigma_1, both sums |- the conclusion."""
    return cases(_one_large(), _none_large(), split=le(total_value(), top), label="one large, or none")
