# SPDX-License-Identifier: MIT
"""What a group's contrasts cost, for any weights of the classes in the decay of the features."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, log, sqrt

from theory.definitions import sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, le
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
    two_merged,
)
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine
from theory.symbols import C, atom, c, i, positive

v_group = positive("v_B", "v_B", "weight of each class of the group in the decay of the features")
v_other = atom("v_other", "v", "v_other(c): weight of a class outside the group in the decay of the features")
HYPOTHESES = (*MEMBER, *MEANS, COUNTS)
RATIO = n_group / (n_all * sqrt(lam_W * lam_H * v_group))


def contrasts() -> Expr:
    """The decays of the group's rows and features, less those of their means."""
    rows = lam_W / 2 * C * Mean(member(c) * sq(shifted_row), c)
    return rows + lam_H * v_group / 2 * C * Mean(member(c) * sq(shifted_feature), c, i)


def claim(ratio: Any = RATIO, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    before = loss() + decays(v_other(c), v_group)
    after = collapsed_loss() + collapsed_decays(v_other(c), v_group)
    return Statement(le(after + (1 - ratio) * contrasts(), before), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The loss gains at most (n_B/N) E<w_c - wB, h_ci - hB> from contrasts inside the group."""
    low = assume(MEMBER[0])
    left, right = sqrt(lam_W), sqrt(lam_H * v_group)
    square = member(c) * sq(lambda x: left * shifted_row(x) - right * shifted_feature(x))
    spread = combine(le(0, square), slack=square, facts=[low], label="a square in the group")
    share = C * n_group / n_all
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            outside_the_group(): C / n_all,
            inside_the_group(): share,
            average(spread, c, i): C / 2 * RATIO,
            feature_sum(mean_row): share,
            row_sum(mean_feature): share,
            feature_sum(mean_feature): -C * lam_H * v_group,
            row_sum(mean_row): -C * lam_W,
        },
        label="what the loss gains from a contrast, the decays take back up to the ratio",
    )


def configuration(scale: Any, decay: Any, mean: Any = 0) -> Witness:
    """Two classes, both in the group, of weight 1 in the decay of the features."""
    return two_merged(scale, decay, mean, {v_other: lambda c: Integer(1)}, v_group)


def twins() -> list[Twin]:
    weak = configuration(sqrt(log(3)), Rational(1, 4))
    return [
        Twin("half of the ratio", claim(ratio=RATIO / 2), weak),
        Twin("all of the contrasts' decay", claim(ratio=Integer(0)), configuration(sqrt(log(3)), Integer(1))),
        Twin(
            "any row instead of the mean one",
            claim(hypotheses=(*MEMBER, MEANS[1], COUNTS)),
            configuration(Integer(0), Integer(2), mean=Integer(5)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(ratio=1 + RATIO)

    def proof() -> Theorem:
        """The decay of contrasts is nonnegative."""
        low = assume(MEMBER[0])
        parts = [
            average(combine(le(0, a), slack=a, facts=[low]), c, i)
            for a in (member(c) * sq(shifted_row), member(c) * sq(shifted_feature))
        ]
        rates = (C * lam_W / 2, C * lam_H * v_group / 2)
        return combine(goal.conclusion, {prove(): 1, **dict(zip(parts, rates, strict=True))})  # type: ignore[arg-type]

    return Neighbour("less by the decay of the contrasts", goal, proof)


_KAPPA = sqrt(value("weight_decay") * value("feature_decay"))
THEOREM = Entry(
    name="minority-collapse-gain",
    title="Minority collapse: what merging a group's rows and features gains",
    kind="upper",
    source=(
        "this project (2026), for the layer-peeled model of Fang et al. 2021 (arXiv:2101.12699) and the "
        "model of Hong & Ling 2023 (arXiv:2309.09725)"
    ),
    says=(
        "Let the decay of the features weigh class c by v_c, the classes of a group of n_B samples each by "
        "v_B, and t = n_B/(N sqrt(lambda_W lambda_H v_B)). For every W and H, giving these classes their mean"
        " row and mean feature lowers the cross-entropy with decays by at least (1 - t) times the decay of "
        "the contrasts that are lost. So from sqrt(lambda_W lambda_H v_B) >= n_B/N on some minimum is "
        "collapsed, and strictly beyond it every minimum. v = 1: budgets by class; v = n_c: by sample."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # 1 - t where every sample counts alike, v_B = n_B
    formula=Formula(
        1 - sqrt(value("class_samples")) / (value("total_samples") * _KAPPA),
        (
            Condition("N > 0", Integer(0), value("total_samples"), strict=True),
            Condition("lambda_W > 0", Integer(0), value("weight_decay"), strict=True),
            Condition("lambda_H > 0", Integer(0), value("feature_decay"), strict=True),
        ),
    ),
)
