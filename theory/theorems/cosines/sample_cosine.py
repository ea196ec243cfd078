# SPDX-License-Identifier: MIT
"""E(1 - cos(w_c - wbar, h_ci)) <= (L - phi(T))/(T q(T)) for T >= T_3(C): samples turn to their rows."""

from sympy import Integer, Rational

from theory.configurations import flipped
from theory.definitions import loss, phi, q, unbiased_logit
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import NO_BIAS, NORMS_POSITIVE, T_ABOVE_T3, value
from theory.evaluation import q as q_value
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.cosines import linear_sample_bound, s, threshold, x
from theory.lemmas.polar import (
    NORMS_AT_MOST_ONE,
    cosine,
    cosine_at_least_minus_one,
    kappa,
    loss_of_margins,
    polar,
    rho,
    sample_cosine_at_most_one,
)
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, alpha, beta, c, i

MARGIN = eq(T, C * alpha * beta / (C - 1))
T3 = threshold(Integer(3))
HYPOTHESES = (*polar(beta, alpha), *NORMS_AT_MOST_ONE, MARGIN, T3)


def claim(factor: object = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    gap = loss(unbiased_logit) - phi(T)
    return Statement(le(Mean(1 - cosine(), c, i), factor * gap / (T * q(T))), hypotheses)


def prove() -> Theorem:
    """The linear sample bound, averaged, with E kappa rho <= (E kappa^2 + E rho^2)/2 <= 1."""
    _, _, unit_u, unit_e, kappa_sign, rho_sign = map(assume, polar(beta, alpha))
    weights, features = map(assume, NORMS_AT_MOST_ONE)
    product = kappa(c) * rho(c, i)
    positive = combine(le(0, product), {kappa_sign: rho(c, i)}, facts=[rho_sign], label="kappa rho >= 0")
    sample = instantiate(
        linear_sample_bound(), {s: product, x: cosine()}, facts=[positive], label="one sample"
    )
    sample = cut(sample, cosine_at_least_minus_one(unit_u, unit_e), label="-1 <= cos")
    budget = combine(
        le(2 * product, kappa(c) ** 2 + rho(c, i) ** 2), slack=(kappa(c) - rho(c, i)) ** 2, label="a square"
    )
    rate = 1 / (T * q(T))
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(sample, c, i, label="E over samples"): rate,
            loss_of_margins(beta, alpha, MARGIN): rate,
            average(budget, c, i): Rational(1, 2),
            weights: Rational(1, 2),
            features: Rational(1, 2),
        },
        label="norms at most 1",
    )


def twins() -> list[Twin]:
    below = HYPOTHESES[:-1]
    return [
        Twin("without the threshold on T", claim(hypotheses=below), flipped(Rational(1, 2), good=3)),
        Twin("half the constant", claim(factor=Rational(1, 2)), flipped(Rational(5, 2), good=9)),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=2)

    def proof() -> Theorem:
        """The left side is nonnegative, so twice the right side is no less."""
        _, _, unit_u, unit_e, *_ = map(assume, polar(beta, alpha))
        turned = average(sample_cosine_at_most_one(unit_u, unit_e), c, i, label="E over samples")
        return combine(goal.conclusion, {prove(): 2, turned: 1})  # type: ignore[arg-type]

    return Neighbour("constant 2 instead of 1", goal, proof)


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="sample-cosine",
    title="Cosine of a sample with its classifier row",
    kind="upper",
    source="this project (2026); joint form of NC1 and NC3 of Papyan, Han & Donoho 2020",
    says=(
        "For T >= T_3(C), without bias, the mean of 1 - cos(w_c - wbar, h_ci) over all samples is at most "
        "eps/(T q(T)), for every loss gap eps, every C, n and d."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "row_cosine.mean",
        ">=",
        1 - (value("eps") / (_T * q_value(_T, value("C")))),
        (*NORMS_POSITIVE, NO_BIAS, T_ABOVE_T3),
    ),
    uses=("cross-entropy-identity",),
)
