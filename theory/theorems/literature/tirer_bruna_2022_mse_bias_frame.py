# SPDX-License-Identifier: MIT
"""Squared error with decays on W, H and the bias: beyond lambda_b = c/(1-c) the rows keep a mean."""

from sympy import Integer, Rational, Symbol, sqrt

from theory.definitions import logit
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import Mean, le, lt
from theory.kernel import Theorem
from theory.lemmas.squared_error_certificate import STRENGTH, alignment_bound, certificate, frame, square_loss
from theory.lemmas.unconstrained_features import FREE_PULL, lam_H, lam_W, penalty
from theory.proving import combine
from theory.symbols import C, b, j, n, positive

decay = positive("lambda_b_pos", r"\lambda_b", "decay of the bias, (lambda_b/2) ||b||^2, positive")
VALUE = STRENGTH - STRENGTH**2 / 2 - STRENGTH**2 / (2 * C * decay)


def total() -> object:
    """Squared error with all three decays."""
    return square_loss(logit) + penalty() + decay / 2 * C * Mean(b(j) ** 2, j)


def claim(factor: object = 1, least: object = VALUE) -> Statement:
    return Statement(le(factor * least, total()))  # type: ignore[operator]


def prove() -> Theorem:
    """The residual c on the whole label."""
    dual = certificate(STRENGTH, STRENGTH, logit)
    bias = decay / 2 * C * Mean((b(j) - STRENGTH / (C * decay)) ** 2, j)
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {dual: 1, alignment_bound(STRENGTH): 1},
        slack=bias,
        label="penalties of W, H and b",
    )


VALUES: dict[Symbol, object] = {
    lam_W: Rational(1, 4),
    lam_H: Rational(1, 64),
    n: Integer(4),
    decay: Integer(1),
}


def witness() -> Witness:
    """C = 2, n = 4, c = 1/4, lambda_b = 1: simplex part 1 - c = 3/4, mean part 1/2, bias 1/8."""
    return frame(2, sqrt(Rational(3, 8)), sqrt(Rational(1, 4)), 2, VALUES, 4, bias=Rational(1, 8))


def twins() -> list[Twin]:
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin("the value of the orthogonal frame", claim(least=STRENGTH - STRENGTH**2 / 2), witness()),
    ]


def neighbour() -> Neighbour:
    goal = lt(VALUE - 1, total())
    return Neighbour("one less", Statement(goal), lambda: combine(goal, {prove(): 1}, slack=1))


_S = value("C") * FREE_PULL
THEOREM = Entry(
    name="tirer-bruna-2022-mse-bias-frame",
    title="Squared error with decays and a decayed bias beyond lambda_b = c/(1-c)",
    kind="tight",
    source=(
        "Tirer & Bruna 2022 (arXiv:2202.08087) and Zhou et al. 2022 (arXiv:2203.01238), the model with a"
        " decayed bias; the value: closed form"
    ),
    says=(
        "With c = C kappa sqrt(n), for every W, H and b the squared error with decays is at least"
        " c - c^2/2 - c^2/(2 C lambda_b); for c < 1 and lambda_b >= c/(1-c) it is attained, by a simplex of"
        " size 1 - c plus a common mean of size 1 - c (1+lambda_b)/lambda_b, between the simplex ETF and the"
        " orthogonal frame, which it becomes as lambda_b grows."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    # the bias decay beyond which the optimum is no simplex ETF
    formula=Formula(
        _S / (1 - _S),
        (Condition("C sqrt(lambda_W lambda_H n) < 1", _S, Integer(1), strict=True),),
    ),
)
