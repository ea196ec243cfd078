# SPDX-License-Identifier: MIT
"""mean_c (1 - intra_c) <= 2 (L - phi(T))/(T q(T)) for T >= T_{5/2}(C): linear, for every loss gap."""

from sympy import Rational, log

from theory.configurations import flipped
from theory.definitions import loss, phi, q, unbiased_logit
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.evaluation import CENTRED, NO_BIAS, NORMS_POSITIVE, T_ABOVE_THRESHOLD, value
from theory.evaluation import q as q_value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.cosines import THRESHOLD
from theory.lemmas.polar import (
    NORMS_AT_MOST_ONE,
    class_cosine,
    cosine_at_most_one,
    loss_of_cosines,
    norm_budget,
    polar,
)
from theory.proving import assume, average, combine
from theory.symbols import C, T, alpha, beta, c

MARGIN = eq(T, C * alpha * beta / (C - 1))
HYPOTHESES = (*polar(beta, alpha), *NORMS_AT_MOST_ONE, MARGIN, THRESHOLD)


def claim(factor: object = 2, hypotheses: tuple[object, ...] = HYPOTHESES) -> Statement:
    gap = loss(unbiased_logit) - phi(T)
    return Statement(le(Mean(1 - class_cosine(), c), factor * gap / (T * q(T))), hypotheses)  # type: ignore[arg-type]


def prove() -> Theorem:
    """The cosine lemma with E kappa_c rms_i rho <= (E kappa^2 + E rho^2)/2 <= 1."""
    lemma = loss_of_cosines(beta, alpha, MARGIN)
    weights, features = map(assume, NORMS_AT_MOST_ONE)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {lemma: 2 / (T * q(T)), norm_budget(): 1, weights: 1, features: 1},
        label="norms at most 1",
    )


def twins() -> list[Twin]:
    below = tuple(a for a in HYPOTHESES if a != THRESHOLD)
    weaker = le(phi(T) + 2 * T * q(T), log(C))
    return [
        Twin("without the threshold on T", claim(hypotheses=below), flipped(Rational(1, 2), good=3)),
        Twin(
            "threshold T_2 instead of T_{5/2}",
            claim(hypotheses=(*below, weaker)),
            flipped(Rational(17, 10), good=5),
        ),
        Twin("1/2 of the constant", claim(factor=1), flipped(Rational(21, 10), good=3)),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=3)

    def proof() -> Theorem:
        """The left side is nonnegative, so half as much again of it is not less."""
        spread = average(cosine_at_most_one(), c, label="mean over classes")
        return combine(goal.conclusion, {prove(): Rational(3, 2), spread: Rational(1, 2)})  # type: ignore[arg-type]

    return Neighbour("constant 3 instead of 2", goal, proof)


_T = value("C") * value("alpha") * value("beta") / (value("C") - 1)
THEOREM = Entry(
    name="intra-class-cosine",
    title="Intra-class cosine, linear in the loss gap",
    kind="upper",
    source=("this project (2026); replaces Pan & Cao 2023, theorem 2.1 (intra-class)"),
    says=(
        "For T >= T_{5/2}(C), without bias, mean_c (1 - intra_c) <= 2 eps/(T q(T)) for every loss gap"
        " eps, every C, n and d."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "intra_class_cosine.mean",
        ">=",
        1 - 2 * value("eps") / (_T * q_value(_T, value("C"))),
        (*NORMS_POSITIVE, NO_BIAS, CENTRED, T_ABOVE_THRESHOLD),
    ),
    uses=("cross-entropy-identity",),
)
