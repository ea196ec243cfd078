# SPDX-License-Identifier: MIT
"""The expansion of one function in powers of another, both given by a parameter, with its coefficients exact.

Let x(s), y(s) be smooth near s = 0 with x(0) = y(0) = 0 and x'(0) != 0.  Then, as s -> 0,
y = a1 x + a2 x^2 + O(x^3) with a1 = y'/x' and a2 = (y'' x' - y' x'') / (2 x'^3), all at s = 0.
"""

from __future__ import annotations

import sympy
from sympy import Expr, Integer, Pow, Symbol

from theory.calculus import derivative
from theory.expressions import Expansion, substitute
from theory.kernel import Inference, KernelError
from theory.normal_form import is_zero, sign
from theory.rules.common import require_denominators


def infer(*, claim: Expansion, parameter: Symbol, x: Expr, y: Expr) -> Inference:
    """``claim``: y = a1 x + a2 x^2 + O(x^3), for a real ``parameter``; x'(0) must be visibly non-zero."""
    if parameter.is_nonnegative:
        raise KernelError(f"{parameter} must be a symbol that may be negative: the expansion is two-sided")

    def at_zero(expr: Expr) -> Expr:
        value = substitute(expr, {parameter: Integer(0)})
        require_denominators([value])
        return value

    require_denominators(claim.coefficients)
    for node in (*sympy.preorder_traversal(x), *sympy.preorder_traversal(y)):
        fractional = isinstance(node, Pow) and not (isinstance(node.exp, Integer) and node.exp > 0)
        if parameter in node.free_symbols and (fractional or isinstance(node, sympy.log)):
            _require_smooth(node, at_zero(node.args[0]))
        elif fractional:
            require_denominators([node])
    if claim.variable != x or claim.quantity != y:
        raise KernelError(f"the claim {claim} is not about the given functions")
    if not (is_zero(at_zero(x)) and is_zero(at_zero(y))):
        raise KernelError("both functions must vanish at 0")
    dx, dy = derivative(x, parameter), derivative(y, parameter)
    x1, y1 = at_zero(dx), at_zero(dy)
    x2, y2 = at_zero(derivative(dx, parameter)), at_zero(derivative(dy, parameter))
    if sign(x1) not in ("+", "-"):
        raise KernelError(f"x'(0) = {x1} is not visibly non-zero")
    first, second = claim.coefficients
    if not is_zero(first * x1 - y1):
        raise KernelError(f"the coefficient of order 1 is {y1}/{x1}, not {first}")
    if not is_zero(second * 2 * x1**3 - (y2 * x1 - y1 * x2)):
        raise KernelError(f"the coefficient of order 2 is not {second}")
    return Inference(claim, frozenset(), "exact Taylor coefficients")


def _require_smooth(node: Expr, argument: Expr) -> None:
    """A logarithm or fractional power of what is positive at 0 is smooth there; 1/x, of what is non-zero."""
    allowed = ("+", "-") if isinstance(node, Pow) and isinstance(node.exp, Integer) else ("+",)
    if sign(argument) not in allowed:
        raise KernelError(f"{node} is not visibly smooth at 0")
