# SPDX-License-Identifier: MIT
"""Bounds on a departure at a configuration: the theorem's own formula in fifty digits, or the user's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulations.geometry.attack import precise
from simulations.geometry.attack.quantities import VALUES
from simulations.geometry.attack.settings import Configuration

if TYPE_CHECKING:
    from simulations.geometry.attack.departures import Departure
    from simulations.geometry.attack.inputs import Problem

Bound = Callable[..., float]


def relative(problem: Problem, departure: Departure) -> Departure:
    """Departure over bound, for bounds that depend on the configuration through measured values."""
    formula = problem.claim.formula
    assert formula is not None
    free = {symbol.name for symbol in formula.bound.free_symbols} & set(problem.measured)

    def ratio(point: Configuration) -> tuple[float, Configuration]:
        value, gradient = departure(point)
        values = problem.values_at(point)
        try:
            limit = limit_at(problem, point, None)
        except (ArithmeticError, TypeError, ValueError):  # complex or undefined: no claim is made here
            limit = 0.0
        if not limit > 0.0:
            return 0.0, Configuration(0.0 * gradient.weight, 0.0 * gradient.features)
        weight, features = gradient.weight / limit, gradient.features / limit
        sign = -1.0 if problem.claim.quantity.lower else 1.0
        for name in free:
            change = -value / limit**2 * sign * precise.slope(formula.bound, values, name)
            part = VALUES[name](point)[1]
            weight, features = weight + change * part.weight, features + change * part.features
        return value / limit, Configuration(weight, features)

    return ratio


def limit_at(problem: Problem, point: Configuration, bound: Bound | None) -> float:
    """The bound on the departure, the user's or the theorem's, at a configuration."""
    values = problem.values_at(point)
    if bound is not None:
        return float(bound(**{name: float(value) for name, value in values.items()}))
    formula = problem.claim.formula
    assert formula is not None

    def evaluate() -> float:
        return float(problem.claim.quantity.bound(precise.number(formula.bound, values), values["C"]))

    return float(precise.exact(evaluate))
