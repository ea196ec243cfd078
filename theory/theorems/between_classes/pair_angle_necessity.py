# SPDX-License-Identifier: MIT
"""What a loss gap allows one pair of classes, at least: one pair of rows turned at equal norms."""

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NORMS_POSITIVE, value
from theory.evaluation import q as q_value
from theory.expressions import Expansion, eq, le
from theory.kernel import Theorem, apply
from theory.lemmas.blocks import one_pair, step
from theory.symbols import T, positive

more = positive("more_classes", "m", "number of classes beyond three")
N = more + 3
MASS = (N - 1) / (N - 1 + exp(T))  # q(T)
RATIO = (N - T) / (N + T)
CURVE = MASS * T**2 * (N - 2) ** 2 * (N - 3) / (N + T)
ALIKE = CURVE * (N + T) / N


def expansion(ratio: Expr = RATIO, curve: Expr = CURVE) -> Expansion:
    """The loss gap in powers of g."""
    return Expansion(one_pair(ratio, N), step, (Integer(0), curve))


def derived(claim: Expansion) -> Theorem:
    """The kernel recomputes both derivatives."""
    return apply("taylor", claim=claim, parameter=step, x=step, y=claim.quantity)


@lru_cache
def prove() -> Theorem:
    """Exact Taylor coefficients at the simplex."""
    return derived(expansion())


def twins() -> list[Twin]:
    where = Witness(4, 1, 1, values={step: Rational(1, 100), T: 3, more: 1}, note="C = 4, T = 3, g = 1/100")
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
    name="pair-angle-necessity",
    title="How far one pair of rows can turn within a loss gap, at least",
    kind="asymptotic",
    source="this project (2026): witness",
    says=(
        "For C >= 4, C = m + 3, there are rows of equal norms, one pair with cosine -1/(C-1) + C "
        "(C-2)(C-3) g/(C-1), and class means, whose loss is phi(T) + q T^2 (C-2)^2 (C-3) g^2/(C+T) + "
        "O(g^3). So the squared deviation of one pair can be C^2 (C-3)(C+T) eps/((C-1)^2 T^2 q(T)) to "
        "leading order, C (C-3)/2 times the mean square of equiangular-weights-rms-necessity. The "
        "number is this square per unit of loss."
    ),
    statement_of=lambda: Statement(expansion()),
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(_C**2 * (_C - 3) * (_C + _T) / ((_C - 1) ** 2 * _T * _PRICE), NORMS_POSITIVE),
)
