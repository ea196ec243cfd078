# SPDX-License-Identifier: MIT
"""All pairs against distinct pairs: 1 - distinct = (n/(n-1)) (1 - intra)."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.pair_cosines import (
    COUNT,
    HYPOTHESES,
    ITSELF,
    MORE_THAN_ONE,
    UNIT,
    direction,
    distinct,
    i2,
    intra,
    pair_cosine,
    same,
    table,
)
from theory.proving import assume, average, combine, visible
from theory.symbols import c, d, i, k, n


def claim(factor: Any = n / (n - 1), hypotheses: Any = HYPOTHESES) -> Statement:
    return Statement(eq(1 - distinct(), factor * (1 - intra())), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The n pairs of a sample with itself have cosine 1."""
    more = combine(MORE_THAN_ONE.map(lambda side: side - 1), {assume(MORE_THAN_ONE): 1}, label="n > 1")
    one = combine(
        eq(
            same(c, i, c, i2) * direction(c, i, k) * direction(c, i2, k),
            same(c, i, c, i2) * direction(c, i, k) ** 2,
        ),
        {assume(ITSELF): direction(c, i, k)},
        label="a sample with itself",
    )
    itself = combine(
        eq(same(c, i, c, i2) * pair_cosine(c, i, c, i2), same(c, i, c, i2)),
        {average(one, k, label="over coordinates"): d, assume(UNIT): same(c, i, c, i2)},
        label="cosine 1",
    )
    both = average(itself, i, i2, label="mean over pairs")
    count = average(assume(COUNT), i, label="n samples")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {both: n / (n - 1), count: n / (n - 1)},
        facts=[more],
        label="n^2 pairs, n of them with itself",
    )


def witness(samples: Any = 2) -> Witness:
    """Each class has the unit vectors (1, 0) and (3/5, 4/5) of a plane."""
    at = ((Integer(1), Integer(0)), (Rational(3, 5), Rational(4, 5)))
    functions = {direction: lambda c, i, k: at[i][k], **table()}
    return Witness(2, 2, 2, functions, {n: samples}, "two unit vectors with cosine 3/5")


def twins() -> list[Twin]:
    free = tuple(a for a in HYPOTHESES if a != COUNT)
    return [
        Twin("1 - distinct = 1 - intra", claim(factor=1), witness()),
        Twin("(n+1)/n", claim(factor=(n + 1) / n), witness()),
        Twin("a wrong number of samples", claim(hypotheses=free), witness(samples=3)),
    ]


def neighbour() -> Neighbour:
    goal = Statement(le(distinct(), 1), HYPOTHESES)

    def proof() -> Theorem:
        """1 - intra is the mean of ||e_i - e_i2||^2/2."""
        half = Rational(1, 2)
        unit = assume(UNIT)
        difference = d * Mean((direction(c, i, k) - direction(c, i2, k)) ** 2, k)
        apart = average(visible(le(0, difference)), i, i2, label="mean over pairs")
        length = average(unit, i, label="unit vectors")
        more = combine(MORE_THAN_ONE.map(lambda side: side - 1), {assume(MORE_THAN_ONE): 1}, label="n > 1")
        small = combine(le(0, 1 - intra()), {apart: half, length: 1}, label="intra <= 1")
        return combine(
            goal.conclusion,  # type: ignore[arg-type]
            {prove(): -1, small: n / (n - 1)},
            facts=[more],
        )

    return Neighbour("at most 1", goal, proof)


_n, _cosine = value("samples_per_class"), value("intra_cosine")
THEOREM = Entry(
    name="pan-cao-distinct-pairs",
    title="Intra-class cosine over all pairs and over distinct pairs",
    kind="identity",
    source="Pan & Cao 2023, arXiv:2309.04644v3 (measure) and their public code (distinct pairs)",
    says=(
        "1 - distinct = (n/(n-1)) (1 - intra) for n > 1 samples of a class: distinct = (n/(n-1)) "
        "||u_c||^2 - 1/(n-1), u_c the mean unit vector. Every bound on 1 - intra holds for distinct "
        "pairs with that factor; distinct lies between -1/(n-1) and 1, intra between 0 and 1."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    formula=Formula(
        (_n * _cosine - 1) / (_n - 1),
        (
            Condition("more than one sample a class", Integer(1), _n, strict=True),
            Condition("intra at most 1", _cosine, Integer(1)),
        ),
    ),
)
