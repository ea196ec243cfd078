# SPDX-License-Identifier: MIT
"""Trusted algebra, last step: whether a rational expression in independent symbols is identically zero.

Fractions are kept as a sparse polynomial over a product of known denominators, and added over their least
common product; nothing is cancelled, so the numerator vanishes exactly if the expression does.
"""

from __future__ import annotations

from functools import reduce
from operator import mul
from typing import Any

import sympy
from sympy import QQ, Expr, Integer, Rational, Symbol
from sympy.polys.rings import PolyElement, PolyRing

Fraction = tuple[PolyElement, dict[PolyElement, int]]


class NotRational(ValueError):
    """The expression is not built from symbols and rational numbers by + * and integer powers."""


def numerator(expr: Expr) -> Any:
    """A polynomial in the free symbols of ``expr`` that vanishes identically exactly if ``expr`` does.

    Raises ``NotRational`` for other expressions, ``ZeroDivisionError`` where a denominator is identically 0.
    """
    symbols = sorted(expr.free_symbols, key=lambda s: (s.name, str(getattr(s, "dummy_index", ""))))
    ring = PolyRing(symbols or [Symbol("x")], QQ)
    generators = dict(zip(symbols, ring.gens, strict=False))
    known: dict[Expr, Fraction] = {}

    def walk(e: Expr) -> Fraction:
        if e not in known:
            known[e] = _convert(e)
        return known[e]

    def _convert(e: Expr) -> Fraction:
        if isinstance(e, Rational):
            return ring(QQ(int(e.p), int(e.q))), {}
        if isinstance(e, Symbol):
            return generators[e], {}
        if isinstance(e, sympy.Add):
            return _add([walk(a) for a in e.args], ring)
        if isinstance(e, sympy.Mul):
            return reduce(_multiply, (walk(a) for a in e.args))
        if isinstance(e, sympy.Pow) and isinstance(e.exp, Integer):
            n = int(e.exp)
            return _power(walk(e.base) if n >= 0 else _invert(walk(e.base), ring), abs(n))
        raise NotRational(f"{e} is not rational in symbols")

    return walk(expr)[0]


def _multiply(one: Fraction, other: Fraction) -> Fraction:
    below = dict(one[1])
    for factor, n in other[1].items():
        below[factor] = below.get(factor, 0) + n
    return one[0] * other[0], below


def _power(one: Fraction, n: int) -> Fraction:
    return one[0] ** n, {factor: n * m for factor, m in one[1].items()}


def _invert(one: Fraction, ring: PolyRing) -> Fraction:
    above = reduce(mul, (factor**n for factor, n in one[1].items()), ring(1))
    if not one[0]:
        raise ZeroDivisionError("a denominator vanishes identically")
    shared = [min(powers) for powers in zip(*one[0].keys(), strict=True)]
    rest = ring.from_dict(
        {tuple(a - b for a, b in zip(powers, shared, strict=True)): c for powers, c in one[0].items()}
    )
    lead = rest.LC
    below = {gen: n for gen, n in zip(ring.gens, shared, strict=True) if n}
    monic = rest.mul_ground(QQ(1) / lead)
    if monic != 1:
        below[monic] = 1
    return above.mul_ground(QQ(1) / lead), below


def _add(parts: list[Fraction], ring: PolyRing) -> Fraction:
    common: dict[PolyElement, int] = {}
    for _, below in parts:
        for factor, n in below.items():
            common[factor] = max(common.get(factor, 0), n)
    total = ring(0)
    for above, below in parts:
        missing = (factor ** (n - below.get(factor, 0)) for factor, n in common.items())
        total += reduce(mul, missing, above)
    return total, common
