# SPDX-License-Identifier: MIT
"""E (1 - cos(w_c - wbar, h_ci)^2) <= 2 e (1 + q (T + tau)/(4 K)), e = 1 - tau/T: for every T."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.configurations import flipped
from theory.definitions import dot, sq, wt
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.evaluation import LOSS_POSSIBLE, LOSS_STRICTLY_BELOW_LOG_C, NO_BIAS, NORMS_POSITIVE
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import MARGIN
from theory.lemmas.class_settings import LOSS, tau
from theory.lemmas.direction_settings import (
    FIXED_DISTANCE,
    RADII,
    above_chance_at,
    distance_bound,
    near_bounded,
)
from theory.lemmas.directions import DIRECTIONS
from theory.lemmas.polar import cosine, e, kappa, polar, u
from theory.proving import assume, average, combine
from theory.symbols import alpha, beta, c, d, h, i, k

UNIT = eq(sq(lambda x: u(c, x)), 1, c)
HYPOTHESES = (*DIRECTIONS, *RADII, polar(beta, alpha)[0], UNIT, MARGIN, LOSS)
BOUND = distance_bound(tau, tau)


def claim(factor: Any = 1, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(Mean(1 - cosine() ** 2, c, i), factor * BOUND), hypotheses)


@lru_cache
def prove() -> Theorem:
    """1 - x^2 <= kappa^2 - 2 kappa x + 1: a square, whatever the length kappa of the row."""
    split = assume(polar(beta, alpha)[0])
    own = beta * kappa(c) * u(c, k)
    square = combine(eq(wt(c, k) ** 2, own**2), {split: wt(c, k) + own}, label="one coordinate")
    lengths = combine(
        eq(sq(lambda x: wt(c, x)) / beta**2, kappa(c) ** 2),
        {average(square, k): d / beta**2, assume(UNIT): kappa(c) ** 2},
    )
    turned = combine(eq(wt(c, k) * e(c, i, k), own * e(c, i, k)), {split: e(c, i, k)})
    one = combine(
        eq(dot(lambda x: wt(c, x), lambda x: e(c, i, x)) / beta, kappa(c) * cosine()),
        {average(turned, k): d / beta},
    )
    return combine(
        claim().conclusion,  # type: ignore[arg-type]
        {
            near_bounded(tau, tau, LOSS): 1,
            average(lengths, c): -1,
            average(one, c, i): 2,
        },
        facts=[above_chance_at(tau)],
        slack=Mean((kappa(c) - cosine()) ** 2, c, i),
    )


def witness(loss: Any = 2) -> Witness:
    """Two classes on a line, T = 4, one of ten samples of each class tiny and without a direction."""
    base = flipped(Integer(4), good=9)
    turned = base.functions[e]
    functions = {**base.functions, e: lambda c, i, k: turned(c, i, k) if i < 9 else Integer(0)}
    functions[h] = lambda c, i, k: base.functions[h](c, i, k) if i < 9 else Integer(0)
    return Witness(2, 10, 1, functions, {**base.values, tau: loss}, base.note)


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != LOSS)
    return [
        Twin("a twentieth of the bound", claim(factor=Rational(1, 20)), witness()),
        Twin("any loss", claim(hypotheses=lossless), witness(4 - Rational(1, 10**6))),
    ]


def neighbour() -> Neighbour:
    goal = claim(factor=2)

    def proof() -> Theorem:
        """The bound is at least E ||r - e||^2."""
        unit = average(assume(DIRECTIONS[1]), c, i)
        apart = Mean(sq(lambda x: wt(c, x) / beta - e(c, i, x)), c, i)
        premises = {prove(): 1, near_bounded(tau, tau, LOSS): 1, unit: 1}
        return combine(goal.conclusion, premises, facts=[above_chance_at(tau)], slack=apart)  # type: ignore[arg-type]

    return Neighbour("twice the bound", goal, proof)


THEOREM = Entry(
    name="sample-cosine-squared-every-margin",
    title="Squared cosine of a sample with its classifier row, at every margin",
    kind="upper",
    source="this project (2026); joint form of NC1 and NC3 of Papyan, Han & Donoho 2020",
    says=(
        "The mean of 1 - cos(w_c - wbar, h_ci)^2 over all samples is at most 2 e (1 + q (T + tau)/(4 K)), "
        "e = 1 - tau/T, tau = phi^{-1}(L), q = q(tau), K = log C - phi(tau) - tau q > 0, without bias, "
        "for every T."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable(
        "row_cosine.square",
        ">=",
        1 - FIXED_DISTANCE,
        (*NORMS_POSITIVE, NO_BIAS, LOSS_STRICTLY_BELOW_LOG_C, LOSS_POSSIBLE),
    ),
)
