# SPDX-License-Identifier: MIT
"""Cosines between classes where one loss gap pays for products of rows and for directions away from rows.

With the names of ``inter_class``, a_c = v_c - r_c, U_c = mean_{j != c} u_cj r_j and Delta the mean of
||r_c||^2 - 2 <r_c, v_c> + 1, the excess is at most E <r, U> + 2 E <a, U> + (C/(C-1)) Delta, and what
``directions`` says of the vectors R_c = r_c - kappa U_c of ``tilted_directions``, kappa = 2 s (C-1)/C, is

    Delta + 2 kappa (E <v, U> + omega E <r, U>) <= D + omega kappa^2 E ||U||^2:

a tilt along the table makes the rows' products and the distance from them draw on one budget.  So for
s = x/(4 (1 + x) (1 + omega)), x > 0,

    excess <= (C/(C-1)) D (1 + 1/x) + (Lambda/(16 C)) (omega x/(1 + x) + (1 + 2 omega)^2 x)/(1 + omega)^2.

Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol

from theory.definitions import dot, sq
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import gram, tilted_sum
from theory.lemmas.directions import distance_below, distance_from, row, row_square
from theory.lemmas.equiangular import Lambda, moved, pair, spectral_weights, test
from theory.lemmas.inter_class import (
    apart,
    both_apart,
    excess,
    far,
    free,
    small_spread,
    taken_back,
)
from theory.lemmas.pair_angles import SYMMETRIC
from theory.lemmas.tilt_entropy import strength
from theory.lemmas.tilted_directions import tilted_row
from theory.proving import assume, average, combine
from theory.symbols import C, beta, c, j, positive

omega = positive("chance_rate", r"\omega", "T q/(2 K): what being at chance costs, next to a turn")
STEP = free / (4 * (1 + free)) / (1 + omega)


def vectors_near(of: Callable[[Symbol, Symbol], Any]) -> Relation:
    """E ``distance_from(R)`` <= D + (1 + omega) (E||R||^2 - E||r||^2) for the vectors R = ``of``."""
    longer = Mean(sq(lambda kk: of(c, kk)), c) - Mean(row_square(), c)
    return le(Mean(distance_from(of), c), far + (1 + omega) * longer)


def turned_near(size: Expr = strength) -> Relation:
    """``vectors_near`` for the vectors of ``tilted_directions``, tilted with strength ``size``."""
    return vectors_near(lambda cc, kk: tilted_row(cc, kk, size))


def joint_bound(distance: Any = far) -> Expr:
    """The bound at the head of this file, D = ``distance``."""
    spectral = (omega * free / (1 + free) + (1 + 2 * omega) ** 2 * free) / (1 + omega) ** 2
    return C / (C - 1) * distance * (1 + 1 / free) + Lambda / (16 * C) * spectral


@lru_cache
def symmetric() -> Theorem:
    """``turned_near`` for 2 s, SYMMETRIC, TABLE, CENTRED |- the inequality at the head of this file."""

    def inner(cc: Symbol, jj: Symbol) -> Expr:
        return dot(lambda kk: apart(cc, kk), lambda kk: row(jj, kk))

    swapped = combine(
        eq(test(c, j) * inner(j, c), test(j, c) * inner(j, c)),
        {assume(SYMMETRIC): inner(j, c)},
        label="f is symmetric",
    )
    same = average(average(swapped, j, excluding=c), c, label="mean over pairs")
    price, room = C / (C - 1) * (1 + 1 / free), C / (C - 1) / free
    share = (1 + 2 * omega) / (1 + omega)
    step = 2 * STEP * (C - 1) / C
    size = price * omega * step**2 + share**2 / (4 * room)
    square = sq(lambda kk: apart(c, kk) - share / (2 * room) * tilted_sum(c, kk, pair) / beta)
    return combine(
        le(excess(), joint_bound()),
        {
            assume(turned_near(2 * STEP)): price,
            both_apart(): 1,
            taken_back(): 1 / (C - 1),
            same: 1,
            moved(inner): -2,
            moved(gram): -1 / beta**2,
            average(distance_below(), c): room,
            assume(spectral_weights()): size / beta**2,
            small_spread(): size * Lambda / (C - 1),
        },
        slack=room * Mean(square, c),
        label="one budget",
    )
