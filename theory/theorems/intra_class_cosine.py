# SPDX-License-Identifier: MIT
"""mean_c (1 - intra_c) <= 2 (L - phi(T))/(T q(T)) for T >= T_{5/2}(C): linear, for every loss gap."""

from sympy import Expr, Integer, Rational, log, sqrt

from theory.cosine_lemmas import THRESHOLD
from theory.definitions import loss, phi, q, unbiased_logit
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import CENTRED, NO_BIAS, NORMS_POSITIVE, T_ABOVE_THRESHOLD, value
from theory.evaluation import q as q_value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.polar import (
    class_cosine,
    cosine_at_most_one,
    e,
    kappa,
    loss_of_cosines,
    norm_budget,
    polar,
    rho,
    u,
)
from theory.proving import assume, average, combine
from theory.symbols import C, T, alpha, beta, c, h, i, w

MARGIN = eq(T, C * alpha * beta / (C - 1))
NORMS = (le(Mean(kappa(c) ** 2, c), 1), le(Mean(rho(c, i) ** 2, c, i), 1))
HYPOTHESES = (*polar(beta, alpha), *NORMS, MARGIN, THRESHOLD)


def claim(factor: object = 2, hypotheses: tuple[object, ...] = HYPOTHESES) -> Statement:
    gap = loss(unbiased_logit) - phi(T)
    return Statement(le(Mean(1 - class_cosine(), c), factor * gap / (T * q(T))), hypotheses)  # type: ignore[arg-type]


def prove() -> Theorem:
    """The cosine lemma with E kappa_c rms_i rho <= (E kappa^2 + E rho^2)/2 <= 1."""
    lemma = loss_of_cosines(beta, alpha, MARGIN)
    weights, features = map(assume, NORMS)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {lemma: 2 / (T * q(T)), norm_budget(): 1, weights: 1, features: 1},
        label="norms at most 1",
    )


def flipped(margin_scale: Rational, *, good: int) -> Witness:
    """Two classes in one dimension, each with ``good`` samples and a tiny one on the wrong side.

    w_1 = -w_2, |h| = r for the good samples and r/1000 for the bad one, with E||h||^2 = 1 exactly.
    """
    n = good + 1
    r = sqrt(Rational(n) / (good + Rational(1, 10**6)))
    half = Rational(margin_scale) / 2  # T = C alpha beta/(C-1) = 2 beta

    def sign(x: int) -> int:
        return 1 - 2 * x

    def norm(i: int) -> Expr:
        return r if i < good else r / 1000

    def side(c: int, i: int) -> int:
        return sign(c) if i < good else -sign(c)

    return Witness(
        2,
        n,
        1,
        {
            w: lambda j, k: half * sign(j),
            h: lambda c, i, k: norm(i) * side(c, i),
            kappa: lambda c: Integer(1),
            rho: lambda c, i: norm(i),
            u: lambda c, k: Integer(sign(c)),
            e: lambda c, i, k: Integer(side(c, i)),
        },
        {alpha: 1, beta: half, T: 2 * half},
        f"one of {n} samples of each class small and on the wrong side",
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
