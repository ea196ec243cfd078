# SPDX-License-Identifier: MIT
"""Squared error with a regularised bias and any class sizes: least value, and diagonal logits with the bias.

The residual -s_c e_c in every sample of class c certifies the bound for every s with s_c <= N kappa/sqrt(n_c)
and every lambda_b > 0.  At s_c = N kappa/sqrt(n_c) it is kappa sum sqrt(n_c) - C N kappa^2/2 - kappa^2
N/(2 lambda_b), attained where diag(sqrt(n_c) - N kappa) - (kappa/lambda_b) r r^T, r_c = sqrt(n_c), is
positive semidefinite: all sqrt(n_c) > N kappa and lambda_b >= kappa sum_c n_c/(sqrt(n_c) - N kappa).
"""

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.imbalanced import POSITIVE_COUNTS, count, total
from theory.lemmas.imbalanced_bias import PAID, off_target, paid_sample, samples, short
from theory.lemmas.imbalanced_bias import objective as free_objective
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import average, combine
from theory.symbols import C, b, c, h, i, j, positive, w

lam_bias = positive("lambda_b_positive", r"\lambda_b", "decay of the bias, (lambda_b/2) ||b||^2, > 0")
HYPOTHESES = (POSITIVE_COUNTS, PAID)


def pull() -> Expr:
    """n_c s_c/N: what a unit of the true logit of class c is worth."""
    return count(c) * short(c) / total()


def objective() -> Expr:
    """Squared error, decays of W and H, and (lambda_b/2) ||b||^2."""
    return free_objective() + lam_bias / 2 * C * Mean(b(j) ** 2, j)


def distance() -> Expr:
    """(1/2N) sum over samples ||z - (1 - s_c) e_c||^2 + (lambda_b/2) sum_c (b_c - n_c s_c/(N lambda_b))^2."""
    logits = C * Mean(count(c) * off_target(), c, i) / total()
    return logits / 2 + lam_bias / 2 * C * Mean((b(c) - pull() / lam_bias) ** 2, c)


def least() -> Expr:
    """sum_c (n_c/N)(s_c - s_c^2/2) - (n_c s_c/N)^2/(2 lambda_b)."""
    own = C * Mean(count(c) * (short(c) - short(c) ** 2 / 2), c) / total()
    return own - C * Mean(pull() ** 2, c) / (2 * lam_bias)


def claim(factor: Any = 1, share: Any = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(factor * least() + share * distance(), objective()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Squares around the residual s_c e_c; decays of W and H pay for <w_c, h>, that of b for b_c."""
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {average(paid_sample(), c, i, label="all samples"): C},
        facts=[samples()],
        label="complete the squares",
    )


DECAY = Rational(1, 10)


def configuration(scale: Any = 1, bias: Any = 1, decay: Any = DECAY) -> Witness:
    """n = (4, 1), kappa = 1/10, lambda_b = 7/15: W = D H = (3, -2)/sqrt(14), b = (3/7, 3/14)."""
    root = sqrt(Integer(14))
    rows = (3 * scale / root, -2 * scale / root)
    return Witness(
        2,
        1,
        1,
        {
            count: lambda c: Integer(4 - 3 * c),
            short: lambda c: Rational(1 + c, 4),
            w: lambda c, k: rows[c],
            h: lambda c, i, k: rows[c] / (2 - c),
            b: lambda j: bias * Rational(3, 7 * (1 + j)),
        },
        {lam_W: decay, lam_H: decay, lam_bias: Rational(7, 15)},
        f"two classes of four samples and one, rows {scale} and bias {bias} times the optimum",
    )


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), configuration()),
        Twin("twice the distance", claim(share=2), configuration(bias=2)),
        Twin(
            "any shortfall",
            claim(hypotheses=(POSITIVE_COUNTS,)),
            configuration(decay=Rational(1, 1000)),
        ),
    ]


def neighbour() -> Neighbour:
    goal = le(least() + distance() - 1, objective())
    proof = lambda: combine(goal, {prove(): 1}, slack=1, facts=[samples()])  # noqa: E731
    return Neighbour("one less", Statement(goal, HYPOTHESES), proof)


_KAPPA, _N = sqrt(value("weight_decay") * value("feature_decay")), value("class_samples")
THEOREM = Entry(
    name="squared-error-bias-imbalanced",
    title="Squared error with a regularised bias, any class sizes: diagonal logits are optimal",
    kind="tight",
    source="this project (2026), for the model of Tirer & Bruna 2022 (arXiv:2202.08087), unequal classes",
    says=(
        "For any class sizes, every lambda_b > 0, every W, H and b and all s with s_c <= N kappa/sqrt(n_c): "
        "squared error plus decays exceeds sum_c (n_c/N)(s_c - s_c^2/2) - (n_c s_c/N)^2/(2 lambda_b) by at "
        "least half the mean of ||z - (1-s_c) e_c||^2 plus (lambda_b/2) sum_c (b_c - n_c s_c/(N lambda_b))^2."
        " So where s_c = N kappa/sqrt(n_c) attains it, every optimum has the logits diag(1 - s_c), bias "
        "included, and b_c = kappa sqrt(n_c)/lambda_b. It does if all sqrt(n_c) > N kappa and lambda_b >= "
        "kappa sum_c n_c/(sqrt(n_c) - N kappa), when W and H with these logits exist; the kernel checks one."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=configuration,
    # what a class of the given size adds to the least value at s_c = N kappa/sqrt(n_c)
    formula=Formula(
        _KAPPA * sqrt(_N)
        - value("total_samples") * _KAPPA**2 / 2
        - _KAPPA**2 * _N / (2 * value("bias_decay")),
        (Condition("lambda_b > 0", Integer(0), value("bias_decay"), strict=True),),
    ),
)
