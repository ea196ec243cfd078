# SPDX-License-Identifier: MIT
"""phi(T s x) >= phi(T) + T q(T) (2 - s - x) for s <= 4, every cosine x, T = 8 and q(8) <= 1/5."""

from sympy import Expr, Integer, Rational

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import le
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import s, x
from theory.lemmas.fewer_wrong import few_wrong, fewer_wrong, rise, y
from theory.proving import combine, instantiate
from theory.symbols import T

MOST = Rational(1, 5)
SIDES = (le(s, 4), le(-1, x), le(x, 1), le(8, T), le(T, 8))
HYPOTHESES = (*SIDES, few_wrong(MOST))


def claim(constant: object = 2, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(phi(T) + T * q(T) * (constant - s - x), phi(T * s * x)), hypotheses)  # type: ignore[operator]


def prove() -> Theorem:
    """At q = 1/5 on boxes, without any lemma about the shape of phi; fewer wrong probabilities are easier."""
    shift = T * (1 - s * x)
    boxes = apply(
        "box",
        goal=le(0, rise(shift, MOST) + MOST * T * (s + x - 2)),
        box={T: (8, 8), s: (0, 4), x: (-1, 1)},
        contacts=[({s: 1, x: 1}, 2)],
        label="at q = 1/5",
    )
    fewer = instantiate(fewer_wrong(MOST), {y: shift}, label="y := T (1 - s x)")
    return combine(claim().conclusion, {fewer: 1, boxes: q(T) / MOST}, label="every q <= 1/5")  # type: ignore[arg-type]


def witness(classes: int, norm: Expr, cosine: Expr) -> Witness:
    note = f"C = {classes}, T = 8, s = {norm}, x = {cosine}"
    return Witness(classes, 1, 1, {}, {T: Integer(8), s: norm, x: cosine}, note)


def twins() -> list[Twin]:
    one, above = Integer(1), Rational(1001, 1000)
    return [
        Twin("3 instead of 2", claim(3), witness(10, one, one)),
        Twin("2 + 1/10^6 instead of 2", claim(2 + Rational(1, 10**6)), witness(10, one, one)),
        Twin("any number of classes", claim(hypotheses=SIDES), witness(10**5, Integer(0), -one)),
        Twin(
            "any cosine up to 2",
            claim(
                hypotheses=(*(a for a in HYPOTHESES if a != SIDES[2]), le(x, 2)), constant=Rational(201, 100)
            ),
            witness(10, one, above),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(Rational(19, 10))
    return Neighbour(
        "19/10 instead of 2",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=T * q(T) / 10),  # type: ignore[arg-type]
    )


_C, _T = value("C"), value("T")
THEOREM = Entry(
    name="joint-cosine-inequality",
    title="The scalar inequality behind the cosines of single samples",
    kind="lower",
    source="this project (2026)",
    says=(
        "At T = 8, for every C with q(8) <= 1/5 (C <= 746), phi(T s x) >= phi(T) + T q(T) (2 - s - x)"
        " for relative norms s <= 4 and every cosine x; certified without using the shape of phi."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        phi_value(_T, _C) + _T * q_value(_T, _C) * (2 - value("relative_norm") - value("cosine")),
        (
            Condition("q(T) <= 1/5", q_value(_T, _C), MOST),
            Condition("T >= 8", Integer(8), _T),
            Condition("T <= 8", _T, Integer(8)),
            Condition("relative norm at most 4", value("relative_norm"), Integer(4)),
            Condition("cosine at least -1", Integer(-1), value("cosine")),
            Condition("cosine at most 1", value("cosine"), Integer(1)),
        ),
    ),
)
