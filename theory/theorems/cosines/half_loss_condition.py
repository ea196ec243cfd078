# SPDX-License-Identifier: MIT
"""phi(T/2) >= phi(T) + (5/2) T q(T) gives phi(T (1+v^2)/2) >= phi(T) + T q(T) (1-v)(3-v)/2, for every T."""

from sympy import Integer, Rational, log, sqrt

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.centred_half_margin import HALF_LOSS, at_most_a_fifth, half_margin
from theory.lemmas.cosines import v
from theory.proving import combine
from theory.symbols import T

INSIDE = le(v, 1)
HYPOTHESES = (INSIDE, HALF_LOSS)


def claim(top: object = 3, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    parabola = T * q(T) * (1 - v) * (top - v) / 2  # type: ignore[operator]
    return Statement(le(phi(T) + parabola, phi(T * (1 + v**2) / 2)), hypotheses)


def prove() -> Theorem:
    """T <= 26/5 is excluded; q(T) <= 1/10 up to T = 8 and 1/5 up to 60 on boxes; one variable beyond."""
    return combine(claim().conclusion, {half_margin(): 1})  # type: ignore[arg-type]


def witness(classes: int, scale: object, at: object) -> Witness:
    return Witness(classes, 1, 1, {}, {T: scale, v: at}, f"C = {classes}, T = {scale}, v = {at}")


def twins() -> list[Twin]:
    return [
        Twin("4 - v instead of 3 - v", claim(top=4), witness(10, log(1000), Rational(79, 80))),
        Twin("301/100 - v", claim(top=Rational(301, 100)), witness(10, log(1000), Rational(999, 1000))),
        Twin("without the condition on T", claim(hypotheses=(INSIDE,)), witness(10, log(9), Integer(0))),
    ]


def neighbour() -> Neighbour:
    return Neighbour(
        "the condition bounds the wrong probability",
        Statement(le(q(T), Rational(1, 5)), (HALF_LOSS,)),
        at_most_a_fifth,
    )


_C, _T = value("C"), value("T")
_V = sqrt(value("cosine"))
THEOREM = Entry(
    name="half-loss-condition",
    title="What the loss at half the margin says of every margin in between",
    kind="lower",
    source="this project (2026): half-margin-parabola, for every T",
    says=(
        "If phi(T/2) >= phi(T) + (5/2) T q(T), then phi(T (1+v^2)/2) >= phi(T) + T q(T) (1-v)(3-v)/2 for "
        "0 <= v <= 1, for every T and every C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        phi_value(_T, _C) + _T * q_value(_T, _C) * (1 - _V) * (3 - _V) / 2,
        (
            Condition("T > 0", Integer(0), _T, strict=True),
            Condition(
                "phi(T) + (5/2) T q(T) <= phi(T/2)",
                phi_value(_T, _C) + Rational(5, 2) * _T * q_value(_T, _C),
                phi_value(_T / 2, _C),
            ),
            Condition("cosine at least 0", Integer(0), value("cosine")),
            Condition("cosine at most 1", value("cosine"), Integer(1)),
        ),
    ),
)
