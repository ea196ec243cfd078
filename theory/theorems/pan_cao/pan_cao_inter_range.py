# SPDX-License-Identifier: MIT
"""The mean of inter over pairs of classes is at least -intra/(C-1), and so at least -1/(C-1)."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, Relation, index, le, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.pair_cosines import direction, inter, intra
from theory.proving import assume, average, combine, visible
from theory.symbols import C, c, i

UNIT = le(sq(lambda x: direction(c, i, x)), 1, c, i)


def mean_inter() -> Expr:
    """Mean of inter_{c,j} over ordered pairs c != j."""
    return Mean(wrong_mean(lambda jj: inter(c, jj), c, C), c)


def claim(factor: Any = 1, hypotheses: tuple[Relation, ...] = ()) -> Statement:
    return Statement(le(-factor * Mean(intra(), c) / (C - 1), mean_inter()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """C^2 ||mean of all unit vectors||^2 >= 0, split into pairs c = j and c != j."""
    centre = lambda x: Mean(direction(c, i, x), c, i)  # noqa: E731
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {visible(le(0, sq(centre))): C / (C - 1)},
        label="the mean of all unit vectors",
    )


def simplex(classes: int = 3) -> Witness:
    """Collapse: every sample has its class's direction, a simplex."""

    def at(n: int, x: int) -> Expr:
        return ((Integer(1) if n == x else Integer(0)) - Rational(1, classes)) / sqrt(
            1 - Rational(1, classes)
        )

    return Witness(classes, 2, classes, {direction: lambda c, i, k: at(c, k)}, {}, "exact collapse, C = 3")


def twins() -> list[Twin]:
    return [
        Twin("99 % of it", claim(Rational(99, 100)), simplex()),
        Twin("-1/C instead of -intra/(C-1)", Statement(le(-1 / C, mean_inter())), simplex()),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(-1 / (C - 1), mean_inter()), (UNIT,))

    def proof() -> Theorem:
        """intra <= 1."""
        other = index("i9")
        spread = Mean(sq(lambda x: direction(c, i, x) - Mean(direction(c, other, x), other)), i)
        length = average(assume(UNIT), i, label="unit vectors")
        small = combine(le(intra(), 1), {length: 1}, slack=spread, label="intra <= 1")
        return combine(
            goal.conclusion,  # type: ignore[arg-type]
            {prove(): 1, average(small, c): 1 / (C - 1)},
        )

    return Neighbour("at least -1/(C-1)", goal, proof)


THEOREM = Entry(
    name="pan-cao-inter-range",
    title="Least possible mean of the inter-class cosines",
    kind="tight",
    source="Pan & Cao 2023, arXiv:2309.04644v3 (measure); bound by this project (2026)",
    says=(
        "The mean over pairs of classes of inter is at least -(mean intra)/(C-1) >= -1/(C-1), "
        "whatever the features and norms, with equality exactly where the unit vectors have mean "
        "zero: at collapse intra = 1 and inter = -1/(C-1)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=simplex,
    formula=Formula(
        -value("intra_cosine") / (value("C") - 1),
        (Condition("intra at most 1", value("intra_cosine"), Integer(1)),),
    ),
)
