# SPDX-License-Identifier: MIT
"""E cos(w_c - wbar, h_ci) >= phi^{-1}(L)/T if log C - L >= q(tau) (T + 2 tau): sharp, attained."""

from sympy import Rational, exp, log

from theory.configurations import flipped
from theory.definitions import loss, phi, unbiased_logit
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    LOSS_POSSIBLE,
    LOSS_STRICTLY_BELOW_LOG_C,
    NO_BIAS,
    NORMS_POSITIVE,
    Condition,
    phi_inverse,
    value,
)
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.cosines import level, s, x
from theory.lemmas.polar import (
    NORMS_AT_MOST_ONE,
    cosine,
    cosine_at_least_minus_one,
    kappa,
    loss_of_margins,
    polar,
    rho,
)
from theory.lemmas.samples import SAMPLE_CONDITION, sharp_sample_bound
from theory.polar_configurations import simplex_in_polar
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, alpha, beta, c, i

MARGIN = eq(T, C * alpha * beta / (C - 1))
LOSS = le(loss(unbiased_logit), phi(level))
HYPOTHESES = (*polar(beta, alpha), *NORMS_AT_MOST_ONE, MARGIN, LOSS, SAMPLE_CONDITION)


def claim(factor: object = 1, power: int = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(factor * (level / T) ** power, Mean(cosine(), c, i)), hypotheses)


def prove() -> Theorem:
    """The tangent of phi(tau v^2), averaged, with E kappa rho <= (E kappa^2 + E rho^2)/2 <= 1."""
    _, _, unit_u, unit_e, kappa_sign, rho_sign = map(assume, polar(beta, alpha))
    weights, features = map(assume, NORMS_AT_MOST_ONE)
    product = kappa(c) * rho(c, i)
    positive = combine(le(0, product), {kappa_sign: rho(c, i)}, facts=[rho_sign], label="kappa rho >= 0")
    sample = instantiate(
        sharp_sample_bound(), {s: product, x: cosine()}, facts=[positive], label="one sample"
    )
    floor = cosine_at_least_minus_one(unit_u, unit_e)
    sample = cut(sample, floor, label="-1 <= cos")
    budget = combine(
        le(2 * product, kappa(c) ** 2 + rho(c, i) ** 2), slack=(kappa(c) - rho(c, i)) ** 2, label="a square"
    )
    share = level / T
    rate = share * (C - 1 + exp(level)) / ((C - 1) * level)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(sample, c, i, label="E over samples"): rate,
            loss_of_margins(beta, alpha, MARGIN): rate,
            assume(LOSS): rate,
            average(budget, c, i): share / 2,
            weights: share / 2,
            features: share / 2,
        },
        label="norms at most 1",
    )


def twins() -> list[Twin]:
    base = flipped(Rational(1, 2), good=3)
    small = Witness(2, 4, 1, base.functions, {**base.values, level: Rational(2, 5)}, base.note)
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), simplex_in_polar()),
        Twin("square root of tau/T", claim(power=Rational(1, 2)), simplex_in_polar()),  # type: ignore[arg-type]
        Twin("without the condition", claim(hypotheses=HYPOTHESES[:-1]), small),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=level / T / 100),  # type: ignore[arg-type]
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
_TAU = phi_inverse(value("L"), value("C"))
THEOREM = Entry(
    name="sample-cosine-sharp",
    title="Cosine of a sample with its classifier row, sharp",
    kind="tight",
    source="this project (2026); joint form of NC1 and NC3 of Papyan, Han & Donoho 2020",
    says=(
        "The mean of cos(w_c - wbar, h_ci) over all samples is at least phi^{-1}(L)/T, without bias, if "
        "log C - L >= q(tau) (T + 2 tau), tau = phi^{-1}(L); attained when d >= C and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=simplex_in_polar,
    measurable=Measurable(
        "row_cosine.mean",
        ">=",
        _TAU / _T,
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            LOSS_STRICTLY_BELOW_LOG_C,
            LOSS_POSSIBLE,
            Condition(
                "log C - L >= q(tau) (T + 2 tau), tau = phi^{-1}(L)",
                value("L") + (1 - exp(-value("L"))) * (_T + 2 * _TAU),
                log(value("C")),
            ),
        ),
    ),
    uses=("cross-entropy-identity",),
)
