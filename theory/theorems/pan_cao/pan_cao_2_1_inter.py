# SPDX-License-Identifier: MIT
"""Pan & Cao 2023, Theorem 2.1, inter-class half, for every norm: implied by ours, a root of the loss gap."""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, sqrt

from theory.configurations import flipped
from theory.definitions import q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, NO_BIAS, NORMS_POSITIVE, Condition, value
from theory.expressions import le, lt, substitute
from theory.kernel import Theorem, apply
from theory.lemmas.chosen_pairs import CHOSEN, for_every_share, where_large
from theory.lemmas.direction_settings import RADII
from theory.lemmas.directions import DIRECTIONS
from theory.lemmas.equiangular import test
from theory.lemmas.inter_class import excess
from theory.lemmas.inter_class_rates import large_norms_rate, norms_rate, sigma
from theory.lemmas.published import (
    BOUNDED_NORMS,
    HALF,
    K1,
    K2,
    MARGIN,
    SIXTH,
    SMALL_GAP,
    inter_claim,
    rate_2_1,
)
from theory.lemmas.published_rates import THRESHOLD, published_inter_rate, root_above_one
from theory.lemmas.small_norms_rate import every_inter_rate
from theory.proving import assume, cases, combine, instantiate, log_tangent
from theory.symbols import C, T, alpha, beta, delta, eps

HYPOTHESES = (*DIRECTIONS, *RADII, BOUNDED_NORMS[-1], *CHOSEN)
CONSTANTS = {K1: Integer(3), K2: Integer(1)}


def _explicit(k1: Any = 3, power: Any = SIXTH) -> Expr:
    return rate_2_1(power, k1, 1)


LEVEL = _explicit()
REGION = THRESHOLD.map(lambda side: substitute(side, {T: MARGIN}))
SMALL_RATE = le(3 * exp(C * alpha * beta) * (eps / delta) ** SIXTH, 2 * alpha * beta)


def large_rate() -> Theorem:
    """Where the rate exceeds 2, no pair does."""
    above = assume(lt(SMALL_RATE.rhs, SMALL_RATE.lhs))
    return where_large(LEVEL, combine(lt(2, LEVEL), {above: 1 / (alpha * beta)}))


def _below(level: Expr, ours: Theorem, rate: Theorem) -> Theorem:
    """The excess of pairs whose share is delta is at most delta ``level``: ``ours`` is."""
    bound = instantiate(ours, {T: MARGIN}, label="T = C alpha beta/(C-1)")
    slope = sqrt(eps / (MARGIN * q(MARGIN)))
    bound = instantiate(bound, {sigma: slope}, label="sigma^2 = eps/(T q(T))")
    return combine(le(excess(), delta * level), {bound: 1, rate: 1}, label="below the published rate")


def small_rate() -> Theorem:
    """Where it does not: the inter-class bound, below the published rate."""
    return _below(LEVEL, norms_rate(), every_inter_rate())


@lru_cache
def explicit() -> Theorem:
    """Over chosen pairs, the excess is at most the rate with K_1 = 3, K_2 = 1."""
    every = cases(small_rate(), large_rate(), split=SMALL_RATE, label="the rate against 2")
    return for_every_share(every, LEVEL, 6)


def claim() -> Statement:
    return Statement(inter_claim(rate_2_1(SIXTH)), HYPOTHESES)


def prove() -> Theorem:
    """Constants K_1 = 3, K_2 = 1."""
    goal: Any = claim().conclusion
    return apply("constants", explicit(), claim=goal, values=CONSTANTS)


def example() -> Witness:
    """T = 4, one of ten samples of each class flipped: <v_1, v_2> = -16/25; loss gap below eps = 1/10."""
    base = flipped(Integer(4), good=9)
    values = {**base.values, eps: Rational(1, 10), delta: Rational(9, 10)}
    functions = {**base.functions, test: lambda c, j: Integer(c != j)}
    return Witness(base.classes, base.samples, base.dimension, functions, values, base.note)


def twins() -> list[Twin]:
    def with_rate(rate: Expr) -> Statement:
        return Statement(inter_claim(rate).body, HYPOTHESES)

    return [
        Twin("K_1 = 10^-6, K_2 = 1", with_rate(_explicit(k1=Rational(1, 10**6))), example()),
        Twin("exponent 6 with K_1 = 3, K_2 = 1", with_rate(_explicit(power=Integer(6))), example()),
    ]


def square_root() -> Theorem:
    """T >= T_{3/2} |- exponent 1/2, with K_1 = 13, K_2 = 2."""
    level = rate_2_1(HALF, 13, 2)
    front, root = 13 / (alpha * beta) * exp(2 * C * alpha * beta), root_above_one(2)
    grows = log_tangent(exp(2 * C * alpha * beta), label="x <= e^x - 1")
    scale = 13 / (alpha * beta)
    large = combine(lt(2, level), {root: front, grows: scale}, slack=24 * C + 2 * (C - 1) + scale)
    small = _below(level, large_norms_rate(), published_inter_rate(2))
    every = cases(small, where_large(level, large), split=SMALL_GAP, label="eps against delta")
    return for_every_share(every, level, 2)


def neighbour() -> Neighbour:
    goal = Statement(inter_claim(rate_2_1(HALF)), (*HYPOTHESES, REGION))
    values = {K1: Integer(13), K2: Integer(2)}
    return Neighbour(
        "exponent 1/2 instead of 1/6, for T >= T_{3/2}",
        goal,
        lambda: apply("constants", square_root(), claim=goal.conclusion, values=values),
    )


_AB = value("alpha") * value("beta")
THEOREM = Entry(
    name="pan-cao-2.1-inter",
    title="Pan & Cao, Theorem 2.1 (bounded norms), inter-class half",
    kind="published",
    source="Pan & Cao 2023, arXiv:2309.04644v3, theorem 2.1",
    says=(
        "There are K_1, K_2 with: at least a 1 - delta fraction of pairs has inter <= -1/(C-1) + (K_1 "
        "e^{K_2 C alpha beta}/(alpha beta)) (eps/delta)^{1/6}. Proved with K_1 = 3, K_2 = 1, for every "
        "alpha, beta and delta, and stronger: inter + 1/(C-1) is at most that on average over any share of "
        "at least delta of the pairs (f = 1 there, 0 elsewhere); with exponent 1/2, K_1 = 13 and K_2 = 2 for "
        "T >= T_{3/2}(C)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    region="no classifier bias; global feature mean zero (bias-free batch norm) or uncentred cosines",
    uncovered="centred cosines of features with a non-zero global mean",
    formula=Formula(
        3 * exp(value("C") * _AB) / _AB * (value("eps") / value("delta")) ** SIXTH - 1 / (value("C") - 1),
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            CENTRED,
            Condition("0 < delta", Integer(0), value("delta"), strict=True),
        ),
    ),
)
