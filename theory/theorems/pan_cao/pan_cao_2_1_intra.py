# SPDX-License-Identifier: MIT
"""Pan & Cao 2023, Theorem 2.1, intra-class half: implied by ours, and with exponent 1 instead of 1/2."""

from sympy import Integer, Rational, exp, sqrt

from theory.configurations import flipped
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, NO_BIAS, NORMS_POSITIVE, T_ABOVE_THRESHOLD, Condition, value
from theory.expressions import Mean, le, substitute
from theory.kernel import Theorem, apply
from theory.lemmas.convexity_route import constant, few_from_linear, lost
from theory.lemmas.cosines import THRESHOLD
from theory.lemmas.polar import cosine_at_most_one
from theory.lemmas.published import (
    BOUNDED_NORMS,
    HALF,
    K1,
    K2,
    MARGIN,
    fraction,
    intra_claim,
    rate_2_1,
)
from theory.lemmas.published_rates import linear_rate
from theory.proving import assume, average, combine, cut, instantiate, log_tangent, theorem
from theory.symbols import C, T, alpha, beta, c, delta, eps

REGION = THRESHOLD.map(lambda side: substitute(side, {T: MARGIN}))
HYPOTHESES = (*BOUNDED_NORMS, REGION)
CONSTANTS = {K1: Integer(2), K2: Integer(1)}


FRONT = 2 * exp(C * alpha * beta) / (alpha * beta)


def mean_lost() -> Theorem:
    """mean_c (1 - intra_c) <= (2 e^{C alpha beta}/(alpha beta)) eps: the linear bound."""
    bound = instantiate(theorem("intra-class-cosine"), {T: MARGIN}, label="T = C alpha beta/(C-1)")
    inverse = 2 * (C - 1 + exp(MARGIN)) / (MARGIN * (C - 1))
    return combine(
        le(Mean(lost(), c), FRONT * eps),
        {bound: 1, assume(BOUNDED_NORMS[-1]): inverse, linear_rate(): eps},
        label="the linear bound",
    )


def at_rate(power: Rational) -> Theorem:
    """At most a fraction delta of the classes exceeds the rate (power 1, or 1/2)."""
    level = rate_2_1(power, 2, 1)
    if power == 1:
        markov = apply("indicator", cosine_at_most_one(), level=level)
        mean = average(markov, c, label="Markov's inequality")
        return combine(le(fraction(level), delta), {mean: 1 / level, mean_lost(): 1 / level})
    grows = log_tangent(exp(C * alpha * beta), label="x <= e^x - 1")
    large = combine(
        le(1, FRONT), {grows: 2 / (alpha * beta)}, slack=1 + 2 * (C - 1) + 2 / (alpha * beta), label="K >= 1"
    )
    few = instantiate(few_from_linear(), {constant: FRONT}, label="Markov's inequality, or a trivial bound")
    return combine(le(fraction(level), delta), {cut(few, large, mean_lost()): 1}, label="the published form")


def claim(power: Rational = HALF) -> Statement:
    return Statement(intra_claim(rate_2_1(power)), HYPOTHESES)


def prove() -> Theorem:
    """Constants K_1 = 2, K_2 = 1."""
    return apply("constants", at_rate(HALF), claim=intra_claim(rate_2_1(HALF)), values=CONSTANTS)


def example() -> Witness:
    """T = 21/10, one of four samples of each class flipped, loss gap below eps = 1/8, delta = 9/10."""
    base = flipped(Rational(21, 10), good=3)
    values = {**base.values, eps: Rational(1, 8), delta: Rational(9, 10)}
    return Witness(base.classes, base.samples, base.dimension, base.functions, values, base.note)


def twins() -> list[Twin]:
    def explicit(power: object, k1: object) -> Statement:
        return Statement(le(fraction(rate_2_1(power, k1, 1)), delta), HYPOTHESES)

    return [
        Twin("K_1 = 1/4, K_2 = 1", explicit(HALF, Rational(1, 4)), example()),
        Twin("exponent 2 with K_1 = 2, K_2 = 1", explicit(2, 2), example()),
    ]


def neighbour() -> Neighbour:
    one = Integer(1)
    statement = Statement(intra_claim(rate_2_1(one)), HYPOTHESES)
    return Neighbour(
        "exponent 1 instead of 1/2, for every eps and delta",
        statement,
        lambda: apply("constants", at_rate(one), claim=statement.conclusion, values=CONSTANTS),
    )


_AB = value("alpha") * value("beta")
THEOREM = Entry(
    name="pan-cao-2.1-intra",
    title="Pan & Cao, Theorem 2.1 (bounded norms), intra-class half",
    kind="published",
    source="Pan & Cao 2023, arXiv:2309.04644v3, theorem 2.1",
    says=(
        "There are K_1, K_2 with: at least a 1 - delta fraction of classes has intra_c >= 1 - (K_1 "
        "e^{K_2 C alpha beta}/(alpha beta)) sqrt(eps/delta). Proved with K_1 = 2, K_2 = 1, and with "
        "exponent 1."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    uses=("intra-class-cosine",),
    region=(
        "no classifier bias; global feature mean zero (bias-free batch norm) or uncentred cosines; T "
        "= C alpha beta/(C-1) >= T_{5/2}(C)"
    ),
    uncovered=(
        "T < T_{5/2}(C), where no K_1, K_2 free of C will do: a class of C with row zero and tiny features "
        "costs (alpha beta)^2/(2 (C-1)(C-2)) as alpha beta -> 0, and the rate is K_1/sqrt(2 C) (the linear "
        "bound is false too, see intra-class-cosine-counterexample; pan-cao-route-intra has sqrt(C-1) in "
        "front and covers every T for C >= 3); centred cosines of features with a non-zero global mean"
    ),
    formula=Formula(
        1 - 2 * exp(value("C") * _AB) / _AB * sqrt(value("eps") / value("delta")),
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            CENTRED,
            T_ABOVE_THRESHOLD,
            Condition("0 < delta", Integer(0), value("delta"), strict=True),
        ),
    ),
)
