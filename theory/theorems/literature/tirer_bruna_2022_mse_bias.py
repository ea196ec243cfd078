# SPDX-License-Identifier: MIT
"""Squared error with decays on W, H and the bias: an exact simplex ETF iff lambda_b (1 - c) <= c."""

from sympy import Integer, Rational, Symbol, sqrt

from theory.definitions import logit, sq, wbar
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, le, lt
from theory.kernel import Theorem
from theory.lemmas.squared_error_certificate import STRENGTH, alignment_bound, certificate, frame, square_loss
from theory.lemmas.unconstrained_features import (
    COLLAPSED,
    FREE_PULL,
    bias_penalty,
    lam_b,
    lam_H,
    lam_W,
    penalty,
)
from theory.proving import assume, combine
from theory.symbols import C, b, j, n

MEAN = lam_b / (1 + lam_b)
ETF = le(MEAN, STRENGTH)
SIMPLEX = (1 - 1 / C) * (STRENGTH - STRENGTH**2 / 2)


def claim(factor: object = 1, spare: object = 0, hypotheses: tuple = (ETF,)) -> Statement:  # type: ignore[type-arg]
    total = square_loss(logit) + penalty() + bias_penalty()
    return Statement(le(factor * (SIMPLEX + MEAN / (2 * C)) + spare, total), hypotheses)


def prove() -> Theorem:
    """The residual c on the simplex part, lambda_b/(1 + lambda_b) on the mean, where the bias acts."""
    dual = certificate(STRENGTH, MEAN, logit)
    enough = combine(le(0, 1 - MEAN / STRENGTH), {assume(ETF): 1 / STRENGTH}, label="r <= c")
    bias = lam_b / 2 * C * Mean((b(j) - 1 / (C * (1 + lam_b))) ** 2, j)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {dual: 1, alignment_bound(MEAN): 1, enough: lam_W * C / 2 * (1 + MEAN / STRENGTH) * sq(wbar)},
        slack=bias,
        label="penalties of W, H and b",
    )


VALUES: dict[Symbol, object] = {
    lam_W: Rational(1, 4),
    lam_H: Rational(1, 64),
    n: Integer(4),
    lam_b: Rational(1, 3),
}


def witness() -> Witness:
    """C = 2, n = 4, c = 1/4, lambda_b = 1/3, just at the threshold: bias 3/8."""
    return frame(2, sqrt(Rational(3, 8)), 0, 2, VALUES, 4, bias=Rational(3, 8))


def twins() -> list[Twin]:
    heavy = {**VALUES, lam_b: Integer(1)}
    row = sqrt(Rational(3, 8))
    beyond = frame(2, row, sqrt(Rational(1, 4)), 2, heavy, 4, bias=Rational(1, 8))
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin("the condition on lambda_b dropped", claim(hypotheses=()), beyond),
        Twin("the mean part without its bias", claim(spare=MEAN / C**2), witness()),
    ]


def neighbour() -> Neighbour:
    goal = lt(SIMPLEX + MEAN / (2 * C) - 1, square_loss(logit) + penalty() + bias_penalty())
    return Neighbour("one less", Statement(goal, (ETF,)), lambda: combine(goal, {prove(): 1}, slack=1))


_C, _S, _B = value("C"), value("C") * FREE_PULL, value("bias_decay")
THEOREM = Entry(
    name="tirer-bruna-2022-mse-bias",
    title="Squared error with decays and a bias: exact simplex ETF up to lambda_b = c/(1-c)",
    kind="tight",
    source=(
        "Tirer & Bruna 2022 (arXiv:2202.08087) and Zhou et al. 2022 (arXiv:2203.01238), the model with a"
        " free or a decayed bias; the threshold and the value: closed form"
    ),
    says=(
        "With c = C kappa sqrt(n) and lambda_b/(1+lambda_b) <= c (that is lambda_b <= c/(1-c) for c < 1; a"
        " free bias is lambda_b = 0), for every W, H and b the squared error with decays is at least"
        " (1-1/C)(c - c^2/2) + lambda_b/(2C(1+lambda_b)); for c <= 1 a simplex ETF with equal biases"
        " 1/(C(1+lambda_b)) attains it."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        (1 - 1 / _C) * (_S - _S**2 / 2) + _B / (2 * _C * (1 + _B)),
        (
            *COLLAPSED,
            Condition("lambda_b/(1 + lambda_b) <= C sqrt(lambda_W lambda_H n)", _B / (1 + _B), _S),
        ),
    ),
)
