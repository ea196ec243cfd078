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
    DECAY_BELOW_5_2,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    NO_BIAS,
    Condition,
    value,
)
from theory.expressions import Mean, le
from theory.kernel import Theorem, apply
from theory.lemmas.convexity_route import constant, few_from_linear, lost
from theory.lemmas.cosines import THRESHOLD, threshold
from theory.lemmas.polar import cosine_at_most_one
from theory.lemmas.published import (
    HALF,
    K1,
    K2,
    WEIGHT_DECAY,
    fraction,
    intra_claim,
    rate_2_2,
)
from theory.lemmas.published_rates import linear_rate_decay
from theory.lemmas.weight_decay import DECAY
from theory.proving import assume, average, combine, cut, instantiate, log_tangent, theorem
from theory.symbols import C, T, c, delta, eps

HYPOTHESES = (*WEIGHT_DECAY, THRESHOLD)
CONSTANTS = {K1: Integer(2), K2: Integer(1)}


FRONT = 2 * exp(C * log(C / DECAY))


def mean_lost() -> Theorem:
    """mean_c (1 - intra_c) <= 2 (C/lambda)^C eps: the linear bound."""
    enough = combine(threshold(Rational(3, 2)), {assume(THRESHOLD): 1}, slack=T * q(T), label="T >= T_{3/2}")
    return combine(
        le(Mean(lost(), c), FRONT * eps),
        {
            theorem("intra-class-cosine-weight-decay"): 1,
            assume(WEIGHT_DECAY[-1]): 2 / (T * q(T)),
            cut(linear_rate_decay(), enough): eps,
        },
        label="the linear bound",
    )


def at_rate(power: Rational) -> Theorem:
    """At most a fraction delta of the classes exceeds the rate (power 1, or 1/2)."""
    level = rate_2_2(power, 2, 1, DECAY)
    if power == 1:
        markov = apply("indicator", cosine_at_most_one(), level=level)
        mean = average(markov, c, label="Markov's inequality")
        return combine(le(fraction(level), delta), {mean: 1 / level, mean_lost(): 1 / level})
    grows = log_tangent(exp(C * log(C / DECAY)), label="x <= e^x - 1")
    large = combine(
        le(1, FRONT), {grows: 2}, slack=1 + 2 * C * (log(C) / 2 + log(C - 1 + exp(T))), label="K >= 1"
    )
    few = instantiate(few_from_linear(), {constant: FRONT}, label="Markov's inequality, or a trivial bound")
    return combine(le(fraction(level), delta), {cut(few, large, mean_lost()): 1}, label="the published form")


def claim(power: Rational = HALF) -> Statement:
    return Statement(intra_claim(rate_2_2(power, decay=DECAY)), HYPOTHESES)


def prove() -> Theorem:
    """Constants K_1 = 2, K_2 = 1."""
    return apply("constants", at_rate(HALF), claim=claim().conclusion, values=CONSTANTS)


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
        lambda: apply("constants", at_rate(one), claim=statement.conclusion, values=CONSTANTS),
    )


THEOREM = Entry(
    name="pan-cao-2.2-intra",
    title="Pan & Cao, Theorem 2.2 (batch norm and weight decay), intra-class half",
    kind="published",
    source="Pan & Cao 2023, arXiv:2309.04644v3, theorem 2.2",
    says=(
        "There are K_1, K_2 with: at least a 1 - delta fraction of classes has intra_c >= 1 - K_1 "
        "(C/lambda)^{K_2 C} sqrt(eps/delta). Proved with K_1 = 2, K_2 = 1, and with exponent 1."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("intra-class-cosine-weight-decay", "pan-cao-2.1-intra"),
    region=(
        "bias-free batch norm before a bias-free classifier; lambda <= lambda_{5/2}(C) (for C = 10: 0.085)"
    ),
    uncovered=(
        "lambda_{5/2}(C) < lambda < 1/sqrt(C), where no K_1, K_2 will do: as lambda -> 1/sqrt(C), features "
        "near zero in any directions have eps -> 0"
    ),
    formula=Formula(
        1 - 2 * (value("C") / value("weight_decay")) ** value("C") * sqrt(value("eps_reg") / value("delta")),
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            NO_BIAS,
            CENTRED,
            DECAY_BELOW_5_2,
            Condition("0 < delta", Integer(0), value("delta"), strict=True),
        ),
    ),
)
