# SPDX-License-Identifier: MIT
"""Pan & Cao 2023, Theorem 2.1, intra-class half: implied by ours, and with exponent 1, from log(C)/C on."""

from sympy import Integer, Rational, exp, log, sqrt

from theory.configurations import flipped
from theory.definitions import q
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, NO_BIAS, NORMS_POSITIVE, Condition, value
from theory.expressions import le
from theory.kernel import Theorem, apply
from theory.lemmas.chance import above_chance, from_chance
from theory.lemmas.convexity_route import constant, few_classes
from theory.lemmas.direction_settings import RADII, above_chance_at, lost, lost_mean, near_bounded
from theory.lemmas.directions import DIRECTIONS
from theory.lemmas.inter_class_rates import GAP
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
from theory.lemmas.tilted_classes import margin_t
from theory.proving import assume, average, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, alpha, beta, c, delta, eps

E = exp(C * alpha * beta)
REGION = le(C, E)
HYPOTHESES = (*DIRECTIONS, *RADII, BOUNDED_NORMS[-1], REGION)
CONSTANTS = {K1: Integer(2), K2: Integer(1)}
FRONT = 2 * E / (alpha * beta)


def mean_lost() -> Theorem:
    """mean_c (1 - intra_c) <= (2/(T q)) (1 + 2 (C-1)/(alpha beta)) eps, as K >= T^2 q/(4 C)."""
    bound = instantiate(lost_mean(near_bounded(T, T - eps / q(T), GAP), T), {T: MARGIN}, label="T")
    apart = instantiate(above_chance(), {margin_t: MARGIN})
    price = 2 * eps / (MARGIN * q(MARGIN))
    return combine(
        le(lost(), price * (1 + 2 * C / MARGIN)),
        {bound: 1, apart: price * 2 * C / MARGIN / from_chance(MARGIN)},
        facts=[above_chance_at(MARGIN)],
        label="the linear bound",
    )


def square_root() -> Theorem:
    """At most a fraction delta of the classes exceeds the rate: 2 (C-1) + alpha beta <= 2 E."""
    scale = 2 * E / (alpha * beta) ** 2 * eps
    grows = log_tangent(E, label="C alpha beta <= E - 1")
    budget = combine(
        le(lost(), FRONT**2 * eps),
        {
            mean_lost(): 1,
            linear_rate(): eps * (1 + 2 * C / MARGIN),
            grows: scale / C,
            assume(REGION): scale * (2 - 1 / C),
        },
        slack=scale * (1 + 1 / C),
        label="the published constants",
    )
    few = instantiate(few_classes(), {constant: FRONT}, label="Markov's inequality, or a trivial bound")
    return cut(few, budget)


def linear() -> Theorem:
    """The same with exponent 1, K_1 = 6 and K_2 = 3, for every eps and delta: (C-1)/(alpha beta) <= C^2."""
    level = rate_2_1(1, 6, 3)
    root = log_tangent(1 / C, label="log C >= 1 - 1/C")
    far = log_tangent(C / E, label="log(C/E) <= C/E - 1")
    more = 2 * E / (alpha * beta) * eps
    each = 2 * more * C / (alpha * beta)  # of (C-1)/C <= C alpha beta
    region, grows = assume(REGION), log_tangent(E, label="1 <= E")
    budget = combine(
        le(lost(), 6 * E**3 / (alpha * beta) * eps),
        {
            mean_lost(): 1,
            linear_rate(): eps * (1 + 2 * C / MARGIN),
            root: each,
            far: each,
            region: each / E + 2 * more * (C + E),
            grows: more * (1 + E),
        },
        slack=more * (1 + E) * C * alpha * beta,
        label="the published form",
    )
    markov = average(apply("indicator", cosine_at_most_one(), level=level), c, label="Markov's inequality")
    return combine(le(fraction(level), delta), {markov: 1 / level, budget: 1 / level})


def claim() -> Statement:
    return Statement(intra_claim(rate_2_1(HALF)), HYPOTHESES)


def prove() -> Theorem:
    """Constants K_1 = 2, K_2 = 1."""
    return apply("constants", square_root(), claim=claim().conclusion, values=CONSTANTS)


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
        lambda: apply("constants", linear(), claim=statement.conclusion, values={K1: 6 * one, K2: 3 * one}),
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
        "exponent 1, K_1 = 6 and K_2 = 3."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    region=(
        "no classifier bias; global feature mean zero (bias-free batch norm) or uncentred cosines; alpha "
        "beta >= log(C)/C"
    ),
    uncovered=(
        "alpha beta < log(C)/C, where no K_1, K_2 free of C will do: a class of C with row zero and tiny "
        "features costs (alpha beta)^2/(2 (C-1)(C-2)) as alpha beta -> 0, and the rate is K_1/sqrt(2 C) "
        "(intra-class-cosine-every-margin is linear in eps there too, with C in front); centred cosines of "
        "features with a non-zero global mean"
    ),
    formula=Formula(
        1 - 2 * exp(value("C") * _AB) / _AB * sqrt(value("eps") / value("delta")),
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            CENTRED,
            Condition("log(C)/C <= alpha beta", log(value("C")) / value("C"), _AB),
            Condition("0 < delta", Integer(0), value("delta"), strict=True),
        ),
    ),
)
