# SPDX-License-Identifier: MIT
"""Pan & Cao 2023, Theorem 2.2, intra-class half: implied by ours, and with exponent 1 instead of 1/2.

The decay is given through its optimal margin T = T*: lambda = sqrt(C)/(C - 1 + e^T), which runs through
all of 0 < lambda < 1/sqrt(C) as T runs through T > 0.
"""

from sympy import Integer, Rational, exp, log, sqrt

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
from theory.expressions import le
from theory.kernel import Theorem, apply
from theory.lemmas.chance import above_chance, from_chance
from theory.lemmas.convexity_route import constant, few_classes
from theory.lemmas.direction_settings import FEATURES, above_chance_at, lost, lost_mean, near_decayed
from theory.lemmas.polar import cosine_at_most_one
from theory.lemmas.polynomials import in_powers
from theory.lemmas.published import (
    HALF,
    K1,
    K2,
    WEIGHT_DECAY,
    fraction,
    intra_claim,
    rate_2_2,
)
from theory.lemmas.published_rates import NOT_TINY, decay_power, power
from theory.lemmas.tilted_classes import margin_t
from theory.lemmas.weight_decay import DECAY, SCALE
from theory.proving import assume, average, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, c, delta, eps

HYPOTHESES = (*FEATURES, SCALE, WEIGHT_DECAY[-1], NOT_TINY)
CONSTANTS = {K1: Integer(2), K2: Integer(1)}
E = exp(C * log(C / DECAY))
FRONT = 2 * E
PRICE = 2 * eps / (T * q(T))


def mean_lost() -> Theorem:
    """mean_c (1 - intra_c) <= (2/(T q)) (1 + 2 C/T) eps, as K >= T^2 q/(4 C)."""
    apart = instantiate(above_chance(), {margin_t: T})
    return combine(
        le(lost(), PRICE * (1 + 2 * C / T)),
        {lost_mean(near_decayed(), T): 1, apart: PRICE * 2 * C / T / from_chance(T)},
        facts=[above_chance_at(T)],
        label="the linear bound",
    )


def linear_budget() -> Theorem:
    """mean_c (1 - intra_c) <= 4 (C/lambda)^{2 C} eps: 1/T <= C and C (C - 1 + e^T)^2 <= (C/lambda)^C."""
    total, rise = C - 1 + exp(T), log_tangent(exp(T), label="T <= e^T - 1")
    scale = 2 * eps * total / (C - 1)
    spent = 2 * C * (1 + 2 * C**2) / (C - 1)
    slope = 4 * C**2 * sum(total ** (3 - n) * C**n for n in range(4)) - spent  # 4 C^2 total^4 - spent total
    budget = combine(
        le(lost(), 4 * power**2 * eps),
        {
            mean_lost(): 1,
            assume(NOT_TINY): scale / T * (1 + 2 * C**2 + 2 * C / T),
            assume(le(C * total**2, power)): 4 * eps * (power + C * total**2),
            rise: eps * in_powers(slope, exp(T)),
        },
        slack=eps * (in_powers(4 * C**6 - spent * C) + T * in_powers(slope, exp(T))),
        label="the published constants",
    )
    return cut(instantiate(budget, {power: E}, label="E = (C/lambda)^C"), decay_power())


def square_root() -> Theorem:
    """At most a fraction delta of the classes exceeds the rate."""
    few = instantiate(few_classes(), {constant: FRONT}, label="Markov's inequality, or a trivial bound")
    return cut(few, linear_budget())


def linear() -> Theorem:
    """The same with exponent 1, K_1 = 4 and K_2 = 2, for every eps and delta."""
    level = rate_2_2(1, 4, 2, DECAY)
    markov = average(apply("indicator", cosine_at_most_one(), level=level), c, label="Markov's inequality")
    return combine(le(fraction(level), delta), {markov: 1 / level, linear_budget(): 1 / level})


def claim() -> Statement:
    return Statement(intra_claim(rate_2_2(HALF, decay=DECAY)), HYPOTHESES)


def prove() -> Theorem:
    """Constants K_1 = 2, K_2 = 1."""
    return apply("constants", square_root(), claim=claim().conclusion, values=CONSTANTS)


def example() -> Witness:
    """T* = 21/10, one of four samples of each class flipped, gap below eps = 1/8, delta = 9/10."""
    base = flipped_at_decay(Rational(21, 10), good=3)
    values = {**base.values, eps: Rational(1, 8), delta: Rational(9, 10)}
    return Witness(base.classes, base.samples, base.dimension, base.functions, values, base.note)


def twins() -> list[Twin]:
    def explicit(power: object, k1: object) -> Statement:
        return Statement(le(fraction(rate_2_2(power, k1, 1, DECAY)), delta), HYPOTHESES)

    return [
        Twin("K_1 = 1/100, K_2 = 1", explicit(HALF, Rational(1, 100)), example()),
        Twin("exponent 4 with K_1 = 2, K_2 = 1", explicit(4, 2), example()),
    ]


def neighbour() -> Neighbour:
    one = Integer(1)
    statement = Statement(intra_claim(rate_2_2(one, decay=DECAY)), HYPOTHESES)
    return Neighbour(
        "exponent 1 instead of 1/2, for every eps and delta",
        statement,
        lambda: apply("constants", linear(), claim=statement.conclusion, values={K1: 4 * one, K2: 2 * one}),
    )


THEOREM = Entry(
    name="pan-cao-2.2-intra",
    title="Pan & Cao, Theorem 2.2 (batch norm and weight decay), intra-class half",
    kind="published",
    source="Pan & Cao 2023, arXiv:2309.04644v3, theorem 2.2",
    says=(
        "There are K_1, K_2 with: at least a 1 - delta fraction of classes has intra_c >= 1 - K_1 "
        "(C/lambda)^{K_2 C} sqrt(eps/delta). Proved with K_1 = 2, K_2 = 1, and with exponent 1, K_1 = 4 and "
        "K_2 = 2."
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
        1 - 2 * (value("C") / value("weight_decay")) ** value("C") * sqrt(value("eps_reg") / value("delta")),
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
