# SPDX-License-Identifier: MIT
"""Deep linear classifier, squared error: zero is the global minimiser exactly from A = A*(M) on."""

from sympy import Integer, Rational, Symbol, exp

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.lemmas.deep_squared_error import (
    EDGE,
    ROOT,
    SINGULAR,
    deep_loss,
    diagonal_witness,
    ell,
    loss_of_singular_values,
    more,
    power,
    reduced,
    saving_is_paid,
    strength,
    threshold,
    y,
)
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, d, k

HALF = Rational(1, 2)
STRONG = le(threshold(), strength)


def claim(level: object = HALF, hypotheses: tuple = (*SINGULAR, STRONG)) -> Statement:  # type: ignore[type-arg]
    return Statement(le(level, deep_loss(strength)), hypotheses)


def prove() -> Theorem:
    """What a singular value saves of the error, y - y^2/2, is at most what the layers cost."""
    paid = instantiate(saving_is_paid(), {y: exp(ell(k))}, label="y := y_k")
    cost = exp(ROOT * ell(k))
    one = combine(
        le(exp(ell(k)) - exp(2 * ell(k)) / 2, strength * cost),
        {paid: 1, assume(STRONG): cost},
        label="A* <= A",
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {loss_of_singular_values(): 1, average(one, k, label="mean over singular values"): d / C},
        label="all singular values",
    )


EDGE_STRENGTH = Rational(3, 4) * Rational(1, 2) ** Rational(1, 3)
VALUES: dict[Symbol, object] = {more: Integer(1), strength: EDGE_STRENGTH}


def witness() -> Witness:
    """M = 2 at the threshold: logits 1/2 times the labels are exactly as good as zero."""
    return diagonal_witness(HALF, VALUES)


def twins() -> list[Twin]:
    weak = {more: Integer(1), strength: EDGE_STRENGTH * Rational(9, 10)}
    return [
        Twin("1 % more", claim(level=Rational(101, 200)), witness()),
        Twin("the threshold dropped", claim(hypotheses=SINGULAR), diagonal_witness(HALF, weak)),
        Twin(
            "the threshold without its exponent",
            claim(hypotheses=(*SINGULAR, le(EDGE * (more + 2) / (2 * more + 2), strength))),
            diagonal_witness(HALF, {more: Integer(1), strength: Rational(2, 5)}),
        ),
    ]


def neighbour() -> Neighbour:
    weak = lt(strength, threshold())
    goal = lt(reduced(EDGE, strength), reduced(EDGE, threshold()))

    def proof() -> Theorem:
        """The cost at (M-1)/M is proportional to A."""
        return combine(goal, {assume(weak): power(EDGE, ROOT)}, label="g is increasing in A")

    return Neighbour(
        "below the threshold y = (M-1)/M has less than it has at the threshold, 1/2",
        Statement(goal, (weak,)),
        proof,
    )


_M = value("layers")
THEOREM = Entry(
    name="dang-2023-deep-mse-threshold",
    title="Deep linear classifier, squared error: zero is optimal from A*(M) on",
    kind="tight",
    source=(
        "Dang et al. 2023 (arXiv:2301.00437), M linear layers; Tirer & Bruna 2022 (arXiv:2202.08087), M = 2;"
        " the threshold: closed form"
    ),
    says=(
        "With M = m + 1 layers and A = ((M+1)/2) C (n lambda_H lambda_1...lambda_M)^{1/(M+1)}"
        " at least A* = ((M+1)/(2M)) ((M-1)/M)^{(M-1)/(M+1)}, no logits with positive singular values"
        " sqrt(n) y_k have less than 1/2, the value at zero; at A* y = (M-1)/M has 1/2 too, below A* less. In"
        " singular values: that the layers cost a Schatten quasi-norm is taken from the literature."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        (_M + 1) / (2 * _M) * ((_M - 1) / _M) ** ((_M - 1) / (_M + 1)),
        (Condition("M >= 2 layers", Integer(2), _M),),
    ),
)
