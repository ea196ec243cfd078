# SPDX-License-Identifier: MIT
"""Standard deviation of the cosines between raw classifier rows from loss and norms."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.definitions_collapse import POLAR, squared_angle_spread
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin, Witness
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.angle_numbers import FIXED_ANGLES, FIXED_SPREAD
from theory.lemmas.class_angles import rows
from theory.lemmas.class_settings import FIXED, LOSS, angled, at_loss, fixed, proved_at_loss
from theory.lemmas.offsets import theta
from theory.lemmas.raw_rows import CHOICES, of_norm, positive_step
from theory.lemmas.row_spread import bound, spread_of_rows, weight
from theory.proving import combine

HYPOTHESES = (
    *FIXED,
    rows(POLAR[0]),
    *POLAR[1:],
    *(at_loss(of_norm(a)) for a in CHOICES),
)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    own = (1 - at_loss(weight())) * squared_angle_spread()
    return Statement(le(own, factor * at_loss(bound()) + extra), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Gibbs' inequality tilted along the deviations themselves, lifted where rows are short."""
    facts = [proved_at_loss(positive_step())]
    moved = fixed(spread_of_rows(), HYPOTHESES)
    return combine(claim().conclusion, {moved: 1}, facts=facts)  # type: ignore[arg-type]


def witness(at: Any = 1, **changed: Any) -> Witness:
    """Three classes at the corners of an isosceles triangle, theta = 1/100."""
    base = angled(at, **({"free": Rational(1, 100)} | changed))
    return replace(base, values={**base.values, theta: Rational(1, 100)})


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != LOSS)
    loose = tuple(a for a in HYPOTHESES if a != POLAR[1])
    return [
        Twin("a thousandth of the bound", claim(factor=Rational(1, 1000)), witness()),
        Twin("any loss", claim(hypotheses=lossless), witness(Rational(1, 100), margin=3, free=1)),
        Twin("directions of any norm", claim(hypotheses=loose), witness(long=Integer(10) ** 3)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=theta)
    return Neighbour(
        "theta more",
        goal,
        lambda: combine(
            goal.conclusion,  # type: ignore[arg-type]
            {prove(): 1},
            slack=theta,
            facts=[proved_at_loss(positive_step())],
        ),
    )


THEOREM = Entry(
    name="cosine-spread-of-rows",
    title="Standard deviation of the cosines between raw classifier rows, from loss and norms",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 3",
    says=(
        "For a loss phi(tau), without bias, the variance over pairs of the cosines between the raw "
        "classifier rows, times 1 - V^2 (s B + theta), is at most V^2 ((C/(C-1))^2 (e/s + o^2/theta + 8 "
        "V^2 o^2 + 2 g^2) + C^2 N/(C-1)^3), B = Lambda (C-1)/(2 C^2) + 1/T, Lambda = ||W~^T "
        "W~||_F/beta^2, for any theta > 0, with e, g, o, N, V and s as in angles-of-rows: of first order "
        "in the gap e, so that the standard deviation is of the order of its root, where angles-of-rows "
        "and cosine-spread give a fourth root. The number takes V for s = 1/2, the longest s, theta near "
        "its best and ||W~^T W~||_F at most ||W~||_F ||W~||_op."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable("nc2.equiangular_weights", "<=", FIXED_ANGLES.row_cosine_spread(), FIXED_SPREAD),
)
