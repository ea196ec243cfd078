# SPDX-License-Identifier: MIT
"""The weight-decay bound for small gaps: nu_max = 2 e - (3 - 1/((1-q) T)) e^2 + O(e^3), e = eps/(T* q*)."""

from sympy import Integer, Rational

from theory.definitions import psi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, optimal_q, optimal_T, value
from theory.expressions import Expansion, eq, le
from theory.kernel import Theorem, apply
from theory.lemmas.expansions import derive
from theory.symbols import T, real

s = real("s_gap", "s", "sqrt(1 - nu) = 1 - s")
GAP = (psi(q(T) / (1 - s)) - psi(q(T))) / (T * q(T))
BOUND = 1 - (1 - s) ** 2


def expansion() -> Expansion:
    """Derived from the closed form sqrt(1 - nu) = q*/psi^{-1}(L_reg)."""
    return derive(BOUND, GAP, s)


def prove() -> Theorem:
    """The kernel recomputes both derivatives."""
    return apply("taylor", claim=expansion(), parameter=s, x=GAP, y=BOUND)


def twins() -> list[Twin]:
    first, second = expansion().coefficients
    where = Witness(4, 1, 1, values={s: Rational(1, 10), T: 3}, note="C = 4, T = 3, s = 1/10")
    return [
        Twin("nothing after the second order", Statement(eq(BOUND, first * GAP + second * GAP**2)), where),
        Twin("half the leading constant", Statement(le(BOUND, first * GAP / 2)), where),
    ]


def neighbour() -> Neighbour:
    expected = Expansion(BOUND, GAP, (Integer(2), -(3 - 1 / ((1 - q(T)) * T))))
    return Neighbour(
        "the coefficients as they are usually written",
        Statement(expected),
        lambda: apply("taylor", claim=expected, parameter=s, x=GAP, y=BOUND),
    )


_T, _q = optimal_T(value("weight_decay"), value("C")), optimal_q(value("weight_decay"), value("C"))
_e = value("eps_reg") / (_T * _q)
THEOREM = Entry(
    name="within-class-variability-weight-decay-expansion",
    title="Within-class variability for small regularised gaps",
    kind="asymptotic",
    source="this project (2026): expansion of within-class-variability-weight-decay",
    says=(
        "With batch norm and weight decay the largest within-class variability is 2 e - (3 - "
        "1/((1-q*) T*)) e^2 + O(e^3), e = eps/(T* q*)."
    ),
    statement_of=lambda: Statement(expansion()),
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("within-class-variability-weight-decay",),
    formula=Formula(2 * _e - (3 - 1 / ((1 - _q) * _T)) * _e**2, (DECAY_POSITIVE, DECAY_BELOW_THRESHOLD)),
)
