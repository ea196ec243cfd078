# SPDX-License-Identifier: MIT
"""The leading constant of equiangular-weights-rms cannot be smaller: four classes turned at equal norms."""

from functools import lru_cache

from sympy import Expr, Integer, Rational

from theory.definitions import q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NORMS_POSITIVE, value
from theory.evaluation import q as q_value
from theory.expressions import Expansion, eq, le
from theory.kernel import Theorem, apply
from theory.lemmas.blocks import four_classes, step
from theory.symbols import C, T

RATIO = (C - T) / (C + T)
CURVE = 4 * q(T) * T**2 / ((C - 1) * (C + T))
ALIKE = 4 * q(T) * T**2 / (C * (C - 1))


def expansion(ratio: Expr = RATIO, curve: Expr = CURVE) -> Expansion:
    """The loss gap in powers of g."""
    return Expansion(four_classes(ratio), step, (Integer(0), curve))


def derived(claim: Expansion) -> Theorem:
    """The kernel recomputes both derivatives."""
    return apply("taylor", claim=claim, parameter=step, x=step, y=claim.quantity)


@lru_cache
def prove() -> Theorem:
    """Exact Taylor coefficients at the simplex."""
    return derived(expansion())


def twins() -> list[Twin]:
    where = Witness(4, 1, 1, values={step: Rational(1, 10), T: 3}, note="C = 4, T = 3, g = 1/10")
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
THEOREM = Entry(
    name="equiangular-weights-rms-necessity",
    title="No bound on the angles of the rows has a smaller leading constant",
    kind="asymptotic",
    source="this project (2026): witness against equiangular-weights-rms",
    says=(
        "For C >= 4 there are rows of equal norms, with 8 of the ordered cosines C g/(C-1) away from "
        "-1/(C-1) and the others at it, and class means, both in fixed norms, whose loss is phi(T) + "
        "4 q T^2 g^2/((C-1)(C+T)) + O(g^3). So the mean square of the deviations is 2 C (C+T) "
        "eps/((C-1)^2 T^2 q(T)) to leading order, what equiangular-weights-rms allows. The number is "
        "this mean square per unit of loss."
    ),
    statement_of=lambda: Statement(expansion()),
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(2 * _C * (_C + _T) / ((_C - 1) ** 2 * _T * _PRICE), NORMS_POSITIVE),
    uses=("equiangular-weights-rms",),
)
