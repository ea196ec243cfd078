# SPDX-License-Identifier: MIT
"""Equals for equals: from a == b conclude f(a) == f(b)."""

from __future__ import annotations

from sympy import Expr, Symbol

from theory.expressions import Relation, substitute
from theory.kernel import Inference, KernelError, Theorem
from theory.rules.common import require_denominators, require_logarithms


def infer(premise: Theorem, *, context: Expr, hole: Symbol) -> Inference:
    """``context`` is f, with the symbol ``hole`` where the equal things go."""
    relation = premise.relation
    if relation.op != "==":
        raise KernelError(f"an equation is needed, got {relation}")
    sides = [substitute(context, {hole: side}) for side in (relation.lhs, relation.rhs)]
    require_logarithms([relation.lhs, relation.rhs])  # exp(log t) would lose that t > 0
    require_denominators([context, *sides])
    return Inference(Relation(sides[0], "==", sides[1]), premise.hypotheses, "equals for equals")
