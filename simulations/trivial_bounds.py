# SPDX-License-Identifier: MIT
"""Guarantees that are true of every network: a cosine of at least -26, a deviation of at most seven.

A bound says something only if it excludes a value that the quantity can take. What bounds those, each metric
says itself (`range` in `simulations.metrics`), as formulas in the number of classes C. A range may be wider
than what can be reached: what is marked says nothing, and what lies between the two is not marked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from simulations import metrics
from theory.certificates import Enclosed, enclosed, evaluate, working_precision
from theory.certificates.spectral import float_above, float_below

_PRECISION = 128


def judged(row: Mapping[str, Any], classes: int) -> dict[str, Any]:
    """The row of a guarantee with ``trivial``, the bound that always holds (None: there is none), and
    ``says_nothing``, whether its own bound is no better.

    The trivial bound is enclosed and the row's bound is a number rounded outward, so that a bound is left
    unmarked only where it is proved to be the better one; a bound equal to the trivial one says nothing.
    trivial is rounded outward. Both are None for a row without a bound.
    """
    if row["bound"] is None:
        return {**row, "trivial": None, "says_nothing": None}
    trivial = end(row["quantity"], row["direction"], classes)
    if trivial is None:
        return {**row, "trivial": None, "says_nothing": False}
    bound = Fraction(row["bound"])
    if row["direction"] == "<=":
        return {**row, "trivial": float_above(trivial.high), "says_nothing": bound >= trivial.low}
    return {**row, "trivial": float_below(trivial.low), "says_nothing": bound <= trivial.high}


def remark(row: Mapping[str, Any]) -> str:
    """What a reader is told beside a guarantee that says nothing; of another one the empty string."""
    if not row["says_nothing"]:
        return ""
    return f"says nothing here: the trivial bound is {row['direction']} {row['trivial']:.5g}"


@lru_cache(maxsize=256)
def end(quantity: str, direction: str, classes: int) -> Enclosed | None:
    """What bounds a quantity from above ("<=") or below (">=") in every network with so many classes.

    None where nothing does, and where it is no formula in the number of classes.
    """
    import sympy

    low, high = metrics.quantities()[quantity].range[1:-1].split(", ")
    formula = high if direction == "<=" else low
    if not re.fullmatch(r"(C|sqrt|[-+*/()\d])+", formula):
        return None
    with working_precision(_PRECISION):
        value = sympy.sympify(formula, locals={"C": sympy.Integer(classes)})
        return enclosed(evaluate(value, precision=_PRECISION))
