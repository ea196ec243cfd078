# SPDX-License-Identifier: MIT
"""How far the classifier's Gram matrix can be from equal angles, from loss and norms."""

from collections.abc import Callable
from functools import lru_cache

from sympy import Expr, Rational

from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.equal_angles import closed_form, on_a_line
from theory.evaluation import LOSS_BELOW_LOG_C, LOSS_POSSIBLE, NO_BIAS, NORMS_POSITIVE, value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import NORMS, at_loss, gram, tilted_norms, y
from theory.lemmas.equiangular import (
    CENTRED,
    LOSS,
    TEST,
    Lambda,
    bound,
    equiangular,
    spectral_weights,
    tested,
)
from theory.proving import combine
from theory.symbols import C, T, beta

HYPOTHESES = (*NORMS, LOSS, *TEST, CENTRED, spectral_weights())


def claim(of: Callable[[], Expr] = bound, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(tested(gram, beta), of()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Tilted Gibbs inequality along the centred table; 2 <Y, mu> <= theta ||mu||^2 + ||Y||^2/theta."""
    bounded = at_loss(equiangular(tilted_norms(), gram, beta, spectral_weights()))
    return combine(claim().conclusion, {bounded: 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    untested = tuple(a for a in HYPOTHESES if a not in TEST)
    flat = lambda: C / (C - 1) * y / 4 * (Lambda * (C - 1) / C**2 + 1 / T)  # noqa: E731
    return [
        Twin("without the loss gap", claim(flat), on_a_line(Rational(1, 100))),
        Twin("the table may exceed 1", claim(hypotheses=untested), on_a_line(1, size=1000)),
    ]


def neighbour() -> Neighbour:
    wide = lambda: bound() + y / (4 * T)  # noqa: E731
    goal = claim(wide)
    return Neighbour(
        "a larger curvature term",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=y / (4 * T)),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="equiangular-weights",
    title="The classifier's rows approach equal angles",
    kind="upper",
    source="this project (2026); NC2 of Papyan, Han & Donoho 2020",
    says=(
        "Without bias, the mean over pairs of |<w~_c, w~_j> + ||w~_c||^2/(C-1)|/beta^2 is at most C/(C-1) "
        "(2 e + 2 sqrt(e A)), e = 1 - phi^{-1}(L)/T, A = Lambda (C-1)/(2 C^2) + 1/(2 T), Lambda = "
        "||W~||_op^2/beta^2; stated with any table f, |f| <= 1, for the signs and any y > 0 (best: "
        "y = 2 sqrt(e/A))."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "nc2.gram_deviation_weights",
        "<=",
        closed_form(value("weight_spectral")),
        (*NORMS_POSITIVE, NO_BIAS, LOSS_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
)
