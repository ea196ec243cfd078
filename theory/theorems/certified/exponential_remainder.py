# SPDX-License-Identifier: MIT
"""e^-T - 1 + T >= T^2/(2 + T) for every T > 0: a quadratic remainder for self-concordant losses."""

from sympy import Expr, Integer, Rational

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.exponential import REMAINDER, exponential_remainder
from theory.proving import combine
from theory.symbols import T


def claim(shift: object = 2) -> Statement:
    return Statement(le(T**2 / (shift + T), REMAINDER))  # type: ignore[operator]


def prove() -> Theorem:
    """The lemma is the proof."""
    return exponential_remainder()


def twins() -> list[Twin]:
    def at(number: Expr) -> Witness:
        return Witness(2, 1, 1, {}, {T: number}, f"T = {number}")

    return [
        Twin("199/100 + T instead of 2 + T", claim(Rational(199, 100)), at(Rational(1, 100))),
        Twin("T^2/2 on the left", Statement(le(T**2 / 2, REMAINDER)), at(Integer(1))),
        Twin("T - 1 + 1/100 on the left", Statement(le(T - 1 + Rational(1, 100), REMAINDER)), at(Integer(5))),
    ]


def neighbour() -> Neighbour:
    goal = claim(3)
    rest = T**2 / ((2 + T) * (3 + T))
    return Neighbour("3 + T", goal, lambda: combine(goal.conclusion, {prove(): 1}, slack=rest))  # type: ignore[arg-type]


THEOREM = Entry(
    name="exponential-remainder",
    title="A quadratic lower bound of the remainder of e^-T",
    kind="lower",
    source="this project (2026); the function is that of self-concordance, Bach 2010",
    says="e^-T - 1 + T >= T^2/(2 + T) for every T > 0; of third order exact at 0.",
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(value("T") ** 2 / (2 + value("T"))),
)
