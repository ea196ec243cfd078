# SPDX-License-Identifier: MIT
"""Proof that a constant expression is zero, by algebra alone: never by a numerical guess."""

import sympy


def is_exact_zero(expression: sympy.Expr) -> bool:
    """True only if ``expression`` is proved to vanish; False means not proved.

    Logarithms of rationals are split into logarithms of primes, the rest is brought to one fraction, and the
    numerator must cancel with exp(..), log(..) and roots taken as independent generators. An identity that
    holds for independent generators holds for their values. SymPy's own ``equals`` evaluates at random points
    and is not used.
    """
    if expression.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.Float):
        return False
    split = sympy.expand_log(sympy.expand(expression), factor=True)
    return bool(sympy.cancel(sympy.together(split)) == 0)
