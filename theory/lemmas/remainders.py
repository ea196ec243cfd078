# SPDX-License-Identifier: MIT
"""Certified remainders: |f(x) - a1 x - a2 x^2| <= K x^3 on a box, as one inequality for both signs.

For numbers, |z| <= B is the same as sigma z <= B for every -1 <= sigma <= 1; written so, one statement of the
language covers both sides.  Each side is certified by boxes, with a contact of third order where x = 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Expr, Integer, Rational, Symbol

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


def certified(
    difference: Expr,
    bound: Expr,
    box: Mapping[Symbol, tuple[Any, Any]],
    variable: Symbol,
    facts: Sequence[Theorem] = (),
) -> Theorem:
    """SIDES, ``box`` |- sigma difference <= bound; both vanish to third order where ``variable`` = 0.

    ``facts`` show that denominators are positive.
    """
    contacts = [({variable: Integer(0)}, 3)]
    above = apply("box", goal=le(difference, bound), box=box, contacts=contacts, label="from above")
    below = apply("box", goal=le(-difference, bound), box=box, contacts=contacts, label="from below")
    low, high = map(assume, SIDES)
    half = Rational(1, 2)
    signs = [combine(le(0, half * (1 + side)), {low: half}), combine(le(0, half * (1 - side)), {high: half})]
    return combine(
        absolute(difference, bound),
        {above: half * (1 + side), below: half * (1 - side)},
        facts=[*signs, *facts],
        label="both signs",
    )


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


def certified_positive(
    difference: Expr,
    bound: Expr,
    box: Mapping[Symbol, tuple[Any, Any]],
    variable: Symbol,
    facts: Sequence[Theorem] = (),
) -> Theorem:
    """sigma <= 1, ``box`` |- sigma difference <= bound, for a difference between 0 and bound."""
    contacts = [({variable: Integer(0)}, 3)]
    above = apply("box", goal=le(difference, bound), box=box, contacts=contacts, label="from above")
    below = positive_part(difference, box, variable)
    sign = combine(le(0, 1 - side), {assume(SIDES[1]): 1})
    return combine(
        absolute(difference, bound), {below: 1 - side, above: 1}, facts=[sign, *facts], label="sigma <= 1"
    )


def positive_part(difference: Expr, box: Mapping[Symbol, tuple[Any, Any]], variable: Symbol) -> Theorem:
    """``box`` |- 0 <= difference, of third order at ``variable`` = 0."""
    return apply("box", goal=le(0, difference), box=box, contacts=[({variable: Integer(0)}, 3)])
