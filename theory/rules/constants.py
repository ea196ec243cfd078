# SPDX-License-Identifier: MIT
"""From a bound with explicit constants to "there are constants such that ..."."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Symbol, sympify

from theory.expressions import Exists, Indicator, Mean, applied_functions, substitute
from theory.kernel import Inference, KernelError, Theorem
from theory.normal_form import is_zero, sign
from theory.rules.common import require_denominators


def infer(premise: Theorem, *, claim: Exists, values: Mapping[Symbol, Any]) -> Inference:
    """``claim`` because its body at ``values`` (positive numbers) is the premise's conclusion."""
    if set(values) != set(claim.constants):
        raise KernelError(f"values needed for {claim.constants}, got {list(values)}")
    numbers = {s: sympify(v) for s, v in values.items()}
    for symbol, number in numbers.items():
        variable = number.free_symbols or applied_functions(number) or number.has(Mean, Indicator)
        if variable or sign(number) != "+":
            raise KernelError(f"{symbol} := {number} must be a positive number, free of symbols and atoms")
        if any(symbol in a.free_symbols for a in premise.hypotheses):
            raise KernelError(f"{symbol} occurs in a hypothesis")
    body = claim.body.map(lambda e: substitute(e, numbers))
    require_denominators([*numbers.values(), body.lhs, body.rhs])
    relation = premise.relation
    if body.op != relation.op or not (is_zero(body.lhs - relation.lhs) and is_zero(body.rhs - relation.rhs)):
        raise KernelError(f"{body} is not what was proved: {relation}")
    chosen = ", ".join(f"{s} = {v}" for s, v in numbers.items())
    return Inference(claim, premise.hypotheses, f"constants {chosen}")
