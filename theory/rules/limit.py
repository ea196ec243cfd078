# SPDX-License-Identifier: MIT
"""If a <= b(e) for every e > 0 and b is a polynomial in e, then a <= b(0)."""

from __future__ import annotations

from sympy import Dummy, Integer, Symbol

from theory.expressions import Relation, substitute
from theory.kernel import Inference, KernelError, Theorem
from theory.normal_form import polynomial_in
from theory.rules.common import require_denominators, require_logarithms
from theory.symbols import LOWER_BOUNDS


def infer(premise: Theorem, *, symbol: Symbol) -> Inference:
    """Let the positive ``symbol`` go to 0; both sides are polynomials in it, no hypothesis names it."""
    relation = premise.relation
    if symbol in LOWER_BOUNDS or symbol.is_integer:
        raise KernelError(f"{symbol} does not take every positive value: it has no limit at 0")
    if not symbol.is_positive or any(symbol in a.free_symbols for a in premise.hypotheses):
        raise KernelError(f"{symbol} must be a positive symbol that no hypothesis mentions")
    closed = Dummy(f"{symbol.name}_closed", nonnegative=True)
    for side in (relation.lhs, relation.rhs):
        if not polynomial_in(side, symbol):
            raise KernelError(f"{side} is not a polynomial in {symbol}")
        # defined at 0 as written: 0 times an average of 1/0 would be taken for 0
        at_zero = substitute(side, {symbol: closed})
        require_denominators([at_zero])
        require_logarithms([at_zero])
    op = "<=" if relation.op == "<" else relation.op
    ends = [substitute(side, {symbol: Integer(0)}) for side in (relation.lhs, relation.rhs)]
    return Inference(Relation(ends[0], op, ends[1]), premise.hypotheses, "closedness of <=")
