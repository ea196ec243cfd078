# SPDX-License-Identifier: MIT
"""Small weight decay: T* = log(sqrt(C)/lambda) - q* - q*^2/2 - R, 0 <= R <= (3/5) q*^3 for q* <= 1/2."""

from functools import lru_cache

from sympy import Expr, Integer, Rational, log, sqrt

from theory.definitions import T_star, q_star
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import DECAY_BELOW_THRESHOLD, DECAY_POSITIVE, Condition, optimal_q, value
from theory.expressions import le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.remainders import SIDES, absolute, certified_negative, side
from theory.proving import assume, combine, instantiate
from theory.symbols import C, lam, nonnegative

x = nonnegative("x_mass", "x", "wrong-class mass")
BOX = {x: (0, Rational(1, 2))}
SMALL = le(q_star(), Rational(1, 2))
HYPOTHESES = (SIDES[0], SMALL)


def rest(mass: Expr) -> Expr:
    """log(1-x) + x + x^2/2."""
    return log(1 - mass) + mass + mass**2 / 2


def difference(second: object = Rational(1, 2)) -> Expr:
    """T* - log(sqrt(C)/lambda) + q* + q*^2/2."""
    mass = q_star()
    return T_star() - log(sqrt(C) / lam) + mass + second * mass**2  # type: ignore[operator]


def claim(constant: object = Rational(3, 5), second: object = Rational(1, 2)) -> Statement:
    return Statement(absolute(difference(second), constant * q_star() ** 3), HYPOTHESES)  # type: ignore[operator]


def _split() -> Theorem:
    """T* = log(sqrt(C)/lambda) + log(1 - q*)."""
    small = assume(SMALL)
    room = combine(lt(0, 1 - q_star()), {small: 1}, slack=Rational(1, 2), label="q* < 1")
    return apply("log_product", a=sqrt(C) / lam, b=1 - q_star(), facts=[room], label="log of a product")


@lru_cache
def prove() -> Theorem:
    """T* - log(sqrt(C)/lambda) = log(1 - q*), exactly; boxes in q* alone."""
    both = certified_negative(rest(x), Rational(3, 5) * x**3, BOX, x)
    at_q = instantiate(both, {x: q_star()}, label="x := q*")
    return combine(claim().conclusion, {at_q: 1, _split(): side}, label="log(1-q*)")  # type: ignore[arg-type]


def near(decay: object, sign: int) -> Witness:
    return Witness(4, 1, 1, values={lam: decay, side: Integer(sign)}, note=f"C = 4, lambda = {decay}")


def twins() -> list[Twin]:
    return [
        Twin("q*^3/3 instead of (3/5) q*^3", claim(Rational(1, 3)), near(Rational(1, 4), -1)),
        Twin("no second order", claim(second=0), near(Rational(1, 100), -1)),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(difference(), 0), (SMALL,))

    def proof() -> Theorem:
        """log(1-x) <= -x - x^2/2."""
        box = apply("box", goal=le(rest(x), 0), box=BOX, contacts=[({x: 0}, 3)])
        at_q = instantiate(box, {x: q_star()}, label="x := q*")
        return combine(goal.conclusion, {at_q: 1, _split(): 1})  # type: ignore[arg-type]

    return Neighbour("the second order is an upper bound", goal, proof)


_q = optimal_q(value("weight_decay"), value("C"))
THEOREM = Entry(
    name="optimal-margin-remainder",
    title="The optimal margin for small weight decay, with its remainder",
    kind="asymptotic",
    source="this project (2026): expansion of minimum-regularized-loss",
    says=(
        "T* = log(sqrt(C)/lambda) - q* - q*^2/2 - R with 0 <= R <= (3/5) q*^3 for q* = lambda "
        "(C-1)/sqrt(C) <= 1/2: the margin grows like the logarithm of 1/lambda, and alpha beta like "
        "(1 - 1/C) times it."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("minimum-regularized-loss",),
    formula=Formula(
        log(sqrt(value("C")) / value("weight_decay")) - _q - _q**2 / 2,
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            Condition("q* <= 1/2", _q, Rational(1, 2)),
        ),
    ),
)
