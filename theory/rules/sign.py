# SPDX-License-Identifier: MIT
"""An inequality that the structure of the expression and the symbols' domains show."""

from __future__ import annotations

from theory.expressions import Relation
from theory.kernel import Inference, KernelError
from theory.normal_form import sign
from theory.rules.common import gap, require_denominators


def infer(*, goal: Relation) -> Inference:
    """``goal`` because rhs - lhs is visibly positive or nonnegative (squares, products, exp, domains)."""
    require_denominators([goal.lhs, goal.rhs])
    s = sign(gap(goal))
    allowed = {"<": ("+",), "<=": ("+", "0+", "0"), "==": ("0",)}[goal.op]
    if s not in allowed:
        raise KernelError(f"{goal}: the sign of the difference is not visible (found {s})")
    return Inference(goal, frozenset(), "structural sign")
