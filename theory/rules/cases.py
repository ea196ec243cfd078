# SPDX-License-Identifier: MIT
"""Case distinction on a real number: P under a <= b and P under b <= a give P."""

from __future__ import annotations

from theory.expressions import Relation
from theory.kernel import Inference, KernelError, Theorem
from theory.rules.common import same_relation


def infer(one: Theorem, other: Theorem, *, split: Relation) -> Inference:
    """``split`` is a <= b (or a < b), a hypothesis of ``one``; ``other`` assumes at most b <= a instead."""
    if split.op == "==" or split.over or split not in one.hypotheses:
        raise KernelError(f"{split} must be an inequality among the hypotheses of the first case")
    if not isinstance(one.conclusion, Relation):
        raise KernelError(f"{one.conclusion}: what exists in each case need not be the same in both")
    if one.conclusion != other.conclusion:
        raise KernelError(f"the cases end differently: {one.conclusion} and {other.conclusion}")
    # not (a < b) is b <= a, and not (a <= b) is b < a, which b <= a covers
    opposite = Relation(split.rhs, "<=", split.lhs)
    strict = Relation(split.rhs, "<", split.lhs)
    # a hypothesis for *all* indices is more than the opposite of the split at one of them
    single = {a for a in other.hypotheses if not a.over}
    covered = {a for a in single if same_relation(opposite, a)}
    if split.op == "<=":
        covered |= {a for a in single if same_relation(strict, a)}
    return Inference(one.conclusion, (one.hypotheses - {split}) | (other.hypotheses - covered), "both cases")
