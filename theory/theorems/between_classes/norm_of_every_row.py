# SPDX-License-Identifier: MIT
"""The norm of every raw classifier row, from loss and norms: no class may spend more than all together."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.definitions_collapse import POLAR
from theory.entry import Entry, Formula, Neighbour, Statement, Twin
from theory.expressions import Relation, le, lt
from theory.kernel import Theorem
from theory.lemmas.class_settings import LOSS, at_loss, fixed
from theory.lemmas.equal_lengths import (
    LONG,
    ROOM,
    ROOM_AS_STATED,
    ROWS,
    SHORT,
    VALUES,
    alone,
    long_class,
    short_class,
    spending,
)
from theory.lemmas.length_costs import COST, FAR, HAT, cost_k, far_g, least_cost, longest, size_l, spent
from theory.lemmas.length_settings import FIXED_BOUNDS, Lengths
from theory.lemmas.offsets import at_norm
from theory.proving import assume, cases, combine, cut, instantiate

STATED = Lengths(ROWS, decay=False)
HYPOTHESES = STATED.hypotheses


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    goal = le((at_loss(HAT) - 1) ** 2, factor * STATED.at_norm(longest + FAR) ** 2 + extra)
    return Statement(goal, hypotheses)


def beyond(excess: Any) -> Theorem:
    """0 <= e, kappa e^2 <= k <= kappa m^2 |- (l - 1)^2 <= (m + g)^2, e the part of |l - 1| above g."""
    apart = combine(lt(0, longest + excess), {assume(le(0, excess)): 1}, slack=longest)
    pays, most = assume(le(cost_k * excess**2, spent)), assume(le(spent, cost_k * longest**2))
    rates = 1 / cost_k, 2 * far_g / (longest + excess) / cost_k
    return combine(
        le((size_l - 1) ** 2, (longest + far_g) ** 2),
        [(premise, rate) for premise in (pays, most) for rate in rates],
        facts=[apart],
        label="beyond g",
    )


@lru_cache
def one_row() -> Theorem:
    """(length - 1)^2 <= (m + g)^2, in units of the optimum."""
    high, low = le(HAT, 1 + FAR), le(1 - FAR, HAT)
    within = combine(
        le((HAT - 1) ** 2, (longest + FAR) ** 2),
        {assume(high): HAT - 1 + FAR},
        facts=[combine(le(0, HAT - 1 + FAR), {assume(low): 1})],
        slack=longest**2 + 2 * longest * FAR,
        label="within g of 1",
    )
    most = combine(
        le(spending(), cost_k * longest**2),
        {
            alone(ROWS): 1,
            assume(ROOM): least_cost() / (longest + 2) ** 2,
            assume(COST): -(longest**2),
        },
        label="the condition on m",
    )
    values = {size_l: HAT, far_g: FAR, spent: spending()}

    def part(excess: Any, pays: Theorem, where: Relation) -> Theorem:
        apart = combine(le(0, where.rhs - where.lhs), {assume(where): 1})
        return cut(instantiate(beyond(excess), values), pays, most, apart)

    one = cases(part(1 - size_l - far_g, short_class(ROWS), SHORT), within, split=SHORT)
    long = part(size_l - 1 - far_g, long_class(ROWS), LONG)
    one = cases(long, one, split=LONG, label="long, short or neither")
    one = instantiate(one, {cost_k: least_cost()}, label="kappa")
    return instantiate(one, VALUES, label="eta, delta, rho")


@lru_cache
def prove() -> Theorem:
    """No class spends more than all together."""
    return combine(claim().conclusion, {fixed(at_norm(one_row(), STATED.far), HYPOTHESES): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    whole, small = Rational(7, 6), Rational(1, 100)

    def without(dropped: Relation) -> Statement:
        return claim(hypotheses=tuple(a for a in HYPOTHESES if a != dropped))

    return [
        Twin("a thirtieth of the bound", claim(Rational(1, 30)), STATED.witness(whole)),
        Twin("any loss", without(LOSS), STATED.witness(small, small, margin=Integer(3))),
        Twin("any m", without(at_loss(ROOM_AS_STATED)), STATED.witness(small)),
        Twin("directions of any norm", without(POLAR[1]), STATED.witness(whole, long=Rational(1, 1000))),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=longest)
    return Neighbour(
        "m more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=longest),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="norm-of-every-row",
    title="The norm of every raw classifier row, from loss and norms",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 2",
    says=(
        "For a loss phi(tau), without bias, the norm of every raw classifier row differs from beta "
        "sqrt(tau/T) by at most (m + g) beta sqrt(tau/T), m and g as in norms-of-rows: of the order of the "
        "root of C (T/tau - 1), as one class alone may spend what all are allowed. The number is m + g."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(FIXED_BOUNDS.reach(FIXED_BOUNDS.numbers.row_centre()), FIXED_BOUNDS.conditions),
)
