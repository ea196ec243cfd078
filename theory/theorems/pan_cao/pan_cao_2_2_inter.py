# SPDX-License-Identifier: MIT
"""Pan & Cao 2023, Theorem 2.2, inter-class half: implied by ours, a square root in the loss gap.

The decay is given through its optimal margin T = T*: lambda = sqrt(C)/(C - 1 + e^T).
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, exp, log, sqrt

from theory.configurations import flipped_at_decay
from theory.definitions import q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    CENTRED,
    DECAY_BELOW_THRESHOLD,
    DECAY_NOT_TINY,
    DECAY_POSITIVE,
    NO_BIAS,
    Condition,
    value,
)
from theory.expressions import le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.chosen_pairs import CHOSEN, for_every_share, where_large
from theory.lemmas.direction_settings import FEATURES
from theory.lemmas.equiangular import test
from theory.lemmas.inter_class import excess
from theory.lemmas.inter_class_rates import decay_rate, sigma
from theory.lemmas.published import (
    K1,
    K2,
    SIXTH,
    SMALL_GAP,
    WEIGHT_DECAY,
    inter_claim,
    rate_2_2,
)
from theory.lemmas.published_rates import NOT_TINY, published_inter_rate_decay, root_above_one
from theory.lemmas.weight_decay import DECAY, SCALE
from theory.proving import cases, combine, instantiate, log_tangent
from theory.symbols import C, T, delta, eps

HYPOTHESES = (*FEATURES, SCALE, WEIGHT_DECAY[-1], NOT_TINY, *CHOSEN)
CONSTANTS = {K1: Integer(48), K2: Integer(2)}


def _explicit(power: Any = SIXTH, k1: Any = CONSTANTS[K1]) -> Expr:
    return rate_2_2(power, k1, 2, DECAY)


def large_gap(m: int) -> Theorem:
    """delta < eps |- the rate exceeds 2, and no pair does."""
    scale = CONSTANTS[K1]
    front, root = scale * exp(2 * C * log(C / DECAY)), root_above_one(m)
    grows = log_tangent(exp(2 * C * log(C / DECAY)), label="x <= e^x - 1")
    level = _explicit(Rational(1, m))
    rest = scale - 2 + 2 * scale * C * (log(C) / 2 + log(C - 1 + exp(T)))
    large = combine(lt(2, level), {root: front, grows: scale}, slack=rest)
    return where_large(level, large)


@lru_cache
def explicit(m: int) -> Theorem:
    """Over chosen pairs, the excess is at most the rate with exponent 1/m, K_1 = 48, K_2 = 2."""
    every = cases(small_gap(m), large_gap(m), split=SMALL_GAP, label="eps against delta")
    return for_every_share(every, _explicit(Rational(1, m)), m)


def small_gap(m: int) -> Theorem:
    """eps <= delta |- the inter-class bound, below the published rate."""
    level = _explicit(Rational(1, m))
    bound = instantiate(decay_rate(), {sigma: sqrt(eps / (T * q(T)))}, label="sigma^2 = eps/(T* q*)")
    rate = published_inter_rate_decay(m)
    return combine(le(excess(), delta * level), {bound: 1, rate: 1}, label="below the published rate")


def claim(power: Rational = SIXTH) -> Statement:
    return Statement(inter_claim(rate_2_2(power, decay=DECAY)), HYPOTHESES)


def prove(m: int = 6) -> Theorem:
    """Constants K_1 = 48, K_2 = 2."""
    goal: Any = claim(Rational(1, m)).conclusion
    return apply("constants", explicit(m), claim=goal, values=CONSTANTS)


def example() -> Witness:
    """T* = 4, one of ten samples of each class flipped: <v_1, v_2> = -16/25; gap below eps = 1/10."""
    base = flipped_at_decay(Integer(4), good=9)
    values = {**base.values, eps: Rational(1, 10), delta: Rational(9, 10)}
    functions = {**base.functions, test: lambda c, j: Integer(c != j)}
    return Witness(base.classes, base.samples, base.dimension, functions, values, base.note)


def twins() -> list[Twin]:
    def with_rate(rate: Expr) -> Statement:
        return Statement(inter_claim(rate).body, HYPOTHESES)

    return [
        Twin("K_1 = 10^-9, K_2 = 2", with_rate(_explicit(k1=Rational(1, 10**9))), example()),
        Twin("exponent 12 with K_1 = 48, K_2 = 2", with_rate(_explicit(power=Integer(12))), example()),
    ]


def neighbour() -> Neighbour:
    return Neighbour("exponent 1/2 instead of 1/6", claim(Rational(1, 2)), lambda: prove(2))


THEOREM = Entry(
    name="pan-cao-2.2-inter",
    title="Pan & Cao, Theorem 2.2 (batch norm and weight decay), inter-class half",
    kind="published",
    source="Pan & Cao 2023, arXiv:2309.04644v3, theorem 2.2",
    says=(
        "There are K_1, K_2 with: at least a 1 - delta fraction of pairs has inter <= -1/(C-1) + K_1 "
        "(C/lambda)^{K_2 C} (eps/delta)^{1/6}. Proved with K_1 = 48, K_2 = 2, for every delta, and stronger: "
        "inter + 1/(C-1) is at most that on average over any share of at least delta of the pairs (f = 1 "
        "there and 0 elsewhere); also with exponent 1/2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    region=(
        "bias-free batch norm before a bias-free classifier; lambda <= sqrt(C)/(C - 1 + e^{1/C}), that is T* "
        ">= 1/C (for C = 10: 0.313 of 1/sqrt(C) = 0.316)"
    ),
    uncovered=(
        "sqrt(C)/(C - 1 + e^{1/C}) < lambda < 1/sqrt(C), where in the end no K_1, K_2 will do: as lambda -> "
        "1/sqrt(C), features near zero in any directions have eps -> 0"
    ),
    formula=Formula(
        48
        * exp(2 * value("C") * log(value("C") / value("weight_decay")))
        * (value("eps_reg") / value("delta")) ** SIXTH
        - 1 / (value("C") - 1),
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            NO_BIAS,
            CENTRED,
            DECAY_NOT_TINY,
            Condition("0 < delta", Integer(0), value("delta"), strict=True),
        ),
    ),
)
