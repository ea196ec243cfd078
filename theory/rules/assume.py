# SPDX-License-Identifier: MIT
"""A |- A; and, for a hypothesis about every class, sample or coordinate, (for all i: A(i)) |- A(i)."""

from __future__ import annotations

from theory.expressions import Relation
from theory.kernel import Inference, KernelError
from theory.rules.common import require_denominators


def infer(*, relation: Relation) -> Inference:
    """``relation`` under itself as hypothesis, at a free value of the indices it quantifies."""
    if not isinstance(relation, Relation):
        raise KernelError(f"only a relation can be assumed, got {relation!r}")
    require_denominators([relation.lhs, relation.rhs])  # true of 1/0 would mean nothing
    return Inference(relation.instance(), frozenset({relation}), "hypothesis")
