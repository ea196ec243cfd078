# SPDX-License-Identifier: MIT
"""Cross-entropy at equal wrong logits: phi(t), its slope -q(t), its dual psi(p), with C symbolic."""

from __future__ import annotations

from typing import Any

from sympy import Expr, exp, log

from theory.symbols import C


def phi(t: Any) -> Expr:
    """Cross-entropy at equal wrong logits and margin t: log(1 + (C-1) e^-t)."""
    return log(1 + (C - 1) * exp(-t))


def phi_inverse(level: Any) -> Expr:
    """The margin at which phi equals ``level`` > 0: log((C-1)/(e^level - 1))."""
    return log((C - 1) / (exp(level) - 1))


def q(t: Any) -> Expr:
    """-phi'(t): total softmax probability of the wrong classes at equal wrong logits and margin t."""
    return (C - 1) / (C - 1 + exp(t))


def psi(p: Any) -> Expr:
    """Entropy of the distribution with 1-p on the true class and p/(C-1) on each wrong one."""
    return -p * log(p) - (1 - p) * log(1 - p) + p * log(C - 1)


def bregman(t: Any, at: Any) -> Expr:
    """phi(t) - phi(at) + q(at) (t - at), the gap of phi above its tangent."""
    return phi(t) - phi(at) + q(at) * (t - at)
