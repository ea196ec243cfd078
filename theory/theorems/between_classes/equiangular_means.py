# SPDX-License-Identifier: MIT
"""How far the Gram matrix of the class means can be from equal angles, from loss and norms."""

from collections.abc import Callable
from functools import lru_cache

from sympy import Expr, Rational

from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.equal_angles import closed_form, on_a_line
from theory.evaluation import LOSS_BELOW_LOG_C, LOSS_POSSIBLE, NO_BIAS, NORMS_POSITIVE, value
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import NORMS, at_loss, means_gram, y
from theory.lemmas.equiangular import (
    CENTRED,
    LOSS,
    TEST,
    Lambda,
    spectral_means,
    tested,
)
from theory.lemmas.gram_deviation import STEP, bound, equal_means
from theory.lemmas.tilt_entropy import entropy
from theory.proving import combine
from theory.symbols import C, T, alpha, tau

HYPOTHESES = (*NORMS, LOSS, *TEST, CENTRED, spectral_means())


def at_tau() -> Expr:
    """The bound at a loss phi(tau)."""
    return bound(tau)


def claim(of: Callable[[], Expr] = at_tau, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(tested(means_gram, alpha), of()), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Tilted Gibbs inequality along the centred table; the tilt's columns against the class means."""
    bounded = at_loss(equal_means())
    return combine(claim().conclusion, {bounded: 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    untested = tuple(a for a in HYPOTHESES if a not in TEST)
    flat = lambda: C / (C - 1) * STEP * (Lambda * (C - 1) / (2 * C**2) + entropy(STEP) / T)  # noqa: E731
    return [
        Twin("without the loss gap", claim(flat), on_a_line(Rational(1, 100))),
        Twin("the table may exceed 1", claim(hypotheses=untested), on_a_line(1, size=1000)),
    ]


def neighbour() -> Neighbour:
    wide = lambda: at_tau() + y / (4 * T)  # noqa: E731
    goal = claim(wide)
    return Neighbour(
        "a larger curvature term",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=y / (4 * T)),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="equiangular-means",
    title="The class means approach equal angles",
    kind="upper",
    source="this project (2026); NC2 of Papyan, Han & Donoho 2020",
    says=(
        "Without bias, the mean over pairs of |<mu_c, mu_j> - its mean over the wrong j|/alpha^2 is at most "
        "C/(C-1) (e/s + s (Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T)) for 0 < s < 1/2, e = 1 - "
        "phi^{-1}(L)/T, Lambda the largest squared singular value of the class means relative to alpha^2; "
        "stated with any table f, |f| <= 1, for the signs and s = y/(2 (1 + y))."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "nc2.gram_deviation_means",
        "<=",
        closed_form(value("means_spectral")),
        (*NORMS_POSITIVE, NO_BIAS, LOSS_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
)
