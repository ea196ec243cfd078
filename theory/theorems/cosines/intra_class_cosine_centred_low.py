# SPDX-License-Identifier: MIT
"""mean_c intra_c >= (1 - 4 (L - phi(T'))/(T' q(T')))^2, with any bias, from a lower T' on."""

from sympy import Abs, Rational

from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import (
    CENTRED_EXCESS,
    CENTRED_GAP,
    CENTRED_LOSS_POSSIBLE,
    CENTRED_NORMS_POSITIVE,
    CENTRED_PRICE,
    T_CENTRED,
    Condition,
    value,
)
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.centred_classes import EXCESS, LOW_MEAN_HYPOTHESES, SMALL_LOSS, mean_cosine, squared
from theory.lemmas.centred_cosines import LOW_HYPOTHESES
from theory.lemmas.centred_quarter_margin import QUARTER, QUARTER_LOSS
from theory.lemmas.centred_witnesses import left_alone, noisy
from theory.lemmas.polar import class_cosine, cosine
from theory.proving import combine
from theory.symbols import c, eps, i


def claim(
    factor: object = 4, power: int = 2, hypotheses: tuple[Relation, ...] = LOW_MEAN_HYPOTHESES
) -> Statement:
    return Statement(le((1 - factor * EXCESS) ** power, Mean(class_cosine(), c)), hypotheses)


def prove() -> Theorem:
    """One inequality for each sample, at a quarter of the rate; (E_i cos)^2 <= intra_c."""
    return combine(claim().conclusion, {squared(QUARTER): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    any_scale = tuple(a for a in LOW_MEAN_HYPOTHESES if a != QUARTER_LOSS)
    near = noisy({eps: Rational(3, 10000)})
    return [
        Twin(
            "without the condition on phi(T/2)",
            claim(hypotheses=any_scale),
            left_alone(Rational(1, 20), {eps: Rational(1, 4000)}),
        ),
        Twin("constant 9/10 instead of 4", claim(factor=Rational(9, 10)), near),
        Twin("first power, constant 3/2 instead of 4", claim(factor=Rational(3, 2), power=1), near),
    ]


def neighbour() -> Neighbour:
    goal = le(Mean(1 - cosine(), c, i), 4 * EXCESS)
    return Neighbour(
        "mean cosine with the rows of the classifier, for every eps",
        Statement(goal, (*LOW_HYPOTHESES, SMALL_LOSS)),
        lambda: combine(goal, {mean_cosine(QUARTER): 1}),
    )


_E = 2 * (CENTRED_EXCESS + Abs(CENTRED_EXCESS))  # rounding may make a gap of zero negative
_C = value("C")
THEOREM = Entry(
    name="intra-class-cosine-centred-low",
    title="Intra-class cosine of centred features with any bias, from a lower margin scale on",
    kind="upper",
    source="this project (2026): intra-class-cosine-centred, weaker from a lower threshold on",
    says=(
        "If phi(T'/2) >= phi(T') + T' q(T'), T' from the norms of h - mu_G, then with any bias mean_c "
        "intra_c >= (1 - 4 eps'/(T' q(T')))^2, eps' = L - phi(T') <= T' q(T')/4, for cosines of h - mu_G; "
        "the condition holds from T' = 3.7 on for C = 10."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        (1 - _E) ** 2,
        (
            *CENTRED_NORMS_POSITIVE,
            Condition(
                "phi(T') + T' q(T') <= phi(T'/2), T' = T with the norm of centred features",
                phi_value(T_CENTRED, _C) + T_CENTRED * q_value(T_CENTRED, _C),
                phi_value(T_CENTRED / 2, _C),
            ),
            CENTRED_LOSS_POSSIBLE,
            Condition("4 (L - phi(T')) <= T' q(T')", 4 * CENTRED_GAP, CENTRED_PRICE),
        ),
    ),
    uses=("sample-cosine-centred",),
)
