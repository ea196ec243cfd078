# SPDX-License-Identifier: MIT
"""The inequality of a certificate, and what proves it on one box."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from theory.recheck.enclosures import Box, OffDomain, Program, Refused, determinant, interval

_DOMAINS: dict[str, dict[str, bool]] = {
    "real": {"real": True},
    "nonnegative": {"real": True, "nonnegative": True},
    "positive": {"positive": True},
    "integer": {"integer": True, "positive": True},
}
_FUNCTIONS = {"exp", "log", "sqrt", "Abs", "E", "pi"}


class Claim:
    """The inequality of a certificate, with enclosures of its sides and derivatives."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        names = list(data["sides"])
        if sorted(data["domains"]) != sorted(names) or data["relation"] not in ("<", "<="):
            raise Refused("domains and sides name different symbols, or the relation is not < or <=")
        self.symbols = [sympy.Symbol(n, **_DOMAINS[data["domains"][n]]) for n in names]
        self.box: Box = tuple((_exact(low), _exact(high)) for low, high in data["sides"].values())
        for symbol, (low, high) in zip(self.symbols, self.box, strict=True):
            if low > high or (symbol.is_nonnegative and low < 0):
                raise Refused(f"[{low}, {high}] is no range of {symbol}")
        table = dict(zip(names, self.symbols, strict=True))
        lhs, rhs = (_parse(data[side], table) for side in ("lhs", "rhs"))
        self.gap, self.strict = rhs - lhs, data["relation"] == "<"
        self.value = Program([self.gap, lhs, rhs], self.symbols)
        gradient = [sympy.diff(self.gap, symbol) for symbol in self.symbols]
        self.gradient = Program(gradient, self.symbols)
        if data["contacts"] and self.strict:
            raise Refused("a strict inequality cannot have a contact")
        self.contacts = [self._contact(a, table, gradient) for a in data["contacts"]]

    # ---- leaves

    def leaf(self, token: str, box: Box) -> bool:
        """Whether the inequality is proved on ``box`` in the way that the token says."""
        try:
            if token == "v":
                return self._holds(self.lower(box)) or self._is_zero(box)
            if token == "g":
                self.lower(box)
                slopes = self.gradient(box)
                face = _shrink(box, slopes)
                lower = self.lower(face)
                return self._holds(lower) or self._is_zero(face) or self._mean_value(face, slopes)
            number = ord(token) - ord("A")
            return 0 <= number < len(self.contacts) and self.contacts[number](box)
        except OffDomain:
            return False

    def least_face(self, box: Box) -> Box:
        """The face on which every side whose slope has a sign is at its least end."""
        try:
            self.lower(box)
            return _shrink(box, self.gradient(box))
        except OffDomain as error:
            raise Refused(f"no face: {error}") from None

    def lower(self, box: Box) -> Any:
        """The gap on ``box``; raises OffDomain unless both sides are defined there."""
        return self.value(box)[0]

    def _holds(self, enclosure: Any) -> bool:
        return bool((enclosure > 0 if self.strict else enclosure >= 0) is True)

    def _mean_value(self, face: Box, slopes: Sequence[Any]) -> bool:
        centre: Box = tuple(((a + b) / 2, (a + b) / 2) for a, b in face)
        total = self.lower(centre)
        for (a, b), slope in zip(face, slopes, strict=True):
            half = (b - a) / 2
            total = total + slope * interval(-half, half)
        return self._holds(total)

    def _is_zero(self, box: Box) -> bool:
        if self.strict or any(a != b for a, b in box):
            return False
        return _vanishes(self.gap, {s: _rational(a) for s, (a, _) in zip(self.symbols, box, strict=True)})

    # ---- contacts

    def _contact(
        self, data: Mapping[str, Any], table: Mapping[str, sympy.Symbol], gradient: Sequence[sympy.Expr]
    ) -> Callable[[Box], bool]:
        at = {table[name]: _exact(x) for name, x in data["at"].items()}
        point = [at.get(s) for s in self.symbols]
        moving = [n for n, x in enumerate(point) if x is not None]
        exact = {s: _rational(x) for s, x in at.items()}
        inside = all(x is None or a <= x <= b for x, (a, b) in zip(point, self.box, strict=True))
        if not moving or not inside or not _vanishes(self.gap, exact):
            raise Refused(f"no contact of the two sides at {exact}")

        def hull(box: Box) -> Box:
            return tuple(
                (a, b) if x is None else (min(a, x), max(b, x)) for (a, b), x in zip(box, point, strict=True)
            )

        if len(moving) == 1:
            return self._one_variable(moving[0], exact, int(data["order"]), hull, point)
        if data["order"] != 2:
            raise Refused(f"order {data['order']} at a contact in several variables")
        return self._several_variables(moving, exact, gradient, hull, point)

    def _one_variable(
        self, n: int, exact: Mapping[Any, Any], order: int, hull: Callable[[Box], Box], point: Sequence[Any]
    ) -> Callable[[Box], bool]:
        derivative = self.gap
        for k in range(1, order + 1):
            derivative = sympy.diff(derivative, self.symbols[n])
            if k < order and not _vanishes(derivative, exact):
                raise Refused(f"derivative {k} is not zero at the contact {exact}")
        if order < 1:
            raise Refused(f"order {order} of a contact")
        program = Program([derivative], self.symbols)

        def proves(box: Box) -> bool:
            around = hull(box)
            self.lower(around)
            low, high = around[n]
            x = point[n]
            right: Box = (*around[:n], (x, high), *around[n + 1 :])
            left: Box = (*around[:n], (low, x), *around[n + 1 :])
            fine = high == x or (program(right)[0] >= 0) is True
            if low != x:  # there h^order has the sign (-1)^order
                sign = program(left)[0] * (-1) ** order
                fine = fine and (sign >= 0) is True
            return bool(fine)

        return proves

    def _several_variables(
        self,
        moving: Sequence[int],
        exact: Mapping[Any, Any],
        gradient: Sequence[sympy.Expr],
        hull: Callable[[Box], Box],
        point: Sequence[Any],
    ) -> Callable[[Box], bool]:
        flat = [n for n in moving if _vanishes(gradient[n], exact)]
        sloped = [n for n in moving if n not in flat]
        second = [[sympy.diff(gradient[a], self.symbols[b]) for b in flat] for a in flat]
        program = Program([e for row in second for e in row], self.symbols)

        def proves(box: Box) -> bool:
            around = hull(box)
            self.lower(around)
            slopes = self.gradient(around)
            for n in sloped:
                low, high = around[n]
                rising, falling = (slopes[n] >= 0) is True, (slopes[n] <= 0) is True
                if not ((rising and point[n] == low) or (falling and point[n] == high)):
                    return False
            pinned: Box = tuple((point[n], point[n]) if n in sloped else s for n, s in enumerate(around))
            values = program(pinned)
            rows = [values[r * len(flat) : (r + 1) * len(flat)] for r in range(len(flat))]
            leading = (determinant([r[:size] for r in rows[:size]]) for size in range(1, len(rows) + 1))
            return all((d > 0) is True for d in leading) or inward(rows, around)

        def inward(rows: Sequence[Sequence[Any]], around: Box) -> bool:
            """No direction into the box along which the quadratic form could be negative."""
            if any(point[n] not in around[n] for n in flat):
                return False
            signs = [1 if point[n] == around[n][0] else -1 for n in flat]
            return all(
                (entry * (a * b) >= 0) is True
                for a, row in zip(signs, rows, strict=True)
                for b, entry in zip(signs, row, strict=True)
            )

        return proves


