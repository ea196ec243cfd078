# SPDX-License-Identifier: MIT
"""A linear combination of premises with checked coefficients; without premises, an algebraic identity.

goal.rhs - goal.lhs = sum_n coefficient_n (premise_n.rhs - premise_n.lhs) + slack, as an exact identity.
Coefficients of equations are arbitrary; those of inequalities, and the slack, must be visibly nonnegative.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Integer, sympify

from theory.expressions import Relation
from theory.kernel import Inference, KernelError, Theorem
from theory.normal_form import is_zero, normal
from theory.rules.common import brief, gap, hypotheses_of, require_denominators, sign_with


def infer(
    *premises: Theorem,
    goal: Relation,
    coefficients: Sequence[Any] = (),
    slack: Any = 0,
    facts: Sequence[Theorem] = (),
) -> Inference:
    """``goal`` from ``premises`` times ``coefficients`` plus ``slack``; ``facts`` supply signs only."""
    coefficients = [sympify(a) for a in coefficients] or [Integer(1)] * len(premises)
    slack = sympify(slack)
    if len(coefficients) != len(premises):
        raise KernelError(f"{len(premises)} premises but {len(coefficients)} coefficients")
    require_denominators([goal.lhs, goal.rhs, slack, *coefficients], facts)
    strict = False
    for premise, coefficient in zip(premises, coefficients, strict=True):
        if premise.relation.op == "==":
            continue
        if goal.op == "==":
            raise KernelError(f"an equation cannot follow from the inequality {premise.conclusion}")
        s = sign_with(coefficient, facts)
        if s not in ("+", "0+", "0"):
            raise KernelError(f"coefficient {coefficient} of {premise.conclusion} is not visibly nonnegative")
        strict = strict or (premise.relation.op == "<" and s == "+")
    if slack != 0:
        s = sign_with(slack, facts)
        if goal.op == "==" or s not in ("+", "0+"):
            raise KernelError(f"slack {slack} is not visibly nonnegative, or the goal is an equation")
        strict = strict or s == "+"
    if goal.op == "<" and not strict:
        raise KernelError(f"{goal} is strict, and nothing strict with a positive coefficient was given")
    total = slack
    for premise, coefficient in zip(premises, coefficients, strict=True):
        total = total + coefficient * gap(premise.conclusion)
    if not is_zero(gap(goal) - total):
        rest = brief(normal(gap(goal) - total))
        raise KernelError(f"not an identity: {brief(goal)} is not the combination; left over: {rest}")
    evidence = "identity of normal forms" if not premises else "exact combination of premises"
    return Inference(goal, hypotheses_of([*premises, *facts]), evidence)
