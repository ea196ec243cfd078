# SPDX-License-Identifier: MIT
"""Softmax codes of C >= d + 2 unit vectors in d dimensions have margin at most 1 (this project, 2026).

The bisectors of the vectors and the normals that separate them are C vectors in d dimensions, so they have a
Radon partition (theory.lemmas.radon).  Its common point x is a weighted sum of products of different
bisectors, and jiang-2024-margin-of-tammes-codes gives m <= 1 - ||x||^2/4 <= 1.  Attained by the
cross-polytope and by its parts of at least d + 2 vectors: the largest margin is 1 for d + 2 <= C <= 2d
(Jiang et al. 2024 have C <= d + 1 and d = 2).
"""

from functools import lru_cache

from sympy import Integer, Rational

from theory.definitions import sq
from theory.definitions_collapse import SYMMETRIC
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, le, lt
from theory.kernel import Theorem
from theory.lemmas.bisectors import bisector, bisectors, nu, product_at_most_four
from theory.lemmas.radon import APART, SIGNS, SUMS, p, point, products, q, same_point
from theory.lemmas.separating_normals import CODE, code_witness, m
from theory.proving import assume, average, combine, cut, instantiate, theorem, visible
from theory.symbols import C, atom, c, j, real

gamma = real("gamma_star", r"\gamma^*", "lower bound on the largest cosine of C unit vectors in d dimensions")
pi = atom("pi_pair", r"\pi", "pi(c, j): weight of the pair of two different classes, not all of them 0")
SAME = same_point(bisector)
HYPOTHESES = (*CODE, SYMMETRIC, *SIGNS, *SUMS, APART, SAME)
QUARTER = Rational(1, 4)
COMMON = sq(lambda x: point(bisector, p, x))


def claim(
    factor: object = 1, share: Rational = QUARTER, hypotheses: tuple[Relation, ...] = HYPOTHESES
) -> Statement:
    return Statement(le(factor * m, 1 - share * COMMON), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Pairs weighted by p_c q_j, gamma = ||x||^2/4."""
    left, right, one, other = map(assume, (*SIGNS, *SUMS))
    there = instantiate(right, {c: j})
    sign = combine(le(0, p(c) * q(j)), {left: q(j)}, facts=[there], label="p_c q_j >= 0")
    some = combine(
        lt(0, Mean(p(c) * q(j), c, j)),
        {one: -1 / C**2, other: -Mean(p(c), c) / C},
        slack=1 / C**2,
        label="weights of sum 1",
    )
    short = combine(
        le(p(c) * q(j) * nu(c) * nu(j), 4 * p(c) * q(j)),
        {product_at_most_four(): p(c) * q(j)},
        facts=[sign],
    )
    reached = combine(
        le(COMMON / 4 * Mean(p(c) * q(j) * nu(c) * nu(j), c, j), Mean(p(c) * q(j) * bisectors(c, j), c, j)),
        {
            average(short, c, j, label="lengths at most 2"): COMMON / 4,
            products(bisector): 1 / C**2,
            one: COMMON / C**2,
            other: COMMON * Mean(p(c), c) / C,
        },
        label="the common point",
    )
    found = instantiate(
        theorem("jiang-2024-margin-of-tammes-codes"),
        {gamma: COMMON / 4},
        functions={pi: ((c, j), p(c) * q(j))},
        label="pairs from both sides",
    )
    return combine(claim().conclusion, {cut(found, sign, some, reached): 1})  # type: ignore[arg-type]


def _divided(base: Witness, left: tuple[int, ...], right: tuple[int, ...]) -> Witness:
    """Equal weights on the classes of each side."""
    sides = {side: Rational(1, len(side)) for side in (left, right)}
    functions = {
        **base.functions,
        p: lambda c: sides[left] if c in left else Integer(0),
        q: lambda c: sides[right] if c in right else Integer(0),
    }
    return Witness(base.classes, 1, base.dimension, functions, base.values, base.note)


def square() -> Witness:
    """The square: d + 2 vectors of margin 1, the two diagonals a Radon partition."""
    corners = ((1, 0), (0, 1), (-1, 0), (0, -1))
    return _divided(code_witness(corners, corners, Integer(1), Integer(2)), (0, 2), (1, 3))


def _opposite(right: int) -> Witness:
    """Two opposite vectors, margin 2, which have no Radon partition."""
    ends = ((1,), (-1,))
    base = code_witness(ends, ends, Integer(2), Integer(2))
    return _divided(base, (0,), (right,))


def twins() -> list[Twin]:
    def without(dropped: Relation) -> Statement:
        return claim(hypotheses=tuple(a for a in HYPOTHESES if a is not dropped))

    return [
        Twin("1 % more", claim(Rational(101, 100)), square()),
        Twin("a class on both sides", without(APART), _opposite(0)),
        Twin("two sides without a common point", without(SAME), _opposite(1)),
    ]


def neighbour() -> Neighbour:
    goal = claim(share=Rational(0))
    return Neighbour(
        "no margin above 1",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, visible(le(0, COMMON)): QUARTER}),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="jiang-2024-margin-at-most-one",
    title="Margin of a code of more than d + 1 vectors",
    kind="tight",
    source="Jiang et al. 2024, arXiv:2310.05351 (softmax codes); the bound: this project (2026)",
    says=(
        "Unit vectors whose bisectors with their separating normals have a Radon partition (any C >= d + 2 "
        "vectors in d dimensions) have one-vs-rest margin at most 1; attained by the cross-polytope."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=square,
    formula=Formula(
        1 - value("common_point") ** 2 / 4,
        (
            Condition(
                "common point of bisectors, which are no longer than 2", value("common_point"), Integer(2)
            ),
        ),
    ),
    uses=("jiang-2024-margin-of-tammes-codes",),
)
