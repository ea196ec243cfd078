# SPDX-License-Identifier: MIT
"""A linear code whose error exponent is nearly optimal is nearly a simplex: the optimum is unique."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.definitions import sq
from theory.definitions_collapse import (
    DIAGONAL,
    ROW_SUM,
    SYMMETRIC,
    ZERO_OR_ONE,
    code,
    gram,
    one_hot,
    squared_distance,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas.codes import (
    DECODER,
    POWER,
    budget,
    c5,
    centred_code,
    deviation,
    double_centred,
    excess,
    exponent,
    inverse_norm,
    mean_distance,
    own_label_at_least_one,
    pair_distance,
    small_deviation,
)
from theory.lemmas.labels import symmetric_labels
from theory.proving import assume, average, combine, cut, instantiate, theorem
from theory.symbols import C, alpha, b, c, j, w

HYPOTHESES = (POWER, *DECODER)
MISSING = C * alpha**2 / (4 * (C - 1)) - exponent
EXCESS = squared_distance(c, j) - 8 * exponent * (1 - one_hot(c, j))
DEVIATION = gram(c, j, centred_code) - 4 * exponent * (one_hot(c, j) - 1 / C)


def claim(factor: Any = 8, power: int = 2) -> Statement:
    bound = factor * (C - 1) ** 2 * MISSING**power
    return Statement(le(Mean(DEVIATION**2, c, j), bound), HYPOTHESES)


def gram_is_centred_distance() -> Theorem:
    """<m~_c, m~_j> - 4 beta (y - 1/C) is -1/2 times the double-centred excess."""
    rows = assume(ROW_SUM)
    turned = instantiate(instantiate(rows, {c: c5}), {c5: j}, label="row j")
    columns = combine(
        eq(C * Mean(one_hot(c, j), c), 1), {average(assume(SYMMETRIC), c): C, turned: 1}, label="column sums"
    )
    rate = 4 * exponent / C
    return combine(
        eq(DEVIATION, -double_centred(EXCESS) / 2),
        {rows: -rate, columns: -rate, average(rows, c): rate},
        label="Gram matrix from distances",
    )


@lru_cache
def prove() -> Theorem:
    """No squared distance is below 8 beta, and on average they are at most 2 alpha^2."""
    best = theorem("optimal-error-exponent")
    level = 8 * (C - 1) / C * MISSING
    room = combine(le(0, level), {best: 8 * (C - 1) / C}, label="beta <= beta*")
    core = instantiate(
        small_deviation(),
        functions={excess: ((c, j), EXCESS), deviation: ((c, j), DEVIATION)},
        label="excess of the squared distances",
    )
    core = instantiate(core, {budget: level}, facts=[room], label="mean excess")
    label_ = own_label()
    same = cut(symmetric_labels(), label_, label="y_cc = 1")
    pair = cut(pair_distance(), same, label="labels are symmetric")
    rows = average(assume(ROW_SUM), c)
    zero = eq(squared_distance(c, c) - 8 * exponent * (1 - one_hot(c, c)), 0)
    mirrored = squared_distance(j, c) - 8 * exponent * (1 - one_hot(j, c))
    centre = sq(lambda x: Mean(code(c, x), c))
    core = cut(
        core,
        combine(le(0, EXCESS), {pair: 1}, label="excess >= 0"),
        combine(eq(EXCESS, mirrored), {same: 8 * exponent}, label="symmetric"),
        combine(zero, {label_: 8 * exponent}, label="zero diagonal"),
        combine(
            le(Mean(EXCESS, c, j), level),
            {mean_distance(): 1, rows: 8 * exponent / C},
            slack=2 * centre,
            label="mean excess",
        ),
        cut(gram_is_centred_distance(), same, label="labels are symmetric"),
        label="conditions",
    )
    return combine(claim().conclusion, {core: 1}, label="in terms of beta* - beta")  # type: ignore[arg-type]


def own_label() -> Theorem:
    """y_cc = 1: it is at least 1, and 0 or 1."""
    y, above = one_hot(c, c), own_label_at_least_one()
    binary = instantiate(assume(ZERO_OR_ONE), {j: c}, label="y_cc is 0 or 1")
    positive = combine(lt(0, y), {above: 1}, slack=1)
    return combine(DIAGONAL.instance(), {binary: 1 / y}, facts=[positive], label="y_cc = 1")


def witness(exponent_: Any) -> Witness:
    """Codewords 1 and -1 whose decoder reaches a smaller exponent than it could."""
    side = {0: Integer(1), 1: Integer(-1)}
    return Witness(
        2,
        1,
        1,
        {
            code: lambda c, k: side[c],
            w: lambda j, k: side[j],
            b: lambda j: Integer(0),
            one_hot: lambda c, j: Integer(int(c == j)),
            inverse_norm: lambda c, j: Rational(1, 2),
        },
        {alpha: 1, exponent: exponent_},
        f"codewords 1 and -1, exponent {exponent_}",
    )


def twins() -> list[Twin]:
    good = witness(Rational(1, 8))
    silent = {**good.functions, code: lambda c, k: Integer(0)}
    free = Statement(claim().conclusion, tuple(a for a in HYPOTHESES if a not in DECODER[:3]))
    still = Witness(2, 1, 1, silent, {alpha: 1, exponent: Rational(1, 2)}, "all codewords 0")
    return [
        Twin("less than half of the constant", claim(factor=Rational(39, 10)), good),
        Twin("fourth power of beta* - beta", claim(power=4), witness(Rational(2, 5))),
        Twin("distances not required", free, still),
    ]


def neighbour() -> Neighbour:
    goal = le(sq(lambda x: Mean(code(c, x), c)), 4 * (C - 1) / C * MISSING)

    def proof() -> Theorem:
        """The mean codeword wastes power."""
        same = cut(symmetric_labels(), own_label(), label="y_cc = 1")
        pairs = average(cut(pair_distance(), same, label="labels are symmetric"), c, j)
        rows = average(assume(ROW_SUM), c)
        half = Rational(1, 2)
        return combine(goal, {pairs: half, mean_distance(): half, rows: 4 * exponent / C})

    return Neighbour("the codewords are nearly centred", Statement(goal, HYPOTHESES), proof)


_C = value("C")
_MISSING = _C * value("alpha") ** 2 / (4 * (_C - 1)) - value("exponent")
THEOREM = Entry(
    name="optimal-error-exponent-stability",
    title="The simplex is the only optimal linear code, with a rate",
    kind="upper",
    source="this project (2026); quantitative uniqueness for Papyan, Han & Donoho 2020, theorem 5",
    says=(
        "The Gram matrix of the centred codewords differs from 4 beta (I - J/C) by at most 2 sqrt(2) "
        "(C-1) (beta* - beta) in root mean square, beta* = C alpha^2/(4(C-1)); at beta = beta* it is the "
        "simplex."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("optimal-error-exponent",),
    formula=Formula(
        8 * (_C - 1) ** 2 * _MISSING**2,
        (Condition("beta <= C alpha^2/(4(C-1))", value("exponent"), _MISSING + value("exponent")),),
    ),
)
