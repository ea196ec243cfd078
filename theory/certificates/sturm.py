# SPDX-License-Identifier: MIT
"""Exact signs of rational polynomials: on an interval by isolating roots, on an orthant by coefficients."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy

from theory.certificates.balls import to_fraction


@dataclass(frozen=True)
class PolynomialSign:
    """The answer and its evidence.

    holds: the exact answer; roots: isolating intervals (lower, upper, multiplicity) of all distinct roots
    inside the interval; witness: an exact point where the claim fails, None if it holds or if it fails only
    at an irrational root.
    """

    holds: bool
    roots: tuple[tuple[sympy.Rational, sympy.Rational, int], ...]
    witness: sympy.Rational | None

    def __bool__(self) -> bool:
        return self.holds


def polynomial_sign(
    poly: sympy.Poly, lower: Any, upper: Any = sympy.oo, *, strict: bool = False
) -> PolynomialSign:
    """Whether a polynomial is >= 0 (> 0 if ``strict``) on [lower, upper] or [lower, oo); always decided.

    poly: one variable, rational coefficients; lower, upper: exact rationals, upper may be SymPy's oo.
    A sign change happens exactly at a root of odd multiplicity, so square-free factorisation, isolation of
    the real roots and one rational sample in each gap settle the question. Raises ValueError for other
    polynomials or an empty interval, TypeError for float ends.
    """
    if len(poly.gens) != 1 or not (poly.domain.is_QQ or poly.domain.is_ZZ):
        raise ValueError(
            f"Expected a polynomial in one variable with rational coefficients, received {poly}."
        )
    low = _rational(lower)
    high = sympy.oo if upper is sympy.oo else _rational(upper)
    if low > high:
        raise ValueError(f"The interval [{low}, {high}] is empty.")
    if poly.is_zero:
        return PolynomialSign(not strict, (), low if strict else None)
    roots = _roots(poly, low, high)
    for point in _samples(low, high, roots):
        value = poly.eval(point)
        if value < 0 or (strict and value == 0):
            return PolynomialSign(False, roots, point)
    return PolynomialSign(not (strict and roots), roots, None)


def nonnegative_by_shift(poly: sympy.Poly, lower: Mapping[sympy.Symbol, Any]) -> bool | None:
    """True if every coefficient is >= 0 after x_i = lower_i + y_i: then poly >= 0 for all x_i >= lower_i.

    poly: any number of variables, rational coefficients; lower: an exact rational for each variable.
    None (not False) otherwise: a negative coefficient proves nothing.
    """
    if set(lower) != set(poly.gens) or not (poly.domain.is_QQ or poly.domain.is_ZZ):
        raise ValueError(f"Expected a lower end for each of {poly.gens} and rational coefficients.")
    shift = {symbol: symbol + _rational(end) for symbol, end in lower.items()}
    shifted = sympy.Poly(poly.as_expr().subs(shift, simultaneous=True), *poly.gens, domain="QQ")
    return True if all(coefficient >= 0 for coefficient in shifted.coeffs()) else None


def _rational(value: Any) -> sympy.Rational:
    fraction = to_fraction(value)
    return sympy.Rational(fraction.numerator, fraction.denominator)


def _roots(poly: sympy.Poly, low: Any, high: Any) -> tuple[tuple[sympy.Rational, sympy.Rational, int], ...]:
    """Isolating intervals, in order, of the distinct roots in the closed interval, no two touching."""
    width = sympy.Integer(1)
    while True:
        found = poly.intervals(inf=low, sup=None if high is sympy.oo else high, eps=width)
        roots = tuple(sorted((a, b, multiplicity) for (a, b), multiplicity in found))
        if all(left[1] < right[0] for left, right in pairwise(roots)):
            return roots
        width /= 16


def _samples(low: Any, high: Any, roots: tuple[tuple[Any, Any, int], ...]) -> list[sympy.Rational]:
    """Points that meet every gap between roots: the ends of the interval and of each isolating interval,
    and the middles between neighbouring ones."""
    ends = [low, *(end for a, b, _ in roots for end in (a, b))]
    ends.append(max(ends) + 1 if high is sympy.oo else high)
    ends = sorted(min(max(end, low), high) for end in ends)
    return ends + [(a + b) / 2 for a, b in pairwise(ends)]
