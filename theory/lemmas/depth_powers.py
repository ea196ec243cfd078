# SPDX-License-Identifier: MIT
"""x^{2/d} for a number x > 1 and d factors: largest at the least depth."""

from __future__ import annotations

from sympy import Expr, Rational, exp, log

from theory.expressions import le
from theory.kernel import Theorem
from theory.proving import assume, combine, log_tangent
from theory.symbols import d


def power_falls(base: Rational, power: Rational) -> Theorem:
    """2/power <= d |- base^{2/d} <= base^power, for ``base`` > 1 and 2/power the least depth."""
    deep = assume(le(2 / power, d))
    here: Expr = base ** (2 / d)
    rises = log_tangent(exp((power - 2 / d) * log(base)), label="x <= e^x - 1")
    return combine(
        le(here, base**power),
        {rises: here, deep: here * log(base) * power / d},
        label="largest at the least depth",
    )
