# SPDX-License-Identifier: MIT
"""E cos(w_c - wbar, h_ci)^2 >= (phi^{-1}(L)/T)^2 if log C - L >= (3/2) tau q(tau), whatever T: attained.

The directions u_c and e_ci need not be unit vectors; for unit vectors <u_c, e_ci> is the cosine.
"""

from sympy import Rational, exp, log

from theory.definitions import loss, phi, unbiased_logit
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
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
from theory.lemmas.polar import NORMS_AT_MOST_ONE, cosine, kappa, loss_of_margins, polar, rho
from theory.lemmas.samples import SQUARE_CONDITION, squared_bound
from theory.polar_configurations import abandoned, simplex_in_polar
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, T, alpha, beta, c, i

MARGIN = eq(T, C * alpha * beta / (C - 1))
LOSS = le(loss(unbiased_logit), phi(level))
HYPOTHESES = (
    *polar(beta, alpha)[:2],
    *polar(beta, alpha)[4:],
    *NORMS_AT_MOST_ONE,
    MARGIN,
    LOSS,
    SQUARE_CONDITION,
)


def claim(factor: object = 1, power: int = 2, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(factor * (level / T) ** power, Mean(cosine() ** 2, c, i)), hypotheses)


def prove() -> Theorem:
    """The tangent of phi(tau v^{3/2}), averaged, with E kappa rho <= (E kappa^2 + E rho^2)/2 <= 1."""
    kappa_sign, rho_sign = map(assume, polar(beta, alpha)[4:])
    weights, features = map(assume, NORMS_AT_MOST_ONE)
    product = kappa(c) * rho(c, i)
    positive = combine(le(0, product), {kappa_sign: rho(c, i)}, facts=[rho_sign], label="kappa rho >= 0")
    sample = instantiate(squared_bound(), {s: product, x: cosine()}, facts=[positive], label="one sample")
    budget = combine(
        le(2 * product, kappa(c) ** 2 + rho(c, i) ** 2), slack=(kappa(c) - rho(c, i)) ** 2, label="a square"
    )
    share = 2 * (level / T) ** 2
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
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), simplex_in_polar()),
        Twin("tau/T to the first power", claim(power=1), simplex_in_polar()),
        Twin(
            "without the condition",
            claim(hypotheses=HYPOTHESES[:-1]),
            abandoned({level: Rational(2, 5)}),
        ),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(level / T) ** 2 / 100),  # type: ignore[arg-type]
    )


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
_TAU = phi_inverse(value("L"), value("C"))
THEOREM = Entry(
    name="sample-cosine-squared",
    title="Squared cosine of a sample with its classifier row",
    kind="tight",
    source="this project (2026); joint form of NC1 and NC3 of Papyan, Han & Donoho 2020",
    says=(
        "The mean of cos(w_c - wbar, h_ci)^2 over all samples is at least (phi^{-1}(L)/T)^2, without bias, "
        "if log C - L >= (3/2) tau q(tau), tau = phi^{-1}(L); attained when d >= C and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=simplex_in_polar,
    measurable=Measurable(
        "row_cosine.square",
        ">=",
        (_TAU / _T) ** 2,
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            LOSS_STRICTLY_BELOW_LOG_C,
            LOSS_POSSIBLE,
            Condition(
                "log C - L >= (3/2) tau q(tau), tau = phi^{-1}(L)",
                value("L") + (1 - exp(-value("L"))) * Rational(3, 2) * _TAU,
                log(value("C")),
            ),
        ),
    ),
    uses=("cross-entropy-identity",),
)
