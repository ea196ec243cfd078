# SPDX-License-Identifier: MIT
"""Second-order expansions derived by SymPy from closed forms, for the kernel to check."""

from __future__ import annotations

import sympy
from sympy import Expr, Symbol

from theory.expressions import Expansion


def derive(quantity: Expr, variable: Expr, parameter: Symbol) -> Expansion:
    """a1, a2 with quantity = a1 variable + a2 variable^2 + O(variable^3) as ``parameter`` -> 0.

    Both are functions of ``parameter`` that vanish at 0.  The coefficients are SymPy's; nothing is believed
    until the rule "taylor" has recomputed the derivatives.
    """
    x1, y1 = (sympy.diff(e, parameter).subs(parameter, 0) for e in (variable, quantity))
    x2, y2 = (sympy.diff(e, parameter, 2).subs(parameter, 0) for e in (variable, quantity))
    first = _tidy(y1 / x1)
    second = _tidy((y2 * x1 - y1 * x2) / (2 * x1**3))
    return Expansion(quantity, variable, (first, second))


def _tidy(expr: Expr) -> Expr:
    """Logarithms of quotients apart, then simplified.  Heuristic: the kernel checks the result."""
    apart = expr.replace(
        lambda e: isinstance(e, sympy.log),
        lambda e: sympy.expand_log(sympy.log(sympy.factor(e.args[0])), force=True),
    )
    return sympy.factor(sympy.simplify(apart))
