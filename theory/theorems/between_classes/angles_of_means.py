# SPDX-License-Identifier: MIT
"""Cosines between centred class means from loss and norms."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.definitions_collapse import POLAR, max_angle
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.angle_numbers import FIXED_ANGLES, FIXED_MEANS
from theory.lemmas.class_angles import means
from theory.lemmas.class_settings import (
    FIXED,
    LOSS,
    at_loss,
    fixed,
    isosceles,
)
from theory.lemmas.equiangular import CENTRED, TEST, spectral_means
from theory.lemmas.lifted_means import (
    AT_MOST_TWO,
    LIFT_RATE,
    OFF_ALONG,
    SCALE,
    THIRD_MASS,
    TURN_SMALL,
    mean_angles,
    means_bound,
)
from theory.lemmas.near_unit import MEAN_SPREAD, OFF
from theory.lemmas.pair_angles import SIGNS, SYMMETRIC
from theory.lemmas.tilt_entropy import STRENGTH, strength
from theory.proving import combine

HYPOTHESES = (
    *FIXED,
    *((means(relation)) for relation in (*POLAR[:1], OFF)),
    *POLAR[1:],
    *TEST,
    SYMMETRIC,
    SIGNS,
    CENTRED,
    STRENGTH,
    AT_MOST_TWO,
    *map(at_loss, (SCALE, LIFT_RATE, TURN_SMALL, THIRD_MASS, means(OFF_ALONG))),
    spectral_means(),
)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(max_angle(), factor * at_loss(means_bound(MEAN_SPREAD)) + extra), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Gibbs' inequality tilted along the signs, lifted where means are short; norms by a tangent of phi."""
    return combine(claim().conclusion, {fixed(mean_angles(), HYPOTHESES): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != LOSS)
    loose = tuple(a for a in HYPOTHESES if a != POLAR[1])
    small = Rational(1, 100)
    return [
        Twin("a thousandth of the bound", claim(factor=Rational(1, 1000)), isosceles()),
        Twin("any loss", claim(hypotheses=lossless), isosceles(small, margin=3)),
        Twin("directions of any norm", claim(hypotheses=loose), isosceles(long=Integer(10) ** 3)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=strength)
    return Neighbour(
        "s more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=strength),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="angles-of-means",
    title="Cosines between centred class means, from loss and norms",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 4",
    says=(
        "For a loss phi(tau), tau >= T_2(C), without bias, q = q(tau) < 1/3, the mean over pairs of |cos "
        "+ 1/(C-1)| between the centred class means is at most V^2 (C/(C-1) (e/s + s ((1 + 1/omega) "
        "Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T) + g (Lambda/C)^(1/2)) + C N/(C-1)^2), e = 1 - "
        "tau/T, N = 4 (1 - sqrt(tau/T)) + 2 g, g = ||mu_G|| in units of alpha, Lambda = largest squared "
        "singular value of the class means relative to alpha^2, for any 0 < s < 1/2, omega > 0, 0 < zeta "
        "<= 2 and V with V^2 tau/T >= (1 + V g)^2 + 2 s/zeta, zeta ((1 + omega)(1 + V g) + K) <= 4, zeta "
        "K <= 2, K = V^2 (1+q)/((1-q) T). The number takes omega = (2 s)^(-1/2), the largest zeta and s = "
        "x/(1 + x), x = (e/A)^(1/2). Stated with the table f of signs."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable("nc2.max_angle_means", "<=", FIXED_ANGLES.mean_angles(), FIXED_MEANS),
)
