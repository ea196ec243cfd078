# SPDX-License-Identifier: MIT
"""The balanced layer-peeled model: the least cross-entropy under its two norm constraints."""

from sympy import Rational, sqrt

from theory.configurations import simplex
from theory.definitions import (
    loss,
    mean_square_features,
    mean_square_raw_weights,
    mean_square_weights,
    phi,
    sq,
    wbar,
)
from theory.entry import Entry, Formula, Neighbour, Statement, Twin, Witness
from theory.evaluation import phi as phi_value
from theory.evaluation import value
from theory.expressions import le
from theory.kernel import Theorem
from theory.proving import assume, combine, cut, instantiate, theorem, visible
from theory.symbols import C, T, alpha, beta, positive

E_W = positive("E_W", "E_W", "budget of the classifier: (1/C) sum ||w_c||^2 <= E_W")
E_H = positive("E_H", "E_H", "budget of the features: E||h||^2 <= E_H")
MARGIN = C * sqrt(E_W) * sqrt(E_H) / (C - 1)
ROWS, FEATURES = le(mean_square_raw_weights(), E_W), le(mean_square_features(), E_H)
HYPOTHESES = (ROWS, FEATURES)


def claim(margin: object = MARGIN, hypotheses: tuple = HYPOTHESES) -> Statement:  # type: ignore[type-arg]
    return Statement(le(phi(margin), loss()), hypotheses)


def prove() -> Theorem:
    """The least cross-entropy under centred norm constraints; centring only shortens the rows."""
    bound = instantiate(theorem("minimum-cross-entropy"), {alpha: sqrt(E_H), beta: sqrt(E_W)})
    bound = instantiate(bound, {T: MARGIN}, label="T := C sqrt(E_W E_H)/(C-1)")
    shorter = combine(
        le(mean_square_weights(), E_W),
        {assume(ROWS): 1, visible(le(0, sq(wbar))): 1},
        label="centring",
    )
    bound = cut(bound, shorter)
    return combine(claim().conclusion, {bound: 1}, label="at the two budgets")  # type: ignore[arg-type]


def witness() -> Witness:
    """C = 3, E_W = 2/3, E_H = 6: a simplex ETF with margin 3."""
    return simplex(3, scale=3, values={E_W: Rational(2, 3), E_H: Rational(6)})


def twins() -> list[Twin]:
    larger = simplex(3, scale=6, values={E_W: Rational(2, 3), E_H: Rational(6)})
    return [
        Twin("margin 1 % smaller", claim(margin=Rational(99, 100) * MARGIN), witness()),
        Twin("sqrt(E_W E_H) for the margin", claim(margin=sqrt(E_W * E_H)), witness()),
        Twin("no budget for the features", claim(hypotheses=(ROWS,)), larger),
    ]


def neighbour() -> Neighbour:
    goal = le(phi(MARGIN) - 1, loss())
    proof = lambda: combine(goal, {prove(): 1}, slack=1)  # noqa: E731
    return Neighbour("one less", Statement(goal, HYPOTHESES), proof)


_C = value("C")
THEOREM = Entry(
    name="fang-2021-layer-peeled",
    title="Least cross-entropy of the balanced layer-peeled model",
    kind="tight",
    source="Fang et al. 2021 (arXiv:2101.12699), the balanced layer-peeled model; the value: closed form",
    says=(
        "If (1/C) sum ||w_c||^2 <= E_W and E||h||^2 <= E_H, then for every bias the loss is at least log(1 "
        "+ (C-1) exp(-C sqrt(E_W E_H)/(C-1))); equality at a simplex ETF."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    attained_of=witness,
    uses=("minimum-cross-entropy",),
    formula=Formula(
        phi_value(_C / (_C - 1) * value("weight_frobenius") / sqrt(_C) * value("alpha"), _C),
    ),
)
