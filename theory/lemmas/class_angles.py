# SPDX-License-Identifier: MIT
"""Hypotheses on the vectors of the classes, for raw classifier rows and for centred class means.

A lemma on vectors v_c = length(c) unit(c) and a vector ``off`` near 0 speaks of rows with v_c = w_c/beta and
off = -wbar/beta, of class means with v_c = (mu_c - mu_G)/alpha and off = mu_G/alpha.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from theory.expressions import Relation
from theory.lemmas.near_unit import of_means, of_rows
from theory.proving import assume


def rows(relation: Relation) -> Relation:
    """A hypothesis on code and off, for v_c = w_c/beta and off = -wbar/beta."""
    return next(iter(of_rows(_assumed(relation)).hypotheses))


def means(relation: Relation) -> Relation:
    """A hypothesis on code and off, for v_c = (mu_c - mu_G)/alpha and off = mu_G/alpha."""
    return next(iter(of_means(_assumed(relation)).hypotheses))


@lru_cache
def _assumed(relation: Relation):  # type: ignore[no-untyped-def]
    return lambda: assume(relation)
