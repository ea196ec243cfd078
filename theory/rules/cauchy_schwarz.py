# SPDX-License-Identifier: MIT
"""Cauchy-Schwarz for averages: (E[u v])^2 <= E[u^2] E[v^2]."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Symbol

from theory.expressions import Mean, Relation
from theory.kernel import Inference
from theory.rules.common import require_denominators


def infer(*, u: Expr, v: Expr, over: Sequence[Symbol]) -> Inference:
    """The instance for ``u``, ``v`` averaged over the indices ``over``."""
    require_denominators([u, v])
    relation = Relation(Mean(u * v, *over) ** 2, "<=", Mean(u**2, *over) * Mean(v**2, *over))
    return Inference(relation, frozenset(), "Cauchy-Schwarz inequality")
