# SPDX-License-Identifier: MIT
"""Deep linear classifier, squared error: the least value, at the critical point beyond (M-1)/M."""

from sympy import Integer, Rational, exp

from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import Condition, value
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.deep_squared_error import (
    EDGE,
    LAYERS,
    RANGE,
    SINGULAR,
    best,
    cost_of_a_direction,
    critical_strength,
    deep_loss,
    diagonal_witness,
    ell,
    least_value,
    more,
    overlap_at_most_length,
    overlap_at_most_sum,
    y,
)
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, d, k

HYPOTHESES = (*SINGULAR, *RANGE)


def claim(factor: object = 1, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(factor * least_value(), deep_loss(critical_strength())), hypotheses)


def prove() -> Theorem:
    """The labels' overlap is at most the sum of singular values, and at most the length: a mean of both.

    With weights 1 - t and t, t = M y_1 - (M-1), each singular value present costs no more than the layers.
    """
    above, below = map(assume, RANGE)
    short = LAYERS * best - more
    one = instantiate(cost_of_a_direction(), {y: exp(ell(k))}, label="y := y_k")
    room = combine(le(0, 1 - best), {below: 1})
    share = combine(le(0, short), {above: LAYERS}, label="t >= 0")
    rest = combine(le(0, 1 - short), {room: LAYERS}, label="t <= 1")
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            overlap_at_most_sum(): 1 - short,
            overlap_at_most_length(): short,
            assume(SINGULAR[3]): more * (1 - best) / (2 * best),
            average(one, k, label="mean over singular values"): d / C * (1 - best),
        },
        facts=[room, share, rest],
        label="two bounds on the overlap",
    )


def witness() -> Witness:
    """M = 2, y_1 = 3/4, two classes: logits 3/4 times the labels."""
    return diagonal_witness(Rational(3, 4), {more: Integer(1), best: Rational(3, 4)})


def twins() -> list[Twin]:
    low = diagonal_witness(Rational(1, 1000), {more: Integer(1), best: Rational(8, 27)})
    return [
        Twin("1 % more", claim(factor=Rational(101, 100)), witness()),
        Twin(
            "the critical point below (M-1)/M",
            claim(hypotheses=(*SINGULAR, RANGE[1], le(EDGE / 2, best))),
            low,
        ),
    ]


def neighbour() -> Neighbour:
    goal = le(least_value() - 1, deep_loss(critical_strength()))
    return Neighbour("one less", Statement(goal, HYPOTHESES), lambda: combine(goal, {prove(): 1}, slack=1))


_M, _Y = value("layers"), value("singular_ratio")
THEOREM = Entry(
    name="dang-2023-deep-mse-value",
    title="Deep linear classifier, squared error: the least value below the threshold",
    kind="tight",
    source=(
        "Dang et al. 2023 (arXiv:2301.00437), critical equation of M linear layers; the value and its global"
        " minimality: closed form, this project (2026)"
    ),
    says=(
        "Let y_1 in [(M-1)/M, 1) solve (1-y) y^{(M-1)/(M+1)} = 2A/(M+1). Then no logits"
        " have less than (1-y_1)^2/2 + ((M+1)/2) y_1 (1-y_1), attained when all C"
        " equal sqrt(n) y_1. In singular values: that the layers cost a Schatten quasi-norm is taken from the"
        " literature."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    formula=Formula(
        (1 - _Y) ** 2 / 2 + (_M + 1) / 2 * _Y * (1 - _Y),
        (
            Condition("M >= 2 layers", Integer(2), _M),
            Condition("(M-1)/M <= y_1, the critical point is beyond the threshold", (_M - 1) / _M, _Y),
            Condition("y_1 < 1", _Y, Integer(1), strict=True),
        ),
    ),
)
