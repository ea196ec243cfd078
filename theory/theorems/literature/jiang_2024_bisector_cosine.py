# SPDX-License-Identifier: MIT
"""Unit vectors and the normals that separate them: their bisectors are far apart (this project, 2026).

Jiang et al. 2024 maximise the least pair margin <w_c - w_j, f_c> over unit vectors w and f (HardMax).  If
row c has margin M_cj over row j along its unit normal f_c, and <w_c, f_c> >= 0, then the bisectors
u_c = w_c + f_c satisfy <u_c, u_j> <= ||u_c|| ||u_j|| - 2 (M_cj + M_jc).  Attained where f = w, for any w.
The rows themselves do not obey this: two orthogonal vectors have margin sqrt 2 and cosine 0.  The hypothesis
<w_c, f_c> >= 0 is needed, as a twin shows.  That the cosine of two bisectors is at most 1 - (M_cj + M_jc)/2
for margins >= 0 (the true neighbour) needs no such thing; see jiang-2024-margin-of-tammes-codes.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol

from theory.definitions import sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Relation, le, lt
from theory.kernel import Theorem
from theory.lemmas.bisectors import (
    FORWARD,
    HYPOTHESES,
    LENGTH_SIGN,
    NOT_NEGATIVE,
    M,
    bisectors,
    difference,
    f,
    nu,
    positive_length,
    rows,
    sum_of_differences,
    swap,
)
from theory.lemmas.separating_normals import margins_and_cosines
from theory.proving import assume, combine
from theory.symbols import c, j, w


def claim(factor: object = 2, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(bisectors(c, j), nu(c) * nu(j) - factor * (M(c, j) + M(j, c))), hypotheses)


@lru_cache
def prove() -> Theorem:
    """||u_c - u_j||^2 - ||v_c - v_j||^2 >= 4 (M_cj + M_jc) and ||v_c - v_j|| >= |nu_c - nu_j|, v = w - f."""
    unit, normal, _, length, _, margin = map(assume, HYPOTHESES)
    a, b = nu(c), nu(j)
    ratio = (a - b) / (a + b)

    def short(x: Symbol) -> Expr:
        return difference(c, x) - difference(j, x)

    first = positive_length()
    total = combine(lt(0, a + b), {first: 1, swap(first): 1}, label="nu_c + nu_j > 0")
    back = swap(margin)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            margin: 2,
            back: 2,
            sum_of_differences(): ratio**2 / 2,
            unit: 2 * ratio,
            normal: 2 * ratio,
            length: (a / 2 - 3 * b / 2) / (a + b),
            swap(unit): -2 * ratio,
            swap(normal): -2 * ratio,
            swap(length): (b / 2 - 3 * a / 2) / (a + b),
        },
        slack=sq(lambda x: short(x) + ratio * (difference(c, x) + difference(j, x))) / 2,
        facts=[total],
        label="Cauchy-Schwarz for the sum and the difference",
    )


def _plane(
    vectors: tuple[tuple[object, object], ...],
    normals: tuple[tuple[object, object], ...],
    lengths: tuple[Expr, ...],
    margins: tuple[tuple[object, object], ...],
    note: str,
) -> Witness:
    """Two vectors in the plane."""
    return Witness(
        2,
        1,
        2,
        {
            w: lambda j, k: vectors[j][k],
            f: lambda c, k: normals[c][k],
            nu: lambda c: lengths[c],
            M: lambda c, j: margins[c][j],
        },
        {},
        note,
    )


def opposite(second: int = 2) -> Witness:
    """Two opposite vectors, each its own normal: margin 2, the bisectors twice the vectors."""
    pair = ((1, 0), (-1, 0))
    return _plane(pair, pair, (Integer(2), Integer(second)), ((0, 2), (2, 0)), "two opposite vectors")


def backward() -> Witness:
    """Normals at more than a right angle, or at one, from their vectors: margins 4/25 and 4/5."""
    one, some, much = Integer(1), Rational(3, 5), Rational(4, 5)
    return _plane(
        ((one, Integer(0)), (some, -much)),
        ((-much, some), (-much, -some)),
        ((Rational(2, 5)) ** Rational(1, 2), Integer(2) ** Rational(1, 2)),
        ((0, Rational(4, 25)), (much, 0)),
        "two vectors, one normal at more than a right angle",
    )


def orthogonal() -> Witness:
    """Two orthogonal vectors, normals along their difference: margin sqrt 2."""
    root = Integer(2) ** Rational(1, 2)
    length = (2 + root) ** Rational(1, 2)
    return _plane(
        ((1, 0), (0, 1)),
        ((1 / root, -1 / root), (-1 / root, 1 / root)),
        (length, length),
        ((0, root), (root, 0)),
        "two orthogonal vectors, separated along their difference",
    )


def twins() -> list[Twin]:
    kept = tuple(a for a in HYPOTHESES if a is not FORWARD)
    return [
        Twin("1 % more", claim(Rational(101, 50)), opposite()),
        Twin("normals that point backward", claim(hypotheses=kept), backward()),
        Twin(
            "the vectors in place of their bisectors",
            Statement(le(rows(c, j), 1 - (M(c, j) + M(j, c)) / 2), HYPOTHESES),
            orthogonal(),
        ),
        Twin(
            "a length may be negative",
            claim(hypotheses=tuple(a for a in HYPOTHESES if a is not LENGTH_SIGN)),
            opposite(second=-2),
        ),
    ]


def neighbour() -> Neighbour:
    goal = le(bisectors(c, j), (1 - (M(c, j) + M(j, c)) / 2) * nu(c) * nu(j))
    return Neighbour(
        "the cosine of two bisectors is at most 1 less the mean of the two margins, for any unit normals",
        Statement(goal, (*(a for a in HYPOTHESES if a is not FORWARD), NOT_NEGATIVE)),
        margins_and_cosines,
    )


THEOREM = Entry(
    name="jiang-2024-bisector-cosine",
    title="Bisectors of unit vectors and their separating normals",
    kind="upper",
    source="Jiang et al. 2024, arXiv:2310.05351 (HardMax); the bound: this project (2026)",
    says=(
        "Unit vectors with pair margins along unit normals that do not point backward: products of "
        "bisectors are at most those of their lengths less twice both margins. For margins at least m >= 0, "
        "along any unit normals, bisectors have cosines at most 1 - m (the number)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        1 - value("code_margin"),
        (Condition("margin <= 2", value("code_margin"), Integer(2)),),
    ),
)
