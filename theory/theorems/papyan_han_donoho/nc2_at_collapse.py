# SPDX-License-Identifier: MIT
"""NC2 at exact collapse: equal norms, and every cosine between different classes is -1/(C-1)."""

from functools import lru_cache
from typing import Any

from sympy import Abs, Integer, Rational, sqrt

from theory.configurations import simplex_code
from theory.definitions_collapse import (
    MEAN_LENGTH,
    POLAR,
    ROW_SUM,
    ZERO_OR_ONE,
    code,
    cosine,
    length,
    max_angle,
    mean_length,
    one_hot,
    pairs,
    r,
    simplex_gram,
    squared_angle_spread,
    squared_spread,
    unit,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import MEAN_RADIUS_POSITIVE, value
from theory.expressions import eq, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.collapse import own_label, wrong_labels_vanish
from theory.lemmas.cosines import slack_
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, c, d, j, k, nonnegative

a1 = nonnegative("share_1", "a_1", "any number >= 0")
a2 = nonnegative("share_2", "a_2", "any number >= 0")
a3 = nonnegative("share_3", "a_3", "any number >= 0")
NC2 = simplex_gram(scale=C * r**2 / (C - 1))
HYPOTHESES = (NC2, *POLAR, MEAN_LENGTH, ROW_SUM, ZERO_OR_ONE)
TURN = C / (C - 1)


def claim(result: Any = 0) -> Statement:
    measures = a1 * squared_spread() + a2 * squared_angle_spread() + a3 * max_angle()
    return Statement(le(measures, result), HYPOTHESES)


@lru_cache
def norms() -> Theorem:
    """||m_c|| = r."""
    split, one, positive = map(assume, POLAR)
    diagonal, own = own_label(NC2, C * r**2 / (C - 1)), instantiate(assume(NC2), {j: c}, label="||m_c||^2")
    square = combine(
        eq(code(c, k) ** 2, length(c) ** 2 * unit(c, k) ** 2),
        {split: code(c, k) + length(c) * unit(c, k)},
        label="one coordinate, squared",
    )
    total = combine(
        eq(length(c) ** 2, r**2),
        {average(square, k): -d, one: -(length(c) ** 2), own: 1, diagonal: C * r**2 / (C - 1)},
        label="||m_c||^2 = r^2",
    )
    sum_ = combine(lt(0, length(c) + r), {positive: 1}, slack=r)
    return combine(eq(length(c), r), {total: 1 / (length(c) + r)}, facts=[sum_], label="||m_c|| = r")


@lru_cache
def cosines() -> Theorem:
    """cos(m_c, m_j) + 1/(C-1) = (C/(C-1)) y_cj."""
    split = assume(POLAR[0])
    direct = combine(
        eq(unit(c, k), code(c, k) / r), {split: -1 / r, norms(): -unit(c, k) / r}, label="direction of m_c"
    )
    other = instantiate(direct, {c: j})
    product = combine(
        eq(unit(c, k) * unit(j, k), code(c, k) * code(j, k) / r**2),
        {direct: unit(j, k), other: code(c, k) / r},
        label="one coordinate",
    )
    return combine(
        eq(cosine(c, j) + 1 / (C - 1), TURN * one_hot(c, j)),
        {average(product, k): d, assume(NC2): 1 / r**2},
        label="cosine of two class vectors",
    )


@lru_cache
def prove() -> Theorem:
    """The three measures, one after the other; only y_cj = 0 for j != c is used of the angles."""
    short, turn = norms(), cosines()
    x = cosine(c, j) + 1 / (C - 1)
    mean = combine(eq(mean_length, r), {assume(MEAN_LENGTH): 1, average(short, c): 1}, label="mean norm")
    square = combine(eq(length(c) ** 2, r**2), {short: length(c) + r})
    spread = combine(
        eq(squared_spread(), 0),
        {average(square, c): 1 / mean_length**2, mean: -(mean_length + r) / mean_length**2},
        label="equal norms",
    )
    angle = combine(eq(x**2, TURN**2 * one_hot(c, j) ** 2), {turn: x + TURN * one_hot(c, j)})
    zero = cut(wrong_labels_vanish(), own_label(NC2, C * r**2 / (C - 1)), label="the diagonal of y")
    squares = average(angle, j, excluding=c, label="mean over the wrong classes")
    none = combine(eq(squares.relation.lhs, 0), {squares: 1, zero: TURN**2}, label="all angles equal")
    mean_square = average(none, c)
    angles = combine(
        le(squared_angle_spread(), 0),
        {mean_square: 1},
        slack=(pairs(cosine) + 1 / (C - 1)) ** 2,
        label="a variance is at most the mean square about -1/(C-1)",
    )
    e = slack_
    one = combine(
        le(Abs(x), e + x**2 / (4 * e)), slack=e * (1 - Abs(x) / (2 * e)) ** 2, label="2 ab <= a^2 + b^2"
    )
    wrong = average(average(one, j, excluding=c), c)
    small = combine(le(max_angle(), e), {wrong: 1, mean_square: 1 / (4 * e)}, label="max angle, for every e")
    largest = apply("limit", small, symbol=e, label="e -> 0")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {spread: a1, angles: a2, largest: a3},
        label="all three",
    )


