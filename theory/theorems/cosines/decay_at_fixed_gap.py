# SPDX-License-Identifier: MIT
"""At a fixed loss gap a larger weight decay gives a smaller intra-class bound, as long as T* (1-q*) >= 1."""

from sympy import Expr, Integer, Rational, exp

from theory.definitions import q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import q as q_value
from theory.expressions import le
from theory.kernel import Theorem
from theory.proving import assume, combine, log_tangent
from theory.symbols import C, T, eps, positive

further = positive("x_further", "x", "by how much the optimal margin of the smaller decay is larger")
STEEP = le(1, T * (1 - q(T)))


def bound(at: Expr) -> Expr:
    """2 eps/(T q(T)), which is 2 sqrt(C) eps/((C-1) lambda T*) at the decay whose optimal margin is T."""
    return 2 * eps / (at * q(at))


def claim(factor: object = 1) -> Statement:
    return Statement(le(factor * bound(T), bound(T + further)), (STEEP,))


def prove() -> Theorem:
    """e^x >= 1 + x, and T e^T >= C - 1 + e^T."""
    rate = 2 * eps / ((C - 1) * T * (T + further))
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            log_tangent(exp(further), label="x <= e^x - 1"): rate * T * exp(T),
            assume(STEEP): rate * further * (C - 1 + exp(T)),
        },
        label="T q(T) decreases",
    )


def near(margin: object, more: object) -> Witness:
    values = {T: margin, further: more, eps: Rational(1, 100)}
    return Witness(4, 1, 1, values=values, note=f"C = 4, margins {margin} and {more} more")


def twins() -> list[Twin]:
    free = Statement(claim().conclusion)
    return [
        Twin("no condition on T", free, near(Rational(1, 2), Rational(1, 2))),
        Twin("1 % better at any step", claim(factor=Rational(101, 100)), near(3, Rational(1, 1000))),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=bound(T) / 100),  # type: ignore[arg-type]
    )


_T, _q = value("T"), q_value(value("T"), value("C"))
THEOREM = Entry(
    name="decay-at-fixed-gap",
    title="At a fixed gap a larger decay tightens the bound",
    kind="upper",
    source="this project (2026); 'a larger decay gives a tighter bound' of Pan & Cao 2023, theorem 2.2",
    says=(
        "The bound 2 sqrt(C) eps/((C-1) lambda T*) = 2 eps/(T* q*) at fixed eps decreases when lambda "
        "increases, as long as T* (1-q*) >= 1; not for every decay: not at C = 4, T* = 1/2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        2 * value("eps_reg") / (_T * _q),
        (
            Condition("T > 0", Integer(0), _T, strict=True),
            Condition("T (1 - q(T)) >= 1", Integer(1), _T * (1 - _q)),
        ),
    ),
)
