# SPDX-License-Identifier: MIT
"""T_k(C) = log C + log(k-1) + (k log k/(k-1))/log C + a_2/log^2 C + O(1/log^3 C), up to terms in 1/C.

With e^T = (C-1)(k-1)(1+s), the equation log C = phi(T) + k T q(T), less log(C/(C-1)) = O(1/C) on its left
side, says that x = 1/log(C-1) is the elementary function ``ORDER`` of s; T - log(C-1) - log(k-1) = log(1+s).
"""

from sympy import Expr, Integer, Rational, log

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Expansion, eq, le
from theory.kernel import Theorem, apply
from theory.lemmas.expansions import derive
from theory.proving import combine
from theory.symbols import C, T, positive, real

s = real("s_threshold", "s", "e^T relative to (C-1)(k-1), less 1")
less = positive("k_less", "k-1", "k - 1, for the threshold T_k")
K = 1 + less
ODDS = less * (1 + s)
LOSS = log(1 + ODDS) - log(less) - log(1 + s)  # phi(T)
ORDER = less * s / (1 + ODDS) / (LOSS + K * (log(less) + log(1 + s)) / (1 + ODDS))
SHIFT = log(1 + s)


def expansion() -> Expansion:
    """log(1+s) in powers of 1/log(C-1)."""
    return derive(SHIFT, ORDER, s)


def prove() -> Theorem:
    """The kernel recomputes both derivatives."""
    return apply("taylor", claim=expansion(), parameter=s, x=ORDER, y=SHIFT)


def twins() -> list[Twin]:
    first, second = expansion().coefficients
    where = Witness(2, 1, 1, values={s: Rational(1, 10), less: Rational(3, 2)}, note="k = 5/2, s = 1/10")
    return [
        Twin(
            "nothing after the second order", Statement(eq(SHIFT, first * ORDER + second * ORDER**2)), where
        ),
        Twin("half the leading constant", Statement(le(SHIFT, first * ORDER / 2)), where),
        Twin("log k instead of k log k/(k-1)", Statement(le(SHIFT, log(K) * ORDER)), where),
    ]


def neighbour() -> Neighbour:
    u = positive("u_log", "u", "logarithm of the number of classes")
    value_ = phi(T) + K * T * q(T)
    at = log(C - 1) + log(less) + log(1 + u)
    moved = less * (1 + u)
    loss = log(1 + moved) - log(moved)
    share = K / (1 + moved)
    goal = eq(value_.subs(T, at), loss + share * (log(C - 1) + log(moved)))
    return Neighbour("phi + k T q at e^T = (C-1)(k-1)(1+u), exactly", Statement(goal), lambda: combine(goal))


def leading(k: object) -> Expr:
    """k log k/(k-1)."""
    return k * log(k) / (k - Integer(1))  # type: ignore[operator, no-any-return]


_u = log(value("C"))
THEOREM = Entry(
    name="threshold-many-classes-expansion",
    title="The thresholds on T for many classes",
    kind="asymptotic",
    source="this project (2026): expansion of the thresholds T_k(C)",
    says=(
        "T_k(C), the root of log C = phi(T) + k T q(T), is log C + log(k-1) + (k log k/(k-1))/log C +"
        " O(1/log^2 C) for every k > 1: the condition of the linear bounds asks for a margin slightly"
        " above log C. The number is T less this, at k = 5/2."
    ),
    statement_of=lambda: Statement(expansion()),
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(value("T") - _u - log(Rational(3, 2)) - leading(Rational(5, 2)) / _u),
)
