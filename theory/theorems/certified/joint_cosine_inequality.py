# SPDX-License-Identifier: MIT
"""phi(T s x) >= phi(T) + T q(T) (2 - s - x) for every s >= 0 and x >= -1, if T >= 8 and q(T) <= 1/5.

The tangent of phi(T v^3) gives it; at T = 8 it is also certified without any lemma about the shape of phi.
"""

from sympy import Expr, Integer, Rational

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import le
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import linear_sample_bound, s, x
from theory.lemmas.fewer_wrong import above_threshold, few_wrong, fewer_wrong, rise, y
from theory.proving import combine, cut, instantiate
from theory.symbols import T

MOST = Rational(1, 5)
SIDES = (le(-1, x), le(8, T))
HYPOTHESES = (*SIDES, few_wrong(MOST))
BOX = (*HYPOTHESES, le(s, 4), le(x, 1), le(T, 8))


def claim(constant: object = 2, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(phi(T) + T * q(T) * (constant - s - x), phi(T * s * x)), hypotheses)  # type: ignore[operator]


def prove() -> Theorem:
    """T >= T_3, and so the linear bound of one sample."""
    large = above_threshold(Rational(3), Rational(8), MOST)
    return combine(claim().conclusion, {cut(linear_sample_bound(), large): 1}, label="one sample")  # type: ignore[arg-type]


def on_boxes() -> Theorem:
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
        Twin("201/100 instead of 2, beyond 1", claim(Rational(201, 100)), witness(10, one, above)),
    ]


def neighbour() -> Neighbour:
    return Neighbour("at T = 8, on boxes", claim(hypotheses=BOX), on_boxes)


_C, _T = value("C"), value("T")
THEOREM = Entry(
    name="joint-cosine-inequality",
    title="The scalar inequality behind the cosines of single samples",
    kind="lower",
    source="this project (2026)",
    says=(
        "For T >= 8 and q(T) <= 1/5 (at T = 8, C <= 746), phi(T s x) >= phi(T) + T q(T) (2 - s - x) for"
        " every relative norm s and every cosine x; at T = 8 certified without using the shape of phi."
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
            Condition("cosine at least -1", Integer(-1), value("cosine")),
        ),
    ),
)
