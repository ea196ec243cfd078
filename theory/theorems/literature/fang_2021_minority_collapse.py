# SPDX-License-Identifier: MIT
"""Layer-peeled model with decays: from sqrt(lambda_W lambda_H) = n_B/N on, the minority collapses."""

from sympy import Integer, Rational, log, sqrt

from theory.entry import Entry, Formula, Neighbour, Statement, Twin
from theory.evaluation import Condition, value
from theory.expressions import le
from theory.kernel import Theorem
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
from theory.lemmas.minority_collapse import collapse_is_better
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import combine

ENOUGH = le(n_group**2, lam_W * lam_H * n_all**2)
HYPOTHESES = (*MEMBER, *MEANS, COUNTS, ENOUGH)


def claim(gain: object = 0, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    before = loss() + decays(Integer(1), Integer(1))
    after = collapsed_loss() + collapsed_decays(Integer(1), Integer(1))
    return Statement(le(after + gain, before), hypotheses)


def prove() -> Theorem:
    """The comparison at equal weights of the classes in the feature decay."""
    return collapse_is_better(Integer(1), Integer(1))


def twins() -> list[Twin]:
    quarter = le(n_group**2, 4 * lam_W * lam_H * n_all**2)
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
    name="fang-2021-minority-collapse",
    title="Minority collapse in the layer-peeled model with decays",
    kind="upper",
    source=(
        "Fang et al. 2021 (arXiv:2101.12699), layer-peeled model and minority collapse; in penalised form, "
        "the threshold and its proof: this project (2026)"
    ),
    says=(
        "With features weighted equally in every class, penalties (lambda_W/2) ||W||^2 + (lambda_H/2) sum_c "
        "E_i ||h||^2 with sqrt(lambda_W lambda_H) >= n_B/N: for every W and H, giving all classes of n_B "
        "samples in a group their mean row and mean feature does not raise the penalised loss. A finite "
        "imbalance is enough; nothing is said of the constrained model, whose multipliers are the decays."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    # the classifier's decay from which the group collapses
    formula=Formula(
        value("class_samples") ** 2 / (value("total_samples") ** 2 * value("feature_decay")),
        (Condition("lambda_H > 0", Integer(0), value("feature_decay"), strict=True),),
    ),
)
