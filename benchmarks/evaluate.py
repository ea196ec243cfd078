# SPDX-License-Identifier: MIT
"""A bound over many losses: theorem.evaluate on one array against loops in mpmath and SymPy.

The bound is within-class-variability, nu <= 1 - (phi^{-1}(L)/T)^2. seconds are for one value (the loops run
over fewer values and are divided by their number). error: largest difference from 50-digit mpmath.
"""

from __future__ import annotations

import numpy as np

from benchmarks._table import Row, timed

PROBLEM, CLASSES, ALPHA, BETA = "C = 10, one value", 10, 3.0, 2.5
MANY, SOME, FEW = 100_000, 2000, 100


def run() -> list[Row]:
    """Three ways to the same numbers."""
    import mpmath
    import sympy

    import theory

    T = CLASSES * ALPHA * BETA / (CLASSES - 1)
    losses = np.linspace(float(theory.scalars.phi(T, CLASSES)) * 1.01, np.log(CLASSES), MANY)
    theorem = theory.get("within-class-variability")
    values = {"C": CLASSES, "L": losses, "alpha": ALPHA, "beta": BETA}
    theorem.evaluate(**values)
    ours_seconds, ours = timed(lambda: theorem.evaluate(**values), repeats=3)

    def in_mpmath(level: float) -> mpmath.mpf:
        tau = mpmath.log((CLASSES - 1) / mpmath.expm1(level))
        return 1 - (tau / mpmath.mpf(T)) ** 2

    L = sympy.Symbol("L", positive=True)
    formula = 1 - (sympy.log((CLASSES - 1) / (sympy.exp(L) - 1)) / sympy.Float(T)) ** 2
    stride, sparse = MANY // SOME, MANY // FEW
    with mpmath.workdps(50):
        mp_seconds, mp_values = timed(lambda: [in_mpmath(float(x)) for x in losses[::stride]])
    sp_seconds, sp_values = timed(
        lambda: [float(formula.evalf(subs={L: float(x)})) for x in losses[::sparse]]
    )
    reference = np.array([float(x) for x in mp_values])
    return [
        Row(
            PROBLEM,
            "theorem.evaluate, float64",
            ours_seconds / MANY,
            float(abs(ours[::stride] - reference).max()),
        ),
        Row(PROBLEM, "mpmath loop, 50 digits", mp_seconds / len(mp_values), 0.0),
        Row(
            PROBLEM,
            "SymPy evalf loop",
            sp_seconds / len(sp_values),
            float(abs(np.array(sp_values) - reference[:: sparse // stride]).max()),
        ),
    ]
