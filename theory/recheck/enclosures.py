# SPDX-License-Identifier: MIT
"""Enclosures of expressions on boxes, by the interval arithmetic of mpmath alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

import sympy
from mpmath import iv

Box = tuple[tuple[Fraction, Fraction], ...]


class Refused(ValueError):
    """The certificate does not prove its claim; the message says what is wrong."""


class OffDomain(ArithmeticError):
    """An expression is not proved to be defined on a box."""


class Program:
    """Expressions in the order of their evaluation, each subexpression once."""

    def __init__(self, expressions: Iterable[sympy.Expr], symbols: Sequence[sympy.Symbol]) -> None:
        self.places: dict[Any, int] = {s: n for n, s in enumerate(symbols)}
        self.steps: list[tuple[Callable[..., Any], tuple[int, ...]]] = []
        self.start = len(self.places)
        self.results = [self._place(sympy.sympify(e)) for e in expressions]

    def __call__(self, box: Box) -> list[Any]:
        """Enclosures of the expressions on ``box``.  Raises OffDomain."""
        values = [interval(a, b) for a, b in box]
        for operation, arguments in self.steps:
            values.append(operation(*(values[n] for n in arguments)))
        return [values[n] for n in self.results]

    def _place(self, e: Any) -> int:
        if e not in self.places:
            step = self._step(e)
            self.places[e] = self.start + len(self.steps)
            self.steps.append(step)
        return self.places[e]

    def _step(self, e: Any) -> tuple[Callable[..., Any], tuple[int, ...]]:
        if isinstance(e, sympy.Rational) and e.is_finite:
            number = Fraction(int(e.p), int(e.q))
            return lambda: interval(number, number), ()
        if e is sympy.E:
            return lambda: iv.exp(iv.mpf(1)), ()
        if e is sympy.pi:
            return lambda: +iv.pi, ()
        if isinstance(e, sympy.Add):
            return _sum, tuple(map(self._place, e.args))
        if isinstance(e, sympy.Mul):
            return _product, tuple(map(self._place, e.args))
        if isinstance(e, sympy.Pow):
            base, exponent = e.base, e.exp
            if isinstance(exponent, sympy.Integer):
                return lambda x, n=int(exponent): _whole_power(x, n), (self._place(base),)
            if isinstance(exponent, sympy.Rational):
                r = Fraction(int(exponent.p), int(exponent.q))
                return lambda x, r=r: _root_power(x, r), (self._place(base),)
            return lambda x, y: iv.exp(y * _log(x)), (self._place(base), self._place(exponent))
        known = {sympy.exp: iv.exp, sympy.log: _log, sympy.Abs: abs}
        if e.func in known:
            return known[e.func], (self._place(e.args[0]),)
        raise Refused(f"{e} is not made of exact numbers, + - * / **, exp, log and Abs")


def _sum(*terms: Any) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _product(*factors: Any) -> Any:
    total = factors[0]
    for factor in factors[1:]:
        total = total * factor
    return total


def _log(x: Any) -> Any:
    if (x > 0) is not True:
        raise OffDomain(f"log of {x}")
    return iv.log(x)


def _whole_power(x: Any, n: int) -> Any:
    if n < 0:
        if (x > 0) is not True and (x < 0) is not True:
            raise OffDomain(f"division by {x}")
        return 1 / _whole_power(x, -n)
    return abs(x) ** n if n % 2 == 0 else x**n


def _root_power(x: Any, r: Fraction) -> Any:
    exponent = interval(r, r)
    if (x > 0) is True:
        return iv.exp(exponent * iv.log(x))
    if r > 0 and (x >= 0) is True:
        top = iv.mpf(0) if x.b == 0 else iv.exp(exponent * iv.log(iv.mpf(x.b)))
        return iv.mpf([0, top.b])
    raise OffDomain(f"power {r} of {x}")


def interval(a: Fraction, b: Fraction) -> Any:
    """The reals from ``a`` to ``b``, rounded outward."""
    low, high = (iv.mpf(x.numerator) / iv.mpf(x.denominator) for x in (a, b))
    return iv.mpf([low.a, high.b])


def determinant(rows: Sequence[Sequence[Any]]) -> Any:
    """Of a square matrix of intervals, by the first row."""
    if len(rows) == 1:
        return rows[0][0]
    total = iv.mpf(0)
    for n, entry in enumerate(rows[0]):
        minor = [[*row[:n], *row[n + 1 :]] for row in rows[1:]]
        total = total + (-1) ** n * entry * determinant(minor)
    return total
