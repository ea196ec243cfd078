# SPDX-License-Identifier: MIT
"""log(a b) = log a + log b for a, b > 0 (the normal form does this only where positivity is visible)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import log, sympify

from theory.expressions import Relation
from theory.kernel import Inference, KernelError, Theorem
from theory.rules.common import hypotheses_of, require_denominators, sign_with


def infer(*, a: Any, b: Any, facts: Sequence[Theorem] = ()) -> Inference:
    """log(a b) == log(a) + log(b), with ``a`` and ``b`` positive, visibly or by ``facts``."""
    a, b = sympify(a), sympify(b)
    require_denominators([a, b], facts)
    for x in (a, b):
        if sign_with(x, facts) != "+":
            raise KernelError(f"{x} is not visibly positive; give 0 < {x} as a fact")
    return Inference(
        Relation(log(a * b), "==", log(a) + log(b)), hypotheses_of(facts), "logarithm of a product"
    )
