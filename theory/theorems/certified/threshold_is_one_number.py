# SPDX-License-Identifier: MIT
"""Once log C >= phi(T) + k T q(T), it is so for every larger T: T_k(C) is one number, for every k >= 1."""

from sympy import Rational, log

from theory.definitions import phi, q
from theory.entry import Entry, Neighbour, Statement, Twin, Witness
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.threshold_tables import distance
from theory.lemmas.thresholds import for_all_larger, n, x
from theory.proving import assume, combine
from theory.symbols import C, T


def value(at: object) -> object:
    return phi(at) + (1 + n) * at * q(at)  # type: ignore[operator]


CONDITION = le(value(T), log(C))


def claim(at: object = T + x, hypothesis: object = CONDITION) -> Statement:
    return Statement(le(value(at), log(C)), (hypothesis,) if hypothesis else ())  # type: ignore[arg-type]


def prove() -> Theorem:
    """The value decreases from T on."""
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {for_all_larger(): 1, assume(CONDITION): 1},
        label="phi + k T q decreases from there on",
    )


def witness(more: object) -> Witness:
    """C = 10, T = log 2, k = 5/2."""
    return Witness(10, 1, 1, {}, {T: log(2), x: more, n: Rational(3, 2)}, "C = 10, T = log 2, k = 5/2")


def twins() -> list[Twin]:
    met = le(value(T + x), log(C))
    return [
        Twin("without the condition at T", claim(hypothesis=None), witness(0)),
        Twin("for every smaller T", claim(at=T, hypothesis=met), witness(log(50))),
        Twin(
            "half of log C",
            Statement(le(value(T + x), log(C) / 2), (CONDITION,)),
            Witness(10, 1, 1, {}, {T: log(40), x: 0, n: Rational(3, 2)}, "C = 10, T = log 40, k = 5/2"),
        ),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(value(T + x), value(T)), (CONDITION,))
    return Neighbour("the value decreases", goal, lambda: combine(goal.conclusion, {for_all_larger(): 1}))  # type: ignore[arg-type]


THEOREM = Entry(
    name="threshold-is-one-number",
    title="The thresholds T_k(C) are well defined",
    kind="upper",
    source="this project (2026)",
    says=(
        "For every k >= 1: if phi(T) + k T q(T) <= log C, then this holds for every larger T too;"
        " the condition T >= T_k(C) is one inequality at the actual T."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=distance(Rational(5, 2)),
)
