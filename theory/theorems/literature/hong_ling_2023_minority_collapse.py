# SPDX-License-Identifier: MIT
"""Minority collapse: from kappa N = sqrt(n_B) on, merging the minority's rows and features is never worse."""

from sympy import Integer, Rational, log, sqrt

from theory.entry import Entry, Formula, Neighbour, Statement, Twin
from theory.evaluation import Condition, value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.imbalanced import count
from theory.lemmas.minority import (
    COUNTS,
    MEANS,
    MEMBER,
    collapsed_decays,
    collapsed_loss,
    decays,
    loss,
    n_all,
    n_group,
    two_merged,
)
from theory.lemmas.minority_collapse import collapse_is_better, condition
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, combine, cut
from theory.symbols import c

ENOUGH = le(n_group, lam_W * lam_H * n_all**2)
HYPOTHESES = (*MEMBER, *MEANS, COUNTS, ENOUGH)


def claim(gain: object = 0, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    before = loss() + decays(count(c), n_group)
    after = collapsed_loss() + collapsed_decays(count(c), n_group)
    return Statement(le(after + gain, before), hypotheses)


def prove() -> Theorem:
    """The comparison at the weight n_B, where the condition is n_B^2 <= lambda_W lambda_H n_B N^2."""
    enough = combine(condition(n_group), {assume(ENOUGH): n_group}, label="times n_B")
    better = cut(collapse_is_better(count(c), n_group), enough)
    return combine(claim().conclusion, {better: 1}, label="at the weight n_B")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    quarter = le(n_group, 4 * lam_W * lam_H * n_all**2)
    return [
        Twin(
            "a quarter of the decay",
            claim(hypotheses=(*MEMBER, *MEANS, COUNTS, quarter)),
            two_merged(sqrt(log(3)), Rational(1, 4)),
        ),
        Twin("strictly better, by 1", claim(gain=1), two_merged(Integer(0), Integer(1))),
        Twin(
            "any row instead of the mean one",
            claim(hypotheses=(*MEMBER, MEANS[1], COUNTS, ENOUGH)),
            two_merged(Integer(0), Integer(1), mean=Integer(5)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(gain=-1)
    proof = lambda: combine(goal.conclusion, {prove(): 1}, slack=1)  # type: ignore[arg-type]  # noqa: E731
    return Neighbour("up to 1", goal, proof)


THEOREM = Entry(
    name="hong-ling-2023-minority-collapse",
    title="Minority collapse from kappa = sqrt(n_B)/N on",
    kind="upper",
    source=(
        "Hong & Ling 2023 (arXiv:2309.09725), cross-entropy with decays and class imbalance; the threshold "
        "and its proof over all configurations: this project (2026)"
    ),
    says=(
        "If kappa = sqrt(lambda_W lambda_H) >= sqrt(n_B)/N, then for every W and H, any other classes and "
        "any class sizes, giving all classes of n_B samples in a group their mean row and mean feature does "
        "not raise the loss with decays, which is written out for the collapsed configuration. Hence, where "
        "there is a minimiser, one is collapsed. Below: hong-ling-2023-no-collapse-below."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # the classifier's decay from which the group collapses
    formula=Formula(
        value("class_samples") / (value("total_samples") ** 2 * value("feature_decay")),
        (Condition("lambda_H > 0", Integer(0), value("feature_decay"), strict=True),),
    ),
)
