# SPDX-License-Identifier: MIT
"""Published rates where eps > delta: a root of eps/delta above 1."""

from __future__ import annotations

from sympy import Rational

from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.proving import assume, combine
from theory.symbols import delta, eps


def root_above_one(m: int) -> Theorem:
    """delta < eps |- 1 <= (eps/delta)^{1/m}."""
    root = (eps / delta) ** Rational(1, m)
    powers = sum(root**n for n in range(m))
    return combine(
        le(1, root), {assume(lt(delta, eps)): 1 / (delta * powers)}, label="the powers of a number above 1"
    )
