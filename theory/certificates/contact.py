# SPDX-License-Identifier: MIT
"""Contact points: where an inequality is an equality, and no enclosure of the value alone can prove it.

Near a contact p the proof is Taylor's theorem. The value at p is zero exactly (algebra). A variable whose
derivative has one sign on the whole neighbourhood, with p at the end where the function is least, is set to
its value at p. In the remaining variables the gradient at p is zero exactly and the Hessian is, on the whole
neighbourhood, positive definite (leading principal minors) or non-negative along all inward directions.
In one variable the first derivative that does not vanish may be of any order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from theory.certificates.balls import to_fraction
from theory.certificates.exact_zero import is_exact_zero
from theory.certificates.intervals import Interval, IntervalArithmetic, interval
from theory.certificates.tape import Undefined, compile_tape

Sides = tuple[tuple[Fraction, Fraction], ...]
_HALVINGS = 24


@dataclass(frozen=True)
class Contact:
    """A point where the claimed inequality is attained.

    point: exact rational coordinates, one per variable of the box; order: of the first derivative that does
    not vanish there (other than 2 only in one variable); radius: half width of the neighbourhood tried first,
    in each variable, halved until the derivatives have a sign (default: the whole box).
    """

    point: Mapping[sympy.Symbol, Any]
    order: int = 2
    radius: Any = None


class ContactFailure(Exception):
    """The contact argument does not go through; the message says which part."""


def certified_neighbourhood(
    expr: sympy.Expr, symbols: Sequence[sympy.Symbol], sides: Sides, contact: Contact
) -> Sides:
    """Sides of a box around the contact on which ``expr`` >= 0 is proved, or ContactFailure."""
    if set(contact.point) != set(symbols):
        raise ValueError(f"The contact point must give exactly the variables {list(symbols)}.")
    point = tuple(to_fraction(contact.point[symbol], symbol) for symbol in symbols)
    if not all(low <= x <= high for x, (low, high) in zip(point, sides, strict=True)):
        raise ValueError(f"The contact point {dict(contact.point)} is outside the box.")
    if contact.order < 1 or (contact.order != 2 and len(symbols) > 1):
        raise ValueError(
            f"order = {contact.order}: orders other than 2 are for one variable, and start at 1."
        )
    at = dict(zip(symbols, (sympy.Rational(x.numerator, x.denominator) for x in point), strict=True))
    if not is_exact_zero(expr.subs(at)):
        raise ContactFailure(f"the value at the contact point is not exactly zero: {expr.subs(at)}")
    argument = _one_variable(expr, symbols, at, contact) if len(symbols) == 1 else _Hessian(expr, symbols, at)
    value = compile_tape([expr], symbols)
    widths = [high - low for low, high in sides]
    radii = widths if contact.radius is None else [to_fraction(contact.radius)] * len(widths)
    for _ in range(_HALVINGS):
        near = tuple(
            (max(low, x - r), min(high, x + r)) for x, r, (low, high) in zip(point, radii, sides, strict=True)
        )
        try:
            # Run for its domain: it raises unless the expression is defined on the whole neighbourhood.
            value.run(IntervalArithmetic(), [interval(low, high) for low, high in near])
            if argument.holds(near, point):
                return near
        except Undefined:
            pass
        radii = [r / 2 for r in radii]
    raise ContactFailure(
        "the derivatives have no certain sign on any small neighbourhood of the contact point"
    )


class _Derivative:
    """One variable: derivatives below ``order`` vanish at the contact, the one of that order has a sign."""

    def __init__(self, derivative: sympy.Expr, symbols: Sequence[sympy.Symbol], order: int) -> None:
        self.tape, self.order = compile_tape([derivative], symbols), order

    def holds(self, near: Sides, point: tuple[Fraction, ...]) -> bool:
        ((low, high),), (x,) = near, point
        # f(x+h) = f^(k)(xi) h^k / k!: to the left of the contact h^k has the sign (-1)^k.
        for end, sign in ((high, 1), (low, (-1) ** self.order)):
            if end != x:
                (slope,) = self.tape.run(IntervalArithmetic(), [interval(min(x, end), max(x, end))])
                if not (slope.lower >= 0 if sign > 0 else slope.upper <= 0):
                    return False
        return True


def _one_variable(
    expr: sympy.Expr,
    symbols: Sequence[sympy.Symbol],
    at: Mapping[sympy.Symbol, sympy.Rational],
    contact: Contact,
) -> _Derivative:
    derivative = expr
    for k in range(1, contact.order + 1):
        derivative = sympy.diff(derivative, symbols[0])
        if k < contact.order and not is_exact_zero(derivative.subs(at)):
            raise ContactFailure(f"the derivative of order {k} at the contact point is not exactly zero")
    return _Derivative(derivative, symbols, contact.order)


class _Hessian:
    """Several variables: sloped ones are pushed to the contact, the flat ones need a positive Hessian."""

    def __init__(
        self, expr: sympy.Expr, symbols: Sequence[sympy.Symbol], at: Mapping[sympy.Symbol, sympy.Rational]
    ) -> None:
        gradient = [sympy.diff(expr, symbol) for symbol in symbols]
        self.flat = [i for i, slope in enumerate(gradient) if is_exact_zero(slope.subs(at))]
        self.sloped = [i for i in range(len(symbols)) if i not in self.flat]
        self.slopes = compile_tape(gradient, symbols)
        second = [sympy.diff(gradient[i], symbols[j]) for i in self.flat for j in self.flat]
        self.second = compile_tape(second, symbols)

    def holds(self, near: Sides, point: tuple[Fraction, ...]) -> bool:
        arithmetic = IntervalArithmetic()
        inputs = [interval(low, high) for low, high in near]
        slopes = self.slopes.run(arithmetic, inputs)
        for i in self.sloped:
            slope = slopes[i]
            rising, falling = slope.lower >= 0, slope.upper <= 0
            if not ((rising and point[i] == near[i][0]) or (falling and point[i] == near[i][1])):
                return False
        for i in self.sloped:
            inputs[i] = interval(point[i], point[i])
        entries = self.second.run(arithmetic, inputs)
        size = len(self.flat)
        matrix = [entries[row * size : (row + 1) * size] for row in range(size)]
        return _positive_definite(matrix, arithmetic) or self._inward(matrix, near, point)

    def _inward(self, matrix: list[list[Interval]], near: Sides, point: tuple[Fraction, ...]) -> bool:
        """Whether s_i s_j H_ij >= 0 for all i, j, with s_i the one sign that x_i - p_i can have."""
        signs = []
        for i in self.flat:
            if point[i] not in near[i]:
                return False
            signs.append(1 if point[i] == near[i][0] else -1)
        return all(
            entry.lower >= 0 if signs[i] == signs[j] else entry.upper <= 0
            for i, row in enumerate(matrix)
            for j, entry in enumerate(row)
        )


def _positive_definite(matrix: list[list[Interval]], arithmetic: IntervalArithmetic) -> bool:
    """Sylvester's criterion, valid for every symmetric matrix inside the interval matrix."""
    return all(
        _determinant([row[:size] for row in matrix[:size]], arithmetic).lower > 0
        for size in range(1, len(matrix) + 1)
    )


def _determinant(matrix: list[list[Interval]], arithmetic: IntervalArithmetic) -> Interval:
    if len(matrix) == 1:
        return matrix[0][0]
    terms = []
    for column, entry in enumerate(matrix[0]):
        minor = [row[:column] + row[column + 1 :] for row in matrix[1:]]
        sign = arithmetic.rational(Fraction((-1) ** column))
        terms.append(arithmetic.multiply([sign, entry, _determinant(minor, arithmetic)]))
    return arithmetic.add(terms)
