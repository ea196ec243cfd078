# SPDX-License-Identifier: MIT
"""No linear code of mean power alpha^2 has an error exponent above C alpha^2/(4(C-1)); the simplex has it."""

from typing import Any

from sympy import Integer, Rational, sqrt

from theory.configurations import simplex_code
from theory.definitions import sq
from theory.definitions_collapse import ROW_SUM, code, gram, one_hot
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.codes import (
    DISTANCES,
    POWER,
    SYMMETRIC_NORM,
    UNIT,
    exponent,
    inverse_norm,
    labelled_distance,
    mean_distance,
    own_label_at_least_one,
)
from theory.proving import assume, average, combine, cut
from theory.symbols import C, alpha, b, c, j, w

DECODER = (UNIT, SYMMETRIC_NORM, DISTANCES, ROW_SUM)
HYPOTHESES = (POWER, *DECODER)
BEST = C * alpha**2 / (4 * (C - 1))


def claim(factor: Any = 1) -> Statement:
    return Statement(le(exponent, factor * BEST), HYPOTHESES)


def prove() -> Theorem:
    """Mean of ||m_c - m_j||^2 over c != j: at least 8 beta, and at most 2 alpha^2 C/(C-1)."""
    rate = C / (8 * (C - 1))
    rows = average(assume(ROW_SUM), c, label="labels of a class add up to 1")
    pairs = average(labelled_distance(), j, excluding=c, label="mean over the other classes")
    own = average(own_label_at_least_one(), c, label="which the own label takes")
    centre = sq(lambda x: Mean(code(c, x), c))
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(pairs, c): Rational(1, 8),
            mean_distance(): rate,
            rows: 2 * exponent / (C - 1),
            own: 2 * exponent / (C - 1),
        },
        slack=2 * rate * centre,
        label="mean over all pairs",
    )


def witness() -> Witness:
    """Simplex with C = 3 and its own classifier: alpha^2 = 2/3, all distances 1/sqrt(2), exponent 1/4."""
    values = {alpha: sqrt(Rational(2, 3)), exponent: Rational(1, 4)}
    base = simplex_code(3, values=values)
    functions = {**base.functions, inverse_norm: lambda c, j: 1 / sqrt(2)}
    return Witness(3, 1, 3, functions, base.values, base.note)


def twins() -> list[Twin]:
    strong = Statement(claim().conclusion, HYPOTHESES[1:])
    loud = {**witness().values, alpha: sqrt(Rational(1, 2))}
    free = Statement(claim().conclusion, tuple(a for a in HYPOTHESES if a != DISTANCES))
    fast = {**witness().values, exponent: Integer(1)}
    orthogonal = Statement(le(exponent, alpha**2 / 4), HYPOTHESES)
    good = witness()
    return [
        Twin("1 % smaller", claim(factor=Rational(99, 100)), good),
        Twin("alpha^2/4, what orthogonal codewords reach", orthogonal, good),
        Twin("power not limited", strong, Witness(3, 1, 3, good.functions, loud, "power above alpha^2")),
        Twin("distances not required", free, Witness(3, 1, 3, good.functions, fast, "exponent 1 claimed")),
        *careless(),
    ]


def _on_a_line(v: Any, label: Any, note: str) -> Witness:
    """Codewords 1 and -1 with power 1, exponent 2 claimed, biases 10 and 0."""
    side = (Integer(1), Integer(-1))
    return Witness(
        2,
        1,
        1,
        {
            code: lambda c, k: side[c],
            w: lambda j, k: side[j],
            b: lambda j: Integer(10 * (1 - j)),
            inverse_norm: v,
            one_hot: label,
        },
        {alpha: 1, exponent: 2},
        note,
    )


def without(relation: Any, witness_: Witness, change: str) -> Twin:
    """The theorem without one of its hypotheses."""
    return Twin(
        change, Statement(claim().conclusion, tuple(a for a in HYPOTHESES if a != relation)), witness_
    )


def careless() -> list[Twin]:
    """Without the conditions on norms, their symmetry, or labels."""
    delta = lambda c, j: Integer(int(c == j))  # noqa: E731
    half = Rational(1, 2)
    long = witness()
    functions = {**long.functions, inverse_norm: lambda c, j: Integer(9)}
    steep = Witness(3, 1, 3, functions, {**long.values, exponent: Integer(1)}, "9 for 1/sqrt(2)")
    signed = _on_a_line(lambda c, j: j - half if c != j else half, delta, "a negative inverse norm")
    silent = _on_a_line(lambda c, j: Integer(0), lambda c, j: Integer(1), "nothing is asked of any pair")
    return [
        without(UNIT, steep, "inverse norms too large"),
        without(SYMMETRIC_NORM, signed, "inverse norms of both signs"),
        without(ROW_SUM, silent, "labels of no class"),
    ]


def neighbour() -> Neighbour:
    each = le(gram(c, c), alpha**2, c)
    goal = Statement(claim().conclusion, (each, *DECODER))
    return Neighbour(
        "every codeword of norm at most alpha, as in the paper",
        goal,
        lambda: cut(prove(), average(assume(each), c, label="mean power")),
    )


_C = value("C")
THEOREM = Entry(
    name="optimal-error-exponent",
    title="The best error exponent of a linear code",
    kind="tight",
    source="Papyan, Han & Donoho 2020, theorem 5 (norms at most 1); with mean power, this project (2026)",
    says=(
        "With (1/C) sum ||m_c||^2 <= alpha^2 the error exponent beta of a linear decoder (half the "
        "squared least distance of a codeword to a boundary) is at most C alpha^2/(4(C-1)); the simplex "
        "attains it."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(_C * value("alpha") ** 2 / (4 * (_C - 1))),
)
