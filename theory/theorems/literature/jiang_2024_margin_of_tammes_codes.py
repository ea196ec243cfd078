# SPDX-License-Identifier: MIT
"""Softmax codes have the margin of Tammes codes: 1 - gamma*, for every C and d (this project, 2026).

gamma* is the least possible largest cosine of C unit vectors in d dimensions.  Jiang et al. 2024 maximise the
one-vs-rest margin, the least distance of a vector to the convex hull of the others, and know the maximum for
d = 2 and C <= d + 1.  It is 1 - gamma* always:

* a code whose cosines are at most gamma* has margin at least 1 - gamma* (jiang-2024-code-margin-cosine);
* conversely, let w be any code of margin m > 0: <w_c - w_j, f_c> >= m for j != c along unit normals f_c,
  such as those through the points of the hulls nearest to the vectors.  The bisectors u_c = w_c + f_c are
  again C vectors in d dimensions, so two of them have cosine gamma* or more.  Weights pi on pairs say which
  (all on one pair), or stand for another proof of a lower bound gamma,
  sum_cj pi_cj (<u_c, u_j> - gamma ||u_c|| ||u_j||) >= 0; then m <= 1 - gamma.

Nothing else is asked of the normals (theory.lemmas.separating_normals).  Bisectors are needed: the code's own
cosines do not bound its margin, as two orthogonal vectors show (a twin).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions_collapse import SYMMETRIC, one_hot
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas.bisectors import LENGTH_SIGN, bisectors, nu, rows, swap
from theory.lemmas.separating_normals import (
    CODE,
    SEPARATED,
    Table,
    any_normals,
    code_witness,
    in_both_orders,
    long_enough,
    m,
)
from theory.proving import assume, average, combine
from theory.symbols import atom, c, j, real

gamma = real("gamma_star", r"\gamma^*", "lower bound on the largest cosine of C unit vectors in d dimensions")
pi = atom("pi_pair", r"\pi", "pi(c, j): weight of the pair of two different classes, not all of them 0")


OTHERS = eq(pi(c, j) * one_hot(c, j), 0, c, j)
WEIGHTS = (le(0, pi(c, j), c, j), lt(0, Mean(pi(c, j), c, j)), OTHERS, SYMMETRIC)


def weighted(body: Expr) -> Expr:
    """The sum over pairs with their weights, divided by C^2."""
    return Mean(pi(c, j) * body, c, j)


BOUND = le(gamma * weighted(nu(c) * nu(j)), weighted(bisectors(c, j)))
HYPOTHESES = (*CODE, *WEIGHTS, BOUND)


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(factor * m, 1 - gamma), hypotheses)


@lru_cache
def pair() -> Theorem:
    """pi_cj <u_c, u_j> <= (1 - m) pi_cj nu_c nu_j."""
    positive, _, others, symmetric = map(assume, WEIGHTS)
    there, sign = assume(SEPARATED), assume(LENGTH_SIGN)
    back = swap(there)
    forth = combine(
        le(m * pi(c, j), pi(c, j) * there.relation.rhs),
        {there: pi(c, j), others: m},
        facts=[positive],
        label="margin of row c",
    )
    back = combine(
        le(m * pi(c, j), pi(c, j) * back.relation.rhs),
        {back: pi(c, j), others: m, symmetric: -m * pi(c, j)},
        facts=[positive],
        label="margin of row j",
    )

    def premises(
        a: Expr, b: Expr, turn: Callable[[Theorem], Theorem], order: Theorem
    ) -> list[tuple[Theorem, Any]]:
        own = forth if a == nu(c) else back
        return [
            (turn(any_normals()), pi(c, j) / 4),
            (forth, a * b / 2),
            (back, a * b / 2),
            (own, b * (b - a)),
            (order, m * pi(c, j) * b),
        ]

    goal = le(pi(c, j) * bisectors(c, j), (1 - m) * pi(c, j) * nu(c) * nu(j))
    return in_both_orders(goal, premises, positive, sign, swap(sign))


@lru_cache
def all_pairs() -> Theorem:
    """The weighted sum over pairs of <u_c, u_j> is at most 1 - m times that of nu_c nu_j."""
    return combine(
        le(weighted(bisectors(c, j)), (1 - m) * weighted(nu(c) * nu(j))),
        {average(pair(), c, j, label="all pairs"): 1},
    )


@lru_cache
def prove() -> Theorem:
    """The weighted mean of the cosines of the bisectors is at most 1 - m, and their weights are not all 0."""
    positive, total, others, symmetric = map(assume, WEIGHTS)
    sign, longer = assume(LENGTH_SIGN), long_enough()
    one = combine(
        le(m * pi(c, j), pi(c, j) * nu(c)), {longer: pi(c, j), others: m}, facts=[positive], label="nu_c >= m"
    )
    other = combine(
        le(m * pi(c, j), pi(c, j) * nu(j)),
        {swap(longer): pi(c, j), others: m, symmetric: -m * pi(c, j)},
        facts=[positive],
        label="nu_j >= m",
    )
    long = combine(
        le(m**2 * pi(c, j), pi(c, j) * nu(c) * nu(j)),
        {one: nu(j), other: m},
        facts=[swap(sign)],
        label="lengths at least m",
    )
    size = weighted(nu(c) * nu(j))
    some = combine(lt(0, size), {average(long, c, j): 1, total: m**2}, label="the weights are not all 0")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {assume(BOUND): 1 / size, all_pairs(): 1 / size},
        facts=[some],
        label="divide by the weights",
    )


def _paired(base: Witness, pairs: Table, angle: int) -> Witness:
    """The weights of the pairs, and gamma = angle."""
    functions = {**base.functions, pi: lambda c, j: pairs[c][j]}
    values = {**base.values, gamma: Integer(angle)}
    return Witness(base.classes, 1, base.dimension, functions, values, base.note)


CORNERS = ((1, 0), (0, 1), (-1, 0), (0, -1))


def square(*, margin: int = 1, own: bool = False) -> Witness:
    """Square, each vector its own normal: margin 1, largest cosine 0.

    margin: another number in its place.  own: weights on pairs of a class with itself.
    """
    pairs = [[Integer(c == j) if own else Integer((j - c) % 2) for j in range(4)] for c in range(4)]
    return _paired(code_witness(CORNERS, CORNERS, Integer(margin), Integer(2)), pairs, int(own))


def orthogonal() -> Witness:
    """Two orthogonal vectors, separated along their difference: margin sqrt 2, cosine 0."""
    half, others = 1 / sqrt(2), ((0, 1), (1, 0))
    normals = ((half, -half), (-half, half))
    return _paired(code_witness(((1, 0), (0, 1)), normals, sqrt(2), sqrt(2 + sqrt(2))), others, 0)


def _without(*dropped: Relation) -> tuple[Relation, ...]:
    return tuple(x for x in HYPOTHESES if x not in dropped)


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(Rational(101, 100)), square()),
        Twin(
            "the code's own cosines",
            claim(hypotheses=(*_without(BOUND), le(gamma * Mean(pi(c, j), c, j), weighted(rows(c, j))))),
            orthogonal(),
        ),
        Twin(
            "a margin that the normals do not have", claim(hypotheses=_without(SEPARATED)), square(margin=2)
        ),
        Twin("a class paired with itself", claim(hypotheses=_without(OTHERS)), square(own=True)),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(weighted(bisectors(c, j)), (1 - m) * weighted(nu(c) * nu(j))), (*CODE, *WEIGHTS))
    return Neighbour("the bisectors' products with their weights, before dividing", goal, all_pairs)


THEOREM = Entry(
    name="jiang-2024-margin-of-tammes-codes",
    title="The largest one-vs-rest margin is that of Tammes codes",
    kind="tight",
    source="Jiang et al. 2024, arXiv:2310.05351 (softmax codes); for every C and d: this project (2026)",
    says=(
        "C unit vectors in d dimensions have one-vs-rest margin at most 1 - gamma for every lower bound "
        "gamma on the largest cosine of such vectors; with jiang-2024-code-margin-cosine, the largest "
        "margin is 1 - gamma* exactly."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=square,
    formula=Formula(
        1 - value("max_cosine"),
        (Condition("cosine <= 1", value("max_cosine"), Integer(1)),),
    ),
)
