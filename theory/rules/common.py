# SPDX-License-Identifier: MIT
"""Side conditions that several rules share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import sympy
from sympy import Expr, Integer, Mul, Pow

from theory.expressions import Claim, Mean, Relation
from theory.kernel import KernelError, Theorem
from theory.normal_form import is_zero, product_sign, sign


def brief(thing: object, limit: int = 240) -> str:
    """The text of an expression or relation, cut after ``limit`` characters."""
    text = str(thing)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


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
    """Every expression must be a well-defined real number, or else algebra proves nothing.

    Denominators are visibly non-zero, bases of other powers visibly positive (or >= 0, if the exponent is
    positive), and logarithms in exponents are of visibly positive numbers (exp(log t) is t only for t > 0).
    """
    for expr in exprs:
        for node, known in _nodes(expr, facts):
            if isinstance(node, Pow) and not (isinstance(node.exp, Integer) and node.exp > 0):
                base = sign_with(node.base, known)
                whole = isinstance(node.exp, Integer)
                if not (base == "+" or (whole and base == "-") or (base == "0+" and sign(node.exp) == "+")):
                    needed = "non-zero" if whole else "positive"
                    raise KernelError(
                        f"({node.base}) is divided by or raised to {node.exp}, "
                        f"and is not visibly {needed}: add a fact 0 < ..."
                    )
            if isinstance(node, Pow | sympy.exp):
                require_logarithms([node.exp], known)


def require_logarithms(exprs: Iterable[Expr], facts: Sequence[Theorem] = ()) -> None:
    """Every logarithm must be of a visibly positive number."""
    for expr in exprs:
        for node, known in _nodes(expr, facts):
            if isinstance(node, sympy.log) and sign_with(node.args[0], known) != "+":
                raise KernelError(f"{node} is not visibly defined: add a fact 0 < {node.args[0]}")


def _nodes(expr: Expr, facts: Sequence[Theorem]) -> Iterator[tuple[Expr, Sequence[Theorem]]]:
    """Every subexpression, with the facts that hold for all values of the indices bound around it.

    A fact whose hypotheses speak of one c says nothing of the other classes in an average over c.
    """
    if isinstance(expr, Mean):
        bound = set(expr.indices)
        facts = [f for f in facts if not any(a.free_symbols & bound for a in f.hypotheses)]
    yield expr, facts
    for part in expr.args:
        yield from _nodes(part, facts)


def same_relation(one: Relation, other: Relation) -> bool:
    """Whether ``one`` is, or trivially implies, ``other`` (equal gaps; < implies <=)."""
    strong_enough = one.op == other.op or (one.op == "<" and other.op == "<=")
    return strong_enough and is_zero(gap(one) - gap(other))
