# SPDX-License-Identifier: MIT
"""An inequality between exact constants, decided in ball arithmetic."""

from __future__ import annotations

from theory.certificates.balls import decide
from theory.expressions import Relation
from theory.kernel import Inference, KernelError


def infer(*, goal: Relation) -> Inference:
    """``goal`` without free symbols, because the balls of its sides are apart."""
    if goal.free_symbols or goal.op == "==":
        raise KernelError(f"{goal}: an inequality between constants is needed")
    if decide(goal.lhs, "<" if goal.op == "<" else "<=", goal.rhs, {}) is not True:
        raise KernelError(f"{goal}: the balls do not show it")
    return Inference(goal, frozenset(), "ball arithmetic", certified=True)
