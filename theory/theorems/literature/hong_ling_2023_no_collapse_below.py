# SPDX-License-Identifier: MIT
"""Minority collapse, the other side: below kappa N = sqrt(n_B) nothing collapsed is optimal.

The algebra does not use kappa N = sqrt(n_B) (1 - theta): it is what makes the contrasted objective that of a
configuration, with steps epsilon, epsilon' of rows and features, epsilon epsilon' = theta/4, for theta < 1.
"""

from typing import Any

from sympy import Integer, Rational

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.imbalanced import count
from theory.lemmas.minority import (
    MEMBER,
    collapsed_decays,
    collapsed_loss,
    mean_feature,
    mean_row,
    member,
    n_all,
    n_group,
)
from theory.lemmas.minority_contrast import (
    HYPOTHESES,
    RATE,
    below,
    contrast,
    contrast_is_better,
    contrasted_decays,
    contrasted_loss,
)
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine
from theory.symbols import C, c, h, w

GAIN = C * Mean(member(c), c) * RATE * below**2


def claim(share: object = Rational(1, 8), hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    before = collapsed_loss() + collapsed_decays(count(c), n_group)
    return Statement(le(contrasted_loss() + contrasted_decays(), before - share * GAIN), hypotheses)


def prove() -> Theorem:
    """What the true logits gain is of first order, what the log-sum-exp loses of second."""
    return contrast_is_better()


def configuration(depth: Rational, size: Any = 1) -> Witness:
    """Two classes of one sample, both in the group and at zero; theta = ``depth``, contrast +-1."""
    decay = (1 - depth) / 2
    nothing = {a: lambda *at: Integer(0) for a in (w, h, mean_row, mean_feature)}
    return Witness(
        2,
        1,
        1,
        {
            **nothing,
            member: lambda c: Integer(1),
            count: lambda c: Integer(1),
            contrast: lambda c: size * (1 - 2 * c),
        },
        {lam_W: decay, lam_H: decay, n_group: Integer(1), n_all: Integer(2), below: depth},
        f"two classes of one sample at zero, theta = {depth}",
    )


def twins() -> list[Twin]:
    deep = configuration(Rational(1, 2))
    constant = Witness(
        2, 1, 1, {**deep.functions, contrast: lambda c: Integer(1)}, deep.values, "equal contrasts"
    )
    unbalanced = (*MEMBER, *HYPOTHESES[3:])
    return [
        Twin("twice the gain", claim(share=Rational(1, 4)), deep),
        Twin("contrasts that do not sum to zero", claim(hypotheses=unbalanced), constant),
    ]


def neighbour() -> Neighbour:
    goal = claim(share=Integer(0))

    def proof() -> Theorem:
        """The gain is nonnegative."""
        group = average(assume(MEMBER[0]), c)
        return combine(goal.conclusion, {prove(): 1, group: C * RATE * below**2 / 8})  # type: ignore[arg-type]

    return Neighbour("not worse", goal, proof)


_REACH = value("total_samples") ** 2 * value("weight_decay") * value("feature_decay") / value("class_samples")
THEOREM = Entry(
    name="hong-ling-2023-no-collapse-below",
    title="No minority collapse below kappa = sqrt(n_B)/N",
    kind="upper",
    source=(
        "Hong & Ling 2023 (arXiv:2309.09725), cross-entropy with decays and class imbalance; the threshold "
        "and its proof: this project (2026)"
    ),
    says=(
        "Let kappa N = sqrt(n_B) (1 - theta), 0 < theta < 1, and let W, H be collapsed on a group of K_B "
        "classes of n_B samples. A contrast of size theta/4 in a direction orthogonal to all rows and "
        "features, with sizes s_c that sum to zero, mean square 1 and s_c^2 <= 2, lowers the loss with "
        "decays by at least K_B (n_B/N) theta^2/8. The objective with the contrast is written by its logits "
        "and norms."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # the gain for each class of the group
    formula=Formula(
        value("class_samples") / value("total_samples") * (1 - _REACH ** Rational(1, 2)) ** 2 / 8,
        (
            Condition("N > 0", Integer(0), value("total_samples"), strict=True),
            Condition("kappa < sqrt(n_B)/N", _REACH, Integer(1), strict=True),
        ),
    ),
)
