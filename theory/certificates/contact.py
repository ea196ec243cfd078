# SPDX-License-Identifier: MIT
"""Contact points: where an inequality is an equality, and no enclosure of the value alone can prove it.

Near a contact p the proof is Taylor's theorem. The value at p is zero exactly (algebra). A variable whose
derivative has one sign on the whole neighbourhood, with p at the end where the function is least, is set to
its value at p. In the remaining variables the gradient at p is zero exactly and the Hessian is, on the whole
neighbourhood, positive definite (leading principal minors) or non-negative along all inward directions.
In one variable the first derivative that does not vanish may be of any order.

A point may leave out some variables, the parameters: then every value of theirs is a contact, the zeros are
identities in them, and the derivatives are enclosed over their whole range.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import sympy

from theory.certificates.balls import to_fraction
from theory.certificates.exact_zero import is_exact_zero
from theory.certificates.intervals import Interval, IntervalArithmetic, interval
from theory.certificates.tape import Undefined, compile_tape

Sides = tuple[tuple[Fraction, Fraction], ...]
Point = tuple[Fraction | None, ...]  # None: a parameter
_HALVINGS = 24


@dataclass(frozen=True)
class Contact:
    """A point where the claimed inequality is attained.

    point: exact rational coordinates of variables of the box; a variable without one is a parameter, and
    the inequality is attained for every value of it. order: of the first derivative that is not zero there
    (other than 2 only where one variable has a coordinate); radius: half width of the neighbourhood tried
    first, in each variable, halved until the derivatives have a sign (default: the whole box).
    """

    point: Mapping[sympy.Symbol, Any]
    order: int = 2
    radius: Any = None


class ContactFailure(Exception):
    """The contact argument does not go through; the message says which part."""


class Argument(Protocol):
    """The proof that the expression is nonnegative on a box that contains the contact."""

    def holds(self, near: Sides, point: Point) -> bool:
        """Whether the derivatives prove it on ``near``.  Raises ``Undefined`` where they are not defined."""


def coordinates(symbols: Sequence[sympy.Symbol], sides: Sides, contact: Contact) -> Point:
    """The contact in the order of ``symbols``, None for a parameter.  Raises ValueError if ill-formed."""
    if not contact.point or not set(contact.point) <= set(symbols):
        raise ValueError(
            f"The contact point must give exactly the variables {list(symbols)}, or some of them."
        )
    point = tuple(to_fraction(contact.point[s], s) if s in contact.point else None for s in symbols)
    if not all(x is None or low <= x <= high for x, (low, high) in zip(point, sides, strict=True)):
        raise ValueError(f"The contact point {dict(contact.point)} is outside the box.")
    if contact.order < 1 or (contact.order != 2 and len(contact.point) > 1):
        raise ValueError(
            f"order = {contact.order}: orders other than 2 are for one variable, and start at 1."
        )
    return point


def argument_at(expr: sympy.Expr, symbols: Sequence[sympy.Symbol], point: Point, order: int) -> Argument:
    """The argument by derivatives.  Raises ContactFailure unless what must vanish there is exactly zero."""
    at = {
        s: sympy.Rational(x.numerator, x.denominator)
        for s, x in zip(symbols, point, strict=True)
        if x is not None
    }
    if not is_exact_zero(expr.subs(at)):
        raise ContactFailure(f"the value at the contact point is not exactly zero: {expr.subs(at)}")
    return _one_variable(expr, symbols, at, order) if len(at) == 1 else _Hessian(expr, symbols, at)


def certified_neighbourhood(
    expr: sympy.Expr, symbols: Sequence[sympy.Symbol], sides: Sides, contact: Contact
) -> Sides:
    """Sides of a box around the contact on which ``expr`` >= 0 is proved, or ContactFailure."""
    point = coordinates(symbols, sides, contact)
    argument = argument_at(expr, symbols, point, contact.order)
    value = compile_tape([expr], symbols)
    widths = [high - low for low, high in sides]
    radii = widths if contact.radius is None else [to_fraction(contact.radius)] * len(widths)
    for _ in range(_HALVINGS):
        near = tuple(
            (low, high) if x is None else (max(low, x - r), min(high, x + r))
            for x, r, (low, high) in zip(point, radii, sides, strict=True)
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

    def __init__(self, derivative: sympy.Expr, symbols: Sequence[sympy.Symbol], order: int, n: int) -> None:
        self.tape, self.order, self.n = compile_tape([derivative], symbols), order, n

    def holds(self, near: Sides, point: Point) -> bool:
        (low, high), x = near[self.n], point[self.n]
        assert x is not None
        # f(x+h) = f^(k)(xi) h^k / k!: to the left of the contact h^k has the sign (-1)^k.
        for end, sign in ((high, 1), (low, (-1) ** self.order)):
            if end != x:
                inputs = [interval(a, b) for a, b in near]
                inputs[self.n] = interval(min(x, end), max(x, end))
                (slope,) = self.tape.run(IntervalArithmetic(), inputs)
                if not (slope.lower >= 0 if sign > 0 else slope.upper <= 0):
                    return False
        return True


def _one_variable(
    expr: sympy.Expr, symbols: Sequence[sympy.Symbol], at: Mapping[sympy.Symbol, sympy.Rational], order: int
) -> _Derivative:
    (variable,) = at
    derivative = expr
    for k in range(1, order + 1):
        derivative = sympy.diff(derivative, variable)
        if k < order and not is_exact_zero(derivative.subs(at)):
            raise ContactFailure(f"the derivative of order {k} at the contact point is not exactly zero")
    return _Derivative(derivative, symbols, order, list(symbols).index(variable))


class _Hessian:
    """Several variables: sloped ones are pushed to the contact, the flat ones need a positive Hessian."""

    def __init__(
        self, expr: sympy.Expr, symbols: Sequence[sympy.Symbol], at: Mapping[sympy.Symbol, sympy.Rational]
    ) -> None:
        gradient = [sympy.diff(expr, symbol) for symbol in symbols]
        moving = [i for i, symbol in enumerate(symbols) if symbol in at]
        self.flat = [i for i in moving if is_exact_zero(gradient[i].subs(at))]
        self.sloped = [i for i in moving if i not in self.flat]
        self.slopes = compile_tape([gradient[i] for i in self.sloped], symbols)
        second = [sympy.diff(gradient[i], symbols[j]) for i in self.flat for j in self.flat]
        self.second = compile_tape(second, symbols)

    def holds(self, near: Sides, point: Point) -> bool:
        arithmetic = IntervalArithmetic()
        inputs = [interval(low, high) for low, high in near]
        slopes = self.slopes.run(arithmetic, inputs)
        for i, slope in zip(self.sloped, slopes, strict=True):
            rising, falling = slope.lower >= 0, slope.upper <= 0
            if not ((rising and point[i] == near[i][0]) or (falling and point[i] == near[i][1])):
                return False
        for i in self.sloped:
            x = point[i]
            assert x is not None
            inputs[i] = interval(x, x)
        entries = self.second.run(arithmetic, inputs)
        size = len(self.flat)
        matrix = [entries[row * size : (row + 1) * size] for row in range(size)]
        return _positive_definite(matrix, arithmetic) or self._inward(matrix, near, point)

    def _inward(self, matrix: list[list[Interval]], near: Sides, point: Point) -> bool:
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