def witness(scale: Any = 1) -> Witness:
    """Simplex code, C = 3."""
    radius = scale * sqrt(Rational(2, 3))
    base = simplex_code(3, scale=scale)
    words = base.functions[code]
    functions: dict[Any, Any] = {
        **base.functions,
        length: lambda c: radius,
        unit: lambda c, k: words(c, k) / radius,
        one_hot: lambda c, j: Integer(int(c == j)),
    }
    values = {r: radius, mean_length: radius, a1: 1, a2: 1, a3: 1}
    return Witness(3, 1, 3, functions, values, base.note)


def _opposite() -> Witness:
    """Three unit vectors on a line, 1, 1 and -1: equal norms, unequal angles."""
    side = (Integer(1), Integer(1), Integer(-1))
    functions: dict[Any, Any] = {
        code: lambda c, k: side[c],
        unit: lambda c, k: side[c],
        length: lambda c: Integer(1),
        one_hot: lambda c, j: Integer(int(c == j)),
    }
    return Witness(3, 1, 1, functions, {r: 1, mean_length: 1, a1: 1, a2: 1, a3: 1}, "1, 1 and -1 on a line")


def twins() -> list[Twin]:
    loose = Statement(claim().conclusion, HYPOTHESES[1:])
    centred = a3 * pairs(lambda cc, jj: Abs(cosine(cc, jj)))
    return [
        Twin("any vectors", loose, _opposite()),
        Twin("cosines 0 instead of -1/(C-1)", Statement(le(centred, 0), HYPOTHESES), witness()),
        Twin("less than nothing", claim(result=-a1), witness()),
        *careless(),
    ]


def careless() -> list[Twin]:
    """Without the relation of vectors, lengths and directions, one condition at a time."""
    good = witness()
    words, units = good.functions[code], good.functions[unit]

    def changed(note: str, new: dict[Any, Any], values: dict[Any, Any] | None = None) -> Witness:
        return Witness(3, 1, 3, {**good.functions, **new}, {**good.values, **(values or {})}, note)

    def flip(c: int) -> int:
        return 1 - 2 * int(c == 0)

    radius = good.values[r]
    elsewhere = changed("directions e_1", {unit: lambda c, k: Integer(int(k == 0))})
    unequal = changed(
        "lengths 1, 2, 2 times those of the vectors",
        {
            length: lambda c: radius * (1 if c == 0 else 2),
            unit: lambda c, k: units(c, k) / (1 if c == 0 else 2),
        },
        {mean_length: Rational(5, 3) * radius},
    )
    negative = changed(
        "a negative length",
        {length: lambda c: radius * flip(c), unit: lambda c, k: words(c, k) / (radius * flip(c))},
        {mean_length: radius / 3},
    )
    short = changed("mean length halved", {}, {mean_length: radius / 2})
    dropped = [
        (POLAR[0], elsewhere, "directions of other vectors"),
        (POLAR[1], unequal, "directions of any length"),
        (POLAR[2], negative, "lengths of any sign"),
        (MEAN_LENGTH, short, "any mean length"),
    ]
    return [
        Twin(change, Statement(claim().conclusion, tuple(a for a in HYPOTHESES if a != gone)), at)
        for gone, at, change in dropped
    ]


def neighbour() -> Neighbour:
    goal = le(max_angle(), 0)
    values = {a1: Integer(0), a2: Integer(0), a3: Integer(1)}
    return Neighbour(
        "the maximal angle alone",
        Statement(goal, HYPOTHESES),
        lambda: combine(goal, {instantiate(prove(), values): 1}),
    )


_C = value("C")
THEOREM = Entry(
    name="nc2-at-collapse",
    title="NC2 at exact collapse",
    kind="tight",
    source="Papyan, Han & Donoho 2020, (NC2), figures 2-4",
    says=(
        "If the Gram matrix of class means (or classifier rows) is a multiple of I - J/C, then the "
        "spreads of norms and of cosines and the mean of |cos + 1/(C-1)| over pairs, all nonnegative, are "
        "0."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(-(value("mean_radius") ** 2) / (_C - 1), (MEAN_RADIUS_POSITIVE,)),
)
