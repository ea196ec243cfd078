# SPDX-License-Identifier: MIT
"""The mean square of cos + 1/(C-1) over the pairs of centred class means: of first order in the loss gap.

As ``lemmas.row_spread`` for raw rows: with X the mean of D^2, D_cj = cos(mu_c - mu_G, mu_j - mu_G) + 1/(C-1),

    (1 - V^2 (s B + theta/2)) X <= V^2 ((C/(C-1))^2 (e/s + o^2/(2 theta)) + C^2 N/(C-1)^3),

B = (1 + 1/omega) Lambda (C-1)/(2 C^2) + 1/T and Lambda = ||M^T M||_F/alpha^2, M the class means, with V, s,
omega, o and N as in ``lemmas.lifted_means``, for any theta > 0.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr

from theory.definitions import sq
from theory.expressions import Mean, le, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import MARGIN, level, means_gram, tilted_means
from theory.lemmas.equal_lengths import MEANS
from theory.lemmas.equiangular import centred, centred_spread, moved, pair, tested
from theory.lemmas.gram_norm import MEANS_NORM, weighted_means
from theory.lemmas.length_variance import least_excess, spread, with_lengths
from theory.lemmas.lifted_means import (
    ALONG,
    at_steps,
    gain,
    lifted_norms,
    of_norm,
    split,
    together,
)
from theory.lemmas.means_about_mean import split_shift
from theory.lemmas.near_unit import of_means
from theory.lemmas.offsets import MEAN_NORM, theta
from theory.lemmas.pair_angles import norms
from theory.lemmas.row_spread import SHARE, along_deviations, as_variance, mean_square, spent_square
from theory.lemmas.rows_about_mean import mean_test_square
from theory.lemmas.short_vectors import rate_l, short, stretch
from theory.lemmas.tilt_entropy import strength
from theory.lemmas.tilted_classes import lift
from theory.proving import assume, combine, instantiate
from theory.symbols import C, T, alpha, c, j

CURVATURE = (1 + 1 / split) * MEANS_NORM * (C - 1) / (2 * C) + 1 / T  # B


@lru_cache
def equal_means() -> Theorem:
    """``lifted_means.equal_means`` where the table spends what its own spread is, Lambda written out."""
    lifted = instantiate(
        lifted_norms(spent_square), functions={lift: ((c,), rate_l * short(c))}, label="lift by zeta w"
    )
    rate = C / ((C - 1) * strength * T)
    quadratic = Mean(sq(lambda kk: tilted_means(j, kk, pair)), j)
    tilted = Mean(wrong_mean(lambda jj: pair(c, jj) * means_gram(c, jj), c, C), c)
    own = (1 + 1 / split) * strength
    total = combine(
        le(tested(means_gram, alpha) + rate * T * Mean(gain(means_gram(c, c) / alpha**2), c), _spent()),
        {
            lifted: rate,
            assume(MARGIN): (tilted - own * (C - 1) * quadratic / (2 * C)) / (alpha**2 * T),
            weighted_means(): own * (C - 1) / (2 * C),
            centred_spread(): own * MEANS_NORM / 2 + strength * C / ((C - 1) * T),
            moved(means_gram): -1 / alpha**2,
        },
        label="divide by the step",
    )
    return instantiate(total, functions={pair: ((c, j), centred(c, j))}, label="u := f - mean f")


def _spent() -> Expr:
    """C/(C-1) (e/s + s B mean f^2)."""
    return C / (C - 1) * ((1 - level / T) / strength + strength * CURVATURE * mean_test_square())


def _bound(spread_: Expr) -> Expr:
    """V^2 (``_spent`` + C/(C-1) (o^2/theta + theta mean f^2)/2 + C N/(C-1)^2)."""
    shifted = (ALONG / theta + theta * mean_test_square()) / 2
    return stretch**2 * (_spent() + C / (C - 1) * shifted + C * spread_ / (C - 1) ** 2)


@lru_cache
def tested_means() -> Theorem:
    """PAYS, LIFT_RATE, SPLIT, NEAR |- mean f D <= ``_bound`` for centred class means, f D >= 0."""
    return together(equal_means(), of_means(split_shift), _bound(norms))


OWN, RATE = stretch**2 * (strength * CURVATURE + theta / 2), stretch**2 / (strength * SHARE**2)
REST = stretch**2 * (ALONG / (2 * theta * SHARE**2) + C**2 * spread(MEAN_NORM) / (C - 1) ** 3)
MOST = RATE * (1 - level / T) + REST


def weight() -> Expr:
    """V^2 (s B + theta/2)."""
    return of_norm(OWN)  # type: ignore[no-any-return]


def bound() -> Expr:
    """V^2 ((C/(C-1))^2 (e/s + o^2/(2 theta)) + C^2 N/(C-1)^3)."""
    return least_excess(of_norm(MOST))  # type: ignore[no-any-return]


@lru_cache
def spread_of_means() -> Theorem:
    """SCALE |- (1 - ``weight``) Var cos <= ``bound``."""
    along = with_lengths(along_deviations(tested_means()), MEANS, MEAN_NORM)
    mean = combine(le((1 - OWN) * mean_square(), MOST), {along: 1 / SHARE})
    return least_excess(at_steps(as_variance(mean, OWN, RATE, REST, MEANS)))  # type: ignore[no-any-return]
