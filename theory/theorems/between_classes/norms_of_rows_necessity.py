# SPDX-License-Identifier: MIT
"""What unequal norms of the rows cost to leading order: one row longer than the others."""

from functools import lru_cache

from sympy import Expr, Integer, Rational

from theory.definitions import q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NORMS_POSITIVE, value
from theory.evaluation import q as q_value
from theory.expressions import Expansion, eq, le
from theory.kernel import Theorem, apply
from theory.lemmas.blocks import one_norm, step
from theory.symbols import C, T

STIFFNESS = T * ((1 - q(T)) * (C - 2) + 1 / C) / (C - 1)
RATIO = (1 - STIFFNESS) / (1 + STIFFNESS)
CURVE = q(T) * T * (C - 2) / 2 * STIFFNESS / (1 + STIFFNESS)
ALIKE = q(T) * T * (C - 2) / 2 * STIFFNESS


def expansion(ratio: Expr = RATIO, curve: Expr = CURVE) -> Expansion:
    """The loss gap in powers of g."""
    return Expansion(one_norm(ratio), step, (Integer(0), curve))


def derived(claim: Expansion) -> Theorem:
    """The kernel recomputes both derivatives."""
    return apply("taylor", claim=claim, parameter=step, x=step, y=claim.quantity)


@lru_cache
def prove() -> Theorem:
    """Exact Taylor coefficients at the simplex."""
    return derived(expansion())


def twins() -> list[Twin]:
    where = Witness(4, 1, 1, values={step: Rational(1, 20), T: 3}, note="C = 4, T = 3, g = 1/20")
    gap, square = expansion().quantity, CURVE * step**2
    return [
        Twin("nothing after the second order", Statement(eq(gap, square)), where),
        Twin("half the loss", Statement(le(gap, square / 2)), where),
        Twin("twice the loss", Statement(le(2 * square, gap)), where),
    ]


def neighbour() -> Neighbour:
    """Rows and class means deformed alike cost more."""
    goal = expansion(Integer(1), ALIKE)
    return Neighbour("rows and class means deformed alike", Statement(goal), lambda: derived(goal))


_C = value("C")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_PRICE = q_value(_T, _C) * _T
_STIFFNESS = _T * ((1 - q_value(_T, _C)) * (_C - 2) + 1 / _C) / (_C - 1)
THEOREM = Entry(
    name="norms-of-rows-necessity",
    title="What unequal norms of the rows cost to leading order",
    kind="asymptotic",
    source="this project (2026): witness against norms-of-rows",
    says=(
        "For C >= 3 there are rows with squared norms 1 + (C-2) g for one class and 1 - (C-2) g/(C-1) "
        "for the others, relative to their mean, and class means, whose loss is phi(T) + q T (C-2) "
        "g^2 s/(2 (1+s)) + O(g^3), s = T ((1-q)(C-2) + 1/C)/(C-1). So the mean square of ||w||^2 - 1 "
        "reaches 2 (C-2) (1 + 1/s) eps/((C-1) T q(T)), which is the number, per unit of loss; as eps "
        "goes to 0, norms-of-rows allows 2 B eps/(T q(T)), B = 1 + 1/T + O((q + 1/T)^2)."
    ),
    statement_of=lambda: Statement(expansion()),
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(2 * (_C - 2) * (1 + 1 / _STIFFNESS) / ((_C - 1) * _PRICE), NORMS_POSITIVE),
    uses=("norms-of-rows",),
)
