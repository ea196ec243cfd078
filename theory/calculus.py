# SPDX-License-Identifier: MIT
"""Trusted calculus: the derivative of sums, products, constant powers, exp and log."""

from __future__ import annotations

import sympy
from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from theory.averages import OutsideLanguage


def derivative(expr: Expr, x: Symbol) -> Expr:
    """d expr / dx for sums, products, constant powers, exp and log (the kernel's own calculus)."""
    if x not in expr.free_symbols:
        return Integer(0)
    if expr == x:
        return Integer(1)
    if isinstance(expr, Add):
        return Add(*(derivative(a, x) for a in expr.args))
    if isinstance(expr, Mul):
        args = expr.args
        return Add(*(Mul(*args[:n], derivative(a, x), *args[n + 1 :]) for n, a in enumerate(args)))
    if isinstance(expr, Pow) and x not in expr.exp.free_symbols:
        return expr.exp * expr.base ** (expr.exp - 1) * derivative(expr.base, x)
    if isinstance(expr, sympy.exp):
        return expr * derivative(expr.args[0], x)
    if isinstance(expr, sympy.log):
        return derivative(expr.args[0], x) / expr.args[0]
    raise OutsideLanguage(f"d/d{x} of {type(expr).__name__} is not defined in the kernel")
