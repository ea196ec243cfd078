# SPDX-License-Identifier: MIT
"""With fewer wrong probabilities an inequality about phi only becomes easier: C leaves it.

phi(T - y) - phi(T) = log(1 + q (e^y - 1)) with q = q(T), which is concave in q and zero at q = 0.  So for
0 < q <= Q it is at least q/Q times its value at Q, and an inequality of the form
log(1 + Q (e^y - 1)) >= Q (...), certified on a box for one Q, holds for every C with q(T) <= Q.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, exp, log

from theory.definitions import phi, q
from theory.expressions import Relation, le
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import threshold
from theory.proving import assume, combine, instantiate, log_tangent
from theory.symbols import T, real

y = real("y_shorter", "y", "how much a margin is below T")


def few_wrong(bound: Rational) -> Relation:
    """q(T) <= ``bound``."""
    return le(q(T), bound)


def rise(shift: Any, bound: Rational) -> Expr:
    """log(1 + Q (e^y - 1)) with Q = ``bound`` and y = ``shift``: free of C."""
    return log(1 + bound * (exp(shift) - 1))


@lru_cache
def fewer_wrong(bound: Rational) -> Theorem:
    """q(T) <= Q |- (q(T)/Q) log(1 + Q (e^y - 1)) <= phi(T - y) - phi(T)."""
    share = q(T) / bound
    here = 1 + q(T) * (exp(y) - 1)
    larger = log_tangent((1 + bound * (exp(y) - 1)) / here, label="log at Q")
    none = log_tangent(1 / here, label="log at 0")
    known = assume(few_wrong(bound))
    rest = combine(le(0, 1 - share), {known: 1 / bound}, label="q is at most Q")
    return combine(
        le(share * rise(y, bound), phi(T - y) - phi(T)),
        {larger: share, none: 1 - share},
        facts=[rest],
        label="log is concave",
    )


@lru_cache
def above_threshold(power: Rational, least: Rational, bound: Rational) -> Theorem:
    """T_0 <= T, q(T) <= Q |- T >= T_k, for k = ``power``, T_0 = ``least``, Q = ``bound``, k Q <= 1."""
    share = bound * exp(T) / (1 + bound * (exp(T) - 1))
    enough = apply("ball", goal=le(-log(bound), least * (1 - power * bound)), label=f"at T = {least}")
    rate = q(T) / bound
    return combine(
        threshold(power),
        {
            instantiate(fewer_wrong(bound), {y: T}, label="y := T"): 1,
            log_tangent(share, label="at least T + log Q"): rate,
            enough: rate,
            assume(le(least, T)): rate * (1 - power * bound),
        },
        slack=rate * (1 - bound) / (1 + bound * (exp(T) - 1)),
        label=f"T >= T_{power}",
    )
