# SPDX-License-Identifier: MIT
"""mean_c intra_c >= (1 - (L - phi(T'))/(T' q(T')))^2 for centred cosines, with any bias, for T' >= T_b(C)."""

from sympy import Abs, Rational

from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import (
    CENTRED_EXCESS,
    CENTRED_GAP,
    CENTRED_LOSS_POSSIBLE,
    CENTRED_NORMS_POSITIVE,
    CENTRED_PRICE,
    HALF_LOSS_ABOVE,
    Condition,
)
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.centred_classes import EXCESS, MEAN_HYPOTHESES, SMALL_LOSS, squared, twice
from theory.lemmas.centred_cosines import HYPOTHESES
from theory.lemmas.centred_half_margin import HALF_LOSS
from theory.lemmas.centred_witnesses import noisy, turned
from theory.lemmas.polar import class_cosine
from theory.proving import combine
from theory.symbols import c, eps


def claim(
    factor: object = 1, power: int = 2, hypotheses: tuple[Relation, ...] = MEAN_HYPOTHESES
) -> Statement:
    return Statement(le((1 - factor * EXCESS) ** power, Mean(class_cosine(), c)), hypotheses)


def prove() -> Theorem:
    """(E_i cos)^2 <= intra_c, and the mean of the cosines is at least 1 - eps/(T q(T))."""
    return combine(claim().conclusion, {squared(): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    any_scale = tuple(a for a in MEAN_HYPOTHESES if a != HALF_LOSS)
    near = noisy({eps: Rational(3, 10000)})
    return [
        Twin(
            "without the condition on phi(T/2)",
            claim(hypotheses=any_scale),
            turned(Rational(1, 2), good=3, values={eps: Rational(7, 200)}),
        ),
        Twin("10 % less", claim(factor=Rational(9, 10)), near),
        Twin("first power", claim(power=1), near),
    ]


def neighbour() -> Neighbour:
    linear = Statement(le(1 - 2 * EXCESS, Mean(class_cosine(), c)), (*HYPOTHESES, SMALL_LOSS))
    return Neighbour("1 - 2 eps/(T q(T)), for every eps", linear, twice)


_E = (CENTRED_EXCESS + Abs(CENTRED_EXCESS)) / 2  # rounding may make a gap of zero negative
THEOREM = Entry(
    name="intra-class-cosine-centred",
    title="Intra-class cosine of centred features, with any bias",
    kind="upper",
    source="this project (2026): intra-class-cosine, with a bias and a global mean",
    says=(
        "If phi(T'/2) >= phi(T') + (5/2) T' q(T'), T' from the norms of h - mu_G, then with any bias mean_c "
        "intra_c >= (1 - eps'/(T' q(T')))^2 >= 1 - 2 eps'/(T' q(T')), eps' = L - phi(T') <= T' q(T'), for "
        "cosines of h - mu_G, for every C, n and d."
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
            HALF_LOSS_ABOVE,
            CENTRED_LOSS_POSSIBLE,
            Condition("L - phi(T') <= T' q(T')", CENTRED_GAP, CENTRED_PRICE),
        ),
    ),
    uses=("sample-cosine-centred",),
)
