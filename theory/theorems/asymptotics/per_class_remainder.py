# SPDX-License-Identifier: MIT
"""The closed form per class to second order in e = eps/(delta T q), with a certified third order.

sqrt(1 - nu_c) = q/p with psi(p) = psi(q) + eps/delta.  With p = q (1+s), e is an elementary function of s,
and 1 - (q/p)^2 = 2 e - (3 - 1/((1-q) T)) e^2 + R, 0 <= R <= 8 e^3.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, log

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.evaluation import psi as psi_value
from theory.evaluation import q as q_value
from theory.expressions import eq, le, lt
from theory.kernel import Theorem
from theory.lemmas.remainders import SIDES, absolute, certified_positive, limits, positive_part, side
from theory.proving import assume, combine, cut, instantiate
from theory.symbols import T, nonnegative, positive

s = nonnegative("s_mass", "s", "relative growth of the wrong-class mass: p = q (1 + s)")
mass = positive("q_mass", "q", "wrong-class mass at the optimum")
inverse = nonnegative("u_margin", "u", "1/T")


def gap_at(rate: Expr) -> Expr:
    """e, with ``rate`` for 1/T."""
    return s - rate * ((1 + s) * log(1 + s) + (1 - mass - mass * s) / mass * log(1 - mass * s / (1 - mass)))


def rest_at(rate: Expr, second: Expr | None = None) -> Expr:
    """1 - (q/p)^2 - 2 e + a2 e^2, with ``rate`` for 1/T."""
    gap = gap_at(rate)
    return 1 - 1 / (1 + s) ** 2 - 2 * gap + (3 - rate / (1 - mass) if second is None else second) * gap**2


GAP = gap_at(1 / T)
SECOND = 3 - 1 / ((1 - mass) * T)
SIDES_OF = {s: (0, Rational(3, 2)), mass: (Rational(1, 1000), Rational(1, 5))}
BOX = {**SIDES_OF, inverse: (0, Rational(1, 3))}
LIMITS = (*limits(SIDES_OF), le(3, T))
HYPOTHESES = (SIDES[1], *LIMITS)


def rest(second: Expr = SECOND) -> Expr:
    """1 - (q/p)^2 - 2 e + a2 e^2."""
    return rest_at(1 / T, second)


def claim(constant: object = 8, second: Expr = SECOND) -> Statement:
    return Statement(absolute(rest(second), constant * GAP**3), HYPOTHESES)  # type: ignore[operator]


def right_mass() -> Theorem:
    """0 < 1 - q."""
    few = assume(limits({mass: BOX[mass]})[1])
    return combine(lt(0, 1 - mass), {few: 1}, slack=Rational(4, 5))


def in_margin(found: Theorem) -> Theorem:
    """u := 1/T, at most 1/3."""
    short = combine(le(1 / T, Rational(1, 3)), {assume(le(3, T)): 1 / (3 * T)}, label="T >= 3")
    return cut(instantiate(found, {inverse: 1 / T}, facts=[right_mass()], label="u := 1/T"), short)


@lru_cache
def prove() -> Theorem:
    """Two boxes in 1/T, one a sign; contact of third order at s = 0 for every T and q."""
    facts = [right_mass()]
    both = in_margin(certified_positive(rest_at(inverse), 8 * gap_at(inverse) ** 3, BOX, s, facts))
    return combine(claim().conclusion, {both: 1}, facts=facts)  # type: ignore[arg-type]


def near(step: object, margin: object = 8) -> Witness:
    values = {s: step, T: margin, mass: Rational(1, 100), side: Integer(1)}
    return Witness(2, 1, 1, values=values, note=f"s = {step}, T = {margin}, q = 1/100")


def twins() -> list[Twin]:
    tenth = Rational(1, 10)
    return [
        Twin("e^3 instead of 8 e^3", claim(1), near(tenth)),
        Twin("4 instead of 3 in the second order", claim(second=SECOND + 1), near(Rational(1, 100))),
        Twin("no third order", Statement(eq(rest(), 0), HYPOTHESES), near(tenth)),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(0, rest()), LIMITS)

    def proof() -> Theorem:
        """One of the two boxes."""
        boxes = positive_part(rest_at(inverse), BOX, s)
        return combine(goal.conclusion, {in_margin(boxes): 1}, facts=[right_mass()])  # type: ignore[arg-type]

    return Neighbour("the second order is a lower bound of nu_c", goal, proof)


_C = value("C")
_T = _C * value("alpha") * value("beta") / (_C - 1)
_q = q_value(_T, _C)
_e = value("eps") / (value("delta") * _T * _q)
THEOREM = Entry(
    name="class-variability-per-class-expansion",
    title="The bound class by class for small eps/delta, with its remainder",
    kind="asymptotic",
    source="this project (2026): expansion of class-variability-per-class and of its weight decay form",
    says=(
        "All but a fraction delta of the classes have nu_c < 2 e - (3 - 1/((1-q) T)) e^2 + R, e = "
        "eps/(delta T q), 0 <= R <= 8 e^3 for T >= 3, 1/1000 <= q <= 1/5 and psi(q) + eps/delta"
        " <= psi(5 q/2) (q = q(T); or q* with T* under weight decay): linear in eps/delta. The number"
        " is the bound with R = 8 e^3."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        2 * _e - (3 - 1 / ((1 - _q) * _T)) * _e**2 + 8 * _e**3,
        (
            Condition("q(T) <= 1/5", _q, Rational(1, 5)),
            Condition("1/1000 <= q(T)", Rational(1, 1000), _q),
            Condition("T >= 3", Integer(3), _T),
            Condition("delta > 0", Integer(0), value("delta"), strict=True),
            Condition(
                "psi(q) + eps/delta <= psi(5 q/2)",
                psi_value(_q, _C) + value("eps") / value("delta"),
                psi_value(Rational(5, 2) * _q, _C),
            ),
        ),
    ),
    uses=("class-variability-per-class",),
)
