# SPDX-License-Identifier: MIT
"""Rankin 1955: C >= d + 2 vectors in d dimensions cannot all make obtuse angles with one another.

By Radon (1921) there are weights p, q >= 0 of sum 1, on different vectors, with sum_c p_c w_c = sum_c q_c
w_c; see theory.lemmas.radon.  If all cosines are at most gamma, the square of this point is at most gamma,
hence gamma >= 0 (the true neighbour), attained by the cross-polytope.  What it says of margins:
jiang-2024-margin-at-most-one.
"""

from functools import lru_cache

from sympy import Integer, Rational

from theory.definitions import sq
from theory.definitions_collapse import one_hot, row
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, le
from theory.kernel import Theorem
from theory.lemmas.bisectors import rows
from theory.lemmas.radon import APART, SIGNS, SUMS, p, point, products, q, same_point
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import C, c, j, real, w

gamma = real("gamma_w", r"\gamma", "bound on the cosine between two rows of the classifier")
# norms at most 1, products of two different rows at most gamma
COSINES = le(rows(c, j), gamma + (1 - gamma) * one_hot(c, j), c, j)
SAME = same_point(row)
HYPOTHESES = (*SIGNS, *SUMS, APART, SAME, COSINES)


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(factor * sq(lambda x: point(row, p, x)), gamma), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The square of the point of Radon is a weighted mean of products of different vectors."""
    left, right, one, other, apart, _, cosines = map(assume, HYPOTHESES)
    weighted = combine(
        le(p(c) * q(j) * rows(c, j), gamma * p(c) * q(j)),
        {cosines: p(c) * q(j), apart: 1 - gamma},
        facts=[left, instantiate(right, {c: j})],
        label="one pair",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(weighted, c, j, label="all pairs"): C**2,
            products(row): 1,
            one: gamma,
            other: gamma * C * Mean(p(c), c),
        },
        label="weights of sum 1",
    )


def _signs() -> Witness:
    """d + 2 vectors on a line, 1, 1, -1: the two equal ones are a Radon partition and have cosine 1."""
    return Witness(
        3,
        1,
        1,
        {
            w: lambda j, k: Integer(1 if j < 2 else -1),
            p: lambda c: Integer(c == 0),
            q: lambda c: Integer(c == 1),
            one_hot: lambda c, j: Integer(c == j),
        },
        {gamma: Integer(1)},
        "three signs",
    )


def _opposite(other: int) -> Witness:
    """Two opposite vectors, cosine -1, which have no Radon partition: p on one of them, q on ``other``."""
    return Witness(
        2,
        1,
        1,
        {
            w: lambda j, k: Integer(1 - 2 * j),
            p: lambda c: Integer(c == 0),
            q: lambda c: Integer(c == other),
            one_hot: lambda c, j: Integer(c == j),
        },
        {gamma: Integer(-1)},
        "two opposite vectors",
    )


def twins() -> list[Twin]:
    def without(dropped: Relation) -> Statement:
        return claim(hypotheses=tuple(a for a in HYPOTHESES if a is not dropped))

    return [
        Twin("1 % more", claim(Rational(101, 100)), _signs()),
        Twin("a vector on both sides", without(APART), _opposite(0)),
        Twin("two sides without a common point", without(SAME), _opposite(1)),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(0, gamma), HYPOTHESES)
    square = visible(le(0, sq(lambda x: point(row, p, x))))
    return Neighbour(
        "the largest cosine is not negative",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, square: 1}),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="rankin-1955-radon-cosine",
    title="More than d + 1 vectors cannot all make obtuse angles",
    kind="tight",
    source="Rankin 1955, The closest packing of spherical caps in n dimensions; Radon 1921 (partitions)",
    says=(
        "Vectors with a Radon partition (any C >= d + 2 vectors in d dimensions), norms at most 1: two of "
        "them have a product that is not below the square of the common point, so it is not negative."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=_signs,
    formula=Formula(
        value("common_point") ** 2,
        (Condition("common point in the unit ball", value("common_point"), Integer(1)),),
    ),
)
