# SPDX-License-Identifier: MIT
"""mean_c intra_c >= (phi^{-1}(L)/T)^2 under the condition (A'): sharp, attained."""

from typing import Any

from sympy import Integer, Rational, exp, log, sqrt

from theory.configurations import flipped, simplex
from theory.definitions import loss, phi, q, unbiased_logit
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, LOSS_POSSIBLE, NO_BIAS, NORMS_POSITIVE, Condition, phi_inverse, value
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.cosines import CONDITION, level
from theory.lemmas.level import level_below_margin
from theory.lemmas.polar import (
    NORMS_AT_MOST_ONE,
    class_cosine,
    e,
    kappa,
    loss_of_cosines,
    norm_budget,
    polar,
    rho,
    u,
)
from theory.proving import assume, combine, cut
from theory.symbols import C, T, alpha, beta, c, h, w

MARGIN = eq(T, C * alpha * beta / (C - 1))
LOSS = le(loss(unbiased_logit), phi(level))
HYPOTHESES = (*polar(beta, alpha), *NORMS_AT_MOST_ONE, MARGIN, LOSS, CONDITION)


def claim(factor: object = 1, power: int = 2, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(factor * (level / T) ** power, Mean(class_cosine(), c)), hypotheses)


def prove() -> Theorem:
    """The sharp cosine lemma with L <= phi(tau) and E kappa_c rms_i rho <= 1."""
    lemma = cut(loss_of_cosines(beta, alpha, MARGIN, level), level_below_margin(), label="tau <= T")
    weights, features = map(assume, NORMS_AT_MOST_ONE)
    share = (level / T) ** 2
    rate = 2 * share / (level * q(level))
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {lemma: rate, assume(LOSS): rate, norm_budget(): share, weights: share, features: share},
        label="norms at most 1",
    )


def witness() -> Witness:
    """Simplex ETF with orthogonal noise, C = 3, tau = 3: L = phi(tau), intra_c = (tau/T)^2 = 8/9."""
    base = simplex(3, scale=3, noise=Rational(1, 2), values={level: 3})
    rows, features = base.functions[w], base.functions[h]
    functions: dict[Any, Any] = {
        **base.functions,
        kappa: lambda c: Integer(1),
        rho: lambda c, i: Integer(1),
        u: lambda c, k: rows(c, k) / sqrt(Rational(2, 3)),
        e: lambda c, i, k: features(c, i, k) / sqrt(Rational(27, 4)),
    }
    return Witness(3, 2, 3, functions, base.values, base.note)


def twins() -> list[Twin]:
    base = flipped(Rational(1, 2), good=3)
    small = Witness(2, 4, 1, base.functions, {**base.values, level: Rational(2, 5)}, base.note)
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("tau/T to the first power", claim(power=1), witness()),
        Twin("without the condition (A')", claim(hypotheses=HYPOTHESES[:-1]), small),
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
    name="intra-class-cosine-sharp",
    title="Intra-class cosine from loss and norms, sharp",
    kind="tight",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.1 (intra-class)",
    says=(
        "mean_c intra_c >= (phi^{-1}(L)/T)^2, without bias, if log C - L >= q(tau) (T + (3/2) tau), tau = "
        "phi^{-1}(L); attained when d >= C and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        (_TAU / _T) ** 2,
        (
            *NORMS_POSITIVE,
            NO_BIAS,
            CENTRED,
            Condition("L < log C", value("L"), log(value("C")), strict=True),
            LOSS_POSSIBLE,
            Condition(
                "log C - L >= q(tau) (T + (3/2) tau), tau = phi^{-1}(L)",
                value("L") + (1 - exp(-value("L"))) * (_T + Rational(3, 2) * _TAU),
                log(value("C")),
            ),
        ),
    ),
    uses=("cross-entropy-identity",),
)
