# SPDX-License-Identifier: MIT
"""Simulations of neural collapse: measure it, solve for it, train networks towards it.

The public names load on first use, so that ``import simulations`` needs neither torch nor CVXPY:

    measure          every collapse metric, the loss-gap decomposition and the guarantees, from arrays
    NeuralCollapse   the same numbers from batches, as a torchmetrics.Metric in two phases
    certify          what is guaranteed about a torch module, from the module and a loader
    solve            the unconstrained-features optimum with a certificate
    guarantees       what every theorem guarantees for a dictionary of measured values
    compare          every theorem against a training run's history
"""

from importlib import import_module
from typing import Any

_WHERE = {
    "measure": "measurement",
    "Measurement": "measurement",
    "NeuralCollapse": "collapse_metric",
    "certify": "certification",
    "Certificate": "certification",
    "solve": "geometry",
    "Solution": "geometry",
    "guarantees": "comparison",
    "compare": "comparison",
    "BoundViolation": "errors",
    "InputError": "errors",
}
__all__ = [
    "BoundViolation",
    "Certificate",
    "InputError",
    "Measurement",
    "NeuralCollapse",
    "Solution",
    "certify",
    "compare",
    "guarantees",
    "measure",
    "solve",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'simulations' has no attribute {name!r}")
    value = getattr(import_module(f"simulations.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
