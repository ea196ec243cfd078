# SPDX-License-Identifier: MIT
"""Mean absolute deviations of the Gram matrices of rows and of class means from equal angles.

A tilt 1 + s u along the centred table u of any table |f| <= 1, s = y/(2 (1 + y)), y > 0, whose entropy is at
most s^2 (1/2 + (9/20) s^2), gives with e = 1 - tau/T, K the inner products in units of beta or of alpha,

    mean f_cj (K_cj - mean_{j' != c} K_cj')
        <= C/(C-1) (e/s + s (Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T)).

Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sympy import Expr, Integer

from theory.expressions import Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import (
    MARGIN,
    gram,
    level,
    means_gram,
    tilt,
    tilted_norms,
    tilted_norms_of_means,
    y,
)
from theory.lemmas.equiangular import (
    Lambda,
    moved,
    pair,
    spectral_means,
    spectral_weights,
    spread_at_most_one,
    tested,
)
from theory.lemmas.tilt_entropy import entropy, quartic, strength
from theory.lemmas.tilted_classes import lift, spent_entropy, tilted_gibbs
from theory.lemmas.tilted_directions import admissible_tilt
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, alpha, beta, c, j

STEP = y / (2 * (1 + y))


def bound(margin: Expr = level) -> Expr:
    """The bound at the head of this file, tau = ``margin``."""
    curvature = Lambda * (C - 1) / (2 * C**2) + entropy(STEP) / T
    return C / (C - 1) * ((1 - margin / T) / STEP + STEP * curvature)


@lru_cache
def at_step() -> tuple[Theorem, Theorem, Theorem]:
    """TEST, CENTRED |- 0 < 1 + s u_cj, of mean 1 over the wrong classes, and what its entropy is at most."""
    spent = instantiate(spent_entropy(), functions={lift: ((c,), Integer(0))}, label="no lift")
    parts = (*admissible_tilt(), average(spent, c, label="entropy of the tilt"))
    above, one, cost = (instantiate(t, {strength: STEP}, label="s of y") for t in parts)
    return above, one, cost


def _deviation(lemma: Theorem, of: Callable[..., Expr], scale: Expr, spectral: Relation) -> Theorem:
    """``lemma``, on norms against a tilt, for the tilt 1 + s u."""
    *fair, spent = at_step()
    tilted = instantiate(lemma, functions={tilt: ((c, j), 1 + STEP * pair(c, j))}, label="tilt along u")
    tilted = cut(tilted, *fair, label="the tilt is admissible")
    product = alpha * beta
    inverse = combine(
        eq(1 / product, C / ((C - 1) * T)), {assume(MARGIN): 1 / (T * product)}, label="1/(alpha beta)"
    )
    size = STEP * (C - 1) / (2 * C)
    return combine(
        le(tested(of, scale), bound()),
        {
            tilted: 1 / (STEP * product),
            spent: 1 / (STEP * product),
            assume(spectral): size / scale**2,
            spread_at_most_one(): size * Lambda / (C - 1),
            inverse: (T - level) / STEP + STEP * entropy(STEP),
            moved(of): -1 / scale**2,
        },
        label="divide by the step",
    )


@lru_cache
def equal_rows() -> Theorem:
    """PRICED, MARGIN, TEST, CENTRED and the spectral hypothesis on rows |- the bound for rows."""
    return _deviation(tilted_norms(tilted_gibbs, quartic), gram, beta, spectral_weights())


@lru_cache
def equal_means() -> Theorem:
    """PRICED, MARGIN, TEST, CENTRED and the spectral hypothesis on class means |- the bound for means."""
    return _deviation(tilted_norms_of_means(tilted_gibbs, quartic), means_gram, alpha, spectral_means())