def _shrink(box: Box, slopes: Sequence[Any]) -> Box:
    return tuple(
        (a, a) if (slope >= 0) is True else (b, b) if (slope <= 0) is True else (a, b)
        for (a, b), slope in zip(box, slopes, strict=True)
    )


def _vanishes(expression: sympy.Expr, at: Mapping[Any, Any]) -> bool:
    """Whether algebra shows that the expression is zero there, for every value of what ``at`` leaves out."""
    value = expression.subs(at)
    if value.has(sympy.nan, sympy.oo, -sympy.oo, sympy.zoo):
        return False
    return bool(value == 0 or sympy.simplify(sympy.expand_log(value)) == 0)


def _rational(x: Fraction) -> sympy.Rational:
    return sympy.Rational(x.numerator, x.denominator)


def _exact(text: Any) -> Fraction:
    if not isinstance(text, str) or not re.fullmatch(r"-?\d+(/[1-9]\d*)?", text):
        raise Refused(f"{text!r} is not an exact rational as text")
    return Fraction(text)


def _parse(text: str, table: Mapping[str, sympy.Symbol]) -> sympy.Expr:
    """The expression; only its own symbols, numbers, operators and elementary functions may occur."""
    unknown = set(re.findall(r"[A-Za-z_]\w*", text)) - set(table) - _FUNCTIONS
    if unknown or not re.fullmatch(r"[\w\s+\-*/(),]*", text) or set(table) & _FUNCTIONS:
        raise Refused(f"{text!r} is not an expression in {', '.join(table)}")
    return sympy.sympify(text, locals=dict(table))
