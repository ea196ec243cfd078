# SPDX-License-Identifier: MIT
"""(phi(T/2) - phi(T))/(T q(T)) never decreases in T: the threshold T_b(C) is one number."""

from sympy import Expr, Integer, Rational, log

from theory.definitions import phi, q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.centred_half_margin import HALF_LOSS
from theory.lemmas.centred_threshold import for_all_larger
from theory.lemmas.thresholds import x
from theory.proving import assume, combine
from theory.symbols import T

LATER = T + x
K = Rational(5, 2)


def rise(at: Expr) -> Expr:
    """phi(T/2) - phi(T) at T = ``at``."""
    return phi(at / 2) - phi(at)


def ratio(at: Expr) -> Expr:
    """The same relative to T q(T)."""
    return rise(at) / (at * q(at))


def claim(relation: Relation | None = None) -> Statement:
    return Statement(le(ratio(T), ratio(LATER)) if relation is None else relation)


def prove() -> Theorem:
    """phi(T - y) - phi(T) is concave in q(T) and convex in y, and zero at q = 0 and at y = 0."""
    return combine(claim().conclusion, {for_all_larger(): 1})  # type: ignore[arg-type]


def witness(at: Expr, more: Expr) -> Witness:
    return Witness(10, 1, 1, {}, {T: at, x: more}, f"C = 10, T = {at}, x = {more}")


def twins() -> list[Twin]:
    return [
        Twin("decreasing", claim(le(ratio(LATER), ratio(T))), witness(log(81), log(4))),
        Twin(
            "relative to T instead of T q(T)",
            claim(le(rise(T) / T, rise(LATER) / LATER)),
            witness(log(10**4), log(100)),
        ),
        Twin(
            "the difference phi(T/2) - phi(T) - (5/2) T q(T)",
            claim(le(rise(T) - K * T * q(T), rise(LATER) - K * LATER * q(LATER))),
            witness(log(10**4), log(100)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = le(phi(LATER) + K * LATER * q(LATER), phi(LATER / 2))

    def proof() -> Theorem:
        """A ratio of at least 5/2 stays so."""
        size = LATER * q(LATER)
        return combine(goal, {for_all_larger(): size, assume(HALF_LOSS): size / (T * q(T))})

    return Neighbour("the condition at T gives it for all larger T", Statement(goal, (HALF_LOSS,)), proof)


_C, _T = value("C"), value("T")
THEOREM = Entry(
    name="half-loss-threshold",
    title="The threshold T_b(C) is well defined",
    kind="lower",
    source="this project (2026)",
    says=(
        "(phi(T/2) - phi(T))/(T q(T)) never decreases in T, for every C; so the condition phi(T/2) >= phi(T) "
        "+ (5/2) T q(T), once met, is met for every larger T."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        (phi_value(_T / 2, _C) - phi_value(_T, _C)) / (_T * q_value(_T, _C)),
        (Condition("T > 0", Integer(0), _T, strict=True),),
    ),
)
