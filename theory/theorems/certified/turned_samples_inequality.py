# SPDX-License-Identifier: MIT
"""A share of a class turned away costs more loss than it takes from the class's cosine; at T = 8."""

from sympy import Expr, Integer, Rational, log

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import le
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import s, x_plus
from theory.lemmas.fewer_wrong import few_wrong, fewer_wrong, rise, y
from theory.proving import assume, combine, instantiate
from theory.symbols import C, T, positive

MOST = Rational(1, 5)
kept = positive("g_kept", "g", "share of a class that keeps its direction")
SIDES = (le(Rational(3, 100), kept), le(kept, 1), le(s, 4), le(x_plus, 1), le(8, T), le(T, 8))
HYPOTHESES = (*SIDES, few_wrong(MOST))
MARGIN = T * s * (x_plus + 1 - kept) * kept ** Rational(-3, 2)


def claim(constant: object = Rational(3, 2), hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    least = phi(T) + T * q(T) * (constant - s - x_plus**2 / 2)  # type: ignore[operator]
    return Statement(le(least, (1 - kept) * log(C) + kept * phi(MARGIN)), hypotheses)


def prove() -> Theorem:
    """At q = 1/5 on boxes; fewer wrong probabilities are easier, for both parts of the class."""
    budget = s - Rational(3, 2) + x_plus**2 / 2
    boxes = apply(
        "box",
        goal=le(0, (1 - kept) * rise(T, MOST) + kept * rise(T - MARGIN, MOST) + MOST * T * budget),
        box={T: (8, 8), kept: (Rational(3, 100), 1), s: (0, 4), x_plus: (0, 1)},
        contacts=[({kept: 1, s: 1, x_plus: 1}, 2)],
        label="at q = 1/5",
    )
    turned = instantiate(fewer_wrong(MOST), {y: T}, label="the share turned away: y := T")
    rest = instantiate(fewer_wrong(MOST), {y: T - MARGIN}, label="the rest")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {turned: 1 - kept, rest: kept, boxes: q(T) / MOST},
        facts=[assume(SIDES[1])],
        label="every q <= 1/5",
    )


def witness(classes: int, share: Expr, norm: Expr, cosine: Expr) -> Witness:
    note = f"C = {classes}, T = 8, g = {share}, s = {norm}, X = {cosine}"
    return Witness(classes, 1, 1, {}, {T: Integer(8), kept: share, s: norm, x_plus: cosine}, note)


def twins() -> list[Twin]:
    one, zero = Integer(1), Integer(0)
    return [
        Twin("2 instead of 3/2", claim(2), witness(10, one, one, one)),
        Twin("1/10^6 more than 3/2", claim(Rational(3, 2) + Rational(1, 10**6)), witness(10, one, one, one)),
        Twin("any number of classes", claim(hypotheses=SIDES), witness(10**5, one, zero, zero)),
    ]


def neighbour() -> Neighbour:
    goal = claim(Rational(7, 5))
    return Neighbour(
        "7/5 instead of 3/2",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=T * q(T) / 10),  # type: ignore[arg-type]
    )


_C, _T = value("C"), value("T")
THEOREM = Entry(
    name="turned-samples-inequality",
    title="The scalar inequality behind intra-class cosines",
    kind="lower",
    source="this project (2026)",
    says=(
        "At T = 8, for every C with q(8) <= 1/5 (C <= 746): a share 1 - g <= 97/100 of a class at norm 0,"
        " turned away, and the rest at relative norm s cost at least phi(T) + T q(T) (3/2 - s - X^2/2)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        phi_value(_T, _C)
        + _T * q_value(_T, _C) * (Rational(3, 2) - value("relative_norm") - value("cosine") ** 2 / 2),
        (
            Condition("q(T) <= 1/5", q_value(_T, _C), MOST),
            Condition("T >= 8", Integer(8), _T),
            Condition("T <= 8", _T, Integer(8)),
            Condition("relative norm at most 4", value("relative_norm"), Integer(4)),
            Condition("cosine at least 0", Integer(0), value("cosine")),
            Condition("cosine at most 1", value("cosine"), Integer(1)),
        ),
    ),
)
