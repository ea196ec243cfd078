# SPDX-License-Identifier: MIT
"""phi(T (1+v^2)/2) >= phi(T) + T q(T) (1-v)(3-v)/2 for 0 <= v <= 1: what halving a margin costs."""

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import le
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import v
from theory.lemmas.fewer_wrong import few_wrong, fewer_wrong, rise, y
from theory.proving import combine, instantiate
from theory.symbols import T

FIFTH, TENTH = Rational(1, 5), Rational(1, 10)


def sides(low: object) -> tuple:  # type: ignore[type-arg]
    return (le(v, 1), le(low, T), le(T, 60))


HYPOTHESES = (*sides(8), few_wrong(FIFTH))


def claim(hypotheses: tuple = HYPOTHESES, top: object = 3) -> Statement:  # type: ignore[type-arg]
    parabola = T * q(T) * (1 - v) * (top - v) / 2  # type: ignore[operator]
    return Statement(le(phi(T) + parabola, phi(T * (1 + v**2) / 2)), hypotheses)


def prove(low: object = 8, most: Rational = FIFTH) -> Theorem:
    """At the largest q on boxes, with equality of second order at v = 1 for every T."""
    shift = T * (1 - v**2) / 2
    boxes = apply(
        "box",
        goal=le(0, rise(shift, most) - most * T * (1 - v) * (3 - v) / 2),
        box={T: (low, 60), v: (0, 1)},
        contacts=[({v: 1}, 2)],
        label=f"at q = {most}",
    )
    fewer = instantiate(fewer_wrong(most), {y: shift}, label="y := T (1 - v^2)/2")
    return combine(claim().conclusion, {fewer: 1, boxes: q(T) / most}, label=f"every q <= {most}")  # type: ignore[arg-type]


def witness(classes: int, at: Expr) -> Witness:
    return Witness(classes, 1, 1, {}, {T: Integer(8), v: at}, f"C = {classes}, T = 8, v = {at}")


def twins() -> list[Twin]:
    return [
        Twin("4 - v instead of 3 - v", claim(top=4), witness(10, Rational(79, 80))),
        Twin("301/100 - v", claim(top=Rational(301, 100)), witness(10, Rational(999, 1000))),
        Twin("any number of classes", claim(sides(8)), witness(10**5, Integer(0))),
    ]


def neighbour() -> Neighbour:
    goal = claim((*sides(Rational(26, 5)), few_wrong(TENTH)))
    return Neighbour("q <= 1/10, already from T = 26/5", goal, lambda: prove(Rational(26, 5), TENTH))


_C, _T = value("C"), value("T")
_V = sqrt(value("cosine"))
THEOREM = Entry(
    name="half-margin-parabola",
    title="The loss between half the margin and the margin",
    kind="lower",
    source="this project (2026)",
    says=(
        "For 8 <= T <= 60 and q(T) <= 1/5, or 26/5 <= T <= 60 and q(T) <= 1/10, the loss at margin"
        " T (1+v^2)/2 is at least phi(T) + T q(T) (1-v)(3-v)/2 for 0 <= v <= 1, whatever C."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        phi_value(_T, _C) + _T * q_value(_T, _C) * (1 - _V) * (3 - _V) / 2,
        (
            Condition("q(T) <= 1/5", q_value(_T, _C), FIFTH),
            Condition("T >= 8", Integer(8), _T),
            Condition("T <= 60", _T, Integer(60)),
            Condition("cosine at least 0", Integer(0), value("cosine")),
            Condition("cosine at most 1", value("cosine"), Integer(1)),
        ),
    ),
)
