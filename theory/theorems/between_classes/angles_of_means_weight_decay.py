# SPDX-License-Identifier: MIT
"""Cosines between centred class means from weight decay and regularised loss."""

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational

from theory.definitions_collapse import POLAR, max_angle
from theory.entry import Entry, Measurable, Neighbour, Statement, Twin
from theory.expressions import Relation, le
from theory.kernel import Theorem
from theory.lemmas.angle_numbers import DECAY_ANGLES, DECAY_MEANS
from theory.lemmas.class_angles import means
from theory.lemmas.class_settings import (
    DECAYED,
    GAP,
    angled,
    at_decay,
    decayed,
)
from theory.lemmas.equiangular import spectral_means
from theory.lemmas.lifted_means import SCALE, mean_angles, means_bound
from theory.lemmas.signs import PAIR, blur
from theory.proving import combine

HYPOTHESES = (
    *DECAYED,
    at_decay(means(POLAR[0])),
    *POLAR[1:],
    PAIR,
    at_decay(SCALE),
    at_decay(spectral_means()),
)


def claim(factor: Any = 1, extra: Any = 0, hypotheses: tuple[Relation, ...] = HYPOTHESES) -> Statement:
    return Statement(le(max_angle(), factor * at_decay(means_bound()) + extra), hypotheses)


@lru_cache
def prove() -> Theorem:
    """Gibbs' inequality tilted along the signs, lifted where means are short; all classes pay for one."""
    return combine(claim().conclusion, {decayed(mean_angles(), HYPOTHESES): 1})  # type: ignore[arg-type]


def twins() -> list[Twin]:
    lossless = tuple(a for a in HYPOTHESES if a != GAP)
    loose = tuple(a for a in HYPOTHESES if a != POLAR[1])
    small = Rational(1, 100)
    return [
        Twin(
            "a thousandth of the bound",
            claim(factor=Rational(1, 1000)),
            angled(gap=Rational(1, 10), decay=True),
        ),
        Twin(
            "any regularised loss",
            claim(hypotheses=lossless),
            angled(small, gap=Rational(1, 10**6), decay=True),
        ),
        Twin("directions of any norm", claim(hypotheses=loose), angled(long=Integer(10) ** 3, decay=True)),
    ]


def neighbour() -> Neighbour:
    goal = claim(extra=blur)
    return Neighbour(
        "eta more",
        goal,
        lambda: combine(goal.conclusion, {prove(): 1}, slack=blur),  # type: ignore[arg-type]
    )


THEOREM = Entry(
    name="angles-of-means-weight-decay",
    title="Cosines between centred class means, from weight decay and the regularised loss",
    kind="upper",
    source="this project (2026); measure of Papyan, Han & Donoho 2020, figure 4; Pan & Cao 2023, theorem 2.2",
    says=(
        "For lambda < 1/sqrt(C), without bias, the mean over pairs of |cos + 1/(C-1)| between the centred "
        "class means is at most eta + V^2 (C/(C-1) (e/s + s ((1 + 1/omega) Lambda (C-1)/(2 C^2) + (1/2 + "
        "(9/20) s^2)/T*) + o) + C N/(C-1)^2), N = (m/sqrt(C) + g)^2, e = eps/(T* q*), eps = L_reg - "
        "m_reg, g = ||mu_G|| in units of alpha* = sqrt((C-1) T*) C^(-1/4), o = root mean square of <mu_G, "
        "mu_c - mu_G>, at most g (Lambda/C)^(1/2), Lambda = largest squared singular value of the class "
        "means, in the same unit, for any eta > 0, 0 < s < 1/2, omega > 4 (C-1)^2 e^(-2 T*) and V with (1 "
        "+ V g)^2 + (s/2) ((1 + omega)(1 + V g) + E) <= V^2, E the larger of K and 2 K - 1 - omega, K = "
        "V^2 (1+q*)/((1-q*) T*). m = (1 + Y)^(1/2) - 1, Y = A n + ((A n)^2 + 2 B n)^(1/2), n = C e, A and "
        "B as in norms-of-means-weight-decay. Of Lambda only what it is for the table D/(|D| + eta) of "
        "signs is used, D = cos + 1/(C-1). The number takes the least V, eta to 0, and omega and s near "
        "their best."
    ),
    statement_of=claim,
    prove=prove,
    twins_of=twins,
    neighbour_of=neighbour,
    measurable=Measurable("nc2.max_angle_means", "<=", DECAY_ANGLES.mean_angles(), DECAY_MEANS),
)
