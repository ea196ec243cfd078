# SPDX-License-Identifier: MIT
"""phi(T (1+v^2)/2) >= phi(T) + T q(T) (1-v)(3-v)/2 for 0 <= v <= 1: what halving a margin costs.

Certified for T <= 60.  What is lost of the margin, m = T (1-v^2)/2, decides the left side at given q, and the
right side is q m (3-v)/(1+v).  For T >= 60 this is at most q m (1 + m/15), certified for m <= 30; and
for m >= 30 the left side exceeds m + log q.
"""

from sympy import Expr, Integer, Rational, exp, log, sqrt

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Relation, le
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import v
from theory.lemmas.fewer_wrong import few_wrong, fewer_wrong, rise, y
from theory.proving import assume, cases, combine, instantiate, log_tangent
from theory.symbols import T, nonnegative

FIFTH, TENTH = Rational(1, 5), Rational(1, 10)


def sides(low: object) -> tuple:  # type: ignore[type-arg]
    return (le(v, 1), le(low, T))


HYPOTHESES = (*sides(8), few_wrong(FIFTH))


def claim(hypotheses: tuple = HYPOTHESES, top: object = 3) -> Statement:  # type: ignore[type-arg]
    parabola = T * q(T) * (1 - v) * (top - v) / 2  # type: ignore[operator]
    return Statement(le(phi(T) + parabola, phi(T * (1 + v**2) / 2)), hypotheses)


LOST = T * (1 - v**2) / 2
lost = nonnegative("m_lost", "m", "what is lost of a margin")


def _goal(most: Rational) -> Relation:
    return le(0, rise(LOST, most) - most * T * (1 - v) * (3 - v) / 2)


def _boxes(low: object, most: Rational) -> Theorem:
    """T <= 60, with equality of second order at v = 1 for every T."""
    box = {T: (low, 60), v: (0, 1)}
    return apply("box", goal=_goal(most), box=box, contacts=[({v: 1}, 2)], label=f"at q = {most}, T <= 60")


def _much_lost(most: Rational) -> Theorem:
    """30 <= m |- the goal."""
    share = most * exp(LOST) / (1 + most * (exp(LOST) - 1))
    enough = apply("ball", goal=le(-log(most), 30 * (1 - 3 * most)), label="at m = 30")
    return combine(
        _goal(most),
        {
            log_tangent(share, label="at least m + log q"): 1,
            enough: 1,
            assume(le(30, LOST)): 1 - 3 * most,
            assume(le(v, 1)): 2 * most * T * v,
        },
        slack=(1 - most) / (1 + most * (exp(LOST) - 1)),
        label="m >= 30",
    )


def _little_lost(most: Rational) -> Theorem:
    """60 <= T, m <= 30 |- the goal: (3-v)/(1+v) is at most 1 + 4 m/T."""
    bound = most * lost * (1 + lost / 15)
    boxes = apply(
        "box",
        goal=le(0, rise(lost, most) - bound),
        box={lost: (0, 30)},
        contacts=[({lost: 0}, 2)],
        label=f"at q = {most}, T >= 60",
    )
    room = combine(le(0, LOST), {assume(le(v, 1)): T * (1 + v) / 2})
    square = most * T * (1 - v) ** 2 / 60
    return combine(
        _goal(most),
        {instantiate(boxes, {lost: LOST}, facts=[room]): 1, assume(le(60, T)): square},
        slack=square * T * (2 * v + v**2),
        label="m <= 30",
    )


def _every_margin(low: object, most: Rational) -> Theorem:
    boxes = _boxes(low, most)
    either = cases(_little_lost(most), _much_lost(most), split=le(LOST, 30), label="m against 30")
    return cases(boxes, either, split=le(T, 60), label="T against 60")


def prove(low: object = 8, most: Rational = FIFTH) -> Theorem:
    """At the largest q; fewer wrong probabilities are easier."""
    fewer = instantiate(fewer_wrong(most), {y: LOST}, label="y := T (1 - v^2)/2")
    every = _every_margin(low, most)
    return combine(claim().conclusion, {fewer: 1, every: q(T) / most}, label=f"every q <= {most}")  # type: ignore[arg-type]


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
        "For T >= 8 and q(T) <= 1/5, or T >= 26/5 and q(T) <= 1/10, the loss at margin"
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
            Condition("cosine at least 0", Integer(0), value("cosine")),
            Condition("cosine at most 1", value("cosine"), Integer(1)),
        ),
    ),
)
