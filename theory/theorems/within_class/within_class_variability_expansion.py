# SPDX-License-Identifier: MIT
"""The sharp bound for small gaps: nu_max = 2 e - (1 + (1-q) T) e^2 + O(e^3), e = (L - phi(T))/(T q(T))."""

from sympy import Integer, Rational

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NORMS_POSITIVE, value
from theory.evaluation import q as q_value
from theory.expressions import Expansion, eq, le
from theory.kernel import Theorem, apply
from theory.lemmas.expansions import derive
from theory.symbols import T, real

s = real("s_gap", "s", "relative loss of margin: tau = T (1 - s)")
GAP = (phi(T * (1 - s)) - phi(T)) / (T * q(T))
BOUND = 1 - (1 - s) ** 2


def expansion() -> Expansion:
    """Derived from the closed form nu_max = 1 - (tau/T)^2 at L = phi(tau)."""
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
    expected = Expansion(BOUND, GAP, (Integer(2), -(1 + (1 - q(T)) * T)))
    return Neighbour(
        "the coefficients as they are usually written",
        Statement(expected),
        lambda: apply("taylor", claim=expected, parameter=s, x=GAP, y=BOUND),
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
_e = value("eps") / (_T * q_value(_T, value("C")))
THEOREM = Entry(
    name="within-class-variability-expansion",
    title="Within-class variability for small loss gaps",
    kind="asymptotic",
    source="this project (2026): expansion of within-class-variability",
    says=(
        "The largest within-class variability is 2 e - (1 + (1-q) T) e^2 + O(e^3) with e = eps/(T "
        "q(T)): linear in the loss gap."
    ),
    statement_of=lambda: Statement(expansion()),
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("within-class-variability",),
    formula=Formula(2 * _e - (1 + (1 - q_value(_T, value("C"))) * _T) * _e**2, NORMS_POSITIVE),
)
