# SPDX-License-Identifier: MIT
"""T >= log(5 C) is enough for T >= T_{5/2}(C), and T >= log(6 C) for T >= T_3(C), whatever C."""

from sympy import Expr, Rational, log

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.thresholds import explicit
from theory.proving import combine
from theory.symbols import C, T

HALF5 = Rational(5, 2)


def claim(k: object = HALF5, factor: object = 5) -> Statement:
    return Statement(le(phi(T) + k * T * q(T), log(C)), (le(log(factor * C), T),))  # type: ignore[operator]


def prove() -> Theorem:
    """C <= 20 by boxes, C >= 20 by the limits of phi and q; larger T because the value decreases."""
    return combine(claim().conclusion, {explicit(HALF5, 5): 1}, label="k = 5/2")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    def two(at: object) -> Witness:
        return Witness(2, 1, 1, {}, {T: at}, f"C = 2, T = {at}")

    return [
        Twin("log(4 C) instead of log(5 C)", claim(factor=4), two(log(8))),
        Twin("T_3 instead of T_{5/2}", claim(k=3), two(log(10))),
        Twin(
            "log C + 1/2 instead of log(5 C)",
            Statement(claim().conclusion, (le(log(C) + Rational(1, 2), T),)),
            two(log(2) + Rational(1, 2)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(3, 6)
    return Neighbour(
        "T_3, from log(6 C) on",
        goal,
        lambda: combine(goal.conclusion, {explicit(Rational(3), 6): 1}),  # type: ignore[arg-type]
    )


def _formula() -> Expr:
    classes, scale = value("C"), value("T")
    return phi_value(scale, classes) + HALF5 * scale * q_value(scale, classes)


THEOREM = Entry(
    name="threshold-explicit",
    title="An explicit T that is large enough for intra-class cosines",
    kind="upper",
    source="this project (2026)",
    says="T >= log(5 C) implies T >= T_{5/2}(C), for every number of classes C >= 2.",
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        _formula(),
        (Condition("T >= log(5 C)", log(5 * value("C")), value("T")),),
    ),
    uses=("threshold-is-one-number",),
)
