# SPDX-License-Identifier: MIT
"""A quotient of polynomials, written so that its sign can be read off for C >= 2."""

from __future__ import annotations

from sympy import Expr, Poly, Symbol, fraction, together

from theory.symbols import C


def in_powers(quotient: Expr, *positive: Expr) -> Expr:
    """``quotient`` of polynomials in C and the ``positive`` expressions, in powers of C - 2 and of those.

    Visibly nonnegative where every coefficient of the numerator is; the kernel judges, and refuses the step
    otherwise.
    """
    names = [Symbol(f"x{n}") for n in range(len(positive))]
    shift = Symbol("n")
    plain = quotient.subs(dict(zip(positive, names, strict=True))).subs(C, shift + 2)
    over, under = fraction(together(plain))
    whole = Poly(over, shift, *names)
    back = {shift: C - 2, **dict(zip(names, positive, strict=True))}
    total = sum(a * (C - 2) ** powers[0] * _product(positive, powers[1:]) for powers, a in whole.terms())
    return total / under.subs(back)


def _product(positive: tuple[Expr, ...], powers: tuple[int, ...]) -> Expr:
    result: Expr = 1  # type: ignore[assignment]
    for base, power in zip(positive, powers, strict=True):
        result = result * base**power
    return result
