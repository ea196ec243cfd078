# SPDX-License-Identifier: MIT
"""Jiang et al. 2024: unit vectors with cosines at most gamma have one-vs-rest margin at least 1 - gamma.

With gamma = -1/(C-1) this is the simplex, margin C/(C-1), best by jiang-2024-softmax-code; with gamma = 0
the cross-polytope (C = 2d), margin 1; with gamma = cos(2 pi/C) the regular polygon (d = 2).  For these three
the margin is no larger: w_c minus the middle of two neighbours has length 1 - gamma, as the witness shows for
the square.  Not covered: that the polygon is the best code of the plane.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol, sqrt

from theory.configurations import simplex
from theory.definitions import dot, sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, j, real, w

gamma = real("gamma_w", r"\gamma", "bound on the cosine between two rows of the classifier")
a = atom("a_hull", "a", "a(c, j): weight of row j in a convex combination of the rows other than c")


def gram(cc: Symbol, jj: Symbol) -> Expr:
    """<w_c, w_j>."""
    return dot(lambda x: w(cc, x), lambda x: w(jj, x))


def to_hull(x: Symbol) -> Expr:
    """w_c minus the convex combination of the others, coordinate x."""
    return w(c, x) - C * Mean(a(c, j) * w(j, x), j)


UNIT = eq(gram(c, c), 1, c)
CONVEX = eq(C * Mean(a(c, j), j), 1, c)
# a(c, c) = 0, a >= 0 and <w_c, w_j> <= gamma for j != c give this for every c and j
COSINES = le(a(c, j) * gram(c, j), gamma * a(c, j), c, j)
BELOW_ONE = le(gamma, 1)
HYPOTHESES = (UNIT, CONVEX, COSINES, BELOW_ONE)


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(factor * (1 - gamma) ** 2, sq(to_hull)), hypotheses)


@lru_cache
def prove() -> Theorem:
    """v = w_c - sum_j a_j w_j has <w_c, v> >= 1 - gamma and ||v||^2 >= 2 s <w_c, v> - s^2, s = 1 - gamma."""
    unit, convex, cosines, below = map(assume, HYPOTHESES)
    s = 1 - gamma
    others = average(cosines, j, label="sum_j a_j <w_c, w_j> <= gamma sum_j a_j")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {others: 2 * C * s, convex: 2 * s * gamma, unit: s**2 - 2 * s},
        slack=sq(lambda x: to_hull(x) - s * w(c, x)),
        facts=[combine(le(0, s), {below: 1}), combine(le(0, 2 * C * s), {below: 2 * C})],
        label="project on w_c",
    )


def witness() -> Witness:
    """The square in the plane, against the middle of the two neighbours of a corner."""
    corners = ((1, 0), (0, 1), (-1, 0), (0, -1))
    return Witness(
        4,
        1,
        2,
        {
            w: lambda j, k: Integer(corners[j][k]),
            a: lambda c, j: Rational(1, 2) if (j - c) % 4 in (1, 3) else Integer(0),
        },
        {gamma: Integer(0)},
        "square, each corner against its neighbours",
    )


def twins() -> list[Twin]:
    square = witness()
    self_hull = {**square.functions, a: lambda c, j: Integer(int(c == j))}
    unit = sqrt(Rational(4, 3))
    base = simplex(4, weight_scale=unit)
    regular = {w: base.functions[w], a: lambda c, j: Rational(int(c != j), 3)}
    plain = Witness(4, 1, 4, regular, {gamma: Rational(-1, 3)}, "simplex against the mean of the others")
    return [
        Twin("1 % more", claim(Rational(101, 100)), plain),
        Twin("1 % more at the square", claim(Rational(101, 100)), square),
        Twin(
            "a row may take part in its own combination",
            claim(hypotheses=(UNIT, CONVEX, BELOW_ONE)),
            Witness(4, 1, 2, self_hull, square.values, "a corner against itself"),
        ),
    ]


def neighbour() -> Neighbour:
    at = -1 / (C - 1)
    goal = Statement(
        le((C / (C - 1)) ** 2, sq(to_hull)),
        (UNIT, CONVEX, le(a(c, j) * gram(c, j), at * a(c, j), c, j)),
    )

    def proof() -> Theorem:
        """gamma := -1/(C-1)."""
        found = instantiate(prove(), {gamma: at}, label="the simplex")
        return combine(goal.conclusion, {found: 1})  # type: ignore[arg-type]

    return Neighbour("the margin of the simplex is C/(C-1)", goal, proof)


THEOREM = Entry(
    name="jiang-2024-code-margin-cosine",
    title="One-vs-rest margin of a code from its largest cosine",
    kind="lower",
    source="Jiang et al. 2024, arXiv:2310.05351 (softmax codes and the largest cosine)",
    says=(
        "Unit vectors whose cosines are at most gamma have one-vs-rest margin at least 1 - gamma: C/(C-1) "
        "for the simplex, 1 for the cross-polytope, 1 - cos(2 pi/C) for the regular polygon."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        1 - value("max_cosine"),
        (Condition("cosine <= 1", value("max_cosine"), Integer(1)),),
    ),
)
