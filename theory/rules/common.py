# SPDX-License-Identifier: MIT
"""Side conditions that several rules share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy
from sympy import Expr, Integer, Mul, Pow

from theory.expressions import Claim, Relation
from theory.kernel import KernelError, Theorem
from theory.normal_form import is_zero, product_sign, sign


def hypotheses_of(theorems: Iterable[Theorem]) -> frozenset[Relation]:
    """The union of the hypotheses."""
    return frozenset().union(*(t.hypotheses for t in theorems)) if theorems else frozenset()


def gap(relation: Claim) -> Expr:
    """rhs - lhs of a relation."""
    if not isinstance(relation, Relation):
        raise KernelError(f"a plain relation is needed here, got: {relation}")
    return relation.rhs - relation.lhs


def sign_with(expr: Expr, facts: Sequence[Theorem]) -> str | None:
    """The sign of ``expr``: visible, or as a product of gaps of proved ``facts`` and signed factors."""
    known = sign(expr)
    if known is not None or not facts:
        return known
    for fact in facts:
        if fact.relation.op != "==" and is_zero(expr - gap(fact.conclusion)):
            return "+" if fact.relation.op == "<" else "0+"
    if isinstance(expr, Mul):
        return product_sign([sign_with(factor, facts) for factor in expr.args])
    if isinstance(expr, Pow) and isinstance(expr.exp, Integer):
        base = sign_with(expr.base, facts)
        return base if base == "+" or (base == "0+" and expr.exp > 0) else None
    return None


def require_denominators(exprs: Iterable[Expr], facts: Sequence[Theorem] = ()) -> None:
    """Every denominator must be visibly non-zero, or else the algebra of fractions proves nothing."""
    for expr in exprs:
        for node in sympy.preorder_traversal(expr):
            if (
                isinstance(node, Pow)
                and not (isinstance(node.exp, Integer) and node.exp > 0)
                and sign_with(node.base, facts) not in ("+", "-")
                and not (sign(node.exp) == "+" and sign_with(node.base, facts) == "0+")
            ):
                raise KernelError(
                    f"({node.base}) is divided by or raised to {node.exp}, "
                    "and is not visibly non-zero: add a fact 0 < ..."
                )


def same_relation(one: Relation, other: Relation) -> bool:
    """Whether ``one`` is, or trivially implies, ``other`` (equal gaps; < implies <=)."""
    strong_enough = one.op == other.op or (one.op == "<" and other.op == "<=")
    return strong_enough and is_zero(gap(one) - gap(other))
