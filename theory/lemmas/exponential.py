# SPDX-License-Identifier: MIT
"""A quadratic remainder of the exponential: T^2/(2 + T) <= e^-T - 1 + T for every T > 0."""

from __future__ import annotations

from sympy import exp

from theory.expressions import le
from theory.kernel import Theorem, apply
from theory.proving import assume, cases, combine
from theory.symbols import T

REMAINDER = exp(-T) - 1 + T


def exponential_remainder() -> Theorem:
    """T <= 2 by boxes, with equality of third order at 0; from 2 on the sign is visible."""
    goal = le(T**2 / (2 + T), REMAINDER)
    small = apply("box", goal=goal, box={T: (0, 2)}, contacts=[({T: 0}, 3)], label="T <= 2")
    large = combine(goal, {assume(le(2, T)): 1 / (2 + T)}, slack=exp(-T), label="T >= 2")
    either = cases(small, large, split=le(T, 2), label="small or large T")
    return combine(goal, {either: 1}, label="every T > 0")
