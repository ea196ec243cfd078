# SPDX-License-Identifier: MIT
"""Squared error lies above its tangents: a linear function of the true logit, for every shrunk target.

For every r > 0, r - r^2/2 - r z_c <= ||z - e_c||^2/2, because ||z - (1-r) e_c||^2 >= 0; and, the mean logit
apart, (1 - 1/C)(r - r^2/2) - r (z_c - zbar) <= ||z - e_c||^2/2.
"""

from __future__ import annotations

from functools import lru_cache

from theory.definitions import alignment, dot, logit, unbiased_logit
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.losses.squared_error import mean_logit, squared_error
from theory.proving import average, combine, instantiate, visible
from theory.symbols import C, c, h, i, j, positive, w, z

r = positive("r_sq", "r", "part of the target height 1 that the logits leave out")


@lru_cache
def raw_bound() -> Theorem:
    """r - r^2/2 - r E<w_c, h> <= E||z - e_c||^2/2 for the bias-free classifier."""
    wrong = average(visible(le(0, z(c, i, j) ** 2)), j, excluding=c, label="squares of the wrong logits")
    one = combine(
        le(r - r**2 / 2 - r * z(c, i, c), squared_error(z) / 2),
        {wrong: (C - 1) / 2},
        slack=(z(c, i, c) - (1 - r)) ** 2 / 2,
        label="||z - (1-r) e_c||^2 >= 0",
    )
    sample = instantiate(one, functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>")
    own = Mean(dot(lambda x: w(c, x), lambda x: h(c, i, x)), c, i)
    goal = le(r - r**2 / 2 - r * own, Mean(squared_error(unbiased_logit), c, i) / 2)
    return combine(goal, {average(sample, c, i, label="E over samples"): 1}, label="collect")


@lru_cache
def centred_bound() -> Theorem:
    """(1 - 1/C)(r - r^2/2) - r E<w~_c, h> <= E||z - e_c||^2/2 for every classifier with bias."""
    share = 1 / C
    centred = z(c, i, j) - mean_logit(z)
    wrong = average(
        visible(le(0, (centred + (1 - r) * share) ** 2)), j, excluding=c, label="squares of the wrong logits"
    )
    own = z(c, i, c) - mean_logit(z)
    one = combine(
        le((1 - share) * (r - r**2 / 2) - r * own, squared_error(z) / 2),
        {wrong: (C - 1) / 2},
        slack=(own - (1 - r) * (1 - share)) ** 2 / 2 + C * (mean_logit(z) - share) ** 2 / 2,
        label="centred squares >= 0",
    )
    sample = instantiate(one, functions={z: ((c, i, j), logit(c, i, j))}, label="logits of a classifier")
    turn = combine(
        eq(Mean(logit(c, i, c) - mean_logit(logit), c, i), alignment()), label="bias cancels on average"
    )
    goal = le((1 - share) * (r - r**2 / 2) - r * alignment(), Mean(squared_error(logit), c, i) / 2)
    return combine(goal, {average(sample, c, i, label="E over samples"): 1, turn: r}, label="collect")
