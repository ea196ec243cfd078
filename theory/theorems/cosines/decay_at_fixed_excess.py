# SPDX-License-Identifier: MIT
"""At a fixed relative excess a larger weight decay always gives a larger intra-class bound."""

from sympy import Expr, Integer, Rational, exp

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import le
from theory.kernel import Theorem
from theory.proving import combine, log_tangent
from theory.symbols import C, T, positive

further = positive("x_further", "x", "by how much the optimal margin of the smaller decay is larger")
excess = positive("rho_pos", r"\rho", "relative excess: regularised gap over the least value")


def bound(at: Expr) -> Expr:
    """2 eps/(T q(T)) with eps = rho m_reg and m_reg = phi(T) + T q(T)."""
    return 2 * excess * (1 + phi(at) / (at * q(at)))


def claim(factor: object = 1) -> Statement:
    return Statement(le(factor * bound(T + further), bound(T)))


def prove() -> Theorem:
    """phi/q decreases, because -log(1-q) >= q and the curve is concave; and 1/T decreases."""
    one, two = T, T + further
    ratio = (1 + (C - 1) * exp(-two)) / (1 + (C - 1) * exp(-one))
    concave = log_tangent(ratio, label="log of the ratio")
    rate = (C - 1) * exp(-two) / (1 + (C - 1) * exp(-one))
    below = combine(
        le(phi(two), phi(one)),
        {concave: 1, log_tangent(exp(further), label="x <= e^x - 1"): rate},
        slack=rate * further,
        label="phi decreases",
    )
    share = 2 * excess / (one * two * q(one) * q(two))
    odds = log_tangent(1 + (C - 1) * exp(-two), label="phi <= q/(1-q)")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            concave: share * T * phi(two) * (1 - q(two)),
            odds: share * T * (1 - q(two)) * (phi(one) - phi(two)),
        },
        slack=share * further * phi(one) * q(two),
        facts=[below],
        label="phi/(T q) decreases",
    )


def near(margin: object, more: object) -> Witness:
    values = {T: margin, further: more, excess: Rational(1, 10)}
    return Witness(4, 1, 1, values=values, note=f"C = 4, margins {margin} and {more} more")


def twins() -> list[Twin]:
    reversed_ = Statement(le(bound(T), bound(T + further)))
    return [
        Twin("a larger decay tightens it", reversed_, near(3, 1)),
        Twin(
            "1 % stronger at any step",
            claim(factor=Rational(101, 100)),
            near(3, Rational(1, 1000)),
        ),
        Twin("by a factor of 2 over two units of margin", claim(factor=2), near(8, 2)),
    ]


def neighbour() -> Neighbour:
    goal = le(2 * excess, bound(T))
    slack = 2 * excess * phi(T) / (T * q(T))
    return Neighbour("never below 2 rho", Statement(goal), lambda: combine(goal, slack=slack))


_T, _C = value("T"), value("C")
THEOREM = Entry(
    name="decay-at-fixed-excess",
    title="At a fixed relative excess a larger decay loosens the bound",
    kind="upper",
    source="this project (2026); 'a larger decay gives a tighter bound' of Pan & Cao 2023, theorem 2.2",
    says=(
        "With eps = rho m_reg the bound 2 eps/(T* q*) is 2 rho (1 + phi(T*)/(T* q*)): it increases "
        "with lambda, for every C and every decay, and lies between 2 rho and 2 rho (1 + 1/((1-q*) "
        "T*)). That a larger decay tightens the bound is true of the gap, not of the relative excess."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        2 * value("relative_excess") * (1 + phi_value(_T, _C) / (_T * q_value(_T, _C))),
        (Condition("T > 0", Integer(0), _T, strict=True),),
    ),
)
