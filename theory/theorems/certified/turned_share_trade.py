# SPDX-License-Identifier: MIT
"""1 + X^2/2 >= (3/2) ((1+X)/2)^(4/3): the last step of the trade between turned samples and cosines."""

from sympy import Expr, Integer, Rational

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.cosines import x_plus
from theory.proving import assume, cases, combine
from theory.symbols import positive

kept = positive("g_kept", "g", "share of a class that keeps its direction")
reach = positive("Y_reach", "Y", "cosine plus the share turned away, both relative")
HALF3, FOUR3 = Rational(3, 2), Rational(4, 3)


def claim(factor: object = HALF3, power: Rational = FOUR3) -> Statement:
    return Statement(le(factor * ((1 + x_plus) / 2) ** power, 1 + x_plus**2 / 2))  # type: ignore[operator]


def prove() -> Theorem:
    """With r^3 = (1+X)/2 the difference is a polynomial with the square of r - 1 as a factor."""
    r = ((1 + x_plus) / 2) ** Rational(1, 3)
    rest = 2 * r**4 + 4 * r**3 + Rational(9, 2) * r**2 + 3 * r + HALF3
    return combine(claim().conclusion, slack=(r - 1) ** 2 * rest, label="r^3 = (1+X)/2")  # type: ignore[arg-type]


def twins() -> list[Twin]:
    def at(number: Expr) -> Witness:
        return Witness(2, 1, 1, {}, {x_plus: number}, f"X = {number}")

    return [
        Twin("1 % more", claim(HALF3 * Rational(101, 100)), at(Integer(1))),
        Twin("power 1 instead of 4/3", claim(power=Rational(1)), at(Rational(3, 4))),
    ]


def neighbour() -> Neighbour:
    """Beyond X = 1: Y + 1/2 - f >= (3/2) (Y (1-f))^(2/3) for Y >= 1 + f, with g = 1 - f."""
    enough, share = le(2 - kept, reach), le(kept, 1)
    goal = le(HALF3 * (reach * kept) ** Rational(2, 3), reach + kept - Rational(1, 2))

    def proof() -> Theorem:
        """Y g <= 1 or not: a sum of nonnegative terms either way."""
        a = (reach * kept) ** Rational(1, 3)
        small = combine(goal, {assume(enough): 1, assume(le(a, 1)): HALF3 * (1 + a)}, label="Y g <= 1")
        large = combine(
            goal,
            {assume(le(1, a)): (3 - 3 * kept) * (a + 1) / (2 * kept)},
            slack=(a - 1) ** 2 * (2 * a + 1) / (2 * kept) + (1 - kept) ** 2 / kept,
            facts=[combine(le(0, 3 - 3 * kept), {assume(share): 3})],
            label="Y g >= 1",
        )
        return cases(small, large, split=le(a, 1), label="small or large Y g")

    return Neighbour("beyond the edge X = 1", Statement(goal, (enough, share)), proof)


THEOREM = Entry(
    name="turned-share-trade",
    title="Cosine against the share of turned samples",
    kind="tight",
    source="this project (2026)",
    says=(
        "1 + X^2/2 >= (3/2) ((1+X)/2)^(4/3) for every X >= 0, with equality at X = 1; beyond,"
        " Y + 1/2 - f >= (3/2) (Y (1-f))^(2/3) for 0 <= f < 1 and Y >= 1 + f."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=lambda: Witness(2, 1, 1, {}, {x_plus: Integer(1)}, "X = 1"),
    formula=Formula(
        HALF3 * ((1 + value("cosine")) / 2) ** Rational(4, 3),
        (Condition("cosine at least 0", Integer(0), value("cosine")),),
    ),
)
