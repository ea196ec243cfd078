# SPDX-License-Identifier: MIT
"""For all but a fraction delta of the classes, sqrt(intra_c) > 1 - eps'/(delta T' q(T')), with any bias."""

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
    value,
)
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.centred_classes import (
    EVERY,
    EVERY_BELOW_ONE,
    FEW_HYPOTHESES,
    PRICE,
    SMALL_LOSS,
    every,
    few,
    fraction,
)
from theory.lemmas.centred_cosines import HYPOTHESES
from theory.lemmas.centred_half_margin import HALF_LOSS
from theory.lemmas.centred_witnesses import noisy, turned
from theory.lemmas.polar import class_cosine
from theory.proving import combine
from theory.symbols import delta, eps


def claim(factor: object = 1, power: int = 2, hypotheses: tuple[Relation, ...] = FEW_HYPOTHESES) -> Statement:
    return Statement(le(fraction((1 - factor * PRICE) ** power), delta), hypotheses)


def prove() -> Theorem:
    """Markov's inequality for E_i (1 - cos), class by class."""
    return combine(claim().conclusion, {few(): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    any_scale = tuple(a for a in FEW_HYPOTHESES if a != HALF_LOSS)
    near = noisy({eps: Rational(3, 10000), delta: Rational(99, 100)})
    return [
        Twin(
            "without the condition on phi(T/2)",
            claim(hypotheses=any_scale),
            turned(Rational(1, 2), good=3, values={eps: Rational(7, 200), delta: Rational(9, 10)}),
        ),
        Twin("10 % less", claim(factor=Rational(9, 10)), near),
        Twin("first power", claim(power=1), near),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le((1 - EVERY) ** 2, class_cosine()), (*HYPOTHESES, SMALL_LOSS, EVERY_BELOW_ONE))
    return Neighbour("every class, at delta = 1/C", goal, every)


_E = (CENTRED_EXCESS + Abs(CENTRED_EXCESS)) / 2  # rounding may make a gap of zero negative
THEOREM = Entry(
    name="intra-class-cosine-centred-per-class",
    title="Intra-class cosine of centred features, class by class, with any bias",
    kind="upper",
    source="this project (2026); with a bias, Pan & Cao 2023, theorem 2.1 (intra-class)",
    says=(
        "If phi(T'/2) >= phi(T') + (5/2) T' q(T'), T' from the norms of h - mu_G, then with any bias all but "
        "at most a fraction delta of the classes have sqrt(intra_c) > 1 - eps'/(delta T' q(T')), eps' = L - "
        "phi(T') < delta T' q(T'), for cosines of h - mu_G; with delta = 1/C, every class."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "intra_class_cosine.min",
        ">=",
        (1 - _E / value("delta")) ** 2,
        (
            *CENTRED_NORMS_POSITIVE,
            HALF_LOSS_ABOVE,
            CENTRED_LOSS_POSSIBLE,
            Condition(
                "L - phi(T') < delta T' q(T')", CENTRED_GAP, value("delta") * CENTRED_PRICE, strict=True
            ),
        ),
        delta="1/C",
    ),
    uses=("sample-cosine-centred",),
)
