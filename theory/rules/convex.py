# SPDX-License-Identifier: MIT
"""A function whose second derivative is nonnegative lies above each of its tangents."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Dummy, Expr, Symbol, sympify

from theory.calculus import derivative
from theory.expressions import Relation, is_index, substitute
from theory.kernel import Inference, KernelError
from theory.normal_form import is_zero, sign
from theory.rules.common import require_denominators
from theory.symbols import LOWER_BOUNDS


def infer(*, f: Expr, v: Symbol, contact: Any, curvature: Any) -> Inference:
    """f(v) >= f(v0) + f'(v0)(v - v0) for every ``v`` in its domain.

    Args:
        f: the function, an expression in ``v``; no singularity in the domain of ``v``.
        v: a symbol with domain > 0, or >= 0.
        contact: v0 > 0, free of ``v``.
        curvature: f'', visibly >= 0 for v > 0; equality with the second derivative is checked exactly.
    """
    contact, curvature = sympify(contact), sympify(curvature)
    if not isinstance(v, Symbol) or is_index(v) or not v.is_nonnegative or v in LOWER_BOUNDS:
        raise KernelError(f"{v} must be a nonnegative or positive symbol")
    if sign(contact) != "+" or v in contact.free_symbols:
        raise KernelError(f"the point of contact {contact} must be visibly positive and free of {v}")
    inside = Dummy(f"{v.name}_inside", positive=True)  # no expression can mention it

    def on_open(expr: Expr) -> Expr:
        return substitute(expr, {v: inside})

    require_denominators([f, contact])  # v may be 0: no singularity there
    for node in sympy.preorder_traversal(f):
        if isinstance(node, sympy.log) and sign(node.args[0]) != "+":
            raise KernelError(f"{node} is not visibly finite for every {v} in its domain")
    first = derivative(on_open(f), inside)
    second = derivative(first, inside)
    require_denominators([first, second, on_open(curvature)])
    if not is_zero(second - on_open(curvature)):
        raise KernelError(f"f'' is not {curvature}")
    if sign(on_open(curvature)) not in ("+", "0+", "0"):
        raise KernelError(f"the second derivative {curvature} is not visibly nonnegative")
    slope, value = substitute(first, {inside: contact}), substitute(f, {v: contact})
    return Inference(
        Relation(value + slope * (v - contact), "<=", f), frozenset(), "tangent of a convex function"
    )
