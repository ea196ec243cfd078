# SPDX-License-Identifier: MIT
"""Standard deviation of the cosines between classes, from inner products in the mean square."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, sqrt

from theory.definitions_collapse import cosine, length, pairs, squared_angle_spread, unit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, c, j, nonnegative, positive, real

least = positive("least_length", "a", "at most the length of every vector")
products = positive(
    "products_rms", "V", "at least the root mean square over pairs of <v, v'> + ||v||^2/(C-1)"
)
angle = real("angle_x", "x", "cos + 1/(C-1) for one pair")
more, other = (nonnegative(f"more_{n}", f"e_{n}", "a length's excess over the least") for n in "12")


def product(cc: Symbol, jj: Symbol) -> Expr:
    """<v_c, v_j> + ||v_c||^2/(C-1), v_c = length(c) unit(c)."""
    return length(cc) * length(jj) * cosine(cc, jj) + length(cc) ** 2 / (C - 1)


SHORTEST = le(least, length(c), c)
PRODUCTS = le(pairs(lambda cc, jj: product(cc, jj) ** 2), products**2)
HYPOTHESES = (SHORTEST, PRODUCTS)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(squared_angle_spread(), factor * products**2 / least**4 + extra), hypotheses)


@lru_cache
def one_pair() -> Theorem:
    """SHORTEST |- (cos + 1/(C-1))^2 <= (p^2 + p'^2)/(2 a^4), p = ``product``(c, j), p' = ``product``(j, c).

    cos + 1/(C-1) is the mean of p and p' with weights l' and l, divided by l l'.
    """
    mine, theirs = least + more, least + other
    share = theirs / (mine + theirs)
    both = mine * theirs
    first, second = (both * (angle - 1 / (C - 1)) + own**2 / (C - 1) for own in (mine, theirs))
    plain = combine(
        le(angle**2, (first**2 + second**2) / (2 * least**4)),
        slack=first**2 * (1 / (2 * least**4) - share / both**2)
        + second**2 * (1 / (2 * least**4) - (1 - share) / both**2)
        + share * (1 - share) * (first - second) ** 2 / both**2,
        label="a mean of two numbers",
    )
    here = assume(SHORTEST)
    there = instantiate(here, {c: j})
    lengths = {more: length(c) - least, other: length(j) - least}
    plain = instantiate(plain, {angle: cosine(c, j) + 1 / (C - 1)})
    return instantiate(plain, lengths, facts=[here, there], label="one pair")


@lru_cache
def prove() -> Theorem:
    """A variance is at most the mean square about -1/(C-1)."""
    each = average(average(one_pair(), j, excluding=c, label="mean over the other classes"), c)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {each: 1, assume(PRODUCTS): 1 / least**4},
        slack=(pairs(cosine) + 1 / (C - 1)) ** 2,
        label="mean over pairs",
    )


WITNESSED = sqrt(Rational(11, 12))


def witness(short: Any = 1, square: Any = WITNESSED) -> Witness:
    """Three unit vectors on a line, 1, 1 and -1: two of three cosines are -1, one is 1."""
    signs = [Integer(1), Integer(1), Integer(-1)]
    return Witness(
        3,
        1,
        1,
        {unit: lambda c, k: signs[c], length: lambda c: Integer(1)},
        {least: short, products: square},
        "three unit vectors on a line",
    )


def twins() -> list[Twin]:
    return [
        Twin("a twentieth less", claim(Rational(19, 20)), witness()),
        Twin("vectors of any length", claim(hypotheses=(PRODUCTS,)), witness(short=Integer(2))),
        Twin("any inner products", claim(hypotheses=(SHORTEST,)), witness(square=Rational(1, 100))),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=products)
    return Neighbour(
        "V more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=products),  # type: ignore[arg-type]
    )


_LEAST = value("least_norm")
THEOREM = Entry(
    name="cosine-spread-rms",
    title="Standard deviation of cosines from inner products in the mean square",
    kind="upper",
    source="this project (2026); measures of Papyan, Han & Donoho 2020, figure 3",
    says=(
        "If no class's vector is shorter than a and the root mean square over pairs of <v, v'> + "
        "||v||^2/(C-1) is at most V, the standard deviation of the cosines is at most V/a^2, with equality "
        "for centred vectors of equal norms. For centred rows V is of the order of the root of the loss gap "
        "(equiangular-weights-rms), where cosine-spread has its fourth root. The number is in units of the "
        "mean norm."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        value("products_rms") / _LEAST**2,
        (Condition("every norm is positive", Integer(0), _LEAST, strict=True),),
    ),
)
