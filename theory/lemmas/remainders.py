# SPDX-License-Identifier: MIT
"""Certified remainders: |f(x) - a1 x - a2 x^2| <= K x^3 on a box, as one inequality for both signs.

For numbers, |z| <= B is the same as sigma z <= B for every -1 <= sigma <= 1; written so, one statement of the
language covers both sides.  Each side is certified by boxes, with a contact of third order where x = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Expr, Integer, Symbol

from theory.expressions import Relation, le
from theory.kernel import Theorem, apply
from theory.proving import assume, combine
from theory.symbols import real

side = real("side", r"\sigma", "any number in [-1, 1]: the sign of what is bounded in absolute value")
SIDES = (le(-1, side), le(side, 1))


def absolute(difference: Expr, bound: Expr) -> Relation:
    """sigma ``difference`` <= ``bound``: with SIDES, the absolute value is at most the bound."""
    return le(side * difference, bound)


def limits(box: Mapping[Symbol, tuple[Any, Any]]) -> tuple[Relation, ...]:
    """The hypotheses lower <= symbol <= upper (the lower one only where the domain does not show it)."""
    low = [le(a, s) for s, (a, _) in box.items() if not (a == 0 and s.is_nonnegative)]
    return (*low, *(le(s, b) for s, (_, b) in box.items()))


def certified_negative(
    difference: Expr, bound: Expr, box: Mapping[Symbol, tuple[Any, Any]], variable: Symbol
) -> Theorem:
    """-1 <= sigma, ``box`` |- sigma difference <= bound, for a difference between -bound and 0."""
    contacts = [({variable: Integer(0)}, 3)]
    above = apply("box", goal=le(difference, 0), box=box, contacts=contacts, label="not positive")
    below = apply("box", goal=le(-difference, bound), box=box, contacts=contacts, label="from below")
    sign = combine(le(0, 1 + side), {assume(SIDES[0]): 1})
    return combine(
        absolute(difference, bound), {above: 1 + side, below: 1}, facts=[sign], label="sigma >= -1"
    )
