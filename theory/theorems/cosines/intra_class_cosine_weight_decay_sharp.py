# SPDX-License-Identifier: MIT
"""mean_c intra_c >= (q*/psi^{-1}(L_reg))^2: sharp cosines from weight decay and regularised loss alone.

With p = psi^{-1}(L_reg) = q(tau) and T = tau p/q*, the decay is lambda = tau q(tau) sqrt(C)/((C-1) T) and the
bound is (tau/T)^2.  Rows are measured in units of 1 and features in units of (C-1) T/C.
"""

from typing import Any

from sympy import Rational, exp, log, sqrt

from theory.configurations import flipped_at_decay, simplex
from theory.definitions import (
    loss,
    mean_square_features,
    mean_square_raw_weights,
    phi,
    q,
    sq,
    unbiased_logit,
    wbar,
)
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import (
    CENTRED,
    DECAY_BELOW_THRESHOLD,
    DECAY_POSITIVE,
    NO_BIAS,
    REGULARIZED_LOSS_POSSIBLE,
    Condition,
    optimal_q,
    psi_inverse,
    value,
)
from theory.evaluation import phi as phi_value
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.cosines import CONDITION, level
from theory.lemmas.level import level_at_decay
from theory.lemmas.polar import class_cosine, class_scale, e, kappa, loss_of_cosines, polar, rho, u
from theory.lemmas.weight_decay import NORMS, UNIT
from theory.proving import assume, average, combine, cut, visible
from theory.symbols import C, T, c, gamma_sq, h, i, w

DECAY = level * q(level) * sqrt(C) / ((C - 1) * T)
SCALE = le(mean_square_features(), gamma_sq)
LOSS = le(
    loss(unbiased_logit) + DECAY / 2 * (gamma_sq + C * mean_square_raw_weights()),
    phi(level) + level * q(level),
)
HYPOTHESES = (*polar(1, UNIT), *NORMS, SCALE, CONDITION, LOSS)


def claim(factor: object = 1, power: int = 2, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(factor * (level / T) ** power, Mean(class_cosine(), c)), hypotheses)


def prove() -> Theorem:
    """The sharp cosine lemma; the decay charges tau q(tau) per unit of E kappa_c rms_i rho."""
    scale = eq(T, C / (C - 1) * UNIT)
    lemma = cut(
        loss_of_cosines(1, UNIT, scale, level),
        combine(scale, label="the units give margin T"),
        level_at_decay(LOSS, SCALE, DECAY, gamma_sq),
    )
    rows, features = map(assume, NORMS)
    weight, feature = kappa(c) ** 2, Mean(rho(c, i) ** 2, i)
    price = combine(
        le(level * q(level) * class_scale(), DECAY / 2 * (UNIT**2 * feature + C * weight)),
        slack=DECAY / 2 * (UNIT * sqrt(feature) - sqrt(C) * sqrt(weight)) ** 2,
        label="a square, class by class",
    )
    rate = 2 * (level / T) ** 2 / (level * q(level))
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            lemma: rate,
            assume(LOSS): rate,
            average(price, c, label="mean over classes"): rate,
            average(rows, c): -rate * DECAY * C / 2,
            average(features, c, i): -rate * DECAY / 2,
            visible(le(0, sq(wbar))): rate * DECAY * C / 2,
            assume(SCALE): rate * DECAY / 2,
        },
        label="what is left is (tau/T)^2",
    )


def witness() -> Witness:
    """C = 4, lambda = 1/40, p = 1/20, tau = log 57, T = (4/3) tau: simplex ETF with orthogonal noise."""
    tau = log(57)
    s = sqrt(Rational(2, 3) * tau)
    base = simplex(4, scale=Rational(3, 2) * s, weight_scale=s, noise=sqrt(Rational(7, 32) * tau))
    rows, points = base.functions[w], base.functions[h]
    functions: dict[Any, Any] = {
        **base.functions,
        kappa: lambda c: sqrt(tau / 2),
        rho: lambda c, i: sqrt(2 / tau),
        u: lambda c, k: rows(c, k) / sqrt(tau / 2),
        e: lambda c, i, k: points(c, i, k) / sqrt(2 * tau),
    }
    values = {T: Rational(4, 3) * tau, level: tau, gamma_sq: 2 * tau}
    return Witness(4, 2, 4, functions, values, base.note)


def outside() -> Witness:
    """Two classes at T* = 1/2 with one of ten samples flipped; L_reg below psi(41/100), where (A') fails."""
    base = flipped_at_decay(Rational(1, 2), good=9)
    share = Rational(41, 100)
    tau = log((1 - share) / share)
    margin = tau * share * (1 + exp(Rational(1, 2)))
    functions: dict[Any, Any] = {
        **base.functions,
        rho: lambda c, i: base.functions[rho](c, i) / (2 * margin),
    }
    values = {T: margin, level: tau, gamma_sq: base.values[gamma_sq]}
    return Witness(2, base.samples, 1, functions, values, base.note)


def twins() -> list[Twin]:
    below = tuple(a for a in HYPOTHESES if a != CONDITION)
    return [
        Twin("1 % stronger", claim(factor=Rational(101, 100)), witness()),
        Twin("q*/p to the first power", claim(power=1), witness()),
        Twin("without the condition (A')", claim(hypotheses=below), outside()),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=Rational(99, 100))
    return Neighbour(
        "1 % weaker",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=(level / T) ** 2 / 100),  # type: ignore[arg-type]
    )


_C = value("C")
_P = psi_inverse(value("L_reg"), _C)
_Q = optimal_q(value("weight_decay"), _C)
_TAU = log((_C - 1) * (1 - _P) / _P)
THEOREM = Entry(
    name="intra-class-cosine-weight-decay-sharp",
    title="Intra-class cosine from weight decay and the regularised loss, sharp",
    kind="tight",
    source="this project (2026); sharpens Pan & Cao 2023, theorem 2.2 (intra-class)",
    says=(
        "mean_c intra_c >= (q*/p)^2, p = psi^{-1}(L_reg), without bias, if log C >= phi(tau) + p tau (p/q* + "
        "3/2), tau = log((C-1)(1-p)/p); attained when d >= C and n >= 2."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        (_Q / _P) ** 2,
        (
            DECAY_POSITIVE,
            DECAY_BELOW_THRESHOLD,
            NO_BIAS,
            CENTRED,
            Condition("L_reg < log C", value("L_reg"), log(_C), strict=True),
            REGULARIZED_LOSS_POSSIBLE,
            Condition(
                "log C >= phi(tau) + p tau (p/q* + 3/2), p = psi^{-1}(L_reg), tau = log((C-1)(1-p)/p)",
                phi_value(_TAU, _C) + _P * _TAU * (_P / _Q + Rational(3, 2)),
                log(_C),
            ),
        ),
    ),
    uses=("cross-entropy-identity",),
)
