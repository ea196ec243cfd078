# SPDX-License-Identifier: MIT
"""The sharp bound of nu to second order in e = (L - phi(T))/(T q), with a certified third order.

nu_max = 1 - (tau/T)^2 = 2 e - (1 + (1-q) T) e^2 + R, 0 <= R <= 5 (1+T)^2 e^3.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, exp, log

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import NORMS_POSITIVE, Condition, phi_inverse, value
from theory.evaluation import q as q_value
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.lemmas.remainders import SIDES, absolute, certified_positive, limits, positive_part, side
from theory.proving import combine
from theory.symbols import T, nonnegative, positive

s = nonnegative("s_margin", "s", "relative loss of margin: tau = T (1 - s)")
mass = positive("q_mass", "q", "wrong-class mass at the optimum")
GAP = log(1 + mass * (exp(T * s) - 1)) / (T * mass)
EXACT = 1 - (1 - s) ** 2
SECOND = 1 + (1 - mass) * T
BOX = {s: (0, Rational(3, 20)), T: (6, 9), mass: (Rational(1, 1000), Rational(1, 20))}
HYPOTHESES = (SIDES[1], *limits(BOX))


def rest(second: Expr = SECOND) -> Expr:
    """nu_max - 2 e + (1 + (1-q) T) e^2."""
    return EXACT - 2 * GAP + second * GAP**2


def claim(constant: object = 5, second: Expr = SECOND) -> Statement:
    return Statement(absolute(rest(second), constant * (1 + T) ** 2 * GAP**3), HYPOTHESES)  # type: ignore[operator]


@lru_cache
def prove() -> Theorem:
    """Two boxes, one a sign; contact of third order at s = 0 for every T and q."""
    both = certified_positive(rest(), 5 * (1 + T) ** 2 * GAP**3, BOX, s)
    return combine(claim().conclusion, {both: 1})  # type: ignore[arg-type]


def near(step: object) -> Witness:
    values = {s: step, T: Integer(8), mass: Rational(1, 100), side: Integer(1)}
    return Witness(2, 1, 1, values=values, note=f"s = {step}, T = 8, q = 1/100")


def twins() -> list[Twin]:
    return [
        Twin("(1+T)^2 e^3/10 instead of 5 (1+T)^2 e^3", claim(Rational(1, 10)), near(Rational(1, 40))),
        Twin("T instead of (1-q) T in the second order", claim(second=1 + T), near(Rational(1, 10000))),
        Twin("no third order", Statement(eq(rest(), 0), HYPOTHESES), near(Rational(1, 40))),
    ]


def neighbour() -> Neighbour:
    near_box = {**BOX, s: (0, Rational(1, 20))}
    goal = Statement(le(0, rest()), limits(near_box))
    return Neighbour(
        "the second order is a lower bound, for tau >= (19/20) T",
        goal,
        lambda: combine(goal.conclusion, {positive_part(rest(), near_box, s): 1}),  # type: ignore[arg-type]
    )


_C = value("C")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_q = q_value(_T, _C)
_e = value("eps") / (_T * _q)
THEOREM = Entry(
    name="within-class-variability-remainder",
    title="Within-class variability for small loss gaps, with its remainder",
    kind="asymptotic",
    source="this project (2026): expansion of within-class-variability",
    says=(
        "nu_max = 2 e - (1 + (1-q) T) e^2 + R, e = eps/(T q), with 0 <= R <= 5 (1+T)^2 e^3 for 6 <= T"
        " <= 9, 1/1000 <= q(T) <= 1/20 and phi^{-1}(L) >= (17/20) T. The number is the bound with the"
        " largest R."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("within-class-variability",),
    formula=Formula(
        2 * _e - (1 + (1 - _q) * _T) * _e**2 + 5 * (1 + _T) ** 2 * _e**3,
        (
            *NORMS_POSITIVE,
            Condition("q(T) <= 1/20", _q, Rational(1, 20)),
            Condition("1/1000 <= q(T)", Rational(1, 1000), _q),
            Condition("6 <= T", Integer(6), _T),
            Condition("T <= 9", _T, Integer(9)),
            Condition("(17/20) T <= phi^{-1}(L)", Rational(17, 20) * _T, phi_inverse(value("L"), _C)),
        ),
    ),
)
