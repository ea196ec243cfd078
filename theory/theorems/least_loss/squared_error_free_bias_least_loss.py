# SPDX-License-Identifier: MIT
"""Squared error with a free bias and any class sizes: each residual matrix gives a lower bound.

Attained by R = e_c - z_c at the optimum: diag(sqrt n) R has the singular values min(sigma, N kappa), sigma
those of diag(sqrt n)(I - 1 n^T/N), and the logits without bias are I - 1 n^T/N with these taken off.
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import logit, sq
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.imbalanced import POSITIVE_COUNTS, count, total
from theory.lemmas.imbalanced_bias import objective, samples
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine
from theory.symbols import C, atom, b, c, h, i, j, w

residual = atom("R_residual", "R", "R_residual(c, j): entry j of the residual e_c - z of class c")


def pulled(x: Any) -> Expr:
    """sum_j R_cj w_j, coordinate x."""
    return C * Mean(residual(c, j) * w(j, x), j)


BALANCED = eq(Mean(count(c) * residual(c, j), c), 0, j)
NORM = le(
    C * Mean(count(c) * sq(pulled), c), lam_W * lam_H * total() ** 2 * C * Mean(sq(lambda x: w(c, x)), c)
)
HYPOTHESES = (POSITIVE_COUNTS, BALANCED, NORM)


def least() -> Expr:
    """(1/N) sum_c n_c (R_cc - ||R_c||^2/2)."""
    return C * Mean(count(c) * (residual(c, c) - C * Mean(residual(c, j) ** 2, j) / 2), c) / total()


def distance() -> Expr:
    """(1/2N) sum over samples of ||z - e_c + R_c||^2, z with the bias."""
    own = C * Mean((logit(c, i, j) + residual(c, j)) ** 2, j) - 2 * (logit(c, i, c) + residual(c, c)) + 1
    return C * Mean(count(c) * own, c, i) / (2 * total())


def claim(factor: Any = 1, share: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(factor * least() + share * distance(), objective()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """The decays pay for the residual's pull; the bias meets residuals that sum to zero."""
    counts, number = assume(POSITIVE_COUNTS), samples()
    rest = count(c) * sq(lambda x: h(c, i, x) - pulled(x) / (lam_H * total()))
    square = combine(le(0, rest), slack=rest, facts=[counts, number], label="n_c times a square")
    balanced = assume(BALANCED)
    bias = combine(eq(b(j) * balanced.relation.lhs, 0), {balanced: b(j)}, label="times the bias")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            average(square, c, i, label="all samples"): C * lam_H / 2,
            assume(NORM): 1 / (2 * lam_H * total() ** 2),
            average(bias, j, label="all biases"): C**2 / total(),
        },
        facts=[number],
        label="complete the squares",
    )


NINTH = Rational(1, 9)


def configuration(bias: Any = 0, decay: Any = NINTH) -> Witness:
    """n = (3, 6), kappa = 1/9: sigma = 2, R = (e_c - n/N)/2, w = +-1/sqrt(2), biases n/N plus ``bias``."""
    root = sqrt(Integer(2))
    shares = (Rational(1, 3), Rational(2, 3))
    return Witness(
        2,
        1,
        1,
        {
            count: lambda c: Integer(3 + 3 * c),
            residual: lambda c, j: (Integer(int(c == j)) - shares[j]) / 2,
            w: lambda j, k: (1 - 2 * j) / root,
            h: lambda c, i, k: root / 3 if c == 0 else -root / 6,
            b: lambda j: shares[j] + bias,
        },
        {lam_W: decay, lam_H: decay},
        f"classes of three samples and six, biases off by {bias}",
    )


def twins() -> list[Twin]:
    weak = configuration(decay=Rational(1, 100))
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), configuration()),
        Twin("twice the distance", claim(share=2), configuration(bias=1)),
        Twin("any residual", claim(hypotheses=HYPOTHESES[:2]), weak),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=1, share=1)
    less = le(goal.conclusion.lhs - 1, objective())  # type: ignore[union-attr]
    proof = lambda: combine(less, {prove(): 1}, slack=1, facts=[samples()])  # noqa: E731
    return Neighbour("one less", Statement(less, HYPOTHESES), proof)


_REACH = value("total_samples") * sqrt(value("weight_decay") * value("feature_decay"))
_SIGMA = sqrt(value("class_samples"))
THEOREM = Entry(
    name="squared-error-free-bias-least-loss",
    title="Squared error with a free bias, any class sizes: least value by duality, and its residuals",
    kind="tight",
    source=(
        "this project (2026); equal classes: Zhou et al. 2022 (arXiv:2203.01238); without bias: Dang et al. "
        "2023 (arXiv:2301.00437)"
    ),
    says=(
        "For any class sizes, W, H and b and every residual matrix R with sum_c n_c R_cj = 0 and ||diag(sqrt "
        "n) R|| <= N kappa (operator norm, needed at W only), squared error plus decays is at least (1/N) "
        "sum_c n_c (R_cc - ||R_c||^2/2) + (1/2N) sum over samples ||z - e_c + R_c||^2. So where the first sum"
        " is attained every optimum has the residuals R. It is attained where diag(sqrt n) R has the singular"
        " values min(sigma, N kappa), sigma those of diag(sqrt n)(I - 1 n^T/N)."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=configuration,
    # what a singular value sqrt(n_c) adds to the least value (equal classes: C - 1 of them)
    formula=Formula(
        (_REACH * _SIGMA - _REACH**2 / 2) / value("total_samples"),
        (
            Condition("N > 0", Integer(0), value("total_samples"), strict=True),
            Condition("N kappa <= sqrt(n_c)", _REACH, _SIGMA),
        ),
    ),
)
