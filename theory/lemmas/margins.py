# SPDX-License-Identifier: MIT
"""phi decreases: what a larger margin saves."""

from __future__ import annotations

from sympy import Expr, exp

from theory.definitions import phi
from theory.expressions import le
from theory.kernel import Theorem
from theory.proving import combine, log_tangent
from theory.symbols import C


def phi_falls(at: Expr, by: Expr) -> Theorem:
    """phi(at + by) <= phi(at), for ``by`` visibly >= 0: log x <= x - 1 at the ratio and at e^by."""
    ratio = (1 + (C - 1) * exp(-at) * exp(-by)) / (1 + (C - 1) * exp(-at))
    grows = log_tangent(exp(by), label="x <= e^x - 1")
    below = combine(le(exp(-by), 1), {grows: exp(-by)}, slack=by * exp(-by), label="e^-x <= 1")
    rate = (C - 1) * exp(-at) / (1 + (C - 1) * exp(-at))
    return combine(
        le(phi(at + by), phi(at)),
        {log_tangent(ratio, label="log of the ratio"): 1, below: rate},
        label="phi decreases",
    )
