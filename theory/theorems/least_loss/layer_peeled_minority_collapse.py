# SPDX-License-Identifier: MIT
"""Minority collapse in the layer-peeled model itself: under its budgets, from the excess of the loss."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, log, sqrt

from theory.definitions import mean_square_raw_weights, sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, le, substitute
from theory.kernel import Theorem
from theory.lemmas.imbalanced import count
from theory.lemmas.minority import (
    COUNTS,
    MEANS,
    MEMBER,
    collapsed_decays,
    collapsed_loss,
    loss,
    mean_feature,
    mean_row,
    member,
    n_all,
    n_group,
    sample,
    shifted_feature,
    shifted_row,
)
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine, instantiate, theorem
from theory.symbols import C, atom, c, h, i, positive, real, w

v_group = positive("v_B", "v_B", "weight of each class of the group in the features' budget")
v_other = atom("v_other", "v", "v_other(c): weight of a class outside the group in the features' budget")
E_W = positive("E_W", "E_W", "budget of the classifier: (1/C) sum ||w_c||^2 <= E_W")
E_H = positive("E_H_weighted", "E_H", "budget of the features: sum_c v_c E_i ||h_ci||^2 <= E_H")
kappa = positive("kappa_norm", r"\kappa", "multiplier of the budgets' product")
least = real("V_least", "V", "a lower bound of the cross-entropy with decays")

RADIUS = sqrt(C * E_W * E_H)
DECAYS = {lam_W: kappa * sqrt(E_H) / sqrt(C * E_W), lam_H: kappa * sqrt(C * E_W) / sqrt(E_H)}
RATIO = n_group / (n_all * kappa * sqrt(v_group))
SIZE = (1 - member(c)) * v_other(c) + member(c) * v_group

BUDGETS = (le(mean_square_raw_weights(), E_W), le(C * Mean(SIZE * sq(sample), c, i), E_H))
BOUND = le(least, collapsed_loss() + substitute(collapsed_decays(v_other(c), v_group), DECAYS))
HYPOTHESES = (*MEMBER, *MEANS, COUNTS, *BUDGETS, BOUND)


def contrasts() -> Expr:
    """The decays of the group's rows and features, less those of their means."""
    rows = DECAYS[lam_W] / 2 * C * Mean(member(c) * sq(shifted_row), c)
    return rows + DECAYS[lam_H] * v_group / 2 * C * Mean(member(c) * sq(shifted_feature), c, i)


def claim(ratio: Any = RATIO, price: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(least - price * kappa * RADIUS + (1 - ratio) * contrasts(), loss()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """What merging gains at these decays, which cost at most kappa R under the budgets."""
    gain = instantiate(theorem("minority-collapse-gain"), DECAYS, label="the multipliers of the budgets")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            gain: 1,
            assume(BOUND): 1,
            assume(BUDGETS[0]): DECAYS[lam_W] * C / 2,
            assume(BUDGETS[1]): DECAYS[lam_H] / 2,
        },
        label="both budgets together cost kappa R",
    )


def configuration(bound: Any = None, size: Any = 1) -> Witness:
    """Two classes, both in the group, on their budgets (``size`` = 1) with margin log 3; kappa = 1/2."""
    scale = sqrt(log(Integer(3)))

    def side(at: int, x: int) -> Any:
        return size * scale * (Rational(1, 2) if at == x else -Rational(1, 2))

    return Witness(
        2,
        1,
        2,
        {
            member: lambda c: Integer(1),
            count: lambda c: Integer(1),
            v_other: lambda c: Integer(1),
            w: side,
            h: lambda c, i, k: side(c, k),
            mean_row: lambda k: Integer(0),
            mean_feature: lambda k: Integer(0),
        },
        {
            E_W: scale**2 / 2,
            E_H: scale**2,
            kappa: Rational(1, 2),
            least: log(Integer(2)) if bound is None else bound,
            n_group: Integer(1),
            n_all: Integer(2),
            v_group: Integer(1),
        },
        f"two classes of one sample, {size} times their budgets",
    )


def twins() -> list[Twin]:
    return [
        Twin("half of the ratio", claim(ratio=RATIO / 2), configuration()),
        Twin("half of the budgets' price", claim(price=Rational(1, 2)), configuration()),
        Twin("no lower bound", claim(hypotheses=HYPOTHESES[:-1]), configuration(bound=Integer(1))),
        Twin(
            "beyond the budgets",
            claim(hypotheses=(*HYPOTHESES[:5], BOUND)),
            configuration(size=2),
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
        rates = (DECAYS[lam_W] * C / 2, DECAYS[lam_H] * v_group * C / 2)
        return combine(goal.conclusion, {prove(): 1, **dict(zip(parts, rates, strict=True))})  # type: ignore[arg-type]

    return Neighbour("less by the decay of the contrasts", goal, proof)


THEOREM = Entry(
    name="layer-peeled-minority-collapse",
    title="Minority collapse under the budgets of the layer-peeled model, from the excess loss",
    kind="upper",
    source="this project (2026), for the layer-peeled model of Fang et al. 2021 (arXiv:2101.12699)",
    says=(
        "Under the budgets E_W and E_H let V be a lower bound of the cross-entropy with the decays lambda_W ="
        " kappa R/(C E_W), lambda_H = kappa R/E_H, R = sqrt(C E_W E_H), needed at the collapsed configuration"
        " only, and t = pi_B/(kappa sqrt(v_B)). Then (1 - t) times the decay of the group's contrasts is at "
        "most the loss less V - kappa R. With V = sum_c pi_c H(p_c), a bound as in imbalanced-least-loss, "
        "this is the excess over the optimum: for kappa > pi_B/sqrt(v_B) every optimum is collapsed on the "
        "group."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("minority-collapse-gain",),
    # 1 - t where every sample counts alike, v_B = pi_B
    formula=Formula(
        1 - sqrt(value("class_samples") / value("total_samples")) / value("norm_multiplier"),
        (
            Condition("N > 0", Integer(0), value("total_samples"), strict=True),
            Condition("kappa > 0", Integer(0), value("norm_multiplier"), strict=True),
        ),
    ),
)
