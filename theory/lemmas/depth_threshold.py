# SPDX-License-Identifier: MIT
"""One singular direction of a deep unconstrained-features model with squared loss.

Features and L layers are d = L + 1 factors with singular values s_l and decays lambda_l; written with the
logarithms y_l of the s_l and kappa_l of the lambda_l, and with r = L - 1 > 0.  Per direction the objective is

    (1 - prod_l s_l/sqrt(n))^2/(2 C) + (1/2) sum_l lambda_l s_l^2,

1/(2 C) at zero.  The direction survives iff n prod_l lambda_l < (L-1)^{L-1}/(C^{L+1} L^{2L}).
"""

from __future__ import annotations

from sympy import Expr, exp, log, sqrt

from theory.expressions import Mean, Relation, eq
from theory.symbols import C, atom, k, n, positive, real

r = positive("r_layers", "r", "number of layers after the unconstrained features, minus one: L - 1")
t = real("t_layers", "t", "logarithmic distance of prod s_l/sqrt(n) from (L-1)/L, times 2/(L+1)")
y = atom("y_l", "y", "y_l(k): logarithm of the singular value of factor k")
kappa = atom("kappa_l", r"\kappa", "kappa_l(k): logarithm of the decay of factor k")

THRESHOLD = r**r  # (L-1)^{L-1}


def decays() -> Expr:
    """C^{L+1} L^{2L} n prod_l lambda_l."""
    return C ** (r + 2) * (r + 1) ** (2 * (r + 1)) * n * exp((r + 2) * Mean(kappa(k), k))


def logarithms() -> tuple[Expr, Expr]:
    """log of ``THRESHOLD`` and of ``decays()``."""
    total = (r + 2) * log(C) + 2 * (r + 1) * log(r + 1) + log(n) + (r + 2) * Mean(kappa(k), k)
    return r * log(r), total


def objective() -> Expr:
    """(1 - prod s_l/sqrt(n))^2/(2 C) + (1/2) sum_l lambda_l s_l^2."""
    product = exp((r + 2) * Mean(y(k), k)) / sqrt(n)
    return (1 - product) ** 2 / (2 * C) + (r + 2) / 2 * Mean(exp(kappa(k) + 2 * y(k)), k)


def singular_value(at: Expr) -> Relation:
    """prod_l s_l = sqrt(n) (L-1)/L e^{(L+1) at/2}, in logarithms."""
    return eq((r + 2) * Mean(y(k), k), (r + 2) * at / 2 + log(n) / 2 + log(r) - log(r + 1))


def balanced_cost() -> Expr:
    """log of lambda_l s_l^2 at the threshold and at t: (L-1)/(C L^2) e^t."""
    return t + log(r) - log(C) - 2 * log(r + 1)
