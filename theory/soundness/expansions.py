# SPDX-License-Identifier: MIT
"""False expansions: the coefficients of an expansion are unique, so others are wrong.

At given exact values of all symbols but the parameter, quantity and variable are functions of one variable;
their derivatives at 0 (by SymPy, independently of the kernel's own calculus) give the only possible
coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy import Expr, Integer, Symbol

from theory.certificates.balls import decide
from theory.expressions import Expansion, is_index
from theory.statement import Witness
from theory.symbols import C, d


def parameters(claim: Expansion) -> list[Symbol]:
    """The symbols at whose zero both functions vanish, visibly."""
    found = []
    for s in sorted(claim.variable.free_symbols & claim.quantity.free_symbols, key=lambda s: s.name):
        if is_index(s) or s in (C, d):
            continue
        ends = [sympy.simplify(e.subs(s, 0)) for e in (claim.variable, claim.quantity)]
        if ends == [0, 0]:
            found.append(s)
    return found


def coefficients(quantity: Expr, variable: Expr, parameter: Symbol) -> tuple[Expr, Expr]:
    """The first two coefficients of ``quantity`` in powers of ``variable``."""
    x1, x2 = (sympy.diff(variable, parameter, n).subs(parameter, 0) for n in (1, 2))
    y1, y2 = (sympy.diff(quantity, parameter, n).subs(parameter, 0) for n in (1, 2))
    return y1 / x1, (y2 * x1 - y1 * x2) / (2 * x1**3)


def false_expansion(claim: Expansion, witnesses: Sequence[Witness]) -> bool:
    """Whether a coefficient of ``claim`` differs, rigorously, from the true one at a witness."""
    for parameter in parameters(claim):
        for witness in witnesses:
            fixed = {s: v for s, v in witness.values.items() if s != parameter}
            fixed |= {C: Integer(witness.classes), d: Integer(witness.dimension)}
            parts = [e.subs(fixed) for e in (claim.quantity, claim.variable, *claim.coefficients)]
            if any(e.free_symbols - {parameter} for e in parts):
                continue
            try:
                true = coefficients(parts[0], parts[1], parameter)
                if any(decide(a, "==", b) is False for a, b in zip(true, parts[2:], strict=True)):
                    return True
            except (ValueError, ArithmeticError):
                continue  # not real numbers at this witness
    return False
