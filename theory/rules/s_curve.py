# SPDX-License-Identifier: MIT
"""A tangent of a function that is first concave, then convex, lies below it if it does so at 0.

Lemma.  Let f be continuous on [0, oo) and twice differentiable on (0, oo) with f'' = g m, g > 0 and m
strictly increasing, and let v0 > 0.  If f(v0) - f'(v0) v0 <= f(0), then f(v) >= f(v0) + f'(v0) (v - v0) for
all v >= 0.
Proof.  Let D = f - tangent; D(0) >= 0, D(v0) = D'(v0) = 0.  If m(v0) < 0, D is strictly concave on [0, v0]
with a zero of order two at v0, so D(0) < 0, a contradiction.  Hence m(v0) >= 0, D is convex on [v0, oo), so
D >= 0 there; let v1 <= v0 be where m changes sign (or 0).  On [v1, v0], D is convex and so D >= 0; on
[0, v1], D is concave and nonnegative at both ends.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Dummy, Expr, Integer, Symbol, sympify

from theory.calculus import derivative
from theory.expressions import Relation, substitute
from theory.kernel import Inference, KernelError, Theorem
from theory.normal_form import is_zero, sign
from theory.rules.common import gap, require_denominators


def infer(at_zero: Theorem, *, f: Expr, v: Symbol, contact: Any, weight: Expr, increasing: Expr) -> Inference:
    """f(v) >= f(v0) + f'(v0)(v - v0) for the nonnegative symbol ``v``.

    Args:
        at_zero: the theorem f(v0) - f'(v0) v0 <= f(0).
        f: the function, an expression in ``v``; continuous at 0 because it has no singular part there.
        v: a symbol with domain >= 0, not free in the hypotheses of ``at_zero``.
        contact: v0 > 0.
        weight: g, visibly positive for v > 0.
        increasing: m, whose derivative is visibly positive for v > 0; f'' = g m is checked exactly.
    """
    contact = sympify(contact)
    if not v.is_nonnegative or v.is_positive or any(v in a.free_symbols for a in at_zero.hypotheses):
        raise KernelError(f"{v} must be a nonnegative symbol that no hypothesis mentions")
    if sign(contact) != "+" or v in contact.free_symbols:
        raise KernelError(f"the point of contact {contact} must be visibly positive and free of {v}")
    inside = Dummy(f"{v.name}_inside", positive=True)  # no expression can mention it

    def on_open(expr: Expr) -> Expr:
        return substitute(expr, {v: inside})

    require_denominators([f, contact])  # v may be 0: no singularity there
    for node in sympy.preorder_traversal(f):
        if isinstance(node, sympy.log) and sign(node.args[0]) != "+":
            raise KernelError(f"{node} is not visibly finite for every {v} >= 0")
    first = derivative(on_open(f), inside)
    second = derivative(first, inside)
    require_denominators([first, second, on_open(weight), on_open(increasing)])
    if not is_zero(second - on_open(weight) * on_open(increasing)):
        raise KernelError("f'' is not weight * increasing")
    if sign(on_open(weight)) != "+":
        raise KernelError(f"weight {weight} is not visibly positive")
    if sign(derivative(on_open(increasing), inside)) != "+":
        raise KernelError(f"the derivative of {increasing} is not visibly positive")
    slope, value = substitute(first, {inside: contact}), substitute(f, {v: contact})
    needed = Relation(value - slope * contact, "<=", substitute(f, {v: Integer(0)}))
    if at_zero.relation.op == "==" or not is_zero(gap(at_zero.conclusion) - gap(needed)):
        raise KernelError(f"the premise at 0 must be {needed}, got {at_zero.conclusion}")
    result = Relation(value + slope * (v - contact), "<=", f)
    return Inference(result, at_zero.hypotheses, "tangent of a concave-convex function")
