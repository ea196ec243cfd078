# SPDX-License-Identifier: MIT
"""At collapse inter_{c,j} = (C y_cj - 1)/(C-1): intra = 1 on the diagonal, -1/(C-1) off it."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import dot
from theory.definitions_collapse import DIAGONAL, one_hot
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import eq
from theory.kernel import Theorem
from theory.lemmas.pair_cosines import direction, i2, inter, intra
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, d, i, j, k

axis = atom("class_axis", "v", "class_axis(c, k): the direction of all features of class c, at collapse")
SAME = eq(direction(c, i, k), axis(c, k), c, i, k)
SIMPLEX = eq(dot(lambda x: axis(c, x), lambda x: axis(j, x)), (C * one_hot(c, j) - 1) / (C - 1), c, j)
HYPOTHESES = (SAME, SIMPLEX)
COLLAPSED = (C * one_hot(c, j) - 1) / (C - 1)


def claim(value_: Any = COLLAPSED, hypotheses: Any = HYPOTHESES) -> Statement:
    return Statement(eq(inter(c, j), value_), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Every pair of samples has the cosine of its classes."""

    mine = assume(SAME)
    theirs = instantiate(mine, {c: j, i: i2}, label="a sample of class j")
    one = combine(
        eq(direction(c, i, k) * direction(j, i2, k), axis(c, k) * axis(j, k)),
        {mine: direction(j, i2, k), theirs: axis(c, k)},
        label="one coordinate",
    )
    pairs = average(average(one, k, label="over coordinates"), i, i2, label="mean over pairs")
    return combine(claim().conclusion, {pairs: d, assume(SIMPLEX): 1})  # type: ignore[arg-type]


def simplex() -> Witness:
    """Exact collapse with three classes of two samples."""

    def at(n: int, x: int) -> Expr:
        return ((Integer(1) if n == x else Integer(0)) - Rational(1, 3)) / sqrt(Rational(2, 3))

    functions: dict[Any, Any] = {
        direction: lambda c, i, k: at(c, k),
        axis: lambda c, k: at(c, k),
        one_hot: lambda c, j: Integer(int(c == j)),
    }
    return Witness(3, 2, 3, functions, {}, "exact collapse, C = 3")


def twins() -> list[Twin]:
    base = simplex()
    apart = {**base.functions, direction: lambda c, i, k: (-1) ** i * base.functions[axis](c, k)}
    split = Witness(3, 2, 3, apart, {}, "samples of a class on opposite sides")
    return [
        Twin("-1/C off the diagonal", claim((C * one_hot(c, j) - 1) / C), base),
        Twin("directions not collapsed", claim(hypotheses=(SIMPLEX,)), split),
    ]


def neighbour() -> Neighbour:
    goal = Statement(eq(intra(), 1), (*HYPOTHESES, DIAGONAL))

    def proof() -> Theorem:
        """c = j."""
        own = instantiate(prove(), {j: c}, label="j := c")
        return combine(goal.conclusion, {own: 1, assume(DIAGONAL): C / (C - 1)})  # type: ignore[arg-type]

    return Neighbour("intra = 1", goal, proof)


THEOREM = Entry(
    name="pan-cao-measures-at-collapse",
    title="Pan & Cao's measures at exact collapse",
    kind="identity",
    source="Pan & Cao 2023, arXiv:2309.04644v3 (measures)",
    says=(
        "If all features of a class have one direction and the directions form a simplex, intra_c = 1 and "
        "inter_{c,j} = -1/(C-1) for j != c; so pairs of which a fraction delta lies within a class have mean "
        "cosine (C delta - 1)/(C-1)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula((value("C") * value("delta") - 1) / (value("C") - 1)),
)
