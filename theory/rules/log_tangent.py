# SPDX-License-Identifier: MIT
"""log x <= x - 1 for x > 0: the one inequality about log and exp that everything else is derived from.

Gibbs' inequality, Jensen's inequality for log and exp, and weighted arithmetic-geometric means are averages
of instances of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import log, sympify

from theory.expressions import Relation
from theory.kernel import Inference, KernelError, Theorem
from theory.rules.common import hypotheses_of, require_denominators, sign_with


def infer(*, x: Any, facts: Sequence[Theorem] = ()) -> Inference:
    """log(x) <= x - 1 where ``x`` is positive, visibly or by one of ``facts``."""
    x = sympify(x)
    require_denominators([x], facts)
    if sign_with(x, facts) != "+":
        raise KernelError(f"{x} is not visibly positive; give 0 < {x} as a fact")
    return Inference(Relation(log(x), "<=", x - 1), hypotheses_of(facts), "log lies below its tangent at 1")
