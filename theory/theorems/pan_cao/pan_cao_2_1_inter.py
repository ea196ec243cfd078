# SPDX-License-Identifier: MIT
"""Pan & Cao 2023, Theorem 2.1, inter-class half: implied by ours, a square root in the loss gap."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, sqrt

from theory.configurations import flipped
from theory.definitions import q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, NO_BIAS, NORMS_POSITIVE, T_ABOVE_T3_2, Condition, value
from theory.expressions import Indicator, lt, substitute
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import threshold
from theory.lemmas.directions import DIRECTIONS
from theory.lemmas.equiangular import test
from theory.lemmas.indicators import below_one, positive_part
from theory.lemmas.inter_class import inter
from theory.lemmas.inter_class_rates import norms_rate, sigma
from theory.lemmas.inter_class_settings import RADII
from theory.lemmas.published import (
    BOUNDED_NORMS,
    K1,
    K2,
    MARGIN,
    SIXTH,
    SMALL_GAP,
    inter_claim,
    rate_2_1,
)
from theory.lemmas.published_rates import ENOUGH_PAIRS, published_inter_rate
from theory.lemmas.trivial_rates import no_pair, root_above_one
from theory.proving import average, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, alpha, beta, c, delta, eps, j

REGION = threshold(Rational(3, 2)).map(lambda side: substitute(side, {T: MARGIN}))
HYPOTHESES = (*DIRECTIONS, *RADII, BOUNDED_NORMS[-1], REGION, ENOUGH_PAIRS)
CONSTANTS = {K1: Integer(16), K2: Integer(2)}


def _explicit(k1: Any = 16, power: Any = SIXTH) -> Expr:
    return rate_2_1(power, k1, 2)


def _event(level: Expr) -> Expr:
    return inter(c, j) + 1 / (C - 1) - level


def large_gap(m: int) -> Theorem:
    """delta < eps |- the rate exceeds 2, and no pair does."""
    scale = 16 / (alpha * beta)
    front, root = scale * exp(2 * C * alpha * beta), root_above_one(m)
    grows = log_tangent(exp(2 * C * alpha * beta), label="x <= e^x - 1")
    level = _explicit(power=Rational(1, m))
    large = combine(lt(2, level), {root: front, grows: scale}, slack=30 * C + 2 * (C - 1) + scale)
    return no_pair(level, large)


@lru_cache
def explicit(m: int) -> Theorem:
    """At most a fraction delta of the pairs exceeds the rate with exponent 1/m, K_1 = 16, K_2 = 2."""
    every = cases(small_gap(m), large_gap(m), split=SMALL_GAP, label="eps against delta")
    return combine(every.relation, {every: 1}, label="every eps")


def small_gap(m: int) -> Theorem:
    """eps <= delta |- the inter-class bound, below the published rate."""
    level = _explicit(power=Rational(1, m))
    slope = sqrt(eps / (MARGIN * q(MARGIN)))
    bound = instantiate(norms_rate(), {T: MARGIN}, label="T = C alpha beta/(C-1)")
    bound = instantiate(bound, {sigma: slope}, label="sigma^2 = eps/(T q(T))")
    event = _event(level)
    bound = instantiate(bound, functions={test: ((c, j), Indicator(event))}, label="f := the indicator")
    bound = cut(bound, below_one(event), label="at most 1")
    mean = average(average(positive_part(event), j, excluding=c), c, label="mean over pairs")
    return combine(
        inter_claim(level).body,
        {mean: 1 / level, bound: 1 / level, published_inter_rate(m): 1 / level},
        label="Markov's inequality, and our bound below the published one",
    )


def claim(power: Rational = SIXTH) -> Statement:
    return Statement(inter_claim(rate_2_1(power)), HYPOTHESES)


def prove(m: int = 6) -> Theorem:
    """Constants K_1 = 16, K_2 = 2."""
    goal: Any = claim(Rational(1, m)).conclusion
    return apply("constants", explicit(m), claim=goal, values=CONSTANTS)


def example() -> Witness:
    """T = 4, one of ten samples of each class flipped: <v_1, v_2> = -16/25; loss gap below eps = 1/10."""
    base = flipped(Integer(4), good=9)
    values = {**base.values, eps: Rational(1, 10), delta: Rational(9, 10)}
    return Witness(base.classes, base.samples, base.dimension, base.functions, values, base.note)


def twins() -> list[Twin]:
    def with_rate(rate: Expr) -> Statement:
        return Statement(inter_claim(rate).body, HYPOTHESES)

    return [
        Twin("K_1 = 10^-6, K_2 = 2", with_rate(_explicit(k1=Rational(1, 10**6))), example()),
        Twin("exponent 6 with K_1 = 16, K_2 = 2", with_rate(_explicit(power=Integer(6))), example()),
    ]


def neighbour() -> Neighbour:
    return Neighbour("exponent 1/2 instead of 1/6", claim(Rational(1, 2)), lambda: prove(2))


_AB = value("alpha") * value("beta")
THEOREM = Entry(
    name="pan-cao-2.1-inter",
    title="Pan & Cao, Theorem 2.1 (bounded norms), inter-class half",
    kind="published",
    source="Pan & Cao 2023, arXiv:2309.04644v3, theorem 2.1",
    says=(
        "There are K_1, K_2 with: at least a 1 - delta fraction of pairs has inter <= -1/(C-1) + (K_1 "
        "e^{K_2 C alpha beta}/(alpha beta)) (eps/delta)^{1/6}. Proved with K_1 = 16, K_2 = 2, and with "
        "exponent 1/2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    region=(
        "no classifier bias; global feature mean zero (bias-free batch norm) or uncentred cosines; T = C "
        "alpha beta/(C-1) >= T_{3/2}(C); delta >= 1/C^2 (a smaller fraction leaves out no pair)"
    ),
    uncovered=("T < T_{3/2}(C) (small norms); centred cosines of features with a non-zero global mean"),
    formula=Formula(
        16 * exp(2 * value("C") * _AB) / _AB * (value("eps") / value("delta")) ** SIXTH
        - 1 / (value("C") - 1),
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            CENTRED,
            T_ABOVE_T3_2,
            Condition("0 < delta", Integer(0), value("delta"), strict=True),
            Condition("1/C^2 <= delta", value("C") ** -2, value("delta")),
        ),
    ),
)
