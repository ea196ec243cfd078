# SPDX-License-Identifier: MIT
"""Markov's inequality, before averaging: a 1[f >= a] <= f where f >= 0 and a > 0."""

from __future__ import annotations

from typing import Any

from sympy import sympify

from theory.expressions import Indicator, Relation
from theory.kernel import Inference, KernelError, Theorem
from theory.normal_form import sign
from theory.rules.common import require_denominators


def infer(nonnegative: Theorem, *, level: Any) -> Inference:
    """``nonnegative`` is a theorem 0 <= f (in any arrangement with rhs - lhs = f); ``level`` is a > 0."""
    level = sympify(level)
    require_denominators([level])
    if nonnegative.relation.op == "==" or sign(level) != "+":
        raise KernelError(f"needs 0 <= f and a visibly positive level, got {nonnegative} and {level}")
    f = nonnegative.relation.rhs - nonnegative.relation.lhs
    return Inference(
        Relation(level * Indicator(f - level), "<=", f),
        nonnegative.hypotheses,
        "f >= a where the indicator is 1",
    )
