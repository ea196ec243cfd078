# SPDX-License-Identifier: MIT
"""Small weight decay: m_reg = q* log(sqrt(C)/lambda) + q* - q*^2/2 - R, 0 <= R <= q*^3/4 for q* <= 1/2."""

from functools import lru_cache

from sympy import Expr, Integer, Rational, log, sqrt

from theory.definitions import psi, q_star
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, Condition, optimal_q, value
from theory.expressions import eq, le, lt
from theory.kernel import Theorem
from theory.lemmas.remainders import SIDES, absolute, certified_negative, side
from theory.proving import assume, combine, instantiate
from theory.symbols import C, lam, nonnegative, p

x = nonnegative("x_mass", "x", "wrong-class mass")
BOX = {x: (0, Rational(1, 2))}
SMALL = le(q_star(), Rational(1, 2))
HYPOTHESES = (SIDES[0], SMALL)


def rest(mass: Expr, second: object = Rational(1, 2)) -> Expr:
    """-(1-x) log(1-x) - x + x^2/2."""
    return -(1 - mass) * log(1 - mass) - mass + second * mass**2  # type: ignore[operator]


def difference(second: object = Rational(1, 2)) -> Expr:
    """m_reg - q* log(sqrt(C)/lambda) - q* + q*^2/2, with m_reg = psi(q*)."""
    mass = q_star()
    return psi(mass) - mass * log(sqrt(C) / lam) - mass + second * mass**2  # type: ignore[operator]


def claim(constant: object = Rational(1, 4), second: object = Rational(1, 2)) -> Statement:
    return Statement(absolute(difference(second), constant * q_star() ** 3), HYPOTHESES)  # type: ignore[operator]


@lru_cache
def prove() -> Theorem:
    """psi(q*) - q* log(sqrt(C)/lambda) = -(1-q*) log(1-q*), exactly; boxes in q* alone."""
    both = certified_negative(rest(x), x**3 / 4, BOX, x)
    small = assume(SMALL)
    at_q = instantiate(both, {x: q_star()}, label="x := q*")
    positive_mass = combine(lt(0, 1 - q_star()), {small: 1}, slack=Rational(1, 2))
    return combine(claim().conclusion, {at_q: 1}, facts=[positive_mass], label="m_reg = psi(q*)")  # type: ignore[arg-type]


def near(decay: object) -> Witness:
    return Witness(4, 1, 1, values={lam: decay, side: Integer(1)}, note=f"C = 4, lambda = {decay}")


def other(decay: object) -> Witness:
    return Witness(4, 1, 1, values={lam: decay, side: Integer(-1)}, note=f"C = 4, lambda = {decay}")


def twins() -> list[Twin]:
    return [
        Twin("q*^3/10", claim(Rational(1, 10)), other(Rational(1, 10))),
        Twin("-q*^2/3 in the second order", claim(second=Rational(1, 3)), other(Rational(1, 100))),
        Twin("q*^2 in the second order", claim(second=1), near(Rational(1, 100))),
    ]


def neighbour() -> Neighbour:
    goal = Statement(eq(psi(p) - p * (log(C - 1) - log(p)), -(1 - p) * log(1 - p)))
    return Neighbour("exactly -(1-q) log(1-q)", goal, lambda: combine(goal.conclusion))  # type: ignore[arg-type]


_q = optimal_q(value("weight_decay"), value("C"))
THEOREM = Entry(
    name="minimum-regularized-loss-remainder",
    title="Least regularised loss for small weight decay, with its remainder",
    kind="asymptotic",
    source="this project (2026): expansion of minimum-regularized-loss",
    says=(
        "m_reg = q* log(sqrt(C)/lambda) + q* - q*^2/2 - R with 0 <= R <= q*^3/4 for q* = lambda "
        "(C-1)/sqrt(C) <= 1/2: to leading order lambda sqrt(C) log(sqrt(C)/lambda)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("minimum-regularized-loss",),
    formula=Formula(
        _q * log(sqrt(value("C")) / value("weight_decay")) + _q - _q**2 / 2,
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            Condition("q* <= 1/2", _q, Rational(1, 2)),
        ),
    ),
)
