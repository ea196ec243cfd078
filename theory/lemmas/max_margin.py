# SPDX-License-Identifier: MIT
"""Max-margin features and classifier for any class sizes, temperatures and margins: the model.

Margins delta_c z_c - delta_j z_j >= m_cj in every sample of class c at the least norms ||W||_F^2 + ||H||_F^2.
Source: Thrampoulidis et al. 2022 (arXiv:2208.05512), SELI geometry; Behnia et al. 2023 (arXiv:2303.07608).
"""

from __future__ import annotations

from typing import Any

from sympy import Expr

from theory.definitions import sq, unbiased_logit
from theory.expressions import Mean, le
from theory.lemmas.imbalanced import count
from theory.symbols import C, atom, c, h, i, j, w

scale = atom("delta_temperature", r"\delta", "delta_temperature(c): factor of the logits of class c")
asked = atom("m_asked", "m", "m_asked(c, j): margin asked of class c against class j; m_cc <= 0")
multiplier = atom(
    "lambda_margin", r"\lambda", "lambda_margin(c, j): multiplier of that margin in each sample, >= 0"
)

SEPARATED = le(asked(c, j), scale(c) * unbiased_logit(c, i, c) - scale(j) * unbiased_logit(c, i, j), c, i, j)


def rows() -> Expr:
    """||W||_F^2."""
    return C * Mean(sq(lambda x: w(c, x)), c)


def norms() -> Expr:
    """||W||_F^2 + sum over all samples of ||h||^2."""
    return rows() + C * Mean(count(c) * sq(lambda x: h(c, i, x)), c, i)


def pulled_by(multipliers: Any, x: Any) -> Expr:
    """g_c = sum_j lambda_cj (delta_c w_c - delta_j w_j), coordinate x."""
    return C * Mean(multipliers(c, j) * (scale(c) * w(c, x) - scale(j) * w(j, x)), j)
