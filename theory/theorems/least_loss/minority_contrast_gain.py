# SPDX-License-Identifier: MIT
"""Below the threshold no collapsed point is optimal, for any weights of the classes in the features' decay.

The objective with the contrast is written by its logits and norms, as in hong-ling-2023-no-collapse-below,
where the weights are v_c = n_c; the equation for theta makes it that of a configuration.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational

from theory.definitions import sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, le
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
    sample,
)
from theory.lemmas.minority_contrast import CONTRAST, RATE, STEP, below, contrast, contrasted_loss
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine, instantiate, theorem
from theory.symbols import C, atom, c, h, i, positive, w

v_group = positive("v_B", "v_B", "weight of each class of the group in the decay of the features")
v_other = atom("v_other", "v", "v_other(c): weight of a class outside the group in the decay of the features")
BELOW = eq(lam_W * lam_H * v_group * n_all**2, n_group**2 * (1 - below) ** 2)
HYPOTHESES = (*MEMBER, *CONTRAST, BELOW)
GAIN = C * Mean(member(c), c) * RATE * below**2
EIGHTH = Rational(1, 8)


def contrasted_decays() -> Expr:
    """The decays with the contrast: steps STEP/lambda_W and STEP/(lambda_H v_B)."""
    grown_row = sq(mean_row) + STEP / lam_W * contrast(c) ** 2
    grown_feature = sq(mean_feature) + STEP / (lam_H * v_group) * contrast(c) ** 2
    rows = (1 - member(c)) * sq(lambda x: w(c, x)) + member(c) * grown_row
    features = (1 - member(c)) * v_other(c) * sq(sample) + member(c) * v_group * grown_feature
    return lam_W / 2 * C * Mean(rows, c) + lam_H / 2 * C * Mean(features, c, i)


def claim(share: Any = EIGHTH, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    before = collapsed_loss() + collapsed_decays(v_other(c), v_group)
    return Statement(le(contrasted_loss() + contrasted_decays(), before - share * GAIN), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The weights n_c with another decay; outside the group nothing changes."""
    same = instantiate(
        theorem("hong-ling-2023-no-collapse-below"),
        {lam_H: lam_H * v_group / n_group},
        label="the group's decay lambda_H v_B",
    )
    return combine(claim().conclusion, {same: 1}, label="outside the group")  # type: ignore[arg-type]


def configuration(depth: Rational, equal: bool = False) -> Witness:
    """Two classes of one sample, both in the group and at zero, v_B = 4; theta = ``depth``, contrast +-1."""
    decay = (1 - depth) / 4
    nothing = {a: lambda *at: Integer(0) for a in (w, h, mean_row, mean_feature)}
    return Witness(
        2,
        1,
        1,
        {
            **nothing,
            member: lambda c: Integer(1),
            count: lambda c: Integer(1),
            v_other: lambda c: Integer(1),
            contrast: lambda c: Integer(1 if equal else 1 - 2 * c),
        },
        {
            lam_W: decay,
            lam_H: decay,
            v_group: Integer(4),
            n_group: Integer(1),
            n_all: Integer(2),
            below: depth,
        },
        f"two classes of one sample at zero, theta = {depth}",
    )


def twins() -> list[Twin]:
    half = Rational(1, 2)
    unbalanced = (*MEMBER, *CONTRAST[1:], BELOW)
    return [
        Twin("twice the gain", claim(share=Rational(1, 4)), configuration(half)),
        Twin(
            "contrasts that do not sum to zero",
            claim(hypotheses=unbalanced),
            configuration(half, equal=True),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(share=Integer(0))

    def proof() -> Theorem:
        """The gain is nonnegative."""
        group = average(assume(MEMBER[0]), c)
        return combine(goal.conclusion, {prove(): 1, group: C * RATE * below**2 / 8})  # type: ignore[arg-type]

    return Neighbour("not worse", goal, proof)


_REACH = value("total_samples") ** 2 * value("weight_decay") * value("feature_decay")
THEOREM = Entry(
    name="minority-contrast-gain",
    title="No minority collapse below sqrt(lambda_W lambda_H v_B) = n_B/N, for any weights of the classes",
    kind="upper",
    source=(
        "this project (2026), for the layer-peeled model of Fang et al. 2021 (arXiv:2101.12699); weights "
        "n_c: Hong & Ling 2023 (arXiv:2309.09725)"
    ),
    says=(
        "Let sqrt(lambda_W lambda_H v_B) N = n_B (1 - theta), 0 < theta < 1, v_B the weight of each class of "
        "a group in the decay of the features, and let W, H be collapsed on the group of K_B classes of n_B "
        "samples. A contrast of size theta/4 in a spare direction, with sizes s_c that sum to zero, mean "
        "square 1 and s_c^2 <= 2, lowers the loss with decays by at least K_B (n_B/N) theta^2/8. With "
        "minority-collapse-gain, pi_B/sqrt(v_B) is the exact threshold of collapse for every weighting."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("hong-ling-2023-no-collapse-below",),
    # the gain for each class of the group where every class counts alike, v = 1
    formula=Formula(
        value("class_samples")
        / value("total_samples")
        * (1 - _REACH ** Rational(1, 2) / value("class_samples")) ** 2
        / 8,
        (
            Condition("N > 0", Integer(0), value("total_samples"), strict=True),
            Condition(
                "sqrt(lambda_W lambda_H) < n_B/N",
                _REACH,
                value("class_samples") ** 2,
                strict=True,
            ),
        ),
    ),
)
