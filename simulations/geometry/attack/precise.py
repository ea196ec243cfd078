# SPDX-License-Identifier: MIT
"""A theorem's own formula to fifty digits, so that a bound of 1e-12 next to a cosine of 1 keeps its digits.

The formula is the SymPy expression that `evaluate` uses; only the scalar functions in it (phi, q, psi, their
inverses, ...) are replaced by mpmath's. The tests hold the two evaluations against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import mpmath
import sympy
from mpmath import mpf

from theory import contact_lines, scalars
from theory.evaluation import function, names

__all__ = ["DIGITS", "Values", "exact", "library", "number", "slope"]

DIGITS = 50
Values = Mapping[str, Any]


def number(expression: sympy.Expr, values: Values) -> Any:
    """``expression`` at ``values`` (floats or mpmath numbers), as an mpmath number."""
    with mpmath.workdps(DIGITS):
        needed, compute = _compiled(expression)
        return mpf(compute(*(mpf(values[name]) for name in needed)))


def slope(expression: sympy.Expr, values: Values, name: str) -> float:
    """Derivative of ``expression`` in the value called ``name``: a central difference in fifty digits."""
    with mpmath.workdps(DIGITS):
        at = mpf(values[name])
        step = mpf(10) ** -16 * max(abs(at), mpf(10) ** -6)
        ends = [number(expression, {**values, name: at + sign * step}) for sign in (1, -1)]
        return float((ends[0] - ends[1]) / (2 * step))


def exact(function: Callable[[], Any]) -> Any:
    """The result of ``function``, computed with fifty digits."""
    with mpmath.workdps(DIGITS):
        return function()


@lru_cache(maxsize=200)
def _compiled(expression: sympy.Expr) -> tuple[tuple[str, ...], Any]:
    return names(expression), function(expression, [library(), "mpmath"])


def phi(t: Any, C: Any) -> Any:
    """log(1 + (C-1) e^-t)."""
    return mpmath.log1p((C - 1) * mpmath.exp(-t))


def q(t: Any, C: Any) -> Any:
    """(C-1)/(C-1 + e^t)."""
    return (C - 1) / (C - 1 + mpmath.exp(t))


def phi_inverse(L: Any, C: Any) -> Any:
    """log((C-1)/(e^L - 1))."""
    return mpmath.log((C - 1) / mpmath.expm1(L))


def psi(p: Any, C: Any) -> Any:
    """Entropy of the label smoothed by p in (0, 1)."""
    return -p * mpmath.log(p / (C - 1)) - (1 - p) * mpmath.log1p(-p)


def psi_inverse(L: Any, C: Any) -> Any:
    """The p <= (C-1)/C with psi(p) = L: Newton from the float64 value. L >= log C gives (C-1)/C."""
    if mpmath.log(C) <= L:
        return (C - 1) / C
    p = mpf(float(scalars.psi_inverse(float(L), float(C))))
    for _ in range(60):
        margin = mpmath.log((C - 1) * (1 - p) / p)
        if margin <= 0:
            return p
        step = (psi(p, C) - L) / margin
        p = p - step
        if abs(step) <= mpf(10) ** (5 - DIGITS) * p:
            break
    return p


def optimal_q(weight_decay: Any, C: Any) -> Any:
    """lambda (C-1)/sqrt(C)."""
    return weight_decay * (C - 1) / mpmath.sqrt(C)


def optimal_T(weight_decay: Any, C: Any) -> Any:
    """log(sqrt(C)/lambda - (C-1))."""
    return mpmath.log(mpmath.sqrt(C) / weight_decay - (C - 1))


def least_regularized_loss(weight_decay: Any, C: Any) -> Any:
    """psi(q*)."""
    return psi(optimal_q(weight_decay, C), C)


def _best(line: Callable[[Any], Any], own: Any, T: Any, floor: int) -> Any:
    """The largest line at tau = ``own`` and at the steps of `theory.contact_lines` times T."""
    margins = [own] * (own > 0) + [mpf(float(step)) * T for step in contact_lines._STEPS]
    return max([mpf(floor), *(line(tau) for tau in margins)])


def _class_line(L: Any, T: Any, C: Any) -> Any:
    def line(tau: Any) -> Any:
        price = tau * q(tau, C)
        room, height = (mpmath.log(C) - phi(tau, C)) / price, 3 - 2 * (L - phi(tau, C)) / price
        if room < mpf("2.5"):
            return mpf(0)
        x = min(max(height * tau / (3 * T), 1 / (room - mpf("1.5"))), mpf(1))
        return x**2 * (height - 2 * x * T / tau)

    return _best(line, phi_inverse(L, C), T, 0)


def _sample_line(L: Any, T: Any, C: Any) -> Any:
    def line(tau: Any) -> Any:
        price = tau * q(tau, C)
        room, height = (mpmath.log(C) - phi(tau, C)) / price, 2 - (L - phi(tau, C)) / price
        if room < 3:
            return mpf(-1)
        x = min(max(height * tau / (2 * T), 1 / (room - 2)), mpf(1))
        return x * (height - x * T / tau)

    return _best(line, phi_inverse(L, C), T, -1)


def _decay_line(L: Any, weight_decay: Any, C: Any) -> Any:
    T, mass = optimal_T(weight_decay, C), psi_inverse(L, C)

    def line(tau: Any) -> Any:
        price = tau * q(tau, C)
        room, x = (mpmath.log(C) - phi(tau, C)) / price, optimal_q(weight_decay, C) / q(tau, C)
        if x > 1 or room < 1 / x + mpf("1.5"):
            return mpf(0)
        return x**2 * (3 - 2 * (L - phi(tau, C)) / price)

    return _best(line, mpmath.log((C - 1) * (1 - mass) / mass), T, 0)


def library() -> dict[str, Callable[..., Any]]:
    """The functions that formulas may use, by the names they have there."""
    return {
        "phi": phi,
        "q": q,
        "phi_inverse": phi_inverse,
        "psi": psi,
        "psi_inverse": psi_inverse,
        "optimal_q": optimal_q,
        "optimal_T": optimal_T,
        "least_regularized_loss": least_regularized_loss,
        "best_class_line": _class_line,
        "best_sample_line": _sample_line,
        "best_decay_line": _decay_line,
    }
