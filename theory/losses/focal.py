# SPDX-License-Identifier: MIT
"""The focal loss (1 - e^-CE)^gamma CE and its scalar reduction, with C and gamma symbolic.

1 - e^-CE is the softmax mass of the wrong classes (Lin et al. 2017, equation 4).
"""

from __future__ import annotations

from typing import Any

from sympy import Expr

from theory.losses.cross_entropy import phi, q
from theory.symbols import positive

focusing = positive("gamma_F", r"\gamma", "exponent of the focal loss, > 0")


def focal(t: Any) -> Expr:
    """Focal loss at equal wrong logits and margin t: q(t)^gamma phi(t), in nats."""
    return q(t) ** focusing * phi(t)


def focal_slope(t: Any) -> Expr:
    """Minus its derivative, q^gamma (q + gamma (1 - q) phi); it rises to a peak above 1, then falls."""
    return q(t) ** focusing * (q(t) + focusing * (1 - q(t)) * phi(t))
