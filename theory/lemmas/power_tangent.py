# SPDX-License-Identifier: MIT
"""Powers with an exponent p <= 1: they lie below their tangents, and x^(p-1) falls."""

from __future__ import annotations

from functools import lru_cache

from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.schatten import CONCAVE, power
from theory.proving import assume, combine, instantiate, log_tangent, tangent
from theory.symbols import nonnegative, positive

x = positive("x_power", "x", "a number > 0")
contact = positive("y_power", "y", "where a power is compared with its tangent, > 0")
_convexity = nonnegative("rho_power", r"\rho", "1/p - 1, p the exponent")


@lru_cache
def power_tangent() -> Theorem:
    """p <= 1 |- x^p <= y^p + p y^(p-1) (x - y)."""
    exponent = 1 / (1 + _convexity)
    below = tangent(
        -(x**exponent),
        x,
        contact,
        curvature=_convexity / (1 + _convexity) ** 2 * x ** (exponent - 2),
        label="-x^p is convex",
    )
    room = combine(le(0, (1 - power) / power), {assume(CONCAVE): 1 / power})
    named = instantiate(below, {_convexity: (1 - power) / power}, facts=[room], label="p = 1/(1 + rho)")
    return combine(
        le(x**power, contact**power + power * contact ** (power - 1) * (x - contact)),
        {named: 1},
        label="tangent of a power",
    )


@lru_cache
def power_falls() -> Theorem:
    """p <= 1, y <= x |- x^(p-1) <= y^(p-1)."""
    room = combine(le(0, 1 - power), {assume(CONCAVE): 1})
    larger = assume(le(contact, x))
    ratio = log_tangent(contact / x, label="log x <= x - 1")
    rises = log_tangent((contact / x) ** (power - 1), label="log x <= x - 1 again")
    return combine(
        le(x ** (power - 1), contact ** (power - 1)),
        {
            rises: x ** (power - 1),
            ratio: x ** (power - 1) * (1 - power),
            larger: x ** (power - 2) * (1 - power),
        },
        facts=[room],
        label="a falling power",
    )
