# SPDX-License-Identifier: MIT
"""Pan & Cao's Theorems 2.1 and 2.2 as statements: "there are constants such that ..."."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Rational, exp, log

from theory.definitions import loss, phi, unbiased_logit
from theory.expressions import Exists, Indicator, Mean, le
from theory.lemmas.chosen_pairs import chosen_excess
from theory.lemmas.polar import NORMS_AT_MOST_ONE, class_cosine, polar
from theory.lemmas.weight_decay import SETTING, regularized_gap
from theory.symbols import C, alpha, beta, c, delta, eps, lam, positive

K1 = positive("K_1", "K_1", "constant in front of the published bound")
K2 = positive("K_2", "K_2", "constant in the exponent of the published bound")


def rate_2_1(power: Any, k1: Any = K1, k2: Any = K2) -> Expr:
    """(K_1 e^{K_2 C alpha beta}/(alpha beta)) (eps/delta)^power: the published form of Theorem 2.1."""
    return k1 * exp(k2 * C * alpha * beta) / (alpha * beta) * (eps / delta) ** power


def rate_2_2(power: Any, k1: Any = K1, k2: Any = K2, decay: Any = lam) -> Expr:
    """K_1 (C/lambda)^{K_2 C} (eps/delta)^power: the published form of Theorem 2.2."""
    return k1 * exp(k2 * C * log(C / decay)) * (eps / delta) ** power


def intra_claim(rate: Expr) -> Exists:
    """At most a fraction delta of the classes has 1 - intra_c >= rate."""
    return Exists((K1, K2), le(Mean(Indicator(1 - class_cosine() - rate), c), delta))


def inter_claim(rate: Expr) -> Exists:
    """Over chosen pairs of classes (``chosen_pairs``), inter + 1/(C-1) is at most ``rate`` on average."""
    return Exists((K1, K2), chosen_excess(rate))


HALF, SIXTH = Rational(1, 2), Rational(1, 6)
SMALL_GAP = le(eps, delta)
MARGIN = C * alpha * beta / (C - 1)

# The settings of the two theorems: norms in mean square at most alpha and beta and loss at most m + eps; or
# bias-free batch norm and weight decay, and regularised loss at most m_reg + eps.
BOUNDED_NORMS = (*polar(beta, alpha), *NORMS_AT_MOST_ONE, le(loss(unbiased_logit), phi(MARGIN) + eps))
WEIGHT_DECAY = (*SETTING, le(regularized_gap(), eps))


def fraction(level: object) -> Mean:
    """The fraction of classes with 1 - intra_c >= level."""
    return Mean(Indicator(1 - class_cosine() - level), c)
