# SPDX-License-Identifier: MIT
"""With enough decay, replacing a group's rows and features by their means does not raise the objective.

The loss gains at most (n_B/N) E<w_c - wB, h_ci - hB> from contrasts inside the group, and the decays charge
sqrt(lambda_W lambda_H v_B) for each unit of it, v_B being the weight of a group's class in the feature decay.
Source: this project (2026), for the thresholds of Hong & Ling 2023 (arXiv:2309.09725).
"""

from __future__ import annotations

from typing import Any

from theory.definitions import sq
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.minority import (
    COUNTS,
    MEANS,
    MEMBER,
    collapsed_decays,
    collapsed_loss,
    decays,
    feature_sum,
    inside_the_group,
    loss,
    mean_feature,
    mean_row,
    member,
    n_all,
    n_group,
    outside_the_group,
    row_sum,
    shifted_feature,
    shifted_row,
)
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine
from theory.symbols import C, c, i


def condition(inside: Any) -> Relation:
    """lambda_W lambda_H v_B >= (n_B/N)^2."""
    return le(n_group**2, lam_W * lam_H * inside * n_all**2)


def hypotheses(inside: Any) -> tuple[Relation, ...]:
    """Membership, means, counts and the condition on the decays."""
    return (*MEMBER, *MEANS, COUNTS, condition(inside))


def collapse_is_better(outside: Any, inside: Any) -> Theorem:
    """With enough decay the collapsed configuration has no larger objective."""
    low = assume(MEMBER[0])
    tilt = n_group / (n_all * lam_W)
    square = member(c) * sq(lambda x: shifted_row(x) - tilt * shifted_feature(x))
    spread = combine(le(0, square), slack=square, facts=[low], label="a square in the group")
    rest = member(c) * sq(shifted_feature)
    left = combine(le(0, rest), slack=rest, facts=[low], label="scatter of the group's features")
    spare = lam_H * inside - n_group**2 / (n_all**2 * lam_W)
    enough = combine(le(0, spare), {assume(condition(inside)): 1 / (n_all**2 * lam_W)}, label="enough decay")
    share = C * n_group / n_all
    return combine(
        le(
            collapsed_loss() + collapsed_decays(outside, inside),
            loss() + decays(outside, inside),
        ),
        {
            outside_the_group(): C / n_all,
            inside_the_group(): share,
            average(spread, c, i): C * lam_W / 2,
            average(left, c, i): C / 2 * spare,
            feature_sum(mean_row): share,
            row_sum(mean_feature): share,
            feature_sum(mean_feature): -C * lam_H * inside,
            row_sum(mean_row): -C * lam_W,
        },
        facts=[enough],
        label="what the loss gains from a contrast in the group, the decays take back",
    )
