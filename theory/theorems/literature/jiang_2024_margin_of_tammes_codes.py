# SPDX-License-Identifier: MIT
"""Softmax codes have the margin of Tammes codes: 1 - gamma*, for every C and d (this project, 2026).

gamma* is the least possible largest cosine of C unit vectors in d dimensions.  Jiang et al. 2024 maximise the
one-vs-rest margin, the least distance of a vector to the convex hull of the others, and know the maximum for
d = 2 and C <= d + 1.  It is 1 - gamma* always:

* a code whose cosines are at most gamma* has margin at least 1 - gamma* (jiang-2024-code-margin-cosine);
* conversely, let w be any code of margin m > 0, y_c the point nearest to w_c of the hull of the others and
  f_c = (w_c - y_c)/||w_c - y_c||.  The bisectors u_c = w_c + f_c are again C vectors in d dimensions, so two
  of them have cosine gamma* or more.  Weights pi on pairs say which (all on one pair), or stand for another
  proof of a lower bound gamma, sum_cj pi_cj (<u_c, u_j> - gamma ||u_c|| ||u_j||) >= 0; then m <= 1 - gamma.

The nearest point enters by its variational inequality, <w_c - y_c, w_j - y_c> <= 0 for all j != c.  Bisectors
are needed: the code's own cosines do not bound its margin, as two orthogonal vectors show (a twin).
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions_collapse import SYMMETRIC, ZERO_OR_ONE, one_hot
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas.bisectors import (
    bisectors,
    code_cosines,
    nu,
    positive_length,
    product_at_least_two,
    product_at_most_four,
    rows,
)
from theory.lemmas.nearest_points import (
    CODE,
    DISTANCE,
    NEAREST,
    Table,
    at_hull,
    beyond,
    code_witness,
    distance_positive,
    m,
    rho,
)
from theory.proving import assume, average, combine, instantiate, theorem
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
    """<u_c, u_j> <= (1 - (rho_c + rho_j)/2) nu_c nu_j for two different classes."""
    return at_hull(code_cosines(theorem("jiang-2024-bisector-cosine")))


@lru_cache
def prove() -> Theorem:
    """The weighted mean of the cosines of the bisectors is at most 1 - m."""
    positive, total, others, symmetric = map(assume, WEIGHTS)
    first, there = at_hull(positive_length()), distance_positive()
    signs = [positive, *(t for one in (first, there) for t in (one, instantiate(one, {c: j})))]
    margin = assume(DISTANCE)
    apart = at_hull(theorem("jiang-2024-bisector-cosine"))
    cosine = combine(
        le(pi(c, j) * bisectors(c, j), (1 - m) * pi(c, j) * nu(c) * nu(j)),
        {
            apart: pi(c, j),
            margin: 2 * pi(c, j),
            instantiate(margin, {c: j}): 2 * pi(c, j),
            product_at_most_four(): m * pi(c, j),
            others: 2 * (rho(c) + rho(j)),
            symmetric: -2 * pi(c, j) * rho(j),
        },
        facts=signs,
        label="one pair",
    )
    long = combine(
        le(2 * pi(c, j), pi(c, j) * nu(c) * nu(j)),
        {at_hull(product_at_least_two()): pi(c, j)},
        facts=signs,
    )
    size = weighted(nu(c) * nu(j))
    some = combine(lt(0, size), {average(long, c, j): 1, total: 2}, label="the weights are not all 0")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {assume(BOUND): 1 / size, average(cosine, c, j, label="all pairs"): 1 / size},
        facts=[some],
        label="divide by the weights",
    )


def _paired(base: Witness, pairs: Table, angle: int) -> Witness:
    """The weights of the pairs, and gamma = angle."""
    functions = {**base.functions, pi: lambda c, j: pairs[c][j]}
    values = {**base.values, gamma: Integer(angle)}
    return Witness(base.classes, 1, base.dimension, functions, values, base.note)


def square(*, far: bool = False, own: bool = False) -> Witness:
    """Square: margin 1, largest cosine 0, the origin the nearest point of every hull.

    far: the opposite corner for the nearest point.  own: weights on pairs of a class with itself.
    """
    turns = range(4)
    hull = [[Integer((j - c) % 4 == 2) if far else Rational((j - c) % 2, 2) for j in turns] for c in turns]
    pairs = [[Integer(c == j) if own else Integer((j - c) % 2) for j in turns] for c in turns]
    corners = ((1, 0), (0, 1), (-1, 0), (0, -1))
    return _paired(code_witness(corners, hull, Integer(2 if far else 1), Integer(2)), pairs, int(own))


def orthogonal() -> Witness:
    """Two orthogonal vectors: margin sqrt 2, cosine 0."""
    swap = ((0, 1), (1, 0))
    return _paired(code_witness(((1, 0), (0, 1)), swap, sqrt(2), sqrt(2 + sqrt(2))), swap, 0)


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
        Twin("any point of the hull for the nearest", claim(hypotheses=_without(NEAREST)), square(far=True)),
        Twin("a class paired with itself", claim(hypotheses=_without(OTHERS)), square(own=True)),
    ]


def neighbour() -> Neighbour:
    mean = 1 - (beyond(c, j) + beyond(j, c)) / 2
    goal = le(bisectors(c, j), mean * nu(c) * nu(j))
    return Neighbour(
        "two bisectors, by the mean of the two distances", Statement(goal, (*CODE, ZERO_OR_ONE)), pair
    )


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
    uses=("jiang-2024-bisector-cosine",),
    formula=Formula(
        1 - value("max_cosine"),
        (Condition("cosine <= 1", value("max_cosine"), Integer(1)),),
    ),
)
