# SPDX-License-Identifier: MIT
"""Rankin 1955: among C unit vectors two have cosine at least -1/(C-1), and more if their mean is not zero.

0 <= ||sum_c w_c||^2 <= C + C (C-1) gamma.  Attained by the simplex, and with the term of the mean by every
equiangular code.  With jiang-2024-margin-of-tammes-codes this is the margin C/(C-1) of
jiang-2024-softmax-code.
"""

from functools import lru_cache

from sympy import Expr, Integer, Rational, sqrt

from theory.configurations import simplex
from theory.definitions import sq, wbar
from theory.definitions_collapse import ROW_SUM, one_hot
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.bisectors import rows
from theory.proving import assume, average, combine, visible
from theory.symbols import C, c, j, real, w

gamma = real("gamma_w", r"\gamma", "bound on the cosine between two rows of the classifier")
# norms at most 1, products of two different rows at most gamma
COSINES = le(rows(c, j), gamma + (1 - gamma) * one_hot(c, j), c, j)
HYPOTHESES = (COSINES, ROW_SUM)


def claim(
    factor: object = 1,
    centre: object = 1,
    others: Expr = C - 1,
    hypotheses: tuple[Relation, ...] = HYPOTHESES,
) -> Statement:
    return Statement(le(factor * (centre * C * sq(wbar) - 1) / others, gamma), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The mean of all products is the square of the mean."""
    cosines, total = map(assume, HYPOTHESES)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(cosines, c, j, label="all pairs"): C / (C - 1),
            average(total, c, label="one diagonal entry a row"): (1 - gamma) / (C - 1),
        },
        label="square of the mean",
    )


def witness() -> Witness:
    """The simplex of four unit vectors."""
    base = simplex(4, weight_scale=sqrt(Rational(4, 3)))
    return _with(base, Rational(-1, 3))


def _with(base: Witness, angle: Rational) -> Witness:
    functions = {w: base.functions[w], one_hot: lambda c, j: Integer(c == j)}
    return Witness(base.classes, 1, base.dimension, functions, {gamma: angle}, base.note)


def twins() -> list[Twin]:
    frame = Witness(2, 1, 2, {w: lambda j, k: Integer(j == k)}, {}, "two orthogonal vectors")
    triple = simplex(3, weight_scale=sqrt(6))
    return [
        Twin("1 % more", claim(factor=Rational(99, 100)), witness()),
        Twin("C vectors for C - 1", claim(others=C), witness()),
        Twin("twice the mean", claim(centre=2), _with(frame, Integer(0))),
        Twin("no bound on the products", claim(hypotheses=(ROW_SUM,)), _with(triple, Integer(-2))),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(-1 / (C - 1), gamma), HYPOTHESES)
    square = visible(le(0, sq(wbar)))
    return Neighbour(
        "without the mean",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1, square: C / (C - 1)}),  # type: ignore[arg-type]
    )


_C = value("C")
THEOREM = Entry(
    name="rankin-1955-simplex-cosine",
    title="Least possible largest cosine of C unit vectors",
    kind="tight",
    source="Rankin 1955, The closest packing of spherical caps in n dimensions",
    says=(
        "C unit vectors with mean wbar have two with cosine at least (C ||wbar||^2 - 1)/(C-1), in every "
        "dimension; attained by the simplex and by every equiangular code."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        (_C * value("weight_mean_norm") ** 2 - 1) / (_C - 1),
        (Condition("||wbar|| <= 1", value("weight_mean_norm"), Integer(1)),),
    ),
)
